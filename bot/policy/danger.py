"""Danger in a message, seen by words and patterns alone: the check that also works when no model answers.

The words stand in data/policy/danger.yml. It errs towards seeing danger: a needless answer with whom to call costs
a resident a moment, a missed one may cost a life.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ConfigDict, Field

from bot.policy.concepts import Grammar, Match, PatternBook, PatternInvalid, Spelling, Word, split_patterns
from bot.policy.findings import Danger
from bot.policy.reading import Reading, read
from bot.yamlfile import ConfigError, read_yaml

FILE = Path("data") / "policy" / "danger.yml"
ALARM = 6
POINTS = {"sure": 6, "likely": 4, "hint": 2, "trace": 1}
LESS = -3
"""Points, see the head of data/policy/danger.yml."""
LONGEST_WORDS = 400
"""Words of a message that are looked at; the longest that a platform lets through has some more."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Situation(_Part):
    """The patterns of one situation, by what they are worth."""

    sure: str = ""
    likely: str = ""
    hint: str = ""
    trace: str = ""
    alone: str = ""
    against: str = ""
    pinned: str = ""


class _DangerFile(_Part):
    fillers: str
    spellings: dict[str, str]
    misspelt: str
    look_alikes: str
    concepts: dict[str, str]
    set_aside: str = Field(min_length=1)
    emergency_danger: dict[str, _Situation]
    self_harm: dict[str, _Situation]
    safeguarding: dict[str, _Situation]
    less: dict[Danger, str]


def _patterns(data: _DangerFile, danger: Danger) -> Iterator[tuple[str, int]]:
    for situation in getattr(data, danger).values():
        for name, points in POINTS.items():
            for pattern in split_patterns(getattr(situation, name)):
                yield pattern, points
    for pattern in split_patterns(data.less.get(danger, "")):
        yield pattern, LESS


class DangerCheck:
    """Finds danger: `from_file` once, then `find` for every message; pure, and safe to share."""

    def __init__(self, data: _DangerFile) -> None:
        """Raises PatternInvalid for a pattern that cannot be read."""
        spelling = Spelling(
            data.spellings, data.fillers.split(), data.misspelt.split(), data.look_alikes.split()
        )
        grammar = Grammar(spelling, data.concepts)
        self._spelling = spelling
        self._aside = PatternBook(grammar, split_patterns(data.set_aside))
        self._worth: list[tuple[Danger, int]] = []
        patterns: list[str] = []
        for danger in get_args(Danger):
            for pattern, points in _patterns(data, danger):
                patterns.append(pattern)
                self._worth.append((danger, points))
        self._book = PatternBook(grammar, patterns)
        self.patterns: Sequence[str] = patterns

    @classmethod
    def from_file(cls, path: Path = FILE) -> DangerCheck:
        """Read and check the words; raises ConfigError."""
        document = read_yaml(path)
        try:
            return cls(document.checked(_DangerFile))
        except PatternInvalid as error:
            raise ConfigError(path, 1, str(error)) from None

    def find(self, reading: Reading) -> tuple[Danger, int, int] | None:
        """The danger that the message speaks of, if any, and its evidence in characters of the original."""
        words = self._spelling.words(reading.plain)[:LONGEST_WORDS]
        if not words:
            return None
        found = self._weighed(words)
        if found is None:
            return None
        danger, match = found
        first, end = match.spans[0]
        start, stop = reading.at(words[first].start, words[end - 1].end)
        return danger, start, stop

    def danger_in(self, text: str) -> Danger | None:
        """The danger that a text as it was written speaks of; None if there is none."""
        found = self.find(read(text))
        return found[0] if found else None

    def _weighed(self, words: Sequence[Word]) -> tuple[Danger, Match] | None:
        aside = frozenset(number for match in self._aside.find(words) for number in match.words)
        matches = self._book.find(words, aside)
        best: tuple[int, Danger, Match] | None = None
        for danger in get_args(Danger):
            total, strongest = self._points(danger, matches)
            if total >= ALARM and strongest is not None and (best is None or total > best[0]):
                best = (total, danger, strongest)
        return None if best is None else best[1:]

    def _points(self, danger: Danger, matches: Sequence[Match]) -> tuple[int, Match | None]:
        """All points for one danger: each pattern once, and each word for one pattern only."""
        own = [match for match in matches if self._worth[match.key][0] == danger]
        own.sort(key=lambda match: (-self._worth[match.key][1], len(match.words)))
        total, less = 0, 0
        used: set[int] = set()
        seen: set[int] = set()
        strongest = None
        for match in own:
            points = self._worth[match.key][1]
            if points < 0:
                less = points
            elif match.key not in seen and not match.words & used:
                strongest = strongest or match
                total += points
                used |= match.words
                seen.add(match.key)
        return total + less, strongest
