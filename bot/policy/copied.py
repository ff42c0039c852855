"""Copied content: articles, songs, reviews, terms and chain letters that somebody pasted. Only ever a flag.

What stands around a text (a byline, a date line, "all rights reserved"), its layout (lines with a refrain, rhymes)
and the voice in which it speaks are weighed against signs that its writer speaks of themselves, to us, or quotes a
letter of ours; what each weighs was learned from examples (`bot.policy.learn`). Words: `data/policy/copied.yml`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from bot.policy.findings import Context, Finding
from bot.policy.phrases import Phrases
from bot.policy.reading import Reading
from bot.policy.relevance import RelevanceWords
from bot.policy.wordweights import WordWeights, counted
from bot.yamlfile import read_yaml

_SIGN = re.compile(r"©|℗|(?<!\w)\(c\)\s*(?:\d{4}|[a-z])", re.IGNORECASE)
_BYLINE = re.compile(
    r"(?:^|\n|[|•·]\s*|[.!?\"']\s+)(?:Words |Story |Report |Written |"
    r"Posted )?[Bb][Yy]:? (?:[A-Z][\w'’-]+ ){1,2}[A-Z][\w'’-]+(?=\s*(?:[,|•·\n(–—-]|$|\d|in |for |Published|"
    r"Updated))"
)
_DATE_LINE = re.compile(
    r"(?:^|\n)[A-Z][A-Z ,.'-]{3,30}(?:\([\w ]+\))?(?:,? \d{1,2} [A-Z][a-z]+)?(?: \([A-Z][\w ]+\))? "
    r"?[—–-]{1,2} ?(?=[A-Z\"“'‘])"
)
_DATED = re.compile(
    r"(?i)\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)?(?:day)?,? ?\d{1,2}(?:st|nd|rd|"
    r"th)? (?:jan|feb|mar|apr|may|jun|jul|aug|"
    r"sep|oct|nov|dec)[a-z]* 20\d\d(?:,| at| \||)? ?\d{1,2}[:.]\d\d"
)
_QUOTATION = re.compile(r"[\"“]([^\"”\n]{25,400})[\"”]|(?<!\w)[‘']([A-Z][^\"”\n]{30,300}?)[,.!?][’'](?!\w)")
_SAID = re.compile(
    r"[,.!?][\"”’'] (?:[A-Z]\w+ |the |a |one |he |she |they )?(?:\w+ ){0,4}(?:said|added|told|says|explained)|"
    r"(?:said|added|told [\w ]{2,20})[:,] ?[\"“‘]",
    re.IGNORECASE,
)
_STARS = re.compile("[★⭐]{2,}|[★☆]{3,}|(?<!\\d)[0-5](?:\\.\\d)? ?/ ?(?:5|10)(?!\\d)")
_NUMBERED = re.compile(
    r"(?m)(?:^|\s)\d{1,2}\.\d{1,2}(?:\.\d)?\s+[A-Z]|(?:^|\n)\s*(?:\([a-z]\)|\([ivx]+\)|\d{1,2}\.)\s+\S"
)
_CITED = re.compile(r"\[(?:\d{1,3}|edit|citation needed)\]")
_SURELY_VERSE = 2
"""Layout from which "I" is the song's, not the writer's."""
_FIGURE = re.compile(r"\d+")
_HEADING = re.compile(r"\b[A-Z]{4,}\b")
_GROUNDS = ("article", "review", "terms", "chain", "song")
_SHARES = (2, 4, 7, 11, 15)
"""Parts of the words, in hundredths, in which a writer speaks of themselves or to us."""
_OF_REMIT = (2, 4, 6, 9, 12)
"""The same of words about what councils do."""
_UNLIKE = (-26, -24, -22, -20, -18, -16, -14, -12, -10)
"""How little a text sounds like what residents write, in tenths."""
_LENGTHS = (250, 350, 500, 700)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LINES_OF_A_SONG = 4
_LONGEST_LINE = 62
_END = re.compile(r"([a-z]+)[^a-z]*$")


class CopiedWords(BaseModel):
    """`data/policy/copied.yml`: lists of phrases as in `bot.policy.phrases`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    marks: list[str]
    song: list[str]
    press: list[str]
    terms: list[str]
    chain: list[str]
    review: list[str]
    recipe: list[str]
    own: list[str]
    quoted: list[str]


