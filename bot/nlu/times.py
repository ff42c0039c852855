"""Days, dates, durations and times of day, as residents write them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.nlu.codes import Piece


def _after(*words: str) -> str:
    """Right after one of these words and a space."""
    return "(?:" + "|".join(f"(?<={word} )" for word in words) + ")"


_NUMBER = (
    r"(?:\d{1,3}(?:\s?(?:-|or|to)\s?\d{1,3})?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|(?:a\s+)?(?:couple(?:\s+of)?|few)|several|many|half\s+an?)"
)
_UNIT = (
    r"(?:min(?:ute)?s?|hours?|hrs?|days?|nights?|weeks?|wks?|weekends?|fortnights?|months?|mths?|years?|yrs?)"
)
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_DAY_SHORT = r"(?:mon|tues?|weds?|thurs?|thu|fri|sat|sun)\b"
_PART = r"(?:morning|afternoon|evening|night|lunchtime|teatime|nite)s?"
_MONTH_SURE = r"(?:january|february|july|september|october|november|december|jan|feb|jul|sept?|oct|nov|dec)"
_MONTH = rf"(?:{_MONTH_SURE}|march|april|may|june|august|mar|apr|jun|aug)"
_SEASON = r"(?:spring|summer|autumn|winter)"
_ORDINAL = r"(?:[12]?\d|3[01])(?:st|nd|rd|th)"
_DAY_OF_MONTH = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH_NUMBER = r"(?:0?[1-9]|1[0-2])"
_HOUR = r"(?:[01]?\d|2[0-3])"
_HOUR_WORD = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|1[0-2]|[1-9])"
_AM_PM = r"(?:[ap]m\b|[ap]\.\s?m\b\.?|[ap] m\b)"
_CLOCK = rf"{_HOUR}(?:[:.][0-5]\d)?"
_WHICH = r"(?:last|this|next|every|each|the\s+other|every\s+other|most|some|one|previous)\s+"
_HOLIDAYS = (
    r"(?:(?:christmas|xmas)(?:\s+(?:day|eve|holidays?|break))?|boxing\s+day|new\s+year'?s?(?:\s+(?:day|eve))?"
    r"|easter(?:\s+(?:monday|sunday|weekend|holidays?|break))?|good\s+friday|hallowe'?en|bonfire\s+night"
    rf"|ramadan|eid|diwali|(?:(?:may|august|easter|spring|summer)\s+)?bank\s+holiday(?:\s+(?:{_DAY}|weekend))?"
    r"|half\s?-?term|(?:summer|school|easter|winter|spring)\s+(?:holidays?|hols|break))"
)
_NOT_ITS_THINGS = (
    r"(?!\s+(?:trees?|lights?|wrapping|paper|cards?|dinner|eggs?|decorations?|market|presents?|fair)\b)"
)
_TIME_COMES = r"(?:at|from|till?|until|by|around|before|after|since|between)\s+(?:about\s+|around\s+)?"
# What may follow a bare hour: nothing that it could be a number of.
_NOT_COUNTED = (
    r"(?=\s*(?:[,.;!?)]|$|\b(?:in\s+the|on|this|every|last|and|or|to|till?|until|but|when|so|with|then)\b))"
)
_NO_AGE = r"(?!\s*-?\s*(?:olds?\b|pregnant|of\s+age))"
_NO_MEASURE = r"(?![\d%]|\s*(?:m\b|metres?|miles?|kg|p\b|pounds?|quid))"

# A group in a pattern is what counts; without one, all of it.
_DATES = (
    # days
    rf"(?:{_WHICH})?\b{_DAY}"
    rf"(?:\s+(?:the\s+)?{_ORDINAL}(?:\s+(?:of\s+)?{_MONTH})?|\s+\d{{1,2}}\s+{_MONTH})?(?:\s+{_PART})?",
    rf"(?:{_after('on', 'since', 'by', 'until', 'till')}|(?:last|this|next|every)\s+){_DAY_SHORT}(?:\s+{_PART})?",
    r"(?:the\s+)?day\s+(?:before\s+yesterday|after\s+tomorrow)",
    rf"(?:yesterday|tomorrow|yday|tmrw|2moro|tomoz)(?:\s+{_PART})?",
    r"today|2day",
    rf"{_WHICH}(?:{_UNIT}|{_SEASON}|{_MONTH}\b)",
    rf"(?:the\s+)?(?:last|past|next)\s+{_NUMBER}\s+{_UNIT}",
    r"all\s+(?:(?:last|this)\s+)?(?:week(?:end)?|day|month|year|summer|winter)(?:\s+long)?",
    r"(?:the\s+)?weekends?(?!\s+(?:job|ticket|rate)s?\b)",
    # durations
    rf"{_NUMBER}\s*\b{_UNIT}(?:\s+(?:ago|running|in\s+a\s+row))?{_NO_AGE}",
    rf"{_after('for', 'in', 'about', 'over', 'nearly', 'almost', 'after', 'within', 'than')}"
    rf"an?\s+(?:good\s+|whole\s+|full\s+)?{_UNIT}(?:\s+ago)?",
    rf"(?:an?\s+)?{_UNIT}\s+ago",
    rf"{_after('for', 'over', 'after', 'in')}(?:days|weeks|months|years)(?:\s+and\s+(?:days|weeks|months|years))?",
    # dates
    rf"{_DAY_OF_MONTH}/{_MONTH_NUMBER}/(?:20)?\d\d(?!\d)",
    rf"{_DAY_OF_MONTH}([.-]){_MONTH_NUMBER}\1(?:20)?\d\d(?!\d)",
    rf"{_after('on', 'since', 'dated', 'by', 'until')}{_DAY_OF_MONTH}/{_MONTH_NUMBER}(?![\d/])",
    rf"(?:the\s+)?(?:{_ORDINAL}|[12]?\d|3[01])\s+(?:of\s+)?{_MONTH}\b(?:,?\s+20\d\d)?",
    rf"{_MONTH}\s+(?:the\s+)?(?:{_ORDINAL}|(?:[12]?\d|3[01])\b)(?:,?\s+20\d\d)?",
    rf"{_MONTH},?\s+20\d\d",
    rf"(?:(?:early|mid|late)[\s-]+)?{_MONTH_SURE}\b",
    rf"(?:{_after('in', 'since', 'until', 'till', 'from', 'during', 'before', 'of')}|(?:early|mid|late)[\s-]+)"
    rf"{_MONTH}\b(?!\s+(?:i|we|be|have)\b)",
    rf"{_after('on', 'since', 'by', 'until', 'till', 'before', 'after')}(?:the\s+)?{_ORDINAL}"
    r"(?!\s+(?:floor|time|child|year|of\b))",
    rf"the\s+{_ORDINAL}(?=\s*(?:[,.;!?)-]|$|\b(?:and|but|it|at|till?|until)\b))",
    rf"{_after('in', 'since', 'in the', 'until', 'during')}{_SEASON}\b",
    rf"{_after('in', 'since')}(?:19[5-9]|20[0-4])\d\b",
    rf"(?:the\s+)?(?:end|start|beginning|middle)\s+of\s+(?:(?:the|this|next|last)\s+)?(?:week|month|year|{_MONTH}\b)",
    rf"{_HOLIDAYS}\b{_NOT_ITS_THINGS}",
)
_TIMES = (
    rf"{_CLOCK}\s?(?:{_AM_PM})?\s?(?:-|–|to|and|till?|until)\s?{_CLOCK}\s?{_AM_PM}",
    rf"{_CLOCK}\s?{_AM_PM}",
    r"(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])",
    rf"{_TIME_COMES}({_HOUR}\.[0-5]\d){_NO_MEASURE}",
    rf"{_TIME_COMES}((?!one\b){_HOUR_WORD}){_NOT_COUNTED}",
    rf"{_HOUR_WORD}\s+o'?\s?clock",
    rf"(?:half|quarter|five|ten|twenty(?:[\s-]five)?|\d{{1,2}})\s+(?:past|to)\s+{_HOUR_WORD}\b(?!\s+{_UNIT})",
    rf"half\s+{_HOUR_WORD}\b(?!\s+(?:of|the|a|an)\b)",
    rf"{_HOUR_WORD}\s+in\s+the\s+(?:morning|afternoon|evening)",
    rf"(?:this|last|every|each|all|most|some|the\s+other)\s+(?:{_PART}|lunch\s?time)",
    r"(?:every\s+)?(?:midnight|midday|noon|lunch\s?time|tea\s?time|tonight|tonite|2nite|overnight)",
    r"(?:the\s+)?(?:early|small)\s+hours",
)
_PATTERNS = tuple(
    (kind, re.compile(rf"(?<![\w£$€#/])(?:{pattern})(?!\w)", re.IGNORECASE))
    for kind, patterns in (("date", _DATES), ("time", _TIMES))
    for pattern in patterns
)
# "Every may", "this march": months only with a capital, where a verb could stand.
_VERBS = re.compile(r"\b(?:may|march)$")


def find_times(text: str) -> Iterator[Piece]:
    """Points and lengths of time, as `date` or `time`; the longest where several begin alike. Not ages, nor words as
    "now" and "again" that do not say when.
    """
    found = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span(1) if kind == "time" and match.lastindex else match.span()
            if not _VERBS.search(text[start:end]):
                found.append((start, -end, kind))
    after = 0
    for start, end, kind in sorted(found):
        if start >= after:
            after = -end
            yield Piece(kind, text[start:after], start, after)
