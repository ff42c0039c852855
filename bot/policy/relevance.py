"""Relevance: public posts under the council's that are about something else altogether.

Signs of another subject are weighed against all that residents write to a council about, its town, areas and wards,
with weights learned from examples (`bot.policy.learn`). Words: `data/policy/relevance.yml`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from bot.council import Council
from bot.policy.findings import Context, Finding, Severity
from bot.policy.phrases import Phrases
from bot.policy.reading import Reading, read
from bot.policy.wordweights import WordWeights, counted
from bot.yamlfile import read_yaml


class RelevanceWords(BaseModel):
    """`data/policy/relevance.yml`: lists of phrases as in `bot.policy.phrases`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    elsewhere: dict[str, list[str]]
    hints: list[str]
    remit: list[str]
    subjects: dict[str, str]


class RelevanceLimits(BaseModel):
    """When a message is found: what is surely about something else is shown to staff, the rest is only recorded.

    Attributes:
        note: score from which it is recorded; measured on examples of our own (docs/policy.md).
        flag: score from which staff see it.
        at_least_words: fewer words say too little.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: float = 0.0
    flag: float = 2.5
    at_least_words: int = Field(default=4, ge=1)


class Relevance:
    """Finds what has nothing to do with the council. Grounds: the subjects of the data, such as `sport`, or `other`."""

    def __init__(
        self,
        words: RelevanceWords,
        council: Council,
        weights: WordWeights,
        limits: RelevanceLimits | None = None,
    ) -> None:
        self.limits = limits or RelevanceLimits()
        self._weights = weights
        own = (council.short_name.removesuffix(" Council"), *council.areas, *council.wards)
        places = [" ".join(word for word, _, _ in read(place).words) for place in own]
        self._phrases = Phrases({**words.elsewhere, "hints": words.hints, "remit": [*words.remit, *places]})
        self._subjects = {word: subject for subject, each in words.subjects.items() for word in each.split()}

    @classmethod
    def from_files(
        cls,
        root: Path,
        council: Council,
        limits: RelevanceLimits | None = None,
        weights: WordWeights | None = None,
    ) -> Self:
        """From `data/policy/relevance.yml` and, unless given, its weights.

        Raises ConfigError, ValueError for a bad phrase.
        """
        folder = root / "data" / "policy"
        words = read_yaml(folder / "relevance.yml").checked(RelevanceWords)
        return cls(words, council, weights or WordWeights.load(folder / "weights" / "relevance.json"), limits)

    def check(self, reading: Reading, context: Context) -> list[Finding]:
        """At most one finding, in public only; the evidence is what speaks of another subject, or else all."""
        if context.visibility != "public" or len(reading.words) < self.limits.at_least_words:
            return []
        score = self._weights.score(reading, self.signs(reading))
        if score < self.limits.note:
            return []
        cues = [cue for cue in self._phrases.find(reading) if cue.name not in ("remit", "hints")]
        severity: Severity = "flag" if score >= self.limits.flag else "note"
        if not cues:
            return [Finding("relevance", severity, "relevance.other", 0, len(reading.text))]
        start, end = reading.at(cues[0].start, max(cue.end for cue in cues))
        return [Finding("relevance", severity, f"relevance.{cues[0].name}", start, end)]

    def signs(self, reading: Reading) -> list[str]:
        """What the check sees beside words: signs of other subjects and of ours, counted."""
        cues = self._phrases.find(reading)

        def different(*, remit: bool = False, hints: bool = False) -> int:
            chosen = (cue for cue in cues if (cue.name == "remit", cue.name == "hints") == (remit, hints))
            return len({reading.plain[cue.start : cue.end] for cue in chosen})

        subjects = Counter(
            subject
            for word in {word for word, _, _ in reading.words}
            if (subject := self._subjects.get(word))
        )
        ours = different(remit=True)
        found = counted("elsewhere", different(), 2) + counted("hint", different(hints=True), 3)
        found += counted("remit", ours, 3) + counted("subject", subjects.total(), 3)
        found += [f"<of {subject}>" for subject in subjects]
        if not ours:
            found += [f"<only of {subject}>" for subject in subjects] + ["<nothing of ours>"]
        return found
