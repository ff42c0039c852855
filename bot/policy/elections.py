"""Elections: the pre-election period, party-political posts, and what may not go out in that period.

The Code of Recommended Practice on Local Authority Publicity (2011, paragraphs 33 to 35) and section 2 of the Local
Government Act 1986 ask councils to publish nothing that supports a party or candidate, and to take care once the
notice of election is out. The Local Elections (Principal Areas) (England and Wales) Rules 2006 (Schedule 2, rules 1 and
2) want that notice at the latest 25 days before the poll, not counting weekends, Christmas Eve, Christmas Day, Good
Friday and bank holidays. The council's own policy says six weeks. The period begins with whichever comes first, and
ends with polling day.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Self

import holidays
from pydantic import BaseModel, ConfigDict

from bot.council import Region
from bot.hours import SUBDIVISIONS
from bot.policy.findings import Context, Finding, Severity
from bot.policy.phrases import Cue, Phrases
from bot.policy.reading import Reading, read
from bot.yamlfile import ConfigError, Model, read_yaml

SIX_WEEKS = timedelta(weeks=6)
NOTICE_WORKING_DAYS = 25
"""Working days before the poll by which the notice of election is out."""
_SATURDAY = 5
DISPUTED = "a matter in dispute, with praise or blame"
_PROBLEMS = {
    "party": "a party",
    "candidate": "a candidate",
    "call": "a call to vote",
    "outgoing": "a campaign",
}
_SIDES = {
    "party": ("stance", "strong"),
    "candidate": ("stance", "strong"),
    "politician": ("strong",),
}
"""What takes sides beside each that is named."""
_NAME_FOLLOWS = re.compile(
    r"\s+(?!UK|The |A |In |On |For )[A-Z][a-z'’]+ (?:[A-Z][a-z'’]*\.? )?[A-Z][a-z'’-]+"
)
_NAME_BEFORE = re.compile(r"[A-Z][a-z'’]+ [A-Z][a-z'’-]+\s+$")
_NAME_ANYWHERE = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][a-z'’]+ [A-Z][a-z'’]+(?:-[A-Z][a-z]+)?\b")
_SENTENCE_END = re.compile(r"[.!?\n]+(?=\s|$)")


def latest_notice(polling_day: date, region: Region = "England") -> date:
    """The last day on which the notice of election can be published."""
    closed = _bank_holidays(region)
    day, counted = polling_day, 0
    while counted < NOTICE_WORKING_DAYS:
        day -= timedelta(days=1)
        christmas_eve = (day.month, day.day) == (12, 24)
        counted += day.weekday() < _SATURDAY and day not in closed and not christmas_eve
    return day


@lru_cache(maxsize=64)
def pre_election_period(polling_day: date, region: Region = "England") -> tuple[date, date]:
    """The first and the last day of the pre-election period before a poll; the last is polling day."""
    return min(polling_day - SIX_WEEKS, latest_notice(polling_day, region)), polling_day


def in_election_period(day: date, polling_days: Collection[date], region: Region = "England") -> bool:
    """Whether a day lies in the pre-election period of any of the polls."""
    periods = (pre_election_period(each, region) for each in polling_days)
    return any(first <= day <= last for first, last in periods)


@lru_cache(maxsize=8)
def _bank_holidays(region: Region) -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv=SUBDIVISIONS[region])


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PartyNames(_Part):
    """data/policy/parties.yml."""

    source: str
    names: tuple[str, ...]
    labels: tuple[str, ...]
    innocent: tuple[str, ...]


class Candidates(_Part):
    """data/policy/candidates.yml."""

    source: str
    candidates: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    disputes: tuple[str, ...] = ()


class ElectionWords(_Part):
    """data/policy/elections.yml."""

    calls: tuple[str, ...]
    named_calls: tuple[str, ...]
    stance: tuple[str, ...]
    strong: tuple[str, ...]
    context: tuple[str, ...]
    politicians: tuple[str, ...]
    campaign: tuple[str, ...]
    reported: tuple[str, ...]
    asks: tuple[str, ...]
    outgoing: tuple[str, ...]
    praise: tuple[str, ...]


@dataclass(frozen=True)
class OutgoingProblem:
    """Something in the council's own words that may not go out in the period.

    `start` and `end` count characters of the text; `what` completes "It names …".
    """

    start: int
    end: int
    what: str


class Elections:
    """Finds party-political posts, and what may not go out; made once with `from_files`, and pure."""

    def __init__(self, parties: PartyNames, candidates: Candidates, words: ElectionWords) -> None:
        """Raises ValueError for a phrase that is not written as `bot.policy.phrases` says."""
        people = [each.lower() for each in candidates.candidates]
        titled = [f"(cllr|councillor) {each.split()[-1]}" for each in people]
        self._phrases = Phrases(
            {
                "party": parties.names,
                "group": [each.lower() for each in candidates.groups],
                "label": parties.labels,
                "innocent": parties.innocent,
                "candidate": [*people, *titled],
                "politician": words.politicians,
                "dispute": candidates.disputes,
                "call": words.calls,
                "named_call": words.named_calls,
                "stance": words.stance,
                "strong": words.strong,
                "context": words.context,
                "campaign": words.campaign,
                "reported": words.reported,
                "asks": words.asks,
                "outgoing": words.outgoing,
                "praise": words.praise,
            }
        )

    @classmethod
    def from_files(cls, root: Path) -> Self:
        """From data/policy/ below `root`; raises ConfigError with the file."""
        folder = root / "data" / "policy"
        parties = _checked(folder / "parties.yml", PartyNames)
        candidates = _checked(folder / "candidates.yml", Candidates)
        words = _checked(folder / "elections.yml", ElectionWords)
        try:
            return cls(parties, candidates, words)
        except ValueError as error:
            raise ConfigError(folder, 1, str(error)) from None

    def check(self, reading: Reading, context: Context) -> list[Finding]:
        """A finding for a post for or against a party, candidate or politician: a flag in the period, else a note."""
        found = self._political(reading)
        if found is None:
            return []
        severity: Severity = "flag" if context.election_period else "note"
        start, end = reading.at(found.start, found.end)
        return [Finding("party_political", severity, f"elections.{found.name}", start, end)]

    def outgoing_problems(self, text: str) -> tuple[OutgoingProblem, ...]:
        """What in the bot's or staff's words may not go out in the period, in order; nothing means that it may."""
        reading = read(text)
        cues = self._cues(reading)
        problems = [(cue, _PROBLEMS[cue.name]) for cue in cues if cue.name in _PROBLEMS]
        for sentence in _sentences(reading.plain, cues):
            if any(cue.name == "praise" for cue in sentence):
                problems += [(cue, DISPUTED) for cue in sentence if cue.name == "dispute"]
        problems.sort(key=lambda problem: (problem[0].start, problem[0].end))
        return tuple(OutgoingProblem(*reading.at(cue.start, cue.end), what) for cue, what in problems)

    def _political(self, reading: Reading) -> Cue | None:
        cues = self._cues(reading)
        if any(cue.name == "reported" for cue in cues):
            return None
        found = (_political_in(sentence) for sentence in _sentences(reading.plain, cues))
        return (
            next((each for each in found if each is not None), None)
            or _across_sentences(cues)
            or self._named_or_campaigning(reading, cues)
        )

    def _named_or_campaigning(self, reading: Reading, cues: Sequence[Cue]) -> Cue | None:
        """A party named in a post that asks nothing, or words of canvassing beside a name or strong words."""
        if "?" in reading.text or any(cue.name == "asks" for cue in cues):
            return None
        party = next((cue for cue in cues if cue.name == "party"), None)
        if party is not None:
            return party
        campaign = next((cue for cue in cues if cue.name == "campaign"), None)
        if campaign is None:
            return None
        strong = any(cue.name == "strong" and not _overlap(cue, campaign) for cue in cues)
        return campaign if strong or _NAME_ANYWHERE.search(reading.text) else None

    def _cues(self, reading: Reading) -> list[Cue]:
        """What the phrases find, where it means politics; a call with a name is a call."""
        cues = self._phrases.find(reading)
        innocent = [cue for cue in cues if cue.name == "innocent"]
        context = [cue for cue in cues if cue.name in ("context", "party")]
        kept = []
        for cue in cues:
            if cue.name in ("party", "label") and any(_overlap(cue, other) for other in innocent):
                continue
            if cue.name == "label":
                if not any(not _overlap(cue, other) for other in context):
                    continue
                cue = Cue("party", cue.start, cue.end)
            elif cue.name == "group":
                if not _is_name(reading, cue):
                    continue
                cue = Cue("party", cue.start, cue.end)
            elif cue.name == "named_call":
                if not _beside_a_name(reading, cue):
                    continue
                cue = Cue("call", cue.start, cue.end)
            if cue.name != "innocent":
                kept.append(cue)
        return kept


def _political_in(sentence: Sequence[Cue]) -> Cue | None:
    """The cue that makes a sentence political, if any does."""
    calls = [cue for cue in sentence if cue.name == "call"]
    if calls:
        return calls[0]
    asks = any(cue.name == "asks" for cue in sentence)
    for named in sentence:
        sides = _SIDES.get(named.name)
        if sides is None or (asks and named.name != "party"):
            continue
        beside = [cue for cue in sentence if cue.name in sides and not _within(cue, named)]
        if any(cue.name == "strong" for cue in beside) or (beside and not asks):
            return named
        if _says_so_itself(named, sentence):
            return named
    return None


def _across_sentences(cues: Sequence[Cue]) -> Cue | None:
    """A party or candidate in one sentence, strong words in another."""
    if not any(cue.name == "strong" for cue in cues) or any(cue.name == "asks" for cue in cues):
        return None
    return next((cue for cue in cues if cue.name in ("party", "candidate")), None)


def _says_so_itself(named: Cue, sentence: Sequence[Cue]) -> bool:
    """Whether the phrase that names a party takes sides in itself, as "vote Labour" does."""
    return named.name == "party" and any(cue.name == "strong" and _within(cue, named) for cue in sentence)


def _is_name(reading: Reading, cue: Cue) -> bool:
    start, end = reading.at(cue.start, cue.end)
    return all(word[:1].isupper() for word in reading.text[start:end].split())


def _beside_a_name(reading: Reading, cue: Cue) -> bool:
    start, end = reading.at(cue.start, cue.end)
    return bool(_NAME_FOLLOWS.match(reading.text, end) or _NAME_BEFORE.search(reading.text[:start]))


def _sentences(plain: str, cues: Sequence[Cue]) -> Iterator[list[Cue]]:
    """The cues of each sentence; one that a cue runs across is still that cue's."""
    ends = [found.start() for found in _SENTENCE_END.finditer(plain)] + [len(plain)]
    left = sorted(cues, key=lambda cue: cue.start)
    for end in ends:
        inside = [cue for cue in left if cue.start < end]
        left = left[len(inside) :]
        if inside:
            yield inside


def _within(one: Cue, other: Cue) -> bool:
    return other.start <= one.start and one.end <= other.end


def _overlap(one: Cue, other: Cue) -> bool:
    return one.start < other.end and other.start < one.end


def _checked(path: Path, model: type[Model]) -> Model:
    return read_yaml(path).checked(model)
