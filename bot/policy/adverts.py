"""Adverts: goods, services, followers, loans and frauds that are offered where residents and the council talk.

Kinds of fraud (`scams`), ways of offering, of reaching the seller, and what is sold are weighed against signs that
somebody asks, warns, complains, or tells neighbours of a lost cat or a charity's cake sale; what each weighs was
learned from examples (`bot.policy.learn`). Words: `data/policy/adverts.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from bot.council import Council
from bot.policy.findings import Context, Finding
from bot.policy.phrases import Cue, Phrases
from bot.policy.reading import Reading
from bot.policy.wordweights import WordWeights, counted
from bot.yamlfile import read_yaml

# The last part is one of those that residents' and sellers' addresses end in; "e.g" and "8.30am" are no addresses.
_ADDRESS = re.compile(
    r"(?:https?://|www\.)(?P<full>[^\s/]+)|(?<![\w@.])(?P<bare>(?:[a-z0-9-]+\.)+(?:com|uk|net|org|shop|xyz|io|ly|info|"
    r"online|store|click|top|site|live|link|biz|co|app|club|vip|win|loan|example|test|invalid|me|tk|ru|"
    r"cn)\b)(?=[/\s,;:!?)]|\.\s|\.?$)"
)
_SPELT_ADDRESS = re.compile(r"\b[a-z0-9-]+ (?:\(dot\)|\[dot\]|dot) (?:com|co|net|org|uk|info|example|shop)\b")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_PHONE = re.compile(r"(?<![\w-])(?:\+\d{1,3}|0)[\s()-]{0,2}(?:\d[\s()-]{0,2}){8,12}(?!\w)")
_HANDLE = re.compile(r"(?<![\w.@])@(\w{3,30})")
_PRICE = re.compile(r"[£$€]\s?\d|\b\d+\s?(?:quid|pounds)\b")
_CODE = re.compile(r"\b(?:code|quote|use|with)\s+(?:my\s+|our\s+)?(?:code\s+)?[A-Z]{3,}\d{1,3}\b")
_COUNTED = {
    "scam": 2,
    "hint": 2,
    "offers": 3,
    "contact": 2,
    "things": 2,
    "asks": 2,
    "wary": 2,
    "community": 2,
}
"""How many different phrases of a list tell more than one."""
_SAID = 0.8
"""What "message me" counts beside a number, link or address, each of which is 1."""
_KINDS = ("scam.", "hint.")
_BRIGHT = re.compile("[🔥🎁💎🚀💰💸📈🎉💋👇👉✅💅🛒⭐💯📞📲🤑💵🍕🏷]")


class AdvertWords(BaseModel):
    """`data/policy/adverts.yml`: lists of phrases as in `bot.policy.phrases`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scams: dict[str, list[str]]
    hints: dict[str, list[str]]
    offers: list[str]
    contact: list[str]
    things: list[str]
    asks: list[str]
    wary: list[str]
    community: list[str]
    severity: dict[str, list[str]]
    trusted_domains: list[str]


