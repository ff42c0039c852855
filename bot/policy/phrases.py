"""Phrases that people write in lists, found in a message: quick, however long the lists are.

A phrase is words with spaces between them, and these signs:

- `word*` is any word that begins so, `*` any word, and `don't` is found without its apostrophe too;
- `(a|b c)` is either, `[a]` or `[a|b]` may be missing;
- `...` stands for up to four other words of the same sentence; `and` is found as `&` too;
- `9` is any number, with or without a currency sign before it, `£9` an amount of money, `9%` a share.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.policy.reading import Reading

GAP = r"[^\w.!?\n£$€#@]{1,3}"
"""What stands between two words of one phrase: no end of a sentence."""
_NUMBER = r"(?:[£$€]\s?)?\d(?:[\d,.]*\d)?(?:k|m|bn)?"
_MONEY = (
    r"(?:[£$€]\s?\d(?:[\d,.]*\d)?(?:k|m)?|\d(?:[\d,.]*\d)?k?\s?(?:pounds|quid|gbp|dollars|usd|euros?|[£$€]))"
)
_START = re.compile(r"(?:[£$€]\s?)?[^\W_]+|[£$€%©★⭐✅➡👉]")
_PREFIX = 3


@dataclass(frozen=True)
class Cue:
    """One phrase found: the list that it is from, and where it stands in the plain text."""

    name: str
    start: int
    end: int


class Phrases:
    """Named lists of phrases, made ready once.

    Raises:
        ValueError: a phrase is not written as this module says; the text names it.
    """

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        sorted_out: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for name, phrases in lists.items():
            for phrase in phrases:
                pattern = _pattern(phrase)
                for beginning in _beginnings(phrase):
                    sorted_out[beginning][name].append(pattern)
        # The longest first: of two that begin alike, the evidence is all that was said.
        self._by_beginning = {
            beginning: tuple(
                (name, re.compile("(?:" + "|".join(sorted(each, key=len, reverse=True)) + r")(?!\w)"))
                for name, each in lists_.items()
            )
            for beginning, lists_ in sorted_out.items()
        }

    def find(self, reading: Reading) -> tuple[Cue, ...]:
        """Every phrase in the message, in order; of one list, none inside another."""
        return self.find_in(reading.plain)

    def find_in(self, plain: str) -> tuple[Cue, ...]:
        """The same for words that are plain already (`Reading.plain`)."""
        found: list[Cue] = []
        ends: dict[str, int] = {}
        for start, beginnings in _starts(plain):
            for beginning in beginnings:
                for name, pattern in self._by_beginning.get(beginning, ()):
                    if start >= ends.get(name, 0) and (match := pattern.match(plain, start)):
                        found.append(Cue(name, start, match.end()))
                        ends[name] = match.end()
        return tuple(found)


@lru_cache(maxsize=16)
def _starts(plain: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    # Cached, since six checks read the same message one after another.
    starts: list[tuple[int, tuple[str, ...]]] = []
    for found in _START.finditer(plain):
        word = found[0]
        if word[0].isdigit() or (word[0] in "£$€" and len(word) > 1):
            starts.append((found.start(), ("0",)))
        else:
            starts.append(
                (found.start(), tuple(word[:length] for length in range(1, min(len(word), _PREFIX) + 1)))
            )
    return tuple(starts)


def _beginnings(phrase: str) -> frozenset[str]:
    """The first letters that the phrase can begin with, by which it is looked up."""
    found: set[str] = set()
    for part in _cut(phrase, " "):
        if part[0] in "([":
            for choice in _cut(part[1:-1], "|"):
                found |= _beginnings(choice)
        elif part[0].isdigit() or part == "£9":
            found.add("0")
        elif letters := re.match(r"[^\W_]+", part):
            found.add(letters[0][:_PREFIX])
        else:
            raise ValueError(f"{phrase!r}: begins with {part!r}")
        if part[0] != "[":
            return frozenset(found)
    raise ValueError(f"{phrase!r}: one word at least must not be in square brackets")


def _pattern(phrase: str) -> str:
    pattern, begun = "", False
    for part in _cut(phrase, " "):
        if part == "...":
            pattern += rf"(?:{GAP}[\w'£$€%]+){{0,4}}?"
            continue
        if part[0] in "([":
            inner = "(?:" + "|".join(_pattern(choice) for choice in _cut(part[1:-1], "|")) + ")"
        else:
            inner = _word(part)
        may_be_missing = part[0] == "["
        if begun:
            pattern += f"(?:{GAP}{inner})?" if may_be_missing else GAP + inner
        else:
            pattern += f"(?:{inner}{GAP})?" if may_be_missing else inner
            begun = not may_be_missing
    return pattern


def _cut(phrase: str, at: str) -> Iterator[str]:
    """The phrase cut where it is in no bracket."""
    part, depth = "", 0
    for character in phrase.strip() + at:
        depth += (character in "([") - (character in ")]")
        if character == at and depth == 0:
            if part.strip():
                yield part.strip()
            part = ""
        else:
            part += character
    if part.strip():
        raise ValueError(f"{phrase!r}: brackets do not match")


def _word(word: str) -> str:
    if word == "9":
        return _NUMBER
    if word == "£9":
        return _MONEY
    if word == "9%":
        return r"\d[\d.]*\s?(?:%|per\s?cent|percent)"
    if word == "and":
        return "(?:and|&|'?n'?)"
    if word == "*":
        return r"[\w']+"
    escaped = re.escape(word.removesuffix("*")).replace("'", "'?")
    return escaped + (r"[\w']*" if word.endswith("*") else "")
