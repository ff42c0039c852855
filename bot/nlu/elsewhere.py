"""Matters of another council, told by the place that the message names as where they are.

Residents write to the wrong council, or to all of them. A name alone tells nothing: people move here from Leeds, have
a sister in Leeds, live in Leeds Road. So a name counts only by what stands beside it (`_RULES`), and not at all where
something says that the matter is ours (`_OURS`). Without a find the message means what the classifier says; a wrong
find sends a resident of ours away, so what is in doubt is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from bot.nlu import elsewhere_patterns as said
from bot.nlu.codes import find_outward_codes, find_postcodes
from bot.nlu.elsewhere_names import Own, PlaceElsewhere, tokens_of, without_kind, words_of
from bot.nlu.landmarks import shouted

CHARACTERS_AT_MOST = 2000
_BESIDE = 120  # characters on each side of a name that are looked at
_WORDS_AT_MOST = 6
_MENTIONS_AT_MOST = 8
_ANY_WORD = re.compile(r"\S+")
_GAP = re.compile(r"\s*(?:,\s*|in\s+|,\s*in\s+)?")
_SENTENCE = re.compile(r"[.!?](?=\s)|\n")


@dataclass(frozen=True)
class Elsewhere:
    """Where the matter is: `text[start:end]` names it, `name` is the name of the council or town."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class _Mention:
    """A name in a text. `sure`: no other word is spelt so; `by_form`: it is a council's by its form ("Upper Brackley
    District Council", "@ThornbeckCouncil"); `tag`: a hashtag, which nothing stands beside.
    """

    text: str
    name: str
    start: int
    end: int
    sure: bool = True
    by_form: bool = False
    tag: bool = False

    @cached_property
    def before(self) -> str:
        """The words of its sentence before it."""
        near = self.text[max(0, self.start - _BESIDE) : self.start]
        return near[max((end.end() for end in _SENTENCE.finditer(near)), default=0) :]

    @cached_property
    def after(self) -> str:
        return self.text[self.end : self.end + _BESIDE]

    @property
    def begins(self) -> bool:
        """Whether it stands first in its sentence."""
        return not self.before.strip(" @\"'“(-–—")


@dataclass(frozen=True)
class _Rule:
    """What makes a place that of the matter: all that is given has to fit.

    `sure`: only for names that are nothing else; `matter`: the message names something that councils do; `begins`: the
    name stands first in its sentence; `nowhere`: what the message must not hold.
    """

    before: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None
    somewhere: re.Pattern[str] | None = None
    nowhere: tuple[re.Pattern[str], ...] = ()
    sure: bool = False
    matter: bool = True
    begins: bool = False

    def fits(self, mention: _Mention) -> bool:
        return (
            (mention.sure or not self.sure)
            and (mention.begins or not self.begins)
            and (self.before is None or self.before.search(mention.before) is not None)
            and (self.after is None or self.after.match(mention.after) is not None)
            and (self.somewhere is None or self.somewhere.search(mention.text) is not None)
            and (not self.matter or said.MATTER.search(mention.text) is not None)
            and not any(pattern.search(mention.text) for pattern in self.nowhere)
        )


