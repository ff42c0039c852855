"""Postcodes, number plates, tracking codes, what3words and street names, by their form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """`text[start:end]` is an `entity` with this `value` (spelt the one right way)."""

    entity: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class CodeForms:
    """What a tracking code looks like.

    Attributes:
        bare_digits: fewest and most digits of a number that is taken for a code though nothing announces it.
        announced_digits: fewest and most digits after `#`, `ref`, `code`, `report`, or letters.
        prefixes: letters that begin a code of this council or its reporting tool, also with a space and in
            small letters.
    """

    bare_digits: tuple[int, int] = (7, 7)
    announced_digits: tuple[int, int] = (5, 10)
    prefixes: tuple[str, ...] = ("FS", "FMS", "MAR", "REF", "SR", "CAS")


# Royal Mail's form: area, district, then sector and unit; the last two letters are never C I K M O V.
_AREA_AND_DISTRICT = (
    r"[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9][ABEHMNPRVWXY])|GIR"
)
_POSTCODE = re.compile(
    rf"(?<![A-Za-z0-9])({_AREA_AND_DISTRICT})[ \t-]{{0,2}}([0-9O][ABD-HJLNP-UW-Z]{{2}})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# Royal Mail's areas. A council's own districts are known to be one without being among them.
_AREAS = frozenset(
    """
    AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX
    FK FY G GIR GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG
    NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW
    UB W WA WC WD WF WN WR WS WV YO ZE
    """.split()  # noqa: SIM905  (a list of codes, to be read as one)
)
_WHAT3WORDS = re.compile(
    r"(?:(?<![/∕\w])(?=[/∕]{3})|(?:\bw3w|\bwhat\s?3\s?words?)(?:\s+(?:is|are|address|code|location))*\s*[:=-]?\s*)"
    r"([/∕]{0,3}[^\W\d_]{2,25}\.[^\W\d_]{2,25}\.[^\W\d_]{2,25})(?![\w.]\w)",
    re.IGNORECASE,
)
# DVLA, Vehicle registration numbers and number plates (INF104): the present form, that of 1983 with the letter of the
# year first, that of 1963 with it last, and Northern Ireland's. Letters that are never issued are left out.
_PLATE = re.compile(
    r"(?<![\w£$€#/.-])(?:(?P<present>[A-HJ-PR-Y]{2}[0-9]{2})\s?([A-HJ-PR-Z]{3})"
    r"|(?P<year_first>[A-HJ-PR-Y][0-9]{1,3})\s?([A-HJ-PR-Z]{3})"
    r"|(?P<year_last>[A-HJ-PR-Z]{3})\s?([0-9]{1,3}[A-HJ-PR-Y])"
    r"|(?P<northern_ireland>[A-HJ-PR-Z]{1,2}Z)\s?([0-9]{3,4}))(?![\w-])",
    re.IGNORECASE,
)
_PLATE_ANNOUNCED = re.compile(
    r"\b(?:reg(?:istration)?(?:\s+(?:no|number|plate))?|(?:number|licen[cs]e)?\s?plates?|vrm|vehicle|car|van|lorry|transit)"
    r"\b[\s:;,.=#(-]*(?:(?:is|was|are|number|no|reads|says|of|with)\b[\s:;,.=#(-]*)*$",
    re.IGNORECASE,
)
# What stands where the last letters of a plate would: "on m25 and", "at no12 the".
_NO_LETTERS_OF_A_PLATE = frozenset(
    """
    the and for but are was not you has had can our out off all any may one two who why how see now new old few
    get got let lot put ran run say set try use via way yet her his its she him too bad big bus car dog day end far
    per pls plz thx van bed
    """.split()  # noqa: SIM905  (a list of words, to be read as one)
)

_ANNOUNCE = (
    r"(?:ref(?:erence)?|tracking|track|code|report|case|id|enquiry|incident|job|ticket|request|number|num|no)"
)
_HASH_CODE = re.compile(r"(?<![\w&])#\s?([A-Za-z]{0,4}[- ]?\d{4,12})(?![\w])")
_ANNOUNCED_CODE = re.compile(
    rf"\b{_ANNOUNCE}(?:\s+(?:{_ANNOUNCE}|is|was|it'?s))*\s*[:#=.-]{{0,2}}\s*"
    r"([A-Za-z]{2,4}[- ]?\d{4,12}|\d{4,12})(?![\w.]?\d|\w)",
    re.IGNORECASE,
)
_LETTERED_CODE = re.compile(r"(?<![\w£$€@-])([A-Z]{2,4})-?(\d{5,10})(?!\w|[-.,]\d)")
_DASHED_CODE = re.compile(r"(?<![\w£$€@-])([A-Za-z]{2,4})-(\d{5,10})(?!\w|[-.,]\d)")
_BARE_CODE = re.compile(
    r"(?<![\w£$€+#.,:/@-])(?<!\d\s)([1-9]\d{3,11})"
    r"(?!\w|[-.,:/]\d|\s\d{3})(?!\s?(?:pounds|quid|p\b|miles|people|years))"
)

_ENDINGS_SURE = r"street|road|rd|lane|ln|avenue|ave|crescent|cres|terrace|gardens|gdns|mews|grove"
_ENDINGS_IN_NAMES = (
    _ENDINGS_SURE
    + r"|st|close|cl|drive|dr|way|court|ct|place|pl|hill|row|square|sq|walk|parade|rise|view|yard"
    r"|wharf|gate|green|buildings"
)
# Words before "road" and the like that belong to the sentence and not to a name.
_NOT_A_NAME = frozenset(
    """
    the my our your his her their this that these those a an any every each some no same other another main
    side back front whole entire long next which what whose in on at of by to from for with near off up down
    along across through over under and or is are was were be been residential busy quiet country narrow
    dirty private public one two three opposite outside behind between past open wrong right left middle on-
    street all most many few both bus cycle fast slow inside hard cross crossing into onto about it me us
    you we they he she there here where when as end top bottom corner junction towards around entering
    leaving via please has have had do does did can could would should will just still again dangerous
    slippery wet bad worst terrible awful disgusting filthy local nearby adjacent parallel single double
    lovely blocked closed flooded uneven broken damaged potholed unlit dark
    """.split()  # noqa: SIM905  (a list of words, to be read as one)
)
_NAME_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_CAPITAL_NAME = r"[A-Z][^\W\d_]*(?:['’-][^\W\d_]+)*"
_NUMBERED_STREET = re.compile(
    r"(?<![\w£.,/-])(?:(?:flat|unit|no\.?|number)\s+)?\d{1,4}[a-zA-Z]?(?:\s?[-/&]\s?\d{1,4})?,?\s+"
    rf"((?:{_NAME_WORD}\.?\s+){{1,3}}?(?:{_ENDINGS_IN_NAMES}))\b\.?",
    re.IGNORECASE,
)
_CAPITAL_STREET = re.compile(rf"\b((?:St\.?\s+)?(?:{_CAPITAL_NAME}\s+){{1,3}}(?i:{_ENDINGS_IN_NAMES}))\b")
_SMALL_STREET = re.compile(rf"\b((?:{_NAME_WORD}\s+){{1,2}}(?:{_ENDINGS_SURE}))\b", re.IGNORECASE)


def find_postcodes(text: str, districts: frozenset[str] = frozenset()) -> Iterator[Piece]:
    """Whole UK postcodes, and those of the council's own districts, with one space and in capitals; a letter O typed
    for the zero is mended.
    """
    for match in _POSTCODE.finditer(text):
        outward, inward = match[1].upper(), match[2].upper()
        if outward not in districts and re.sub(r"\d.*", "", outward) not in _AREAS:
            continue
        inward = "0" + inward[1:] if inward[0] == "O" else inward
        yield Piece("postcode", f"{outward} {inward}", match.start(), match.end())


def find_outward_codes(text: str, districts: frozenset[str]) -> Iterator[Piece]:
    """First halves of postcodes standing alone, of the council's own districts only ("MR3"), since M4 is
    also a motorway.
    """
    for match in re.finditer(r"(?<![A-Za-z0-9])([A-Za-z]{1,2}\d{1,2}[A-Za-z]?)(?![A-Za-z0-9])", text):
        if match[1].upper() in districts:
            yield Piece("postcode", match[1].upper(), match.start(), match.end())


def find_tracking_codes(text: str, forms: CodeForms) -> Iterator[Piece]:
    """Codes of reports; not phone numbers, sums of money, house numbers or years. `value` has capitals and no `#`."""
    taken: list[tuple[int, int]] = []
    for pattern, announced in (
        (_HASH_CODE, True),
        (_ANNOUNCED_CODE, True),
        (_prefixed(forms.prefixes), True),
        (_DASHED_CODE, True),
        (_LETTERED_CODE, True),
        (_BARE_CODE, False),
    ):
        for match in pattern.finditer(text):
            start, end = match.span() if pattern in (_DASHED_CODE, _LETTERED_CODE) else match.span(1)
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            written = text[start:end]
            digits = re.sub(r"\D", "", written)
            fewest, most = forms.announced_digits if announced else forms.bare_digits
            if not fewest <= len(digits) <= most or digits.startswith("0") or _POSTCODE.fullmatch(written):
                continue
            taken.append((start, end))
            yield Piece("tracking_code", re.sub(r"\s+", " ", written).upper(), start, end)


def is_only_a_code(text: str, forms: CodeForms) -> bool:
    """Whether a message is a tracking code and nothing else, but for a word that announces it."""
    pieces = list(find_tracking_codes(text, forms))
    if len(pieces) != 1:
        return False
    rest = text[: pieces[0].start] + " " + text[pieces[0].end :]
    return (
        re.fullmatch(rf"(?:\W|_|\b(?:{_ANNOUNCE}|my|the|its|it's|it|is|here)\b)*", rest, re.IGNORECASE)
        is not None
    )


def find_what3words(text: str) -> Iterator[Piece]:
    """Addresses of what3words: `///filled.count.soap`."""
    for match in _WHAT3WORDS.finditer(text):
        words = match[1].lower().lstrip("/∕")
        yield Piece("what3words", f"///{words}", match.start(1), match.end())


def find_plates(text: str) -> Iterator[Piece]:
    """Number plates of vehicles, `value` with one space. In small letters, or in an old form, only such as cannot be
    words, or behind "reg" and the like.
    """
    for match in _PLATE.finditer(text):
        first, last = (each for each in match.groups() if each)
        shouted = match[0].isupper()
        if last.isalpha() and last.casefold() in _NO_LETTERS_OF_A_PLATE and not shouted:
            continue
        before = text[max(0, match.start() - 40) : match.start()]
        if not _PLATE_ANNOUNCED.search(before) and not match["present"]:
            spaced_digits = not match["year_first"] and " " in match[0]  # NHS 111A is no plate
            if not shouted or spaced_digits:
                continue
        yield Piece("plate", f"{first} {last}".upper(), match.start(), match.end())


def find_streets(text: str) -> Iterator[Piece]:
    """Names that end as streets do, with the house number if there is one."""
    taken: list[tuple[int, int]] = []
    for pattern in (_NUMBERED_STREET, _CAPITAL_STREET, _SMALL_STREET):
        for match in pattern.finditer(text):
            start, end = match.span(1)
            start = _name_begins(text, start, end)
            if start is None or any(
                start < other_end and other_start < end for other_start, other_end in taken
            ):
                continue
            if pattern is _NUMBERED_STREET and start == match.start(1):
                start = match.start()
            taken.append((start, end))
            yield Piece("street", re.sub(r"\s+", " ", text[start:end]).strip(" ,."), start, end)


def _name_begins(text: str, start: int, end: int) -> int | None:
    """Where the name proper begins: after the last word that belongs to the sentence; None if only an ending
    is left.
    """
    begins: int | None = start
    words = list(re.finditer(r"\S+", text[start:end]))
    for index, word in enumerate(words[:-1]):
        if word[0].casefold().strip(".,'’") in _NOT_A_NAME:
            begins = start + words[index + 1].start() if index + 1 < len(words) - 1 else None
    if len(words) < 2:
        return None
    return begins


def _prefixed(prefixes: tuple[str, ...]) -> re.Pattern[str]:
    letters = "|".join(map(re.escape, prefixes))
    return re.compile(rf"(?<![\w-])((?:{letters})[- ]?\d{{5,10}})(?!\w|[-.,]\d)", re.IGNORECASE)
