"""Numbers written to be read and not found: in words, with look-alike letters, in the digits of other scripts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from bot.policy.reading import Reading

DIGIT_WORDS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0",
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16",
    "seventeen": "17", "eighteen": "18", "nineteen": "19", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50",
    "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90", "hundred": "00", "thousand": "000",
}  # fmt: skip
"""What each word adds to a number that is said digit by digit: "nine hundred" is 9 and 00."""
TIMES = {"double": 2, "dbl": 2, "treble": 3, "triple": 3}
LOOK_ALIKE_DIGITS = {
    **dict.fromkeys("oоοօ", "0"), **dict.fromkeys("li|ıіι", "1"), "z": "2", "з": "3", "s": "5", "б": "6", "b": "8",
}  # fmt: skip
"""Small letters that stand for a digit among digits; Cyrillic, Greek and Armenian ones beside the Latin."""
FEWEST_IN_A_RUN = 6
"""Digits that must stand together before words and letters among them are taken for digits: a short phone number's."""
_WORDS = "|".join(sorted((*DIGIT_WORDS, *TIMES), key=len, reverse=True))
_LETTERS = re.escape("".join(LOOK_ALIKE_DIGITS))
_PIECE = re.compile(
    rf"(?P<mixed>(?<![^\W_])[\d{_LETTERS}]*\d[\d{_LETTERS}]*(?![^\W_])|(?<![^\W_])(?:[oоοliıі|]{{1,6}}|[zsbзб])(?![^\W_]))"
    rf"|(?P<word>(?<![^\W\d_])(?:{_WORDS})(?![^\W\d_]))"
    r"|(?P<digits>\d+)",
    re.IGNORECASE,
)
_MAY_NEED_READING = re.compile(
    rf"(?<![^\W\d_])(?:{_WORDS})(?![^\W\d_])|\d[{_LETTERS}]|[{_LETTERS}]\d|[^\x00-\x7f]"
    r"|\d[\W_]{1,4}(?:[oli|]{1,6}|[zsb])(?![^\W_])|(?<![^\W_])(?:[oli|]{1,6}|[zsb])[\W_]{1,4}\d",
    re.IGNORECASE,
)
_NOT_ASCII_DIGIT = re.compile(r"(?![0-9])\d")
_BETWEEN = re.compile(r"(?:[\W_]{1,4}|[\W_]{0,2}(?:then|and|dash|hyphen|space|,)[\W_]{1,2})?", re.IGNORECASE)


@dataclass(frozen=True)
class Figures:
    """A message with its numbers in plain digits.

    Attributes:
        text: the plain form with the capitals as written, in which runs of digits said in words, written with
            look-alike letters or in other scripts are ASCII digits.
    """

    text: str
    _reading: Reading
    _origins: tuple[tuple[int, int], ...] | None = None

    def plain_span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the reading's `plain` a span of `text` stands."""
        if self._origins is None or start == end:
            return start, end
        return self._origins[start][0], self._origins[end - 1][1]

    def at(self, start: int, end: int) -> tuple[int, int]:
        """Where in the message as written a span of `text` stands."""
        return self._reading.at(*self.plain_span(start, end))


def with_capitals(reading: Reading) -> str:
    """The plain form, as long as it is, with capital letters where the message has them."""
    if len(reading.plain) == len(reading.text) and reading.text.lower() == reading.plain:
        return reading.text
    return "".join(
        raised
        if letter.isalpha()
        and unicodedata.normalize("NFKC", reading.text[reading.at(place, place + 1)[0]]).isupper()
        and len(raised := letter.upper()) == 1
        else letter
        for place, letter in enumerate(reading.plain)
    )


def figures(reading: Reading) -> Figures:
    """Read the numbers of a message. Words and letters that are no part of a long number stay what they are."""
    cased = with_capitals(reading)
    if not _MAY_NEED_READING.search(cased):
        return Figures(cased, reading)
    if _NOT_ASCII_DIGIT.search(cased):
        cased = _NOT_ASCII_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), cased)
    runs = [run for run in _runs(cased) if any(not piece[0].isdecimal() for piece in run)]
    return _put_in(cased, runs, reading) if runs else Figures(cased, reading)


