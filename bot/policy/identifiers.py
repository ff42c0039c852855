"""Identifiers in a message: what Presidio's recognisers match, weighed by the words around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.policy.contacts import PublicContacts, national_digits
from bot.policy.findings import PersonalKind
from bot.policy.numbers import Figures

if TYPE_CHECKING:
    from presidio_analyzer import PatternRecognizer

STANDS_AT = 0.5
CONTEXT_ADDS = 0.35
NEARBY = 300
"""Presidio's own figure for a context word near a match."""


@dataclass(frozen=True)
class Piece:
    """`text[start:end]` of the figures is of this kind, as sure as `score` says (0 to 1)."""

    start: int
    end: int
    kind: PersonalKind
    score: float


@dataclass(frozen=True)
class Around:
    """Words that speak for or against a match, looked for so many characters before it and after.

    `against` is looked for right before the match and outweighs what speaks for it. A text without any of `only_in` is
    not looked at.
    """

    before: re.Pattern[str]
    reach: int
    after: re.Pattern[str] | None = None
    against: re.Pattern[str] | None = None
    only_in: re.Pattern[str] | None = None


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{pattern})(?![^\W\d_])", re.IGNORECASE)


_CODE = _words(
    r"ref(?:erence)?(?:\s(?:no|number|num|code))?|tracking(?:\s(?:no|number|code))?|report(?:\s(?:no|number))?|"
    r"order(?:\s(?:no|number))?|"
    r"case(?:\s(?:no|number))?|ticket|job|invoice|pcn|penalty\scharge(?:\snotice)?(?:\s(?:no|number))?|planning|"
    r"application|"
    r"fms|crime\sref(?:erence)?|incident|lamp\s?(?:post|column)|column|serial|barcode|isbn|id|uprn|usrn|stop|meter"
)
_OURS_TO_CALL = _words(
    r"(?:(?:ring|call|phone|text|txt|msg|message|whatsapp|whats\sapp|bell|reach|contact|get|speak\sto)\s(?:me|us|"
    r"him|her|them|my\s\w+|back)|"
    r"(?:my|our|his|her|their)\s(?:\w+\s)?(?:number|no|num|tel|mobile|mob|phone|cell|landline|home|work|digits|"
    r"whatsapp))"
)
_PHONE_WORDS = _words(
    r"phone|tel|telephone|telly|mob|mobile|ring|rang|call|called|calls|text|txt|whatsapp|landline|number|num|"
    r"contact|dial|fone|cell|fax|ph"
)
_PLATE_WORDS = _words(
    r"reg|regs|registration|registrations|vrn|vrm|plate|plates|number\s?plate|licen[cs]e|car|cars|van|vans|vehicle|"
    r"vehicles|lorry|truck|"
    r"driver|drives?|driving|motorbike|motorcycle|moped|scooter|bike|taxi|cab|minicab|parked|parking|parks|suv|4x4|"
    r"pick\s?up|transit|"
    r"ford|vauxhall|bmw|audi|mercedes|merc|vw|volkswagen|toyota|honda|nissan|peugeot|renault|fiat|kia|hyundai|"
    r"skoda|seat|mini|"
    r"corsa|astra|fiesta|focus|golf|polo|clio|range\srover|land\srover|jaguar|tesla|volvo|citroen|mazda|suzuki|"
    r"dacia|sprinter|hatchback|"
    r"saloon|mot|untaxed|trailer|caravan|quad|campervan|camper|motorhome|escort|abandoned|dumped|blocking|blocks|"
    r"clamped|towed|tow|kerb|lay-?by|on\sthe\sback|sorn|dvla|hgv|coach"
)
_BANK_WORDS = _words(
    r"sort\s?code|s/c|account(?:\s(?:no|number|num))?|acc(?:t)?(?:\s(?:no|number|num))?|a/c|bank|barclays|lloyds|"
    r"natwest|hsbc|"
    r"santander|halifax|monzo|starling|nationwide|bacs"
)
_SORT_CODE = _words(r"sort\s?codes?|sort|s\s?/\s?c|sc")
_MONEY = _words(
    r"benefits?|pay|paid|pays|payments?|paying|grants?|refund\w*|money|direct\sdebit|dd|rent|wages|deposit|"
    r"transfer\w*|rebate|compensation|payroll|owed|owe"
)
_OF_MONEY = re.compile(f"{_BANK_WORDS.pattern}|{_SORT_CODE.pattern}|{_MONEY.pattern}", re.IGNORECASE)
_COUNCIL_TAX = _words(
    r"council\s?tax|counciltax|c[./]?\s?tax|ctax|ct\s(?:account|acc|ref|reference|number|no|bill)|rates\saccount"
)
_AROUND: dict[str, Around] = {
    "phone": Around(
        _PHONE_WORDS, 45, _words(r"mobile|mob|phone|landline|is\smy\snumber|call|text|ring|whatsapp"), _CODE
    ),
    "nhs_number": Around(_words(r"nhs|patient|hospital|gp|doctors?|surgery|medical|health"), 60, _words("nhs"), _CODE),
    "ni_number": Around(
        _words(r"n\.?\s?i\.?|nino|ni\s?(?:no|num|number)|national\sinsurance|nat\sins|insurance"),
        45, _words("ni|nino|national"), _CODE,
    ),
    "card": Around(
        _words(r"card|visa|mastercard|amex|debit|credit|maestro|cvv|expir\w+"), 60, _words(r"card|exp\w*|cvv|cvc")
    ),
    "bank": Around(_BANK_WORDS, 45, _words(r"sort\s?code|account|acc|bank|iban"), None, _OF_MONEY),
    "dob": Around(
        _words(
            r"d\.?o\.?b\.?|date\sof\sbirth|birth\s?date|(?:birth\s?|b\s?)day(?:'s)?(?=.{0,12}$)|born(?=.{0,30}$)|"
            r"births?|d\sof\sb|d/o/b|"
            r"(?:twins|baby|newborn|son|daughter|child|grandson|granddaughter)(?=\W{1,3}$)"
        ),
        60, _words(r"d\.?o\.?b|is\smy\s(?:date\sof\sbirth|birthday|dob)|date\sof\sbirth"), None,
        _words(r"d\W?o\W?b|\w*birth\w*|b\W?day|born|d\sof\sb|twins|baby|newborn|son|daughter|child|grand\w+"),
    ),
    "vehicle_plate": Around(_PLATE_WORDS, 60, _PLATE_WORDS, None),
    "council_tax_account": Around(_COUNCIL_TAX, 60, _COUNCIL_TAX, None, _COUNCIL_TAX),
}  # fmt: skip
_RIGHT_BEFORE = r"\W{0,4}(?:(?:is|was|it'?s|no|number|num|code|reads|of|the|a|my|are)\W{1,3}){0,3}$"
_REGISTRATION_BEFORE = re.compile(
    r"(?<![^\W\d_])(?:reg(?:istration)?s?|vrn|vrm|(?:number\s?|licen[cs]e\s?)?plates?)" + _RIGHT_BEFORE,
    re.IGNORECASE,
)
_NO_LETTERS_OF_A_PLATE = frozenset(
    """
    the and for but are was not you has had can our out off all any may one two who why how see now new old few get got
    let lot put ran run say set try use via way yet her his its she him too bad big bus car dog day end far per pls plz
    thx van bed bin bins box man men mum dad son war wet dry red top key kid law leg mad map met mud nan net pay pub rat
    raw sad sat sea sun tax tea ten toe ton tip tyre wee win won yes yep nah
    """.split()  # noqa: SIM905  (a list of words, to be read as one)
)


