"""Personal data in what residents write: found, judged by the policy's clause, and masked.

Identifiers are found by Presidio's recognisers (`recognisers.py`) and weighed by the words around (`identifiers.py`);
homes (`homes.py`), e-mail addresses (`emails.py`) and persons (`people.py`) by rules of our own. No model is used and
nothing is fetched. What belongs to nobody, such as the council's own numbers, is passed in as `PublicContacts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.policy.contacts import PublicContacts
from bot.policy.emails import find_emails
from bot.policy.findings import Context, Finding, PersonalDatum, PersonalKind
from bot.policy.homes import Homes
from bot.policy.identifiers import Identifiers, Piece
from bot.policy.masking import Masked, masked
from bot.policy.numbers import figures, with_capitals
from bot.policy.people import NameWords, People, load_name_words
from bot.policy.reading import Reading, read

KEPT_FROM_THE_BRAIN: frozenset[PersonalKind] = frozenset(
    {"phone", "email", "ni_number", "nhs_number", "card", "bank", "dob", "council_tax_account"}
)
"""What Rasa never sees. It needs the places of reports and the plates of abandoned cars, and names lead it nowhere."""
GRAVE: frozenset[PersonalKind] = frozenset({"card", "bank", "ni_number", "nhs_number"})
"""What a stranger can steal with: public posts that show it are taken from view at once, reversibly."""
_FIRST: tuple[PersonalKind, ...] = (
    "email", "card", "bank", "ni_number", "nhs_number", "phone", "dob", "council_tax_account", "vehicle_plate",
    "postcode", "address", "person",
)  # fmt: skip
"""Which kind a piece is when it could be two of the same length and the same certainty."""


class PersonalData:
    """Finds, judges and masks personal data. Making one loads Presidio, which takes seconds; using it 1 ms a message.

    Args:
        words: the names and words of `data/policy/`.
        public: contact details that are nobody's.
    """

    def __init__(self, words: NameWords, public: PublicContacts | None = None) -> None:
        from bot.policy.recognisers import (
            identifier_recognisers,
        )  # loads spaCy: only when personal data is looked for

        self._public = public or PublicContacts()
        self._identifiers = Identifiers(identifier_recognisers(), self._public)
        self._homes = Homes(self._public)
        self._people = People(words)

    @classmethod
    def from_files(cls, folder: Path, public: PublicContacts | None = None) -> PersonalData:
        """With the word lists in a folder such as `data/policy`; raises ConfigError with file and line."""
        return cls(load_name_words(folder), public)

    def find(self, text: str) -> tuple[PersonalDatum, ...]:
        """Every piece of personal data, in the order of the text; none overlaps another."""
        return self.find_in(read(text))

    def find_in(self, reading: Reading) -> tuple[PersonalDatum, ...]:
        """The same for a message that has been read already; spans count in the text as written."""
        cased = with_capitals(reading)
        read_figures = figures(reading)
        identified = [
            Piece(*read_figures.plain_span(piece.start, piece.end), piece.kind, piece.score)
            for piece in self._identifiers.find(read_figures)
        ]
        certain = _apart([*find_emails(reading.plain, self._public), *identified])
        names = [name for name in self._people.names(cased) if not _touches(name.start, name.end, certain)]
        known = [(name.start, name.end) for name in names if name.whole or name.introduced or name.relation]
        homes = list(self._homes.find(cased, known, certain))
        found = _apart([*certain, *homes])
        persons = [
            piece
            for piece in self._people.told_of(cased, names, found)
            if not _touches(piece.start, piece.end, found)
        ]
        pieces = sorted([*found, *persons], key=lambda piece: piece.start)
        return tuple(_datum(reading, cased, piece) for piece in pieces)

    def mask(self, text: str, found: Iterable[PersonalDatum]) -> str:
        """The text with each piece, and each repetition of it in any formatting, as a token such as `[phone]`."""
        return masked(text, found).text

    def mask_for_the_brain(self, text: str) -> Masked:
        """The text as Rasa may see it: without numbers, accounts and dates of birth, with places and plates."""
        return masked(text, (datum for datum in self.find(text) if datum.kind in KEPT_FROM_THE_BRAIN))

    def check(self, reading: Reading, context: Context) -> list[Finding]:
        """The findings of the clause personal_information; none in private, where people may say who they are."""
        return self.judged(self.find_in(reading), context)

    def judged(self, found: Sequence[PersonalDatum], context: Context) -> list[Finding]:
        """The findings that rest on what was found."""
        if context.visibility != "public" or not is_breach(found):
            return []
        return [
            Finding(
                "personal_information",
                "hide" if datum.kind in GRAVE else "flag",
                f"personal_information.{datum.kind}",
                datum.start,
                datum.end,
            )
            for datum in found
        ]


def is_breach(found: Iterable[PersonalDatum]) -> bool:
    """Whether a public post with these pieces breaks the clause, be they the writer's own or another's.

    Everything does but a number plate by itself: that is how an abandoned car is reported. With a person or anything
    else personal beside it, it does.
    """
    return any(datum.kind != "vehicle_plate" for datum in found)


def _apart(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces without those that overlap surer or longer ones, in the order of the text."""
    kept: list[Piece] = []
    for piece in sorted(
        pieces, key=lambda each: (-each.score, each.start - each.end, _FIRST.index(each.kind))
    ):
        if not _touches(piece.start, piece.end, kept):
            kept.append(piece)
    return sorted(kept, key=lambda piece: piece.start)


def _touches(start: int, end: int, pieces: Iterable[Piece]) -> bool:
    return any(piece.start < end and start < piece.end for piece in pieces)


def _datum(reading: Reading, cased: str, piece: Piece) -> PersonalDatum:
    """The piece in the text as written, without spaces and signs at its ends that are no part of it."""
    start, end = piece.start, piece.end
    while end > start and not cased[end - 1].isalnum():
        end -= 1
    while start < end and not (cased[start].isalnum() or cased[start] in "+("):
        start += 1
    if cased[start] == "(" and ")" not in cased[start:end]:
        start += 1
    return PersonalDatum(*reading.at(start, end), piece.kind)
