"""Reading the answer to "which of these is it?", or to what was offered beside an answer: a tap, a number, words of a
label, both, or none of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.nlu.decide import FALLBACK, NO_PURPOSE, SAFETY, UNREADABLE

TAP = "choose:"
"""What the payload of a tap begins with; the intents follow, with commas between (actions/choosing.py writes it)."""
TWO_AT_MOST = 2
LONGER_WORDS = 4
"""From this many words a message that is clear by itself is a new one, though its words may be those of a label."""
ALIKE = 0.85
ALIKE_FROM_LETTERS = 5
"""How alike (0…1, difflib) a misspelt word of at least so many letters must be to a label's."""
_LONGEST = 200  # characters of an answer that says nothing but the choice

# A person who reads the message hears of these first; what the bot can only ask for comes last.
_FIRST = (*sorted(SAFETY), "make_complaint", "request_human")
_TRACKING = "check_report"
_LAST = "bot_question"

_NUMBERS = {"one": 1, "two": 2, "three": 3}
_ORDINALS = {"first": 1, "1st": 1, "former": 1, "top": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3}
_LAST_ONE = frozenset({"last", "latter", "bottom", "final"})
_BOTH = frozenset({"both", "all"})
_BARE_NO = frozenset({"no", "nope", "nah"})
_NONE = _BARE_NO | {
    "none",
    "neither",
    "not",
    "isn't",
    "isnt",
    "aren't",
    "else",
    "other",
    "different",
    "wrong",
}
_BESIDE_NONE = frozenset(
    """
    something anything another thing things any either fit fits match matches apply applies right correct
    quite nor really that's thats asked
    """.split()  # noqa: SIM905  (a list of words, to be read as one)
)
_THANKS = frozenset({"thanks", "thank", "thx", "ta", "cheers"})
_JOINING = frozenset({"and", "&", "+", "plus"})
_GOING_ON = frozenset(
    {"more", "all", "stuff", "problem", "issue", "matter", "report", "reporting", "question"}
)
"""Where nothing was asked, these make a message of its own: "one more question", "no problem", "that's all"."""
_COURTESIES = NO_PURPOSE - {"deny", UNREADABLE}
_NUMBERING = frozenset({"number", "num", "nr", "no", "option", "choice", "answer"})
_POINTING = frozenset({"the", "that", "this", "which", "any", "each", "every", "same", "a"})
"""Before "one" these make it no number."""
_FILLING = (
    frozenset(
        """
        a an the this that these those them they it its it's is was are be been i i'm im i'd id my me we our us
        you your mean meant think thinking thought guess say said would like want wanted need please pls plz
        ok okay yes yeah yep yup ya yh aye probably maybe definitely actually just so then well oh ah um er hi hello
        hey mate sir madam love pal about regarding of for to in on at with from by as or above here there
        stuff problem issue matter report reporting question more who what how when where which has have
        """.split()  # noqa: SIM905
    )
    | _THANKS
    | _JOINING
    | (_NUMBERING - _NONE)
)

