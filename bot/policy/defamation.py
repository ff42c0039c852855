"""Defamation: a damaging allegation of fact about a named person or firm. Only ever a flag: people decide.

A finding needs a name (of a person, as `bot.policy.people` finds them, an office-holder, a firm, an account); then
allegations of crime, dishonesty, abuse or a failing that hurt somebody are weighed against opinion, praise,
questions, what courts found, and who only suffered something, with weights learned from examples
(`bot.policy.learn`). The council as such has no good name to lose here. Words: `data/policy/defamation.yml`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from bot.council import Council
from bot.policy.findings import Context, Finding
from bot.policy.people import NameWords, People, load_name_words
from bot.policy.phrases import Cue, Phrases
from bot.policy.reading import Reading, read
from bot.policy.wordweights import WordWeights, counted, stem
from bot.yamlfile import read_yaml

_SENTENCE = re.compile(
    r"(?:[^.!?\n]|(?<=\b[A-Z])\.|(?<=\b(?:Mr|Ms|Dr|St))\.|(?<=\b(?:Mrs|Rev))\.|(?<=Cllr)\.|(?<=Prof)\.|\.(?=\S))+[.!?]*"
)
_OFFICE = (
    r"(?:[Cc]llr|[Cc]ouncillor|[Cc]ounsellor|PC|PCSO|DC|DS|DI|[Ss]gt|[Ss]ergeant|[Ii]nspector|[Ss]upt|"
    r"[Cc]hief [Ee]xecutive|[Mm]ayor|[Jj]udge|[Ff]ather|"
    r"[Ss]ister|[Pp]astor|[Ii]mam|[Rr]abbi|[Vv]icar|[Hh]ead ?(?:teacher|master|mistress)?|[Ss]ir|[Ll]ord|"
    r"[Ll]ady|[Dd]ame|[Nn]urse|[Cc]oach|[Cc]aptain|MP|[Mm]anager|[Dd]irector|"
    r"[Ll]andlord|[Ll]andlady|[Oo]fficer|[Dd]octor|[Bb]uilder|[Pp]lumber|[Rr]oofer|[Tt]eacher|[Cc]aretaker|"
    r"[Ww]arden|[Tt]reasurer|[Cc]hair(?:man|woman)?)"
)
_OFFICE_HOLDER = re.compile(rf"\b{_OFFICE}\.? (?:[A-Z][\w'’-]+ )?[A-Z][a-z'’][\w'’-]*")
_TITLED = re.compile(r"\b(?:[Mm]rs?|[Mm]s|[Mm]iss|[Dd]r|[Pp]rof)\.? (?:[A-Z][\w'’-]+ )?[A-Z][\w'’-]+")
_TWO_CAPITALS = re.compile(r"(?<![\w'’])[A-Z][a-z'’]+(?:[ -](?:Mac|Mc|O'|van |de )?[A-Z][a-z'’]+){1,2}")
_HANDLE = re.compile(r"(?<![\w.@])@\w{3,30}")
_CARRIED = re.compile(
    r"\W*(?:and |but |so |now |also |then |apparently |basically |honestly |everyone knows |we all know |"
    r"i know |turns out )*(?:he|she|they|it|his|her|their|this (?:man|woman|guy|bloke|firm|company|"
    r"lot|person|family|councillor|landlord|builder|so called)|that (?:man|woman|firm|company|lot)|total|"
    r"complete|absolute|proper|nothing but|known|"
    r"stay away|avoid|don't use|do not use|the (?:man|woman|owner|boss|manager|firm|company|guy|bloke|lot)|"
    r"a (?:thief|crook|liar|con)|took|stole|conned|robbed|scammed|"
    r"lied|\w+ed (?:my|our|her|his|the|me|us|people))\b"
)
_SUFFERED = re.compile(
    r"\b(?:was|were|been|being|got|get|gets|is being|are being|have had|has had|had)\s+(?:\w+ly\s+)?(?:his |"
    r"her |their |my )?(?:\w+ )?$"
)
_PAST_VERB = re.compile(r"\b(?:stole|took|broke|robbed|attacked|\w+ed)\b")
_SURELY_FIRMS = ("ltd", "limited", "plc", "bros", "sons")
_WAYS = frozenset(
    [
        "road",
        "rd",
        "street",
        "st",
        "lane",
        "ln",
        "avenue",
        "ave",
        "av",
        "close",
        "crescent",
        "cres",
        "terrace",
        "grove",
        "drive",
        "dr",
        "cemetery",
        "station",
    ]
)
_NAME_MARK = "Xyzname"
_COUNTED = {"acts": 2, "labels": 2, "questions": 1, "reported": 2, "denied": 1}
"""How many phrases of a list tell more than one."""
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NOT_OF_PEOPLE = re.compile(
    r"(?i)\b(?:road|rd|street|st|lane|ln|avenue|ave|close|drive|way|crescent|square|park|green|hill|common|"
    r"bridge|station|"
    r"terrace|place|gardens|grove|row|mews|walk|estate|court|house|school|centre|library|market|town|city|"
    r"county|council|ward|river|"
    r"canal|woods?|field|fields|roundabout|junction|district|borough|bikes?|north|south|east|west|london|"
    r"england|britain|kingdom|day|christmas|easter|"
    r"tax|app|report it)$"
)


class DefamationWords(BaseModel):
    """`data/policy/defamation.yml`: lists of phrases as in `bot.policy.phrases`, and of words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    acts: list[str]
    labels: list[str]
    questions: list[str]
    reported: list[str]
    denied: list[str]
    unnamed: frozenset[str]
    located: frozenset[str]
    of_roles: frozenset[str]
    firms: list[str]
    no_firms: frozenset[str]
    tones: dict[str, str]