class Identifiers:
    """Finds identifiers by form, checksum and the words around. `public` are details that belong to nobody."""

    def __init__(self, recognisers: Sequence[PatternRecognizer], public: PublicContacts) -> None:
        self._recognisers = tuple(
            (recogniser, recogniser.supported_entities[0], recogniser.supported_entities)
            for recogniser in recognisers
        )
        self._public = public

    def find(self, read: Figures) -> Iterator[Piece]:
        """Every identifier that stands; they may overlap."""
        text = read.text
        digits = sum(map(str.isdecimal, text))
        if not digits:
            return
        capitals = text.upper() if len(text.upper()) == len(text) else text
        for recogniser, kind, entities in self._recognisers:
            if digits < _FEWEST_DIGITS.get(kind, 1):
                continue
            around = _AROUND.get(kind)
            if around is None:
                yield from _all(recogniser, kind, entities, capitals)
                continue
            if around.only_in is not None and not around.only_in.search(text):
                continue
            for found in recogniser.analyze(text, entities):
                score = found.score + self._weight(kind, around, text, found.start, found.end)
                if score >= STANDS_AT:
                    yield Piece(found.start, found.end, _KINDS[kind], min(score, 1.0))

    def _weight(self, kind: str, around: Around, text: str, start: int, end: int) -> float:
        """What the words around add to a match's score, or take from it."""
        match kind:
            case "phone":
                return self._phone(around, text, start, end)
            case "vehicle_plate":
                return _plate(around, text, start, end)
            case "council_tax_account":
                return _council_tax(text, start, end)
            case "bank":
                return _bank(around, text, start, end)
        near = _near(around, text, start, end)
        return (
            -1.0 if kind == "card" and near <= 0 and re.fullmatch(r"\d{1,3}\.\d+", text[start:end]) else near
        )  # a latitude

    def _phone(self, around: Around, text: str, start: int, end: int) -> float:
        written = text[start:end]
        national = national_digits(written)
        if national in self._public.phones:
            return -1.0
        before = text[max(0, start - 45) : start]
        personal = _OURS_TO_CALL.search(before) is not None
        if (
            not personal
            and re.search(r"\d[ -]$", before)
            and not written.lstrip("( ").startswith(("07", "+", "00"))
        ):
            return -1.0  # the middle of a longer number, such as a book's
        if len(national) < 9 and not (written.startswith("+") or _RING_ON.search(before)):
            return -1.0
        if (
            not personal
            and _right_before(_CODE, text, start)
            and not written.lstrip("( ").startswith(("07", "+"))
        ):
            return -1.0
        organisation = len(national) >= 9 and national[0] in "3589" and not written.startswith("+")
        if organisation:
            return CONTEXT_ADDS if personal else -1.0
        near = _near(around, text, start, end)
        if re.fullmatch(r"0\.\d+", written.strip()) and not near > 0:
            return -1.0  # a fraction, such as a longitude's
        return 0.5 if personal else near