_TOKEN = re.compile(r"\d+(?:st|nd|rd|th)?(?![^\W\d_])|\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[&+]")
# Numbers that count or measure something: -1, 1.5, 2:30, 1-2, £2, 2%.
_NO_CHOICE = re.compile(r"[-−]\d|\d\s*[.:/⁄x×-]\s*\d|[£$€]\s*\d|\d\s*%")
_ORDINAL_WORD = "|".join((*_ORDINALS, *_LAST_ONE))
_LEADING = re.compile(
    rf"""
    \W*(?:(?:yes|no|i'd\ say|it's|its|it\ is|the|option|choice|number|answer)\b\W*)*
    (?:
        (?P<number>\d|one|two|three)
        (?:\s*[,;.:)!\n]|\s+[-–—]\s|\s+(?:please|pls|plz|and|but|because|cos|as|it|it's|its|since|for|on|at|in|outside|near|by)\b)
      | (?P<ordinal>{_ORDINAL_WORD})\s+(?:one|option|choice)\b
    )
    \W*\w
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Offer:
    """One of the purposes that the resident was asked to choose from, with the words it was put in."""

    intent: str
    label: str
    clause: str


@dataclass(frozen=True)
class Choice:
    """What the resident chose.

    Attributes:
        intents: one or two; none when it is none of those offered.
        certain: nothing else was said, so that it holds whatever the text alone would be taken for.
        details: the message says more than that, and what was found in it counts.
    """

    intents: tuple[str, ...]
    certain: bool = True
    details: bool = False


def offers_of(slot: object, known: Collection[str]) -> tuple[Offer, ...]:
    """The offers that the slot `choices` remembers; those of intents that are not `known` (any more) are left out."""
    if not isinstance(slot, list):
        return ()
    parts = [part for part in slot if isinstance(part, dict)]
    offers = [Offer(*(str(part.get(name) or "") for name in ("intent", "label", "clause"))) for part in parts]
    return tuple(offer for offer in offers if offer.intent in known)


def read_tap(payload: str, known: Collection[str]) -> Choice | None:
    """What a tapped button says, also when the question is forgotten; None for any other payload."""
    if not payload.startswith(TAP):
        return None
    named = tuple(intent for intent in payload.removeprefix(TAP).split(",") if intent)
    if not set(named) <= set(known) or len(named) > TWO_AT_MOST:
        return None
    return Choice(named)


def weigh(text: str, offers: Sequence[Offer], intent: str, purposes: Collection[str]) -> Choice | None:
    """What the message chooses, given what it would be taken for without the question; None: it is no answer to it.

    Danger, and a longer message that is clear by itself, go before a choice that is not said in so many words.
    """
    if not offers:
        return None
    choice = read_choice(text, offers)
    if choice is not None and choice.certain:
        return choice
    if SAFETY & {intent, *purposes}:
        return None
    if len(offers) == 1 and choice is None and intent == "affirm":
        return Choice((offers[0].intent,), certain=False)
    choice = choice or read_beginning(text, offers)
    if choice is None:
        return None
    clear = intent not in (FALLBACK, UNREADABLE)
    if clear and intent not in choice.intents and len(text.split()) >= LONGER_WORDS:
        return None
    return choice


def weigh_beside(text: str, offers: Sequence[Offer], intent: str, purposes: Collection[str]) -> Choice | None:
    """As `weigh`, of what was offered beside an answer. Nothing was asked, so that any message may come next.

    It is a choice only if it says nothing else, and by words only if it is not clear by itself; a plain no chooses none
    of them.
    """
    if not offers:
        return None
    tokens = set(_TOKEN.findall(_folded(text)))
    named = next((offer for offer in offers if _folded(text) == _folded(offer.label)), None)
    if named is None and tokens & _GOING_ON:
        return None
    choice = read_choice(text, offers)
    if choice is None and intent == "deny" and not tokens & _THANKS:
        choice = Choice(())
    if choice is None or (choice.intents and choice.certain):
        return choice
    clear = intent not in (FALLBACK, UNREADABLE, *choice.intents) if choice.intents else intent in _COURTESIES
    return None if clear or SAFETY & {intent, *purposes} else choice


def read_choice(text: str, offers: Sequence[Offer]) -> Choice | None:
    """The choice, if the text says that and nothing else."""
    folded = _folded(text).strip(" .,!?\"'()")
    for offer in offers:
        if folded == _folded(offer.label):
            return Choice((offer.intent,))
    if len(folded) > _LONGEST or _NO_CHOICE.search(folded):
        return None
    said = _Said.of(_TOKEN.findall(folded), len(offers))
    if said is None:
        return None
    if said.numbers:
        return _by_number(said, offers)
    if said.both:
        alone = len(offers) == TWO_AT_MOST and not said.words and not said.refused
        return Choice(tuple(offer.intent for offer in offers)) if alone else None
    if said.refused:
        return Choice(()) if said.is_none else None
    return _by_words(said.words, offers)


def read_beginning(text: str, offers: Sequence[Offer]) -> Choice | None:
    """The choice that a longer message begins with: "2, it has been there for weeks"."""
    folded = _folded(text)
    found = _LEADING.match(folded)
    if found is None or _NO_CHOICE.search(found[0]):
        return None
    follows = (word for word in _TOKEN.findall(folded[found.end() - 1 :]) if word not in _JOINING | {"or"})
    if _number(next(follows, ""), len(offers)) is not None:
        return None  # a list of numbers that is no answer
    number = _number(found["number"] or found["ordinal"], len(offers))
    if number is None or not 1 <= number <= len(offers):
        return None
    return Choice((offers[number - 1].intent,), certain=False, details=True)


def in_order(intents: Iterable[str], code_known: bool) -> tuple[str, ...]:
    """Two chosen purposes in the order in which one answer can meet both: danger first, then what people take on.

    Looking up a report answers a second purpose only when its code is known; without it the code is asked for
    beside the other answer.
    """

    def rank(intent: str) -> int:
        if intent in _FIRST:
            return _FIRST.index(intent) - len(_FIRST)
        if intent == _TRACKING:
            return -1 if code_known else 1
        return 2 if intent == _LAST else 0

    return tuple(sorted(intents, key=rank))


@dataclass(frozen=True)
class _Said:
    """The words of a short answer, by what they do."""

    numbers: tuple[int, ...]
    words: tuple[str, ...]
    refused: frozenset[str]
    both: bool
    either: bool
    thanked: bool

    @classmethod
    def of(cls, tokens: Sequence[str], count: int) -> _Said | None:
        """Sort the words; None if the answer leaves open what it means ("one of them")."""
        numbers: list[int] = []
        words: list[str] = []
        refused: set[str] = set()
        ones = 0
        for place, word in enumerate(tokens):
            before = tokens[place - 1] if place else ""
            after = tokens[place + 1] if place + 1 < len(tokens) else ""
            number = _number(word, count)
            if word in ("one", "ones"):
                if after == "of":
                    return None
                if _number(before, count) is None and (before in _NUMBERING | _JOINING or after in _JOINING):
                    numbers.append(1)
                ones += before not in _POINTING
            elif word == "two" and before in ("first", "last"):
                numbers += [1, 2] if before == "first" else [count - 1, count]
            elif number is not None:
                numbers.append(number)
            elif word in _NONE:
                refused.add(word)
            elif word not in _FILLING and word not in _BOTH:
                words.append(word)
        both = "both" in tokens or ("all" in tokens and not refused)
        if ones and not numbers and not words and not refused and not both:
            numbers = [1]
        return cls(
            tuple(numbers),
            tuple(words),
            frozenset(refused),
            both,
            "or" in tokens,
            bool(_THANKS & set(tokens)),
        )

    @property
    def is_none(self) -> bool:
        """Whether it is a plain "none of these"; "no, thank you" is not, it wants nothing any more."""
        declined = self.refused <= _BARE_NO and self.thanked
        return set(self.words) <= _BESIDE_NONE and not declined


def _by_number(said: _Said, offers: Sequence[Offer]) -> Choice | None:
    numbers = sorted(set(said.numbers))
    if numbers[0] < 1 or numbers[-1] > len(offers) or len(numbers) > TWO_AT_MOST:
        return None
    if not said.refused <= _BARE_NO or (len(numbers) > 1 and said.either) or (said.both and len(numbers) < 2):
        return None
    chosen = [offers[number - 1] for number in numbers]
    terms = set().union(*(_terms(offer.label) | _terms(offer.clause) for offer in chosen))
    if not all(_is_among(word, terms) for word in said.words):
        return None
    return Choice(tuple(offer.intent for offer in chosen))


def _by_words(words: Sequence[str], offers: Sequence[Offer]) -> Choice | None:
    """The one offer whose label, or else whose label and clause, hold all the words."""
    if not words:
        return None
    labels = {offer: _terms(offer.label) for offer in offers}
    named = [offer for offer in offers if all(_is_among(word, labels[offer]) for word in words)]
    if len(named) > 1:
        named = [offer for offer in named if {_stem(word) for word in words} == labels[offer]]
    elif not named:
        whole = {offer: labels[offer] | _terms(offer.clause) for offer in offers}
        named = [offer for offer in offers if all(_is_among(word, whole[offer]) for word in words)]
    return Choice((named[0].intent,), certain=False) if len(named) == 1 else None


def _number(word: str, count: int) -> int | None:
    """The number that a word stands for, whether or not there are so many; None if it stands for none."""
    if word in _LAST_ONE:
        return count
    if word == "middle":
        return 2 if count == 3 else None  # of two, none is in the middle
    if word in _ORDINALS:
        return _ORDINALS[word]
    if word in _NUMBERS:
        return _NUMBERS[word]
    digits = re.match(r"\d+", word)
    return (int(digits[0]) if len(digits[0]) <= 3 else 1000) if digits else None


def _terms(text: str) -> set[str]:
    kept = (token for token in _TOKEN.findall(_folded(text)) if token not in _FILLING | _NONE | _JOINING)
    return {_stem(token) for token in kept}


def _is_among(word: str, terms: Collection[str]) -> bool:
    stem = _stem(word)
    return stem in terms or any(
        min(len(stem), len(term)) >= ALIKE_FROM_LETTERS and SequenceMatcher(None, stem, term).ratio() >= ALIKE
        for term in terms
    )


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold().translate(str.maketrans("’‘`", "'''"))
    return " ".join(plain.split())
