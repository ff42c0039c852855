"""Text with personal data taken out, so that none of it is left in any formatting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.policy.contacts import national_digits
from bot.policy.findings import PersonalDatum, PersonalKind
from bot.policy.numbers import LOOK_ALIKE_DIGITS, Figures, figures, with_capitals
from bot.policy.reading import read

TOKENS: dict[PersonalKind, str] = {
    "phone": "[phone]",
    "email": "[email]",
    "postcode": "[postcode]",
    "address": "[address]",
    "ni_number": "[NI number]",
    "nhs_number": "[NHS number]",
    "vehicle_plate": "[number plate]",
    "card": "[card number]",
    "bank": "[bank account]",
    "person": "[name]",
    "dob": "[date of birth]",
    "council_tax_account": "[council tax account]",
}
SHORTEST_VALUE = 3
"""Letters and digits that a value must have to be looked for again; shorter ones are part of many words."""

LONG_NUMBER = 6
_AS_DIGITS = str.maketrans({letter: digit for letter, digit in LOOK_ALIKE_DIGITS.items() if letter.isalpha()})


@dataclass(frozen=True)
class Masked:
    """A text without its personal data.

    Attributes:
        text: with a token, such as `[phone]`, in the place of each piece.
        pieces: where each piece stood in the original, and where its token stands, in order.
    """

    text: str
    pieces: tuple[tuple[int, int, int, int], ...] = ()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original text a span of `text` stood; a span that touches a token takes in the whole piece."""
        return self._place(start, last=False), self._place(end, last=True)

    def _place(self, place: int, *, last: bool) -> int:
        moved = 0
        for start, end, token_start, token_end in self.pieces:
            if place <= token_start:
                break
            if place < token_end:
                return end if last else start
            moved = end - token_end
        return place + moved


def masked(text: str, found: Iterable[PersonalDatum]) -> Masked:
    """The text with every piece of `found` replaced, and everything else in it that says the same again.

    The same value counts however it is written: with other separators, in words, with look-alike or invisible
    characters, with or without +44. Raises ValueError for a piece that is not in the text.
    """
    pieces = sorted(found, key=lambda datum: (datum.start, -datum.end))
    if not pieces:
        return Masked(text)
    if pieces[0].start < 0 or any(not datum.start <= datum.end <= len(text) for datum in pieces):
        raise ValueError(f"a piece is not in the text of {len(text)} characters")
    reading = read(text)
    streams = (_Stream(figures(reading)), _Stream(Figures(with_capitals(reading), reading), loose=True))
    spans = [(datum.start, datum.end, datum.kind) for datum in pieces if datum.end > datum.start]
    for value, kind in {(_value(text[start:end], kind), kind) for start, end, kind in spans}:
        spans += [
            (start, end, kind)
            for stream in streams
            for start, end in stream.occurrences(value, phone=kind == "phone")
        ]
    return _replaced(text, _joined(spans))


def _value(written: str, kind: PersonalKind) -> str:
    value = _Stream(figures(read(written))).letters
    return national_digits(value) if kind == "phone" and value.isdecimal() else value


Span = tuple[int, int, PersonalKind]


def _joined(spans: Sequence[Span]) -> list[Span]:
    """The spans in order, those that overlap as one, of the kind of the longest."""
    joined: list[Span] = []
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if joined and start < joined[-1][1]:
            first, last, longest = joined[-1]
            joined[-1] = (first, max(last, end), longest if last - first >= end - start else kind)
        else:
            joined.append((start, end, kind))
    return joined


def _replaced(text: str, spans: Sequence[Span]) -> Masked:
    parts: list[str] = []
    pieces: list[tuple[int, int, int, int]] = []
    place = length = 0
    for start, end, kind in spans:
        parts += (text[place:start], TOKENS[kind])
        token_start = length + start - place
        length = token_start + len(TOKENS[kind])
        pieces.append((start, end, token_start, length))
        place = end
    parts.append(text[place:])
    return Masked("".join(parts), tuple(pieces))


class _Stream:
    """The letters and digits of a text alone, in small letters, each with its place: what is left of any formatting.

    A `loose` one has digits for all letters that look like one, wherever they stand, and serves long numbers alone.
    """

    def __init__(self, read_figures: Figures, *, loose: bool = False) -> None:
        self._loose = loose
        self._figures = read_figures
        text = (
            read_figures.text.lower()
            if len(read_figures.text.lower()) == len(read_figures.text)
            else read_figures.text
        )
        self._text = text
        self._places = [place for place, letter in enumerate(text) if letter.isalnum()]
        self.letters = "".join(text[place] for place in self._places)
        if loose:
            self.letters = self.letters.translate(_AS_DIGITS)

    def occurrences(self, value: str, *, phone: bool) -> Iterator[tuple[int, int]]:
        """Where in the text as written the value stands, letters of it not being part of longer words."""
        if len(value) < SHORTEST_VALUE or (
            self._loose and not (len(value) >= LONG_NUMBER and value.isdecimal())
        ):
            return
        at = self.letters.find(value)
        while at >= 0:
            first, last = at, at + len(value) - 1
            if self._stands_alone(value, first, last):
                start = self._places[self._with_prefix(first) if phone else first]
                start -= phone and start > 0 and self._text[start - 1] == "+"
                yield self._figures.at(start, self._places[last] + 1)
            at = self.letters.find(value, at + 1)

    def _stands_alone(self, value: str, first: int, last: int) -> bool:
        short = len(value) < 6
        before = self._text[self._places[first] - 1] if self._places[first] else " "
        after = self._text[self._places[last] + 1] if self._places[last] + 1 < len(self._text) else " "
        return not (
            (value[0].isalpha() and before.isalpha())
            or (value[-1].isalpha() and after.isalpha())
            or (short and (before.isalnum() or after.isalnum()))
        )

    def _with_prefix(self, first: int) -> int:
        """Where a phone number begins with its 0, 44 or 0044, if these stand right before it."""
        for prefix in ("00440", "0044", "440", "44", "0"):
            start = first - len(prefix)
            if start >= 0 and self.letters[start:first] == prefix:
                between = self._text[self._places[start] : self._places[first]]
                if sum(not letter.isalnum() for letter in between) <= 4 + len(prefix):
                    return start
        return first
