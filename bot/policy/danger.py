"""Danger in a message, seen by words and patterns alone: the check that also works when no model answers.

The words stand in data/policy/danger.yml. It errs towards seeing danger: a needless answer with whom to call costs
a resident a moment, a missed one may cost a life.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ConfigDict, Field

from bot.policy.concepts import Grammar, Match, PatternBook, PatternInvalid, Spelling, Word, split_patterns
from bot.policy.findings import Danger
from bot.policy.reading import Reading, read
from bot.yamlfile import ConfigError, read_yaml

FILE = Path("data") / "policy" / "danger.yml"
ALARM = 5
"""Points from which a message is taken for danger. What they stand for: the head of data/policy/danger.yml."""
ALARM_WHEN_ALONE = 4
"""The same when no model has read the message: then a needless answer is the lesser evil."""
POINTS = {"sure": 6, "likely": 4, "hint": 2, "trace": 1}
LESS, AGAINST = -3, -1
TRACES_AT_MOST, AGAINST_AT_MOST = 3, -4
"""What many small signs can weigh together, for danger and against it."""
LONG_FROM, LONG_STEP = 40, 20
"""Words from which a message is long; every so many more take a point: in a long story some sign stands anyway."""
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
    against: dict[Danger, str]


@dataclass(frozen=True, slots=True)
class _Worth:
    """What a pattern says: of which danger, with how many points, and whether it must be all that is written."""

    danger: Danger
    points: int
    alone: bool = False


def _patterns(data: _DangerFile, danger: Danger) -> Iterator[tuple[str, _Worth]]:
    for situation in getattr(data, danger).values():
        for name, points in POINTS.items():
            for pattern in split_patterns(getattr(situation, name)):
                yield pattern, _Worth(danger, points)
        for pattern in split_patterns(situation.alone):
            yield pattern, _Worth(danger, POINTS["sure"], alone=True)
    for patterns, points in ((data.less, LESS), (data.against, AGAINST)):
        for pattern in split_patterns(patterns.get(danger, "")):
            yield pattern, _Worth(danger, points)


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
        every = [each for danger in get_args(Danger) for each in _patterns(data, danger)]
        self._worth = [worth for _, worth in every]
        self._book = PatternBook(grammar, [pattern for pattern, _ in every])

    @classmethod
    def from_file(cls, path: Path = FILE) -> DangerCheck:
        """Read and check the words; raises ConfigError."""
        document = read_yaml(path)
        try:
            return cls(document.checked(_DangerFile))
        except PatternInvalid as error:
            lines = path.read_text(encoding="utf-8").splitlines()
            at = (number for number, line in enumerate(lines, 1) if error.pattern in line)
            raise ConfigError(path, next(at, 1), str(error)) from None

    def find(self, reading: Reading, alarm: int = ALARM) -> tuple[Danger, int, int] | None:
        """The danger that the message speaks of, if any, and its evidence in characters of the original.

        `alarm` is how many points it takes.
        """
        words = self._spelling.words(reading.plain)[:LONGEST_WORDS]
        found = self._gravest(words, alarm) if words else None
        if found is None:
            return None
        danger, match = found
        first, end = match.spans[0]
        start, stop = reading.at(words[first].start, words[end - 1].end)
        return danger, start, stop

    def danger_in(self, text: str, alarm: int = ALARM) -> Danger | None:
        """The danger that a text as it was written speaks of; None if there is none."""
        found = self.find(read(text), alarm)
        return found[0] if found else None

    def _gravest(self, words: Sequence[Word], alarm: int) -> tuple[Danger, Match] | None:
        """The danger with the most points, and its strongest sign."""
        aside = frozenset(number for match in self._aside.find(words) for number in match.words)
        by_danger: dict[Danger, list[Match]] = {danger: [] for danger in get_args(Danger)}
        for match in self._book.find(words, aside):
            worth = self._worth[match.key]
            if not worth.alone or match.spans == ((0, len(words)),):
                by_danger[worth.danger].append(match)
        length = max(0, (len(words) - LONG_FROM) // LONG_STEP)
        best: tuple[int, Danger, Match] | None = None
        for danger, matches in by_danger.items():
            total, strongest = self._points(matches)
            total -= length
            if strongest is not None and total >= alarm and (best is None or total > best[0]):
                best = (total, danger, strongest)
        return None if best is None else best[1:]

    def _points(self, matches: list[Match]) -> tuple[int, Match | None]:
        """All points for one danger: each pattern counts once, and each word for one pattern only."""
        matches.sort(key=lambda match: (-self._worth[match.key].points, len(match.words)))
        total, traces, against = 0, 0, 0
        used: set[int] = set()
        seen: set[int] = set()
        strongest = None
        for match in matches:
            points = self._worth[match.key].points
            if match.key in seen or (points > 0 and match.words & used):
                continue
            seen.add(match.key)
            if points < 0:
                against += points
                continue
            strongest = strongest or match
            used |= match.words
            if points == POINTS["trace"]:
                traces += points
            else:
                total += points
        return total + min(traces, TRACES_AT_MOST) + max(against, AGAINST_AT_MOST), strongest