class CopiedLimits(BaseModel):
    """When a message is found.

    Attributes:
        flag: score from which staff see it; measured on examples of our own (docs/policy.md).
        flag_verse: the same of what is laid out as a song or poem, which no report is.
        flag_without_signs: the same where nothing but length and voice speaks for it.
        at_least_characters: shorter texts are a line that somebody quotes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    flag: float = 2.25
    flag_verse: float = 1.0
    flag_without_signs: float = 4.5
    at_least_characters: int = Field(default=120, ge=1)


class Copied:
    """Finds pasted text. Grounds: `article`, `song`, `terms`, `chain`, `review`."""

    def __init__(
        self,
        words: CopiedWords,
        remit: Sequence[str],
        off_topic: WordWeights,
        weights: WordWeights,
        limits: CopiedLimits | None = None,
    ) -> None:
        self.limits = limits or CopiedLimits()
        self._weights = weights
        self._off_topic = off_topic
        self._phrases = Phrases({**words.model_dump(), "remit": remit})

    @classmethod
    def from_files(
        cls, root: Path, limits: CopiedLimits | None = None, weights: WordWeights | None = None
    ) -> Self:
        """From `data/policy/copied.yml` and its weights unless given, with the remit and the weights of relevance.

        Raises ConfigError, ValueError for a bad phrase.
        """
        folder = root / "data" / "policy"
        words = read_yaml(folder / "copied.yml").checked(CopiedWords)
        remit = read_yaml(folder / "relevance.yml").checked(RelevanceWords).remit
        off_topic = WordWeights.load(folder / "weights" / "relevance.json")
        return cls(
            words, remit, off_topic, weights or WordWeights.load(folder / "weights" / "copied.json"), limits
        )

    def check(self, reading: Reading, context: Context) -> list[Finding]:
        """At most one finding, of the kind that has most signs; the evidence is the whole text."""
        if len(reading.text) < self.limits.at_least_characters:
            return []
        kinds = self._kinds(reading)
        bare = not (any(kinds[name] for name in (*_GROUNDS, "marks")) or _QUOTATION.search(reading.text))
        least = self.limits.flag_without_signs if bare else self.limits.flag
        if kinds["song"] > _SURELY_VERSE:
            least = self.limits.flag_verse
        if self._weights.score(reading, self._signs(reading, kinds)) < least:
            return []
        kind = max(_GROUNDS, key=lambda name: kinds[name])
        return [Finding("copyright", "flag", f"copied.{kind}", 0, len(reading.text))]

    def signs(self, reading: Reading) -> list[str]:
        """What the check sees beside words: what stands around a text, its layout, and in whose voice it speaks."""
        return self._signs(reading, self._kinds(reading))

    def _kinds(self, reading: Reading) -> Counter[str]:
        """How many signs there are of each kind, and of the writer's own voice."""
        text = reading.text
        found = {(cue.name, reading.plain[cue.start : cue.end]) for cue in self._phrases.find(reading)}
        seen = Counter(name for name, _ in found)
        around = sum(bool(sign.search(text)) for sign in (_SIGN, _BYLINE, _DATE_LINE, _DATED, _CITED))
        verse = round(self._verse(text))
        return Counter(
            article=seen["press"] + seen["marks"] + 2 * around + len(_SAID.findall(text)),
            review=seen["review"] + seen["recipe"] + 2 * bool(_STARS.search(text)),
            terms=seen["terms"] + len(_NUMBERED.findall(text)),
            chain=seen["chain"],
            song=2 * seen["song"] + verse,
            marks=seen["marks"] + around,
            quoted=seen["quoted"],
            remit=seen["remit"],
            own=0
            if verse >= _SURELY_VERSE
            else sum(cue.name == "own" for cue in self._phrases.find(reading)),
        )

    def _signs(self, reading: Reading, kinds: Counter[str]) -> list[str]:
        text, words = reading.text, max(1, len(reading.words))
        found = [sign for name in (*_GROUNDS, "marks", "quoted") for sign in counted(name, kinds[name], 4)]
        share = kinds["own"] / words
        found += [f"<own voice {limit}>" for limit in _SHARES if 100 * share >= limit]
        found += [f"<remit {limit}>" for limit in _OF_REMIT if 100 * kinds["remit"] >= limit * words]
        unlike = self._off_topic.score(reading) / sqrt(words)
        found += [f"<unlike residents {limit}>" for limit in _UNLIKE if 10 * unlike >= limit]
        if not kinds["own"]:
            found.append("<no voice of its own>")
        found += [f"<from {length} characters>" for length in _LENGTHS if len(text) >= length]
        if len(text) >= _LENGTHS[0] and 100 * share < _SHARES[1]:
            found.append("<long in another's voice>")
        quotations = _QUOTATION.findall(text)
        found += counted("quotation", len(quotations), 2)
        found += counted("number", len(_FIGURE.findall(text)), 6) + counted(
            "capitals", len(_HEADING.findall(text)), 4
        )
        if "?" in text:
            found.append("<asks>")
        return found

    def _verse(self, text: str) -> float:
        """How much the layout is that of a song or poem: short lines, rhymes, a refrain."""
        lines = [line.strip().lower() for line in text.split("\n") if line.strip()]
        if len(lines) < _LINES_OF_A_SONG:
            lines = [line.strip().lower() for line in text.split(" / ") if line.strip()]
        lines = [line for line in lines if len(_WORD.findall(line)) > 1]
        if len(lines) < _LINES_OF_A_SONG:
            return 0.0
        if sum(len(line) <= _LONGEST_LINE for line in lines) < 0.75 * len(lines):
            return 0.0
        # A list of what is wrong, or of places, has numbers and dashes; verse has none.
        if sum(any(c.isdigit() for c in line) or line[0] in "-*•" for line in lines) > 0.25 * len(lines):
            return 0.0
        repeated = len(lines) - len(set(lines))
        ends = [found[1] for line in lines if (found := _END.search(line))]
        rhymes = sum(
            any(_rhyme(end, other) for other in ends[index + 1 : index + 3]) for index, end in enumerate(ends)
        )
        stops = sum(line.endswith((".", "?")) for line in lines)
        score = 0.5 + 0.6 * min(2, repeated) + 2.0 * min(1.0, 2 * rhymes / len(lines))
        return score + (0.5 if len(lines) >= 8 else 0.0) - (0.8 if stops > 0.6 * len(lines) else 0.0)


def _rhyme(word: str, other: str) -> bool:
    if word == other or min(len(word), len(other)) < 2:
        return False
    return word[-3:] == other[-3:] or (word[-2:] == other[-2:] and word[-2:] not in _NO_RHYME)


_NO_RHYME = frozenset(
    {"ed", "es", "ly", "er", "rs", "ts", "ns", "ds", "ng", "nt", "st", "al", "le", "re", "se", "ce", "te"}
)