class DefamationLimits(BaseModel):
    """When a message is found.

    Attributes:
        flag: score from which staff see it; measured on examples of our own (docs/policy.md).
        flag_if_hardly_a_name: the same where only capitals suggest a name, or it says where something was.
        nearest_words: how far a name may stand from what is alleged of it, in words of one sentence.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    flag: float = -1.75
    flag_if_hardly_a_name: float = -1.75
    nearest_words: int = Field(default=16, ge=1)


@dataclass(frozen=True)
class _Named:
    """A name in a text.

    Attributes:
        kind: by what it was known: `firm`, `office`, `account`, `person`, `capitals`, or `beginning` for the
        capitals that
            a sentence begins with.
        possessive: something of theirs is meant ("'s").
        place: it says where something was.
    """

    start: int
    end: int
    kind: str
    possessive: bool
    place: bool


class Defamation:
    """Finds allegations about the named. Grounds.

    `act` (what they did), `label` (what they are), `told` (in other words).
    """

    def __init__(
        self,
        words: DefamationWords,
        names: NameWords,
        council: Council,
        weights: WordWeights,
        limits: DefamationLimits | None = None,
    ) -> None:
        self.words = words
        self._weights = weights
        self._given = names.given - names.also_words
        self.limits = limits or DefamationLimits()
        self._people = People(names)
        self._tones: dict[str, list[str]] = {}
        for tone, each in words.tones.items():
            for word in each.split():
                self._tones.setdefault(stem(word), []).append(tone)
        self._phrases = Phrases(
            {name: getattr(words, name) for name in ("acts", "labels", "questions", "reported", "denied")}
        )
        endings = "|".join(re.escape(each) for each in sorted(words.firms, key=len, reverse=True))
        name = r"[A-Z0-9][\w'’&-]*(?: (?:&|and|of) [A-Z][\w'’-]*| [A-Z0-9][\w'’&-]*){0,3}"
        self._firm = re.compile(
            rf"(?<![\w'’]){name} (?:(?:&|and|n) )?(?i:{endings})(?![\w'])|(?<![\w'’])[A-Z][\w'’]+ (?:&|"
            rf"and) (?:[A-Z][\w'’]+)"
        )
        self._small_firm = re.compile(
            r"(?<![\w'])[a-z]+ (?:[a-z]+ )?(?:ltd|limited|plc|bros|and sons|& sons)(?!\w)"
        )
        own = {council.name, council.short_name, *council.handles.model_dump().values()}
        self._own = frozenset(read(each).plain for each in own)
        self._places = frozenset(read(each).plain for each in (*council.areas, *council.wards))

    @classmethod
    def from_files(
        cls,
        root: Path,
        council: Council,
        limits: DefamationLimits | None = None,
        weights: WordWeights | None = None,
    ) -> Self:
        """From `data/policy/defamation.yml`, the names of persons and, unless given, its weights.

        Raises ConfigError, ValueError for a bad phrase.
        """
        folder = root / "data" / "policy"
        words = read_yaml(folder / "defamation.yml").checked(DefamationWords)
        weights = weights or WordWeights.load(folder / "weights" / "defamation.json")
        return cls(words, load_name_words(folder), council, weights, limits)

    def check(self, reading: Reading, context: Context) -> list[Finding]:
        """At most one finding; the evidence is from the name to what is alleged, or all if that is in other words."""
        text = self._as_written(reading)
        names = tuple(self._names(text))
        if not names:
            return []
        cues = self._phrases.find(reading)
        if any(cue.name == "reported" for cue in cues):
            return []
        alleged = self._alleged(reading.plain, text, names, cues)
        surely = any(name.kind not in ("capitals", "beginning") and not name.place for name in names)
        score = self._weights.score(
            self._without_names(text, names), self._signs(reading, cues, names, alleged)
        )
        if score < (self.limits.flag if surely else self.limits.flag_if_hardly_a_name):
            return []
        if alleged is None:
            return [Finding("defamation", "flag", "defamation.told", 0, len(reading.text))]
        name, cue = alleged
        ground = "defamation.act" if cue.name == "acts" else "defamation.label"
        span = reading.at(min(name.start, cue.start), max(name.end, cue.end))
        return [Finding("defamation", "flag", ground, *span)]

    def signs(self, reading: Reading) -> tuple[Reading, list[str]] | None:
        """What the weights are learned from: the words without the names, and what else is seen.

        None without a name.
        """
        text = self._as_written(reading)
        names = tuple(self._names(text))
        if not names:
            return None
        cues = self._phrases.find(reading)
        alleged = self._alleged(reading.plain, text, names, cues)
        return self._without_names(text, names), self._signs(reading, cues, names, alleged)

    def _without_names(self, text: str, names: Iterable[_Named]) -> Reading:
        """The text with a mark in each name's place, so that no weight hangs on a name."""
        pieces, done = [], 0
        for name in sorted(names, key=lambda each: each.start):
            pieces += [text[done : name.start], _NAME_MARK]
            done = name.end
        return read("".join((*pieces, text[done:])))

    def _signs(
        self,
        reading: Reading,
        cues: Iterable[Cue],
        names: Iterable[_Named],
        alleged: tuple[_Named, Cue] | None,
    ) -> list[str]:
        seen = Counter(cue.name for cue in cues)
        found = [sign for name, most in _COUNTED.items() for sign in counted(name, seen[name], most)]
        found += {f"<name of a {name.kind}>" for name in names if not name.place}
        if all(name.place for name in names):
            found.append("<names of places>")
        if alleged is not None:
            found.append(f"<{alleged[1].name} of the name>")
        told = Counter(
            tone
            for word in {stem(word) for word, _, _ in reading.words}
            for tone in self._tones.get(word, ())
        )
        return found + [sign for tone, count in told.items() for sign in counted(tone, count, 3)]

    def _alleged(
        self, plain: str, text: str, names: Iterable[_Named], cues: Iterable[Cue]
    ) -> tuple[_Named, Cue] | None:
        """The first name and what the lists know to be alleged of it."""
        cues = tuple(cues)
        alleged = [cue for cue in cues if cue.name in ("acts", "labels")]
        if not alleged:
            return None
        denied = [cue for cue in cues if cue.name == "denied"]
        before: list[_Named] = []
        for sentence in _SENTENCE.finditer(text):
            start, end = sentence.span()
            named = [name for name in names if start <= name.start < end]
            if not named and _CARRIED.match(plain, start, end):
                named = before
            if named and not self._asks(sentence[0], cues, start):
                for cue in alleged:
                    if not start <= cue.start < end or any(_overlap(cue, each) for each in denied):
                        continue
                    if about := next((n for n in named if self._is_about(plain, n, cue, start)), None):
                        return about, cue
            before = [name for name in named if not name.place] or before
        return None

    def _as_written(self, reading: Reading) -> str:
        """The plain text with the capitals that were written, letter for letter."""
        if len(reading.text) == len(reading.plain):
            return reading.text
        letters = []
        for place, letter in enumerate(reading.plain):
            start, end = reading.at(place, place + 1)
            written = reading.text[start:end][:1]
            letters.append(
                letter.upper() if written != written.lower() and len(letter.upper()) == 1 else letter
            )
        return "".join(letters)

    # Names

    def _names(self, text: str) -> Iterator[_Named]:
        """Every named person and firm but the council; none inside another."""
        shouted = sum(map(str.isupper, text)) > 0.6 * max(1, sum(map(str.isalpha, text)))
        spans: list[tuple[int, int, str]] = []
        for kind, pattern in (
            ("firm", self._firm),
            ("firm", self._small_firm),
            ("office", _OFFICE_HOLDER),
            ("person", _TITLED),
            ("account", _HANDLE),
        ):
            spans += [(*self._trimmed(text, *found.span()), kind) for found in pattern.finditer(text)]
        spans += [(name.start, name.end, "person") for name in self._people.names(text)]
        if not shouted:
            spans += [self._capitals(text, found) for found in _TWO_CAPITALS.finditer(text)]
        if shouted or text.islower():  # without capitals that tell, a given name must do
            spans += [
                (*found.span(), "person") for found in _WORD.finditer(text) if found[0].lower() in self._given
            ]
        taken: list[tuple[int, int]] = []
        for start, end, kind in spans:
            if end - start < 3 or any(
                start < other_end and other_start < end for other_start, other_end in taken
            ):
                continue
            if not self._is_somebody(text[start:end].lower().removeprefix("@"), text[start:end]):
                continue
            taken.append((start, end))
            possessive = text[end : end + 2] in ("'s", "’s") or text[end - 2 : end] in ("'s", "’s")
            yield _Named(start, end, kind, possessive, self._is_place(text, start, end))

    def _trimmed(self, text: str, start: int, end: int) -> tuple[int, int]:
        """Without capitalised words at the front that begin a sentence and no name: "Avoid Dave Hill"."""
        while True:
            word = _WORD.match(text, start, end)
            if word is None or word[0].lower() not in self.words.no_firms:
                return start, end
            start = word.end() + 1
            if start >= end:
                return end, end

    def _capitals(self, text: str, found: re.Match[str]) -> tuple[int, int, str]:
        """Two or three words with capitals; those that a sentence begins with may be no name at all."""
        start, end = self._trimmed(text, *found.span())
        if " " not in text[start:end]:
            return end, end, "capitals"
        first = _WORD.match(text, start, end)
        begins = re.search(r"(?:^|[.!?\n:]\W*)$", text[:start]) is not None
        given = first is not None and first[0].lower() in self._given
        return start, end, "person" if given else "beginning" if begins else "capitals"

    def _is_somebody(self, plain: str, written: str) -> bool:
        if (
            any(own in plain for own in self._own)
            or plain in self._places
            or plain.removesuffix("'s") in self._places
        ):
            return False
        several = " " in plain or written.startswith("@")
        if not several:
            return len(plain) > 2 and plain.removesuffix("'s") in self._given
        first, last = plain.split(" ", 1)[0], plain.removesuffix("'s").rsplit(" ", 1)[-1]
        if last in _WAYS or (first in _WAYS and re.search(r" (?:and|&) ", plain)):
            return False
        if first in self._given:
            return True
        if sum(word[0].isupper() or word[0].isdigit() for word in written.split()) < 2:
            return written.startswith("@") or plain.endswith(_SURELY_FIRMS)
        return not _NOT_OF_PEOPLE.search(plain.removesuffix("'s")) or last in self._firm_words

    @property
    def _firm_words(self) -> frozenset[str]:
        return frozenset(self.words.firms) - {"house", "court", "hall", "gardens", "gardening"}

    def _is_place(self, text: str, start: int, end: int) -> bool:
        """Whether the name says where something was, and nobody of theirs is spoken of."""
        before = [word.lower() for word in _WORD.findall(text[max(0, start - 60) : start])]
        while before and before[-1] in ("the", "that", "this", "old", "your", "our", "my", "front", "back"):
            before.pop()
        if not before or before[-1] not in self.words.located:
            return False
        return not any(word in self.words.of_roles for word in before[-4:-1])

    # What is said of them

    def _asks(self, sentence: str, cues: Iterable[Cue], start: int) -> bool:
        if sentence.rstrip().endswith("?"):
            return True
        return any(cue.name == "questions" and cue.start - start <= 2 for cue in cues)

    def _is_about(self, plain: str, name: _Named, cue: Cue, start: int) -> bool:
        """Whether what the cue says is said of that name; `start` is where the sentence begins."""
        if name.start < start:  # carried over: "He stole …"
            near = len(_WORD.findall(plain[start : cue.start])) <= self.limits.nearest_words // 2
            return near and not self._suffered(plain, start, cue)
        if name.start <= cue.start < name.end or len(
            _WORD.findall(plain[min(name.end, cue.end) : max(name.start, cue.start)])
        ) > (self.limits.nearest_words):
            return False
        if name.end <= cue.start:
            return self._before(plain, name, cue)
        between = plain[cue.end : name.start]
        if re.match(r"\W{1,3}(?:\w+\W+){0,6}by\W+(?:the\W+)?$", between):
            return True
        if cue.name == "acts":
            return False
        if name.possessive or _PAST_VERB.search(between):
            return False
        # "That thief Dave Hill", "the fraud at Hill Motors", "corrupt Cllr Hill"; not "thieves stole Dave Hill's bike".
        return not name.place or len(_WORD.findall(between)) <= 2

    def _before(self, plain: str, name: _Named, cue: Cue) -> bool:
        between = plain[name.end : cue.start]
        words = _WORD.findall(between.removeprefix("'s"))
        if cue.name == "acts":
            if name.possessive and not any(word in self.words.of_roles for word in words[:3]):
                return False
            if name.place or any(word in self.words.unnamed for word in words):
                return False
            return not self._suffered(plain, name.end, cue)
        return not name.place

    def _suffered(self, plain: str, start: int, cue: Cue) -> bool:
        """Whether the act was done to them: "Dave was robbed"."""
        return cue.name == "acts" and bool(_SUFFERED.search(plain[start : cue.start]))


def _overlap(one: Cue, other: Cue) -> bool:
    return one.start < other.end and other.start < one.end