_RULES = (
    _Rule(after=said.COUNCIL_AFTER, matter=False),
    _Rule(after=said.SHORT_AFTER),
    _Rule(after=said.PATCH_AFTER),
    _Rule(before=said.OF_BEFORE),
    _Rule(after=said.SERVICE_AFTER, sure=True, matter=False),
    _Rule(after=said.SURE_SERVICE_AFTER, matter=False),
    _Rule(before=said.THING_BEFORE, nowhere=(said.LOST_OR_USED,), matter=False),
    _Rule(before=said.STREET_BEFORE, nowhere=(said.ADDRESS,), sure=True),
    _Rule(before=said.SERVICE_FOR_BEFORE, sure=True, matter=False),
    _Rule(before=said.SURE_SERVICE_FOR_BEFORE, matter=False),
    _Rule(before=said.ENDS_BEFORE, after=said.END_AFTER, sure=True, matter=False),
    _Rule(before=said.PAPER_FROM_BEFORE, nowhere=(said.LOST_OR_USED,), matter=False),
    _Rule(before=said.GREETING_BEFORE, sure=True),
    _Rule(before=said.BLAME_BEFORE, sure=True),
    _Rule(before=said.ASKED_BEFORE, matter=False),
    _Rule(after=said.STOP_AFTER, sure=True, begins=True),
    _Rule(after=said.COMMA_AFTER, somewhere=said.SORT, sure=True, begins=True),
    _Rule(after=said.DOES_AFTER, sure=True, begins=True),
    _Rule(after=said.LAD_AFTER, sure=True),
    _Rule(after=said.HAS_AFTER, sure=True, matter=False),
    _Rule(after=said.PART_AFTER, sure=True),
    _Rule(before=said.WHEN_BEFORE, after=said.DOES_AFTER, sure=True),
    _Rule(before=said.ITS_IN_BEFORE),
    _Rule(before=said.I_AM_IN_BEFORE, somewhere=said.HOME, nowhere=(said.OF_A_RELATIVE, said.AWAY)),
    _Rule(before=said.TO_BEFORE, somewhere=said.THERE),
    _Rule(before=said.IN_BEFORE, somewhere=said.NOT_YOU, matter=False),
)
# Behind one of these, or before, the name is that of something else, or of where somebody is whose matter is not meant.
_NO_PLACE_BEFORE = (
    said.NO_PLACE_BEFORE,
    said.PERSON_BEFORE,
    said.COMPARED_BEFORE,
    said.HAD_BEFORE,
    said.WENT_BEFORE,
)
# With one of these anywhere the matter is ours, or no council's.
_OURS = (said.MOVED_HERE, said.COMPARED, said.SENT_TO_YOU, said.OF_A_CHILD, said.NO_COUNCILS)