_KINDS: dict[str, PersonalKind] = {
    "phone": "phone", "nhs_number": "nhs_number", "ni_number": "ni_number", "card": "card", "bank": "bank",
    "iban": "bank", "dob": "dob", "vehicle_plate": "vehicle_plate", "council_tax_account": "council_tax_account",
}  # fmt: skip
_FEWEST_DIGITS = {
    "phone": 6,
    "nhs_number": 10,
    "ni_number": 4,
    "card": 13,
    "bank": 6,
    "dob": 3,
    "council_tax_account": 6,
}
_RING_ON = re.compile(
    r"(?<![^\W\d_])(?:ring|call|phone|text|whatsapp)\s(?:me|us|him|her|them)(?:\s\w+){0,2}\s(?:on|at)\W{1,3}$",
    re.IGNORECASE,
)
_TAX_ACCOUNT = _words(
    r"account|acc|acct|a/c|ac|ref|reference|number|no|num|bill(?!\sof)|id|council\s?tax|ctax|payment\sref(?:erence)?"
)
_ACCOUNT = _words(
    r"account(?:\s(?:no|number|num|ref(?:erence)?))?|acc(?:t)?(?:\s(?:no|number|num))?|a/c(?:\s(?:no|number|num))?"
)
_OTHER_CODE = _words(
    r"tracking|report|pcn|penalty|case|planning|phone|tel|call|ring|mobile|fix\w*|parcel|crime|incident"
)
_TAX_IN_THE_WAY = _words(r"bank|sort\s?code|nhs|pension|rent|tenancy|gas|electric\w*|water")


def _all(recogniser: PatternRecognizer, kind: str, entities: list[str], text: str) -> Iterator[Piece]:
    """What its checksum alone makes certain, whatever the words around; `text` in capitals."""
    for found in recogniser.analyze(text, entities):
        if found.score >= STANDS_AT:
            yield Piece(found.start, found.end, _KINDS[kind], found.score)


def _nearby(text: str, start: int, end: int) -> str:
    """The match with what a sentence or two around it hold; a whole long text for each match would take too long."""
    return text[max(0, start - NEARBY) : end + NEARBY]


def _near(around: Around, text: str, start: int, end: int) -> float:
    before, after = text[max(0, start - around.reach) : start], text[end : end + 25]
    if around.against is not None and _right_before(around.against, text, start):
        return -0.5
    if around.before.search(before) or (around.after is not None and around.after.search(after)):
        return CONTEXT_ADDS
    return 0.0


def _right_before(words: re.Pattern[str], text: str, start: int) -> bool:
    return any(
        re.fullmatch(
            r"\W{0,4}(?:(?:is|was|it'?s|no|nr|number|num|code|of|the)\W{1,3}){0,3}", text[found.end() : start]
        )
        for found in words.finditer(text, max(0, start - 40), start)
    )


def _bank(around: Around, text: str, start: int, end: int) -> float:
    """Needs a word of banks; a council tax account or a reference of ours is none."""
    before, after = text[max(0, start - around.reach) : start], text[end : end + 30]
    written = text[start:end]
    nearby = _nearby(text, start, end)
    itself = _BANK_ITSELF.search(nearby) is not None
    if (_COUNCIL_TAX.search(nearby) and not itself) or "\n\n" in written or _right_before(_CODE, text, start):
        return -1.0
    pair = _ACCOUNT_FOLLOWS.match(text, end) is not None
    if _DATE.fullmatch(written) and not (_SORT_CODE.search(before) or pair):
        return -1.0
    short = len(plain := [each for each in written if each.isdecimal()]) == 6
    if short and not pair and not (_SORT_CODE.search(before) or _SORT_CODE.match(after.lstrip(" (,-"))):
        return -1.0
    run = re.search(r"\d(?:[ .-]?\d)*[ .-]$", before)
    if run is not None and sum(map(str.isdecimal, run[0])) != 6:
        return -1.0  # the end of a longer number
    if len(plain) == 8 and (
        _SORT_BEFORE.search(before) or (around.after and around.after.match(after.lstrip(" (,-")))
    ):
        return CONTEXT_ADDS
    if pair and (itself or _MONEY.search(nearby)):
        return CONTEXT_ADDS
    said = around.before.search(before) and (itself or _right_before(around.before, text, start))
    return CONTEXT_ADDS if said else -1.0