Run = list[tuple[str, int, int, str]]
"""Pieces of one number: as written, start, end, and the digits that it stands for."""


def _runs(text: str) -> list[Run]:
    """The numbers of the text that have anything to be read, each long enough to be more than a word or two."""
    runs: list[Run] = []
    current: Run = []
    for found in _PIECE.finditer(text):
        piece = (found[0], found.start(), found.end(), _digits(found))
        if current and not _BETWEEN.fullmatch(text, current[-1][2], found.start()):
            runs.append(current)
            current = []
        current.append(piece)
    runs.append(current)
    return [run for run in map(_read_out, runs) if _is_a_number(run)]


def _digits(found: re.Match[str]) -> str:
    written = found[0]
    if found["word"]:
        return DIGIT_WORDS.get(written.lower(), "")
    return "".join(LOOK_ALIKE_DIGITS.get(letter.lower(), letter) for letter in written)


def _read_out(run: Run) -> Run:
    """The run with "double five" as 55 and "twenty three" as 23, the first word of each taking up both."""
    read: Run = []
    for written, start, end, digits in run:
        before = read[-1] if read else None
        if before is not None and (times := TIMES.get(before[0].lower())) and digits:
            read[-1] = (f"{before[0]} {written}", before[1], end, digits[0] * times + digits[1:])
        elif (
            before is not None
            and _is_tens(before[0])
            and len(digits) == 1
            and digits != "0"
            and written.isalpha()
        ):
            read[-1] = (f"{before[0]} {written}", before[1], end, before[3][0] + digits)
        else:
            read.append((written, start, end, digits))
    return _without_loose_letters([piece for piece in read if piece[3]])


def _without_loose_letters(run: Run) -> Run:
    """The run without letters at its ends that may as well be words ("… I said"), unless a phone number needs them."""
    while run and not _is_phone_long(run) and any(_is_loose(run[end]) for end in (0, -1)):
        run = run[1:] if _is_loose(run[0]) else run[:-1]
    return run


def _is_loose(piece: tuple[str, int, int, str]) -> bool:
    written = piece[0].lower()
    said = written in DIGIT_WORDS and len(written) > 1
    return not said and " " not in written and not any(map(str.isdecimal, written))


def _is_phone_long(run: Run) -> bool:
    digits = "".join(piece[3] for piece in run)
    return len(digits) == 11 and digits[0] == "0"


def _is_tens(written: str) -> bool:
    return len(value := DIGIT_WORDS.get(written.lower(), "")) == 2 and value[1] == "0" and value[0] > "1"


def _is_a_number(run: Run) -> bool:
    """Enough digits, and more of them surely meant than letters that only look like them."""
    digits = sum(len(piece[3]) for piece in run)
    sure = sum(
        len(piece[3])
        if piece[0].replace(" ", "").isalpha() and len(piece[0]) > 2
        else sum(map(str.isdecimal, piece[0]))
        for piece in run
    )
    return digits >= FEWEST_IN_A_RUN and 5 * sure >= 2 * digits


def _put_in(text: str, runs: list[Run], reading: Reading) -> Figures:
    parts: list[str] = []
    origins: list[tuple[int, int]] = []
    place = 0

    def keep(until: int) -> None:
        parts.append(text[place:until])
        origins.extend((index, index + 1) for index in range(place, until))

    for run in runs:
        for first, second in pairwise([*run, None]):
            assert first is not None
            written, start, end, digits = first
            keep(start)
            parts.append(digits)
            if len(written) == len(digits) == end - start:
                origins.extend((index, index + 1) for index in range(start, end))
            else:
                origins.extend([(start, end)] * len(digits))
            place = end
            if second is not None and re.search(r"[^\W_]", text[end : second[1]]):
                parts.append(" ")  # "then", "dash"
                origins.append((end, second[1]))
                place = second[1]
    keep(len(text))
    return Figures("".join(parts), reading, tuple(origins))