class ElsewhereFinder:
    """Finds where a matter is that is not this council's. `names`: each place with its spellings; `own`: this council.

    A function of the text alone. A message takes 0.04 ms on average; the few with a find 0.5 ms, most of it to look for
    our own places in them, also misspelt ones.
    """

    def __init__(self, names: Iterable[tuple[PlaceElsewhere, Iterable[str]]], own: Own) -> None:
        self._own = own
        self._places: dict[tuple[str, ...], PlaceElsewhere] = {}
        for place, spellings in names:
            for spelling in spellings:
                words = words_of(spelling)
                if not {words, without_kind(words)} & own.called:
                    self._places.setdefault(tuple(words.split()), place)
        self._first = frozenset(words[0] for words in self._places)
        self._squeezed = {"".join(words): place for words, place in self._places.items()}

    def find(self, text: str) -> Elsewhere | None:
        """The first place that the message's matter is in, if it is in another council's area."""
        text = text[:CHARACTERS_AT_MOST]
        mentions = islice(self._mentions(text), _MENTIONS_AT_MOST)
        found = next((each for each in mentions if self._is_where_it_is(each)), None)
        if found is None or self._is_ours(text, found):
            return None
        kind = None if found.by_form else said.COUNCIL_AFTER.match(found.after)
        return Elsewhere(found.name, found.start, found.end + (kind.end() if kind else 0))

    def _mentions(self, text: str) -> Iterator[_Mention]:
        yield from self._listed(text)
        if "@" in text or "#" in text:
            yield from self._tagged(text)
        if said.FORM.search(text):
            yield from self._by_form(text)

    def _listed(self, text: str) -> Iterator[_Mention]:
        tokens = [(start, end, word.replace("’", "'")) for start, end, word in tokens_of(text)]
        at = 0
        while at < len(tokens):
            length, place = self._at(tokens, at)
            if place is not None:
                start, end = tokens[at][0], tokens[at + length - 1][1]
                if tokens[at + length - 1][2].endswith("'s"):
                    end -= 2
                if not place.only_surely or (text[start].isupper() and not shouted(text)):
                    yield _Mention(text, place.name, start, end, sure=not place.only_surely)
            at += max(length, 1)

    def _at(self, tokens: list[tuple[int, int, str]], at: int) -> tuple[int, PlaceElsewhere | None]:
        first = tokens[at][2]
        if first.replace("'", "") not in self._first and first.removesuffix("'s") not in self._first:
            return 1, None
        words = [word for _, _, word in tokens[at : at + _WORDS_AT_MOST]]
        for length in range(len(words), 0, -1):
            *start, last = words[:length]
            for ending in (last.replace("'", ""), last.removesuffix("'s").replace("'", "")):
                place = self._places.get((*(word.replace("'", "") for word in start), ending))
                if place is not None:
                    return length, place
        return 1, None

    def _tagged(self, text: str) -> Iterator[_Mention]:
        """Handles of councils, and hashtags that are or begin with a place."""
        for match in said.HANDLE.finditer(text):
            named = said.OFFICIAL_HANDLE.match(match[1])
            place = self._squeezed.get(named[1].casefold().replace("_", "")) if named else None
            unlisted = place is None and named and match[1].casefold().endswith("council")
            if match[1].casefold() in self._own.handles or not (place or unlisted):
                continue
            name = place.name if place else named[1]
            if place or self._is_a_place(name):
                yield _Mention(text, name, *match.span(), by_form=True, tag=True)
        for match in said.HASHTAG.finditer(text):
            parts = said.IN_HASHTAG.findall(match[1])
            for count in range(min(len(parts), 3), 0, -1):
                place = self._squeezed.get("".join(parts[:count]).casefold())
                if place and not place.only_surely and _goes_with_a_place(parts[count:]):
                    yield _Mention(text, place.name, *match.span(), tag=True)
                    break

    def _by_form(self, text: str) -> Iterator[_Mention]:
        """Councils that are called so, and are not among the names."""
        for pattern in (said.NAMED_COUNCIL, said.NAMED_BARE_COUNCIL):
            for match in pattern.finditer(text):
                words = _name_proper(text, *match.span(match.lastindex or 0))
                name = " ".join(word[0] for word in words)
                listed = tuple(words_of(name).split()) in self._places
                sounds = pattern is said.NAMED_COUNCIL or said.SOUNDS_LIKE_A_PLACE.search(name)
                if name and not listed and sounds and not self._own.is_its_name(name):
                    yield _Mention(text, name, words[0].start(), match.end(), by_form=True)

    def _is_a_place(self, name: str) -> bool:
        return bool(said.SOUNDS_LIKE_A_PLACE.search(name)) and not self._own.is_its_name(name)

    def _is_where_it_is(self, mention: _Mention) -> bool:
        if any(pattern.search(mention.before) for pattern in _NO_PLACE_BEFORE):
            return False
        if mention.tag:
            beside = said.JOINED_BEFORE.search(mention.before) is not None
            return not beside and said.TAG_MATTER.search(mention.text) is not None
        if mention.by_form:
            return not said.FROM_BEFORE.search(mention.before)
        if self._is_another_name(mention):
            return False
        if said.FROM_BEFORE.search(mention.before) and not said.PAPER_FROM_BEFORE.search(mention.before):
            return bool(
                said.SOMEONE_BEFORE.search(mention.before) and said.COUNCIL_AFTER.match(mention.after)
            )
        return any(rule.fits(mention) for rule in _RULES)

    @staticmethod
    def _is_another_name(mention: _Mention) -> bool:
        if said.NO_PLACE_AFTER.match(mention.after):
            return True
        goes_on = said.NAME_GOES_ON_AFTER.match(mention.after) and not shouted(mention.text)
        return bool(goes_on) and not said.SERVICE_AFTER.match(mention.after)

    def _is_ours(self, text: str, found: _Mention) -> bool:
        if any(pattern.search(text) for pattern in _OURS):
            return True
        if said.HERE.search(said.HERE_IS_THERE.sub(" ", text)):
            return True
        districts = self._own.districts
        codes = (*find_postcodes(text, districts), *find_outward_codes(text, districts))
        if any(code.value.split()[0] in districts for code in codes):
            return True
        return any(
            self._says_where(text, place.start, place.end, found) for place in self._own.places.find(text)
        )

    def _says_where(self, text: str, start: int, end: int, found: _Mention) -> bool:
        """Whether `text[start:end]`, a place of ours, is named as where it is; not in "Hi Marlstow Council", "not
        Marlstow", "Cardiff city centre", "Castle Street in Cardiff".
        """
        if start < found.end and found.start < end:
            return True
        before, after = text[:start], text[end:]
        if said.NOT_WHERE_BEFORE.search(before[-40:]):
            return False
        if said.ADDRESSED_BEFORE.match(before) and said.ADDRESSED_AFTER.match(after):
            return False
        gap = text[end : found.start] if end <= found.start else text[found.end : start]
        return _GAP.fullmatch(gap) is None


def _name_proper(text: str, start: int, end: int) -> list[re.Match[str]]:
    """The words of a name without those at its head that belong to the sentence; none if no other is left."""
    words = list(_ANY_WORD.finditer(text, start, end))
    while words and words[0][0].casefold() in said.NO_NAMES:
        words.pop(0)
    return words if words and words[-1][0].casefold() not in said.NO_NAMES else []


def _goes_with_a_place(parts: list[str]) -> bool:
    return not parts or said.MATTER.fullmatch(" ".join(parts)) is not None
