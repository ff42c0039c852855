"""Repeats: the same message again, or nearly the same, from one person or from many.

What a message says is compared with what came before in `Context.earlier`, word by word, so that a message that adds a
fact (a number, a place, what happened since) is none. Short everyday words may be said any number of times.

A service gathers a campaign by `Repeat.key`: every message of it has the key of the oldest that it is like, as long as
that one is looked back to. It stores the key with the message and gives `key_of(text)` to the first.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bot.policy.findings import Context, EarlierMessage, Finding, Severity
from bot.policy.reading import Reading, read
from bot.yamlfile import read_yaml

_WORD = re.compile(r"https?://\S+|[#@]?[^\W_]+(?:'[^\W_]+)*")
_AROUND_SHARE = 0.25
"""Part of the words that may be put before and after somebody else's: "Our chess club says:"."""
_FEW_WORDS = 9
_SHORTEST_SHARE, _SAME_WORDS = 0.6, 0.45
"""A message that is alike has at least these parts of the longer one's words, and of the shorter one's in common."""
_SPELT = re.compile(r"(?<![^\W_])(?:[a-z] ){2,}[a-z](?![^\W_])")  # t i p
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MEASURE = re.compile(r"(?<![^\W_])(\d+)(m|km|cm|ft|mph|k|am|pm|hrs?|mins?)(?![^\W_])")
_STRETCHED = re.compile(r"(.)\1{2,}")