class AdvertLimits(BaseModel):
    """The score from which a message is an advert; measured on examples of our own (docs/policy.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    flag: float = -1.0


@dataclass(frozen=True)
class _Means:
    """The ways of reaching the author that a message holds."""

    spans: tuple[tuple[int, int], ...]
    reach: float


class Adverts:
    """Finds adverts. Grounds: `scam` (a kind of fraud), `offer` (anything else that is offered)."""

    def __init__(
        self, words: AdvertWords, council: Council, weights: WordWeights, limits: AdvertLimits | None = None
    ) -> None:
        self.limits = limits or AdvertLimits()
        self._weights = weights
        lists: dict[str, list[str]] = {f"scam.{kind}": phrases for kind, phrases in words.scams.items()}
        lists |= {f"hint.{kind}": phrases for kind, phrases in words.hints.items()}
        for name in ("offers", "contact", "things", "asks", "wary", "community"):
            lists[name] = getattr(words, name)
        self._phrases = Phrases(lists)
        self._hidden = frozenset(words.severity["hidden_with_contact"])
        self._trusted = (*words.trusted_domains, urlsplit(council.website).hostname or "")
        self._own_numbers = frozenset(
            re.sub(r"\D", "", number) for number in (council.phone.main, council.phone.out_of_hours)
        )
        self._own_handles = frozenset({council.handles.x.lower(), council.handles.facebook.lower()})

    @classmethod
    def from_files(
        cls,
        root: Path,
        council: Council,
        limits: AdvertLimits | None = None,
        weights: WordWeights | None = None,
    ) -> Self:
        """From `data/policy/adverts.yml` and, unless given, its weights.

        Raises ConfigError, ValueError for a bad phrase.
        """
        folder = root / "data" / "policy"
        words = read_yaml(folder / "adverts.yml").checked(AdvertWords)
        return cls(words, council, weights or WordWeights.load(folder / "weights" / "adverts.json"), limits)

    def check(self, reading: Reading, context: Context) -> list[Finding]:
        """At most one finding: the evidence is from the first sign to the last, or else all."""
        cues = self._phrases.find(reading)
        means = self._means(reading.plain, (cue for cue in cues if cue.name == "contact"))
        if self._weights.score(reading, self._signs(reading, cues, means)) < self.limits.flag:
            return []
        kinds = {cue.name.partition(".")[2] for cue in cues if cue.name.startswith(_KINDS)}
        places = [(cue.start, cue.end) for cue in cues if cue.name.startswith((*_KINDS, "offers", "contact"))]
        spans = [*places, *means.spans] or [(0, len(reading.plain))]
        start, end = reading.at(min(start for start, _ in spans), max(end for _, end in spans))
        hidden = means.reach > 0 and bool(kinds & self._hidden)
        scam = hidden or any(cue.name.startswith("scam.") for cue in cues)
        return [
            Finding(
                "advertising",
                "hide" if hidden else "flag",
                f"adverts.{'scam' if scam else 'offer'}",
                start,
                end,
            )
        ]

    def signs(self, reading: Reading) -> list[str]:
        """What the check sees beside words.

        Ways of offering, of reaching the seller, of asking and of warning, counted.
        """
        cues = self._phrases.find(reading)
        return self._signs(
            reading, cues, self._means(reading.plain, (cue for cue in cues if cue.name == "contact"))
        )

    def _signs(self, reading: Reading, cues: Iterable[Cue], means: _Means) -> list[str]:
        said: dict[str, set[str]] = {}
        for cue in cues:
            said.setdefault(cue.name.partition(".")[0], set()).add(reading.plain[cue.start : cue.end])
        found: list[str] = []
        for name, most in _COUNTED.items():
            found += counted(name, len(said.get(name, ())), most)
        selling = len(said.get("offers", ())) + 2 * len(said.get("scam", ())) + len(said.get("hint", ()))
        if selling and means.reach:
            found.append("<to be reached>")
        if selling and _PRICE.search(reading.plain):
            found.append("<with a price>")
        found += counted("reach", int(2 * means.reach), 3) + counted("selling", selling, 4)
        if _BRIGHT.search(reading.text):
            found.append("<bright>")
        if _CODE.search(reading.text):
            found.append("<code>")
        return found

    def _means(self, plain: str, said: Iterable[Cue]) -> _Means:
        spans = [(cue.start, cue.end) for cue in said]
        reach = _SAID if spans else 0.0
        if "." in plain or " dot " in plain or "dot)" in plain:
            for found in (
                *_ADDRESS.finditer(plain),
                *_SPELT_ADDRESS.finditer(plain),
                *_EMAIL.finditer(plain),
            ):
                if not self._is_trusted(found):
                    spans.append(found.span())
                    reach += 1.0
        for found in _PHONE.finditer(plain):
            if re.sub(r"\D", "", found[0]) not in self._own_numbers:
                spans.append(found.span())
                reach += 1.0
        for found in _HANDLE.finditer(plain):
            if found[1] not in self._own_handles and found.start() > 0:
                spans.append(found.span())
                reach += 0.5
        return _Means(tuple(spans), min(reach, 1.5))

    def _is_trusted(self, found: re.Match[str]) -> bool:
        groups = found.groupdict()
        host = (groups.get("full") or groups.get("bare") or found[0].rpartition("@")[2]).strip(".,;:!?)")
        return any(host == domain or host.endswith(f".{domain}") for domain in self._trusted)
