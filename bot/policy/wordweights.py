"""A message judged by the weights of its words, learned from examples (`bot.policy.learn`) and read from a file.

A linear model: it is quick, the same everywhere, and staff can be told which words spoke for a finding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from bot.policy.reading import Reading

_PRICE = re.compile(r"[£$€]\s?\d|\b\d+\s?(?:quid|pounds|p\b)")
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("<price>", _PRICE),
    ("<two prices>", re.compile(r"(?:[£$€]\s?\d.*){2}", re.DOTALL)),
    ("<share>", re.compile(r"\d\s?%|\bpercent\b|\bper cent\b")),
    ("<link>", re.compile(r"https?://|www\.|\w\.(?:com|co\.uk|net|org|example|shop|info)\b")),
    ("<phone>", re.compile(r"(?<!\d)0\d{3,4}\s?\d{3}\s?\d{3,4}(?!\d)")),
    ("<question>", re.compile(r"\?")),
    ("<shout>", re.compile(r"!{2,}|!.*!", re.DOTALL)),
    ("<house number>",
    re.compile(r"\b\d{1,4}[a-c]?\s[a-z]+\s(?:road|street|lane|avenue|close|drive|way|court|rd|st|ave)\b")),
    ("<thoroughfare>",
    re.compile(r"\b(?:road|street|lane|avenue|close|crescent|rd|ave|terrace|grove|roundabout|junction)\b")),
    ("<postcode>", re.compile(r"\b[a-z]{1,2}\d{1,2}[a-z]?\s?\d[a-z]{2}\b")), ("<clock>",
    re.compile(r"\b\d{1,2}(?:[:.]\d\d|\s?[ap]m)\b")), ("<hashtag>", re.compile(r"#\w")), ("<lines>",
    re.compile(r"\n.*\n", re.DOTALL)),
)  # fmt: skip
_PICTURES = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_ENDINGS = ("ings", "ing", "edly", "ed", "es", "s", "ly")


@dataclass(frozen=True)
class WordWeights:
    """What `bot.policy.learn` made.

    Attributes:
        bias: the score of a message without any of the signs.
        weights: of words, of pairs of words (`for_sale`), and of shapes (`<price>`).
        known: words, as `stem` gives them, that residents' messages hold; others are new.
    """

    bias: float
    weights: Mapping[str, float]
    known: frozenset[str]

    @classmethod
    def load(cls, path: Path) -> WordWeights:
        """From a file of `bot.policy.learn`; raises OSError, ValueError (not JSON), KeyError."""
        read = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            float(read["bias"]),
            {k: float(v) for k, v in read["weights"].items()},
            frozenset(read["known"].split()),
        )

    def score(self, reading: Reading, besides: Iterable[str] = ()) -> float:
        """How surely the message is of the kind learned.

        `besides` are the check's own signs, as it gave them to learn.
        """
        weights = self.weights
        return self.bias + sum(weights.get(sign, 0.0) for sign in signs(reading, self.known).union(besides))


def counted(name: str, count: int, most: int) -> list[str]:
    """A number as signs: one for each step up to it, so that more never says less than fewer can."""
    return [f"<{name} {step}>" for step in range(1, min(count, most) + 1)]


def signs(reading: Reading, known: frozenset[str]) -> frozenset[str]:
    """All words, pairs and shapes that the model looks at in a message, each once."""
    words = _stems(reading.plain)
    found = set(words)
    found.update(f"{one}_{two}" for one, two in pairwise(words))
    if words:
        found.update((f"<begins> {words[0]}", f"<ends> {words[-1]}"))
    found.update(name for name, shape in _SHAPES if shape.search(reading.plain))
    if _PICTURES.search(reading.text):
        found.add("<picture>")
    new = sum(word not in known for word in set(words))
    if new:
        found.add("<new>")
        found.update(f"<new {share}%>" for share in _SHARES if 100 * new >= share * len(words))
    if not _OWN.intersection(words):
        found.add("<nobody's own>")
    if _OURS.intersection(words) and not _MINE.intersection(words):
        found.add("<we, not I>")
    length = len(words)
    found.add(next(name for limit, name in _LENGTHS if length <= limit))
    return frozenset(found)


_SHARES = (8, 15, 25, 40)
_LENGTHS = (
    (3, "<3 words>"),
    (7, "<7 words>"),
    (15, "<15 words>"),
    (30, "<30 words>"),
    (60, "<60 words>"),
    (10**9, "<long>"),
)


_MINE = frozenset({"i", "im", "ive", "id", "ill", "my", "me", "mine"})
_OURS = frozenset({"we", "were", "weve", "our", "us"})
_OWN = _MINE | _OURS


@lru_cache(maxsize=16)
def _stems(plain: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in re.findall(r"[^\W_]+(?:'[^\W_]+)*", plain))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The word without its ending, every number the same: prices and price are one, 12 and 40 too."""
    if any(character.isdigit() for character in word):
        return "0"
    word = word.removesuffix("'s").replace("'", "")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word