_ACCOUNT_FOLLOWS = re.compile(r"[ ]?[/|,;+&-]?[ ]?\d(?:[ .-]{0,2}\d){7}(?!\d)")
_SORT_BEFORE = re.compile(
    r"\d[ ]?\d[\W_]{0,3}\d[ ]?\d[\W_]{0,3}\d[ ]?\d(?:\W|\b(?:and|acc\w*|a/c|ac|no|num\w*|my|the|is)\b){1,30}$",
    re.IGNORECASE,
)
_BANK_ITSELF = _words(
    r"sort\s?code|bank|s/c|barclays|lloyds|natwest|hsbc|santander|halifax|monzo|starling|nationwide|bacs"
)
_DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])([/.-])(?:0?[1-9]|1[0-2])\1(?:19|20)?\d\d|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|"
    r"[12]\d|3[01])"
)


def _council_tax(text: str, start: int, end: int) -> float:
    """An account is named as council tax's, with nothing else in between that the number might be of."""
    before = text[max(0, start - 70) : start]
    tax = max((found.end() for found in _COUNCIL_TAX.finditer(before)), default=-1)
    if tax < 0:
        followed = re.match(r"\W*(?:\w+\W+){0,3}council\s?tax", text[end : end + 40], re.IGNORECASE)
        account = _COUNCIL_TAX.search(_nearby(text, start, end)) and _right_before(_ACCOUNT, text, start)
        return 0.5 if followed or account else -1.0
    between = before[tax:]
    if _OTHER_CODE.search(between) or _TAX_IN_THE_WAY.search(between) or _DATE.fullmatch(text[start:end]):
        return -1.0
    if re.fullmatch(r"(?:19|20)\d\d[-/. ]\d\d(?:\d\d)?", text[start:end]):
        return -1.0  # a year of the tax
    if national_digits(text[start:end])[:1] == "7" and text[start] == "0":
        return -1.0
    named = _TAX_ACCOUNT.search(between) or re.fullmatch(r"\W{0,5}(?:(?:is|it'?s|my)\W{1,3})?", between)
    return 0.5 if named else -1.0


def _plate(around: Around, text: str, start: int, end: int) -> float:
    """A plate in capitals with a word of vehicles, or right after "reg"; in small letters what cannot be words."""
    written = text[start:end]
    letters = re.findall(r"[^\W\d_]+", written)
    if _REGISTRATION_BEFORE.search(text, max(0, start - 40), start):
        return CONTEXT_ADDS
    if any(
        len(each) > 2 and each.lower() in _NO_LETTERS_OF_A_PLATE for each in letters
    ) or _POSTCODE.fullmatch(written):
        return -1.0
    if _right_before(_CODE, text, start) or _right_before(_OTHER_PLATES, text, start):
        return -1.0
    near = around.before.search(text, max(0, start - around.reach), start) or around.before.search(
        text, end, end + 40
    )
    shouted = all(each.isupper() for each in letters) and not text.isupper()
    current = (
        re.match(r"[^\W\d_]{2}\d{2}", written) is not None and len(letters) == 2 and len(letters[1]) == 3
    )
    if current or (
        shouted and re.fullmatch(r"(?:\w\W*){7}", written) and re.match(r"\D+\d\W*\d\D+$", written)
    ):
        return CONTEXT_ADDS if near and (current or shouted) else 0.05 if shouted else -0.1
    if not near:
        return 0.2 if shouted and re.fullmatch(r"[A-Z][EIOU]?Z \d{4}", written) else -1.0
    right_there = around.before.search(text, max(0, start - 20), start) is not None
    return (
        CONTEXT_ADDS if shouted else CONTEXT_ADDS - 0.05 if right_there and _looks_bought(written) else -1.0
    )


def _looks_bought(written: str) -> bool:
    """A personal plate in small letters: what cannot be a road and a word."""
    found = re.fullmatch(r"([a-z])(\d{1,3}) ?([a-z]{3})", written)
    return found is not None and not re.search("[aeiouy]", found[3])


_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", re.IGNORECASE)
_OTHER_PLATES = _words(
    r"nhs|form|room|bus|route|train|flight|model|part|grid|zone|permit|class|size|type|version|iso|pcn|column|post|"
    r"bay|plot|block|gate|bin|tag|box|cabinet"
)
