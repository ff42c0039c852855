"""Impersonation: an account named like the council's, or a text that speaks as the council and asks for money or codes.

Names are compared after letters that look alike are made one (`bot.policy.reading` does other alphabets; here digits
for letters, `rn` for `m`, `I` for `l`), cut into known words, with one slip of the pen allowed in the town's name and
in "council". The council's own handles, as in `council.yml`, are never found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bot.council import Council
from bot.policy.findings import Context, Finding, Severity
from bot.policy.phrases import Cue, Phrases
from bot.policy.reading import Reading, read
from bot.yamlfile import read_yaml

_LOOKS_LIKE = str.maketrans("0134578!|$@i", "oleastbllsal")
_PAIRS = (("rn", "m"), ("vv", "w"), ("nn", "m"))
_APART = re.compile(r"[^a-z0-9!|$@]+")
_SHORTEST_HANDLE = 8
"""Letters from which a handle is compared whole: of "LBSutton" and "LBSuttn" one is a slip of the other."""
_FEW_LETTERS = 3
"""Unknown letters that a look-alike may carry: MarlstowCouncilxx."""
_HARDLY_ALIKE = 70.0
"""Of 100; a name that holds nothing more like the town or "council" needs no closer look."""
_SPEAKS_FOR = re.compile(r"(?:\b(?:from|at|of|for)|[-–—|@(:,/])\s*(?:the\s+)?(?:city of\s+)?$")


class ImpersonationWords(BaseModel):
    """`data/policy/impersonation.yml`: words of names, and phrases as in `bot.policy.phrases`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    council_words: list[str] = Field(min_length=1)
    around: list[str]
    bait: list[str]
    teams: list[str]
    weak_alone: list[str]
    not_the_council: list[str]
    claims: list[str]
    voice: list[str]
    demands: list[str]
    soft_demands: list[str]
    told: list[str]