class RepeatWords(BaseModel):
    """`data/policy/repeats.yml`: words alone, in small letters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    everyday: frozenset[str]
    empty: frozenset[str]
    progress: frozenset[str]
    same: dict[str, str]


class RepeatLimits(BaseModel):
    """What counts as a repeat; measured on examples of our own (docs/policy.md).

    Attributes:
        window_hours: how far back a message can be repeated; one without a time always can.
        at_least_words: fewer words, or everyday words only, are never a repeat.
        at_least_words_of_strangers: the same for what is only nearly the same, from somebody else: "dog mess on the
            pavement" is what many see.
        alike: likeness from which a message is the same, of 100 (rapidfuzz's `fuzz.ratio` of the words in order).
        alike_same_person: the same, when the author is the same.
        alike_elsewhere: the same, between strangers in different threads.
        new_share: part of the words that may be new without being a fact.
        campaign_people: people who must have sent a message before it is a campaign.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    window_hours: int = Field(default=168, ge=1)
    at_least_words: int = Field(default=5, ge=1)
    at_least_words_of_strangers: int = Field(default=7, ge=1)
    alike: float = Field(default=86.0, ge=50, le=100)
    alike_same_person: float = Field(default=80.0, ge=50, le=100)
    alike_elsewhere: float = Field(default=90.0, ge=50, le=100)
    new_share: float = Field(default=0.12, ge=0, le=0.5)
    campaign_people: int = Field(default=3, ge=2)


@dataclass(frozen=True)
class Repeat:
    """That a message came before.

    Attributes:
        key: of the oldest message that it is like; all of one campaign have it in common.
        times: how many messages before it were like it.
        people: how many known authors sent it, with this one.
        same_person: whether this author had sent it already.
    """

    key: str
    times: int
    people: int
    same_person: bool


@dataclass(frozen=True)
class _Said:
    """A message as it is compared."""

    line: str
    in_order: str  # of the alphabet, so that words that changed places change nothing
    words: Counter[str]
    different: frozenset[str]
    count: int
    telling: int


class Repeats:
    """Finds repeats. Grounds: `same_person`, `copied` (others' words once or twice), `campaign` (many people's)."""

    def __init__(self, words: RepeatWords, limits: RepeatLimits | None = None) -> None:
        self.words = words
        self.limits = limits or RepeatLimits()
        # Each of the messages looked back to is compared with many later ones.
        self._said = lru_cache(maxsize=8192)(self._read)

    @classmethod
    def from_files(cls, root: Path, limits: RepeatLimits | None = None) -> Self:
        """From `data/policy/repeats.yml`; raises ConfigError."""
        return cls(read_yaml(root / "data" / "policy" / "repeats.yml").checked(RepeatWords), limits)

    def check(self, reading: Reading, context: Context) -> list[Finding]:
        """At most one finding; the evidence is the whole text."""
        repeat = self.find(reading, context)
        if repeat is None:
            return []
        severity: Severity = "flag"
        ground = "repeats.copied"
        if repeat.people >= self.limits.campaign_people:
            ground = "repeats.campaign"
        elif repeat.same_person:
            ground = "repeats.same_person"
            # Whoever sends a thing twice has often only pressed twice.
            severity = "note" if repeat.times == 1 else "flag"
        return [Finding("spam", severity, ground, 0, len(reading.text))]

    def find(self, reading: Reading, context: Context) -> Repeat | None:
        """What this message repeats, or None; its time grows with the number of earlier messages."""
        if not context.earlier:
            return None
        said = self._said(reading.text)
        if said.telling < self.limits.at_least_words:
            return None
        author = _name(context.author_handle)
        like = [each for each in context.earlier if self._repeats(said, author, each, context)]
        if not like:
            return None
        authors = [_name(each.author) for each in like]
        people = {name for name in (*authors, author) if name}
        return Repeat(self.key_of(like[0].text), len(like), len(people), bool(author) and author in authors)

    def key_of(self, text: str) -> str:
        """The key of a text: 16 hexadecimal digits, the same for whatever has the same words in the same order."""
        return hashlib.blake2b(self._said(text).line.encode(), digest_size=8).hexdigest()

    def _repeats(self, said: _Said, author: str, earlier: EarlierMessage, context: Context) -> bool:
        before = self._said(earlier.text)
        # First what costs next to nothing: most of what came before has hardly a word in common.
        shorter, longer = sorted((before.count, said.count))
        if (
            shorter < _SHORTEST_SHARE * longer
            or len(said.different & before.different) < shorter * _SAME_WORDS
        ):
            return False
        if not self._in_time(earlier.at, context.at):
            return False
        if before.line == said.line:
            return True
        limits = self.limits
        if author and _name(earlier.author) == author:
            alike = limits.alike_same_person
        elif said.telling < limits.at_least_words_of_strangers:
            return False
        else:
            alike = limits.alike if earlier.group == context.group else limits.alike_elsewhere
        if _within(said.line, before.line) or _within(before.line, said.line):
            # Strangers put a few words around a text that is passed on; who adds to their own has something to add.
            return not self._adds(said, before, _AROUND_SHARE if alike != limits.alike_same_person else 0.0)
        likeness = max(fuzz.ratio(said.line, before.line), fuzz.ratio(said.in_order, before.in_order))
        return likeness >= alike and not self._adds(said, before, limits.new_share)

    def _adds(self, said: _Said, before: _Said, share: float) -> bool:
        """Whether the message holds a fact that the earlier one did not."""
        new = said.words - before.words
        gone = [word for word in before.words - said.words if not _has_digit(word)]
        facts = 0
        for word, times in new.items():
            if word in self.words.empty:
                continue
            if _has_digit(word) or word in self.words.progress:
                return True
            if not any(_is_slip(word, other) for other in gone):
                facts += times
        # In a few words a new one tells more than in many.
        return facts > max(said.count >= _FEW_WORDS and share > 0, share * said.count)

    def _in_time(self, earlier: datetime | None, now: datetime | None) -> bool:
        if earlier is None or now is None:
            return True
        return now - earlier <= timedelta(hours=self.limits.window_hours)

    def _read(self, text: str) -> _Said:
        plain = _SPELT.sub(lambda found: found[0].replace(" ", ""), read(text).plain)
        plain = _THOUSANDS.sub("", plain)
        plain = _MEASURE.sub(r"\1 \2", plain)
        words = [_STRETCHED.sub(r"\1\1", word) for word in _WORD.findall(plain)]
        words = [self.words.same.get(word, word) for word in words]
        words = [word for word in words if not word.startswith("@")]
        telling = len(words) if any(word not in self.words.everyday for word in words) else 0
        if telling and sum(word not in self.words.everyday for word in words) < 2:
            telling = 0
        return _Said(
            " ".join(words), " ".join(sorted(words)), Counter(words), frozenset(words), len(words), telling
        )


def _within(short: str, long: str) -> bool:
    """Whether one is in the other as it stands, from word to word."""
    return f" {short} " in f" {long} "


def _name(handle: str) -> str:
    return handle.strip().removeprefix("@").casefold()


def _has_digit(word: str) -> bool:
    return not word.startswith("http") and any(character.isdigit() for character in word)


def _is_slip(word: str, other: str) -> bool:
    """Whether one is the other with a slip of the pen, or another form of it: bin and bins."""
    short, long = sorted((word, other), key=len)
    if len(short) >= 3 and long.startswith(short) and len(long) - len(short) <= 3:
        return True
    return len(short) >= 4 and OSA.distance(word, other, score_cutoff=2) <= (1 if len(short) < 8 else 2)
