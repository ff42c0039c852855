"""Private persons who are named together with something personal: by rules, from given names, titles and relations.

A name alone is no finding: people sign what they write, praise by name, and streets, schools and shops are called after
persons. It is one when the message ties it to a home, a number, a household, a neighbour, or a matter that is private.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bot.policy.identifiers import Piece
from bot.yamlfile import read_yaml


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _GivenNames(_File):
    names: str
    also_words: str


class _Words(_File):
    surnames: str
    titles: str
    offices: str
    places: str
    not_private: tuple[str, ...] = Field(min_length=1)
    no_surnames: str
    relations: str
    relations_that_tell: str
    matters: str


@dataclass(frozen=True)
class NameWords:
    """The words of data/policy/given_names.yml and personal_words.yml, each list a set of small-letter words."""

    given: frozenset[str]
    also_words: frozenset[str]
    surnames: frozenset[str]
    titles: frozenset[str]
    offices: frozenset[str]
    places: frozenset[str]
    not_private: frozenset[str]
    no_surnames: frozenset[str]
    relations: frozenset[str]
    relations_that_tell: frozenset[str]
    matters: frozenset[str]


def load_name_words(folder: Path) -> NameWords:
    """Read both files of data/policy; raises ConfigError with file and line."""
    given = read_yaml(folder / "given_names.yml").checked(_GivenNames)
    words = read_yaml(folder / "personal_words.yml").checked(_Words)
    also_words = frozenset(given.also_words.split())
    return NameWords(
        given=frozenset(given.names.split()) | also_words,
        also_words=also_words,
        not_private=frozenset(words.not_private),
        **{
            name: frozenset(getattr(words, name).split())
            for name in (
                "surnames", "titles", "offices", "places", "no_surnames", "relations", "relations_that_tell", "matters"
            )
        },
    )  # fmt: skip


@dataclass(frozen=True)
class Name:
    """A person's name as it stands in a text of plain letters with capitals.

    Attributes:
        start, end: of the name with its title.
        whole: given name and surname, or title and surname; else a first name alone.
        relation: what the writer or somebody else calls them ("neighbour"), empty if nothing.
        introduced: the writer says that it is their own name.
        certain: no word of the language just as well.
    """

    start: int
    end: int
    whole: bool
    relation: str
    introduced: bool
    certain: bool


_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_INTRODUCED = re.compile(
    r"(?<![^\W_])(?:(?:my|his|her|their|whose|the\s\w+'s|account|full)\s(?:\w+\s)?name(?:\sis|'s|\swas)?|name\s?:|"
    r"name\sis|this\sis|called|named|ask\sfor|speak\sto|contact|"
    r"(?:ring|call|text|phone|email)|i'm|i\sam|im|signed|regards|sincerely|faithfully|cheers|thanks|thank\syou|"
    r"yours|c/o|attn|fao)\W{1,3}$",
    re.IGNORECASE,
)
_OWN_NAME = re.compile(r"(?:my\s(?:\w+\s)?name|name\s?:|i'm|i\sam|regards|sincerely|this\sis)", re.IGNORECASE)
_LIVES = re.compile(
    r"(?:'s)?\W{1,3}(?:(?:who|and|she|he|they|that|still|also|just|family|his|her|wife|kids|lot|in|is|my|our|"
    r"neighbour|from|is|the|,)\W{1,2}){0,4}"
    r"(?:liv(?:e|es|ed|ing)\b|(?:at|from|of|in|on)\s(?:(?:the\s)?(?:house|flat|top|ground|bottom)\s)?(?:number|"
    r"no\.?|flat|apartment|#)?\s?\d{1,4}[a-h]?\b(?!\s?(?:pm|am|st\b|nd\b|rd\b|th\b|:|\.|/|-|years|o))|"
    r"next\sdoor|upstairs|downstairs|across\sthe\s(?:road|street|way)|over\sthe\sroad|opposite\s(?:me|us)|"
    r"two\sdoors|a\sfew\sdoors|down\s(?:my|our)\s(?:road|street)|"
    r"(?:on|in|from)\s(?:my|our)\s(?:street|road|block|close|estate|building|stairwell))",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"\W{1,3}(?:is\s|who\sis\s|who's\s|aged?\s|\()?\d{1,3}\b(?:\s?(?:years?|yrs?|yo|months?)|\)|,|\s(?:and|who|has|"
    r"is))|\W{1,3}aged?\s\d",
    re.IGNORECASE,
)
_CHILD_AT = re.compile(
    r"\W{1,3}(?:\w+\W+){0,3}?(?:goes\sto|attends|is\sin\s(?:year|class|reception)|at\s[^\W\d_]+(?:'s|"
    r"s)?\s(?:\w+\s)?(?:school|primary|academy|nursery))",
    re.IGNORECASE,
)
_OWNED = frozenset(
    {
        "house",
        "home",
        "flat",
        "garden",
        "gardens",
        "drive",
        "yard",
        "gate",
        "building",
        "place",
        "shop",
        "room",
    }
)
_SENTENCE_END = re.compile(r"[.!?]\s|\n")


class People:
    """Finds names, and among them those that are told of with something personal."""

    def __init__(self, words: NameWords) -> None:
        self._words = words
        self._relation = re.compile(
            r"(?<![^\W_])(?:my|our|his|her|their|your|the|this|that|a|an|old|little|young|elderly|disabled|"
            r"\w+'s)\s(?:[\w-]+\s){0,3}?"
            rf"(?P<relation>{'|'.join(sorted(words.relations, key=len, reverse=True))})"
            r"(?:'s\sname\sis|\W{1,3}(?:is\s|a\s|called\s|named\s|at\s(?:number|no)\.?\s\d+\W{1,2}){0,2}|\W{1,2})$",
            re.IGNORECASE,
        )
        self._relation_after = re.compile(
            r"\W{1,3}(?:(?:is|was|who's|who\sis)\s)?(?:my|our|his|her|their)\s(?:[\w-]+\s){0,2}?"
            rf"(?P<relation>{'|'.join(sorted(words.relations, key=len, reverse=True))})(?![^\W_])",
            re.IGNORECASE,
        )
        several = sorted((matter.replace("-", r"[\s-]") for matter in words.matters), key=len, reverse=True)
        self._matter = re.compile(rf"(?<![^\W_])(?:{'|'.join(several)})(?![^\W_])", re.IGNORECASE)

    def names(self, text: str) -> list[Name]:
        """Every name of a person that is not plainly a place's, a firm's or one of public life."""
        found: list[Name] = []
        words = list(_WORD.finditer(text))
        index = 0
        while index < len(words):
            name, taken = self._name_at(text, words, index)
            if name is not None:
                found.append(name)
            index += taken
        return found

    def told_of(self, text: str, names: list[Name], data: list[Piece]) -> Iterator[Piece]:
        """Those names that stand with something personal; `data` is what else was found in the same text."""
        for name in names:
            if self._is_told_of(text, name, data):
                yield Piece(name.start, name.end, "person", 0.7)

    def _name_at(self, text: str, words: list[re.Match[str]], index: int) -> tuple[Name | None, int]:
        """The name that begins with this word, and of how many words the reading is then done."""
        first = words[index]
        lowered = _bare(first[0])
        titled = lowered in self._words.titles and self._may_be_titled(text, words, index)
        if not titled and lowered not in self._words.given:
            return None, 1
        last = self._last_word(text, words, index, titled=titled)
        parts = [_bare(words[place][0]) for place in range(index, last + 1)]
        if self._is_no_person(text, words, index, last, parts):
            return None, last - index + 1
        start, end = first.start(), words[last].end()
        end -= 2 if words[last][0].lower().endswith("'s") else 0
        relation = self._relation_of(text, start, end)
        introduced = _INTRODUCED.search(text, max(0, start - 30), start) is not None
        capital = first[0][0].isupper()
        whole = last > index
        certain = whole or lowered not in self._words.also_words
        if not (whole or relation or introduced or (capital and certain)):
            return None, 1
        if not whole and not certain and not capital:
            return None, 1
        return Name(start, end, whole, relation, introduced, certain), last - index + 1

    def _may_be_titled(self, text: str, words: list[re.Match[str]], index: int) -> bool:
        """A title has a name right after it, with a capital where the title has one; "miss the bin" has not."""
        if index + 1 >= len(words):
            return False
        title, following = words[index], words[index + 1]
        if not re.fullmatch(r"\.? ", text[title.end() : following.start()]):
            return False
        initial = len(following[0]) == 1 and following[0].isupper() and title[0][0].isupper()
        if initial and index + 2 < len(words) and words[index + 2][0][0].isupper():
            return True
        name = _bare(following[0])
        if name in self._words.no_surnames:
            return False
        known = name in self._words.surnames or name in self._words.given
        if following[0][0].isupper() and len(following[0]) > 1 and title[0][0].isupper():
            return not following[0].isupper() or known or not text.isupper()
        return known and (
            title[0].lower() != "miss" or following[0][0].isupper() or name in self._words.surnames
        )

    def _last_word(self, text: str, words: list[re.Match[str]], index: int, *, titled: bool) -> int:
        """The index of the name's last word."""
        last = index + 1 if titled else index
        while last + 1 < len(words) and last - index < 3:
            before, following = words[last], words[last + 1]
            gap = text[before.end() : following.start()]
            if before[0].lower().endswith("'s") or not re.fullmatch(
                r" |\. ?" if len(before[0]) == 1 else " ", gap
            ):
                break
            name = _bare(following[0])
            alike = following[0][0].isupper() and before[0][0].isupper()
            initial = len(name) == 1 and alike and name not in {"i", "a"}
            if name in self._words.no_surnames or not (
                (alike and (len(name) > 1 or initial))
                or (name in self._words.surnames and not before[0][0].isupper())
            ):
                break
            if text.isupper() and name not in self._words.surnames and name not in self._words.given:
                break
            last += 1
        while last > index + titled and len(words[last][0]) == 1:
            last -= 1
        return last

    def _is_no_person(
        self, text: str, words: list[re.Match[str]], index: int, last: int, parts: list[str]
    ) -> bool:
        """Whether it is the name of a place, a firm, or somebody of public life."""
        if any(" ".join(pair) in self._words.not_private for pair in pairwise(parts)):
            return True
        if any(part in self._words.places and (part not in self._words.surnames or parts[0] in self._words.also_words)
               for part in parts[1:]):  # fmt: skip
            return True
        before = (
            _bare(words[index - 1][0])
            if index and _near(text, words[index - 1].end(), words[index].start())
            else ""
        )
        after = ""
        if last + 1 < len(words) and re.fullmatch(
            r"(?:'s?)? ?(?:& ?)?", text[words[last].end() : words[last + 1].start()]
        ):
            after = _bare(words[last + 1][0])
        if before in self._words.offices or after in self._words.offices - {"ms", "ma", "general", "chief"}:
            return True
        owns = words[last][0].lower().endswith("'s") and after in _OWNED
        place = after in self._words.places and not owns
        numbered = text[words[last].end() : words[last].end() + 3].startswith((" &", "&"))
        return (
            (place and after not in {"day", "week", "room"}) or numbered or before in {"st", "saint", "the"}
        )

    def _relation_of(self, text: str, start: int, end: int) -> str:
        found = self._relation.search(text, max(0, start - 60), start) or self._relation_after.match(
            text, end
        )
        return found["relation"].lower() if found else ""

    def _is_told_of(self, text: str, name: Name, data: list[Piece]) -> bool:
        others = [piece for piece in data if piece.kind != "vehicle_plate" or name.relation or name.whole]
        if _LIVES.match(text, name.end):
            return True
        if others and (name.whole or name.introduced or name.relation):
            return True
        if (
            any(0 <= name.start - piece.end < 25 or 0 <= piece.start - name.end < 25 for piece in others)
            and name.certain
        ):
            return True
        if name.relation in self._words.relations_that_tell or (name.relation and name.whole):
            return True
        if _AGE.match(text, name.end) or (name.relation and _CHILD_AT.match(text, name.end)):
            return bool(name.relation or name.whole)
        sentence = _sentence(text, name)
        own = name.introduced and _OWN_NAME.search(text, max(0, name.start - 30), name.start)
        private = (name.whole or name.relation) and not own
        return bool(private and self._matter.search(sentence))


def _bare(word: str) -> str:
    return word.lower().removesuffix("'s").strip("'-")


def _near(text: str, end: int, start: int) -> bool:
    return re.fullmatch(r"\.?\s{1,2}", text[end:start]) is not None


def _sentence(text: str, name: Name) -> str:
    begins = max(
        (found.end() for found in _SENTENCE_END.finditer(text, max(0, name.start - 300), name.start)),
        default=max(0, name.start - 300),
    )
    ends = _SENTENCE_END.search(text, name.end, name.end + 300)
    return text[begins : ends.start() if ends else name.end + 300]