class ImpersonationWeights(BaseModel):
    """How much each sign in a text counts towards the threshold; measured on examples of our own (docs/policy.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float = Field(default=1.5, gt=0)
    claim: float = 1.0
    voice: float = 0.6
    demand: float = 1.0
    soft_demand: float = 0.5
    told: float = -1.2


@dataclass(frozen=True)
class _Word:
    kind: str  # town, council, around, bait, teams, other, unknown
    text: str
    start: int


class Impersonation:
    """Finds impersonators. Grounds.

    `name` (handle or display name), `demand` (a text that claims to be the council).
    """

    def __init__(
        self, words: ImpersonationWords, council: Council, weights: ImpersonationWeights | None = None
    ) -> None:
        self.weights = weights or ImpersonationWeights()
        self._handles = frozenset({council.handles.x.lower(), council.handles.facebook.lower()})
        plain_words = {*words.council_words, *words.around}
        town = [part for part in read(council.short_name).plain.split() if part not in plain_words]
        self._town = _skeleton("".join(town))
        self._council = _skeleton(words.council_words[0])
        self._kinds: dict[str, str] = {}
        for kind, each in (
            ("around", words.around),
            ("bait", words.bait),
            ("teams", words.teams),
            ("other", words.not_the_council),
            ("council", words.council_words),
        ):
            self._kinds |= {_skeleton(word): kind for word in each}
        self._kinds[self._town] = "town"
        self._longest = max(map(len, self._kinds)) + 1
        self._weak = frozenset(_skeleton(word) for word in words.weak_alone)
        lists = {
            name: getattr(words, name) for name in ("claims", "voice", "demands", "soft_demands", "told")
        }
        name = " ".join(town)
        self._phrases = Phrases(
            {key: [phrase.replace("<town>", name) for phrase in phrases] for key, phrases in lists.items()}
        )
        self._looks_like_us = lru_cache(maxsize=4096)(self._compared)

    @classmethod
    def from_files(cls, root: Path, council: Council, weights: ImpersonationWeights | None = None) -> Self:
        """From `data/policy/impersonation.yml`.

        Raises ConfigError, ValueError for a phrase that is not well written.
        """
        words = read_yaml(root / "data" / "policy" / "impersonation.yml").checked(ImpersonationWords)
        return cls(words, council, weights)

    def check(self, reading: Reading, context: Context) -> list[Finding]:
        """At most one finding for the name, without a place in the text, and one for the text."""
        handle = context.author_handle.strip().removeprefix("@")
        if handle.lower() in self._handles:
            return []
        found: list[Finding] = []
        named = self._looks_like_us(handle) or self._looks_like_us(context.display_name)
        if named:
            found.append(Finding("impersonation", "flag", "impersonation.name", 0, 0))
        if cues := self._demands(reading):
            start, end = reading.at(min(cue.start for cue in cues), max(cue.end for cue in cues))
            severity: Severity = "hide" if any(cue.name == "demands" for cue in cues) else "flag"
            found.append(Finding("impersonation", severity, "impersonation.demand", start, end))
        return found

    # Texts

    def _demands(self, reading: Reading) -> tuple[Cue, ...]:
        """The signs that the text speaks as the council and asks for something, or nothing."""
        by_name: dict[str, list[Cue]] = {}
        for cue in self._phrases.find(reading):
            by_name.setdefault(cue.name, []).append(cue)
        if not (by_name.keys() & {"claims", "voice"} and by_name.keys() & {"demands", "soft_demands"}):
            return ()

        def counted(name: str, most: int) -> int:
            return min(most, len(by_name.get(name, ())))

        weights = self.weights
        score = (
            weights.claim * counted("claims", 1)
            + weights.voice * counted("voice", 2)
            + weights.demand * counted("demands", 2)
            + weights.soft_demand * counted("soft_demands", 1)
            + weights.told * counted("told", 3)
        )
        if score < weights.threshold:
            return ()
        return tuple(
            cue for name in ("claims", "voice", "demands", "soft_demands") for cue in by_name.get(name, ())
        )

    # Names

    def _compared(self, name: str) -> bool:
        """Whether a handle or display name passes for the council's."""
        if not name.strip():
            return False
        plain = read(name).plain
        # A digit at the end is a number (MarlstowCouncil24) or a letter (MarlstowCounci1): both are tried.
        return any(map(self._passes, dict.fromkeys((plain, plain.rstrip("0123456789_")))))

    def _passes(self, plain: str) -> bool:
        whole = _skeleton("".join(_APART.split(plain)))
        for handle in self._handles:
            if (
                len(handle) >= _SHORTEST_HANDLE
                and OSA.distance(whole, _skeleton(handle), score_cutoff=1) <= 1
            ):
                return True
        if (
            max(fuzz.partial_ratio(self._town, whole), fuzz.partial_ratio(self._council, whole))
            < _HARDLY_ALIKE
        ):
            return False
        words = self._cut(plain)
        kinds = {word.kind for word in words if not _inside_unknown(word, words)}
        if "other" in kinds:
            return False
        if kinds >= {"town", "council"}:
            return self._names_the_council(plain, words, kinds)
        unknown = any(word.kind == "unknown" for word in words)
        strong = [word for word in words if word.kind in ("bait", "teams") and word.text not in self._weak]
        if unknown or not kinds & {"town", "council"}:
            return False
        return bool(strong) or (
            "town" in kinds and {word.text for word in words} >= {_skeleton("city"), _skeleton("of")}
        )

    def _names_the_council(self, plain: str, words: list[_Word], kinds: set[str]) -> bool:
        unknown = [word for word in words if word.kind == "unknown"]
        if sum(len(word.text) for word in unknown) <= _FEW_LETTERS or kinds & {"bait", "teams"}:
            return True
        first = min(word.start for word in words if word.kind in ("town", "council"))
        # "Sarah from Marlstow Council" speaks for it; "Dear Marlstow Council" does not.
        return all(word.start < first for word in unknown) and bool(_SPEAKS_FOR.search(plain[:first]))

    def _cut(self, plain: str) -> list[_Word]:
        """The name as known words, with what is between them."""
        chunks = [(found[0], found.start()) for found in re.finditer(r"[a-z0-9!|$@]+", plain)]
        if len(chunks) > 3 and sum(len(chunk) for chunk, _ in chunks) <= 2 * len(chunks):
            chunks = [("".join(chunk for chunk, _ in chunks), 0)]  # M a r l s t o w
        return [word for chunk, start in chunks for word in self._cut_chunk(_skeleton(chunk), start)]

    def _cut_chunk(self, chunk: str, offset: int) -> list[_Word]:
        # From left to right: for each place the cutting with the fewest unknown letters, then the fewest words.
        best: list[tuple[int, int, list[_Word]]] = [(0, 0, [])]
        for end in range(1, len(chunk) + 1):
            unknown, count, words = best[end - 1]
            options = [(unknown + 1, count + 1, _with_letter(words, chunk[end - 1], offset + end - 1))]
            for start in range(max(0, end - self._longest), end):
                if kind := self._kind(chunk[start:end]):
                    unknown, count, words = best[start]
                    options.append(
                        (unknown, count + 1, [*words, _Word(kind, chunk[start:end], offset + start)])
                    )
            best.append(min(options, key=lambda option: option[:2]))
        return best[-1][2]

    def _kind(self, piece: str) -> str | None:
        if kind := self._kinds.get(piece):
            return kind
        for kind, word in (("town", self._town), ("council", self._council)):
            if (
                abs(len(piece) - len(word)) <= 1
                and len(word) > 4
                and OSA.distance(piece, word, score_cutoff=1) <= 1
            ):
                return kind
        return None


def _inside_unknown(word: _Word, words: list[_Word]) -> bool:
    """Whether a short word stands in the middle of unknown letters, as "ex" does in "executrix"."""
    end = word.start + len(word.text)
    return len(word.text) <= _FEW_LETTERS and any(
        other.kind == "unknown" and (other.start == end or other.start + len(other.text) == word.start)
        for other in words
    )


def _with_letter(words: list[_Word], letter: str, at: int) -> list[_Word]:
    if words and words[-1].kind == "unknown" and words[-1].start + len(words[-1].text) == at:
        last = words[-1]
        return [*words[:-1], _Word("unknown", last.text + letter, last.start)]
    return [*words, _Word("unknown", letter, at)]


def _skeleton(word: str) -> str:
    """The word with all that looks alike made one; what it is made is no word that anybody reads."""
    folded = word.lower().translate(_LOOKS_LIKE)
    for pair, letter in _PAIRS:
        folded = folded.replace(pair, letter)
    return folded
