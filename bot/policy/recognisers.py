"""Presidio's recognisers for identifiers: its own UK ones where they are good, and ours for the rest.

Presidio brings patterns, checksums and scores; which words near a match speak for or against it is weighed in
`bot/policy/identifiers.py`. Its language engines are not used and no model is loaded, but importing the package imports
spaCy (2 to 3 seconds, 60 MB), so this module is imported when a `PersonalData` is made and not before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from presidio_analyzer import Pattern, PatternRecognizer
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    IbanRecognizer,
    NhsRecognizer,
    UkNinoRecognizer,
    UkVehicleRegistrationRecognizer,
)

SURE = 1.0
LIKELY = 0.6
NEEDS_CONTEXT = 0.3
"""Scores: a match stands at 0.5, and a word that speaks for it adds 0.35."""

SEP = r"[\W_]{0,4}"
"""What may stand between two digits of one number: brackets, dots, spaces, ends of lines."""
SMALL = r"[\W_]{0,2}"
_DIGIT = r"[0-9OIL|SZB]"
_DATE_LIKE = re.compile(
    r"0[1-9]([/.-])(?:0?[1-9]|1[0-2])\1(?:19|20)\d\d(?!\d)|0[12]([/.-])(?:0?[1-9]|1[0-2])\2\d\d(?!\d)"
)


def plain_digits(text: str) -> str:
    """The ASCII digits of a text."""
    return "".join(letter for letter in text if letter.isascii() and letter.isdecimal())


def letters_and_digits(text: str) -> str:
    """The ASCII letters, in capitals, and digits of a text."""
    return "".join(letter for letter in text.upper() if letter.isascii() and letter.isalnum())


class PhoneNumbers(PatternRecognizer):
    """UK numbers by Ofcom's National Telephone Numbering Plan, the digits parted in any way, and foreign ones after +.

    Presidio's own finder goes by what is in use, so that numbers kept for drama would not be found, and by fewer ways
    to write one.
    """

    def __init__(self) -> None:
        end = r"(?!\d)"
        british = rf"(?:\(?\+{SMALL}|0{SMALL}0{SMALL}|(?<!\d))4{SMALL}4{SEP}(?:\(?0\)?{SEP})?"
        start = rf"(?<![\d£$€])(?<![£$€]\s)(?:{british}|\(?\s?0{SEP})"
        super().__init__(
            supported_entity="phone",
            patterns=[
                Pattern("mobile or personal", rf"{start}7(?:{SEP}\d){{9}}{end}", LIKELY + 0.2),
                Pattern("landline", rf"{start}[12](?:{SEP}\d){{9}}{end}", LIKELY),
                Pattern("landline, short", rf"{start}1(?:{SEP}\d){{8}}{end}", LIKELY - 0.05),
                Pattern("of an organisation", rf"{start}[3589](?:{SEP}\d){{8,9}}{end}", NEEDS_CONTEXT),
                Pattern("abroad", rf"\+{SMALL}(?!44)[1-9](?:{SMALL}\d){{8,13}}{end}", LIKELY),
                Pattern(
                    "mobile without its 0",
                    rf"(?<![\d£$€.,/:#-])7{SEP}[1-57-9](?:{SEP}\d){{8}}{end}",
                    NEEDS_CONTEXT,
                ),
                Pattern("local", rf"(?<![\d£$€.,/:#-])[2-9]\d{{2,3}}[ -]?\d{{3,4}}{end}(?![/:.]\d)", 0.05),
            ],
        )

    def validate_result(self, pattern_text: str) -> bool | None:
        """False for dates with times, and for one digit again and again."""
        stripped = pattern_text.strip("( ")
        if _DATE_LIKE.match(stripped) or ":" in stripped:
            return False
        return False if len(set(plain_digits(stripped)[2:])) == 1 else None


class NationalInsurance(UkNinoRecognizer):
    """Presidio's rules of letters, the digits parted in any way and look-alike letters among them; HMRC NIM39110."""

    def __init__(self) -> None:
        prefix = rf"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z]{SMALL}[A-CEGHJ-NPR-TW-Z]"
        digits = rf"(?:{SMALL}{_DIGIT}){{6}}"
        super().__init__(
            patterns=[
                Pattern("whole", rf"(?<![^\W_]){prefix}{digits}{SMALL}[A-D](?![^\W_])", LIKELY),
                Pattern("without its last letter", rf"(?<![^\W_]){prefix}{digits}(?![^\W_])", 0.2),
                # HMRC's own examples begin with QQ, and so do made-up ones; never without a word that says so.
                Pattern("as in examples", rf"(?<![^\W_])Q{SMALL}Q{digits}{SMALL}[A-D](?![^\W_])", 0.2),
            ],
            supported_entity="ni_number",
        )

    def validate_result(self, pattern_text: str) -> bool | None:
        """False if most of its digits are letters that only look like them."""
        return None if len(plain_digits(pattern_text)) >= 4 else False


class NhsNumbers(NhsRecognizer):
    """Presidio's checksum (modulus 11, NHS Data Dictionary) over ten digits parted in any way."""

    def __init__(self) -> None:
        super().__init__(
            patterns=[
                Pattern(
                    "in groups of 3, 3 and 4",
                    r"(?<![\d£+])\d{3}[\W_]{1,3}\d{3}[\W_]{1,3}\d{4}(?!\d)",
                    0.5,
                ),
                Pattern("ten digits", rf"(?<![\d£+.])\d(?:{SMALL}\d){{9}}(?!\d)", NEEDS_CONTEXT),
            ],
            supported_entity="nhs_number",
        )

    def validate_result(self, pattern_text: str) -> bool | None:  # type: ignore[override]
        """Whether the check digit is right; None lets the pattern's score and the words around decide."""
        digits = plain_digits(pattern_text)
        return None if len(set(digits)) > 1 and super().validate_result(digits) else False


class AnnouncedNhsNumbers(PatternRecognizer):
    """Ten digits right after the words "NHS number": somebody's, even with a digit mistyped."""

    def __init__(self) -> None:
        super().__init__(
            supported_entity="nhs_number",
            patterns=[
                Pattern(
                    "announced",
                    r"(?<=\bnhs[ -]?(?:number|num|no|nr|id)[ .:#-]{0,3}(?:is[ :]{1,2}|was[ :]{1,2})?)"
                    rf"\d(?:{SMALL}\d){{9}}(?!\d)",
                    SURE,
                )
            ],
        )


class Cards(CreditCardRecognizer):
    """Payment cards: 13 to 19 digits with an issuer's first digits (ISO/IEC 7812) and Presidio's Luhn checksum."""

    def __init__(self) -> None:
        def of(first: str, more: int) -> str:
            return rf"(?<![\d£]){first}(?:[\W_]{{0,3}}\d){{{more}}}(?![\d])"

        super().__init__(
            patterns=[
                Pattern("16 digits", of(r"(?:4|5|6|2)", 15), LIKELY),
                Pattern("15 digits", of(r"3[\W_]{0,3}[47]", 13), LIKELY),
                Pattern("14 digits", of(r"3[\W_]{0,3}[068]", 12), 0.5),
                Pattern("18 or 19 digits", of(r"(?:4|6)", 18), 0.5),
                Pattern("13 digits", of("4", 12), NEEDS_CONTEXT),
            ],
            supported_entity="card",
        )

    def validate_result(self, pattern_text: str) -> bool | None:  # type: ignore[override]
        """Whether the check digit is right; None lets the pattern's score and the words around decide."""
        digits = plain_digits(pattern_text)
        return None if len(set(digits)) > 1 and super().validate_result(digits) else False


class BankAccounts(PatternRecognizer):
    """A sort code, an account number, or both; none of them without a word that says so."""

    def __init__(self) -> None:
        sort_code = r"\d[ ]?\d[\W_]{0,3}\d[ ]?\d[\W_]{0,3}\d[ ]?\d"
        account = r"\d(?:[ .-]{0,2}\d){7}"
        super().__init__(
            supported_entity="bank",
            patterns=[
                Pattern(
                    "sort code before its account",
                    rf"(?<![\d£]){sort_code}(?=[ ]?[/|,;+&-]?[ ]?{account}(?!\d))",
                    0.3,
                ),
                Pattern("account", rf"(?<![\d£]){account}(?!\d)", 0.2),
                Pattern("sort code", rf"(?<![\d£]){sort_code}(?!\d)", 0.2),
            ],
        )

    def validate_result(self, pattern_text: str) -> bool | None:
        """False for a fraction, such as a latitude's."""
        return False if re.match(r"\d{1,3}\.\d{5}", pattern_text) else None


class Ibans(IbanRecognizer):
    """Presidio's formats by country and check digits (ISO 13616), with the groups parted in any way."""

    def __init__(self) -> None:
        super().__init__(
            patterns=[  # typed as strings, read as patterns
                Pattern(  # type: ignore[list-item]
                    "IBAN",
                    r"(?<![A-Z0-9])([A-Z]{2}[\W_]{0,2}[0-9]{2}(?:[\W_]{0,3}[A-Z0-9]{4}){2,6})"
                    r"((?:[\W_]{0,3}[A-Z0-9]{4})?)((?:[\W_]{0,3}[A-Z0-9]{1,3})?)(?![A-Z0-9])",
                    0.5,
                )
            ],
            supported_entity="iban",
            exact_match=True,
        )

    def validate_result(self, pattern_text: str) -> bool | None:
        """Whether the check digits and the country's format are right."""
        return bool(super().validate_result(letters_and_digits(pattern_text)))


class Plates(UkVehicleRegistrationRecognizer):
    """Presidio's three forms and their ages, Northern Ireland's and those without a date; DVLA, INF104."""

    def __init__(self) -> None:
        start, end = r"(?<![^\W_])(?<![£$€#/.])", r"(?![^\W_])(?![-/]\w)"
        gap = r"(?:[\W_]{0,2})"
        spelt = gap.join([f"{start}[A-HJ-PR-Y]", "[A-HJ-PR-Y]", r"\d", r"\d", *["[A-HJ-PR-Z0]"] * 3]) + end
        super().__init__(
            patterns=[
                Pattern("current", rf"{start}[A-HJ-PR-Y]{{2}}\d{{2}}[ .-]{{0,2}}[A-HJ-PR-Z]{{3}}{end}", 0.5),
                Pattern("current, its signs apart", spelt, 0.45),
                Pattern(
                    "current, with letters for digits",
                    rf"{start}[A-HJ-PR-Y]{{2}}(?:\d[OI]|[OI]\d)[ .-]{{0,2}}[A-HJ-PR-Z]{{3}}{end}",
                    0.2,
                ),
                Pattern(
                    "prefix",
                    rf"{start}[A-HJ-NP-TV-Y]{gap}\d{{1,3}}{gap}[A-HJ-PR-Y][A-HJ-PR-Z]{{2}}{end}",
                    0.2,
                ),
                Pattern("suffix", rf"{start}[A-HJ-PR-Z]{{3}}{gap}\d{{1,3}}[ .-]?[A-HJ-NPR-TV-Y]{end}", 0.2),
                Pattern(
                    "prefix or suffix, its signs apart",
                    rf"{start}[A-HJ-NP-Y](?:[ .-]\d){{1,3}}(?:[ .-][A-HJ-PR-Z]){{3}}{end}"
                    rf"|{start}(?:[A-HJ-PR-Z][ .-]){{3}}(?:\d[ .-]){{1,3}}[A-HJ-NP-Y]{end}",
                    0.2,
                ),
                Pattern(
                    "Northern Irish", rf"{start}(?=[A-Z]{{0,2}}[IZ])[A-Z]{{2,3}}{gap}\d{{1,4}}{end}", 0.2
                ),
                Pattern(
                    "Northern Irish, its letters third last", rf"{start}[A-Z][EIOU]?Z{gap}\d{{4}}{end}", 0.3
                ),
                Pattern(
                    "without a date",
                    rf"{start}(?:\d{{1,4}} ?[A-HJ-PR-Z]{{3}}|[A-HJ-PR-Z]{{3}} ?\d{{1,4}}){end}",
                    0.15,
                ),
                Pattern("bought for its looks", rf"{start}[A-HJ-NP-Y]\d{{1,3}} ?[A-Z]{{3}}{end}", 0.15),
            ],
            supported_entity="vehicle_plate",
        )

    def validate_result(self, pattern_text: str) -> bool | None:
        """False for an age that no plate has had; all else is left to the words around."""
        return False if super().validate_result(letters_and_digits(pattern_text)) is False else None


class CouncilTaxAccounts(PatternRecognizer):
    """Six to ten digits, sometimes with a letter; each council has its own form, so words must say what it is."""

    def __init__(self) -> None:
        super().__init__(
            supported_entity="council_tax_account",
            patterns=[
                Pattern(
                    "account",
                    r"(?<![^\W_])(?<![£$€+.])(?:[A-Z]{1,3}[/-]?)?\d(?:[ ./-]?\d){5,10}"
                    r"(?:[ -]?[A-Z](?![^\W_]))?(?![^\W_])",
                    0.05,
                )
            ],
        )


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?:19|20)\d\d"


class BirthDates(PatternRecognizer):
    """Dates in all the usual forms; whose birth they are, only words can say."""

    def __init__(self) -> None:
        day, month = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
        part = r"[ ]?[/.\-,\\|_ ][ ]?"
        spaced = r"(?<!\d)\d ?\d ?[/.\-] ?\d ?\d ?[/.\-] ?(?:\d ?\d ?)?\d ?\d(?!\d)"
        year = rf"(?:{_YEAR}|'?\d\d)"
        spoken_day = rf"{day}(?:st|nd|rd|th)?"
        super().__init__(
            supported_entity="dob",
            patterns=[
                Pattern("numbers", rf"(?<!\d){day}{part}{month}{part}{year}(?!\d)", 0.2),
                Pattern("year first", rf"(?<!\d){_YEAR}{part}{month}{part}{day}(?!\d)", 0.2),
                Pattern(
                    "month in words",
                    rf"(?<!\d){spoken_day}[ ,.\-/]*(?:of\s)?{_MONTH}[ ,.\-/']*{year}(?!\d)",
                    0.2,
                ),
                Pattern("month first", rf"\b{_MONTH}[ ,.\-/]*{spoken_day}[ ,.\-/]*{year}(?!\d)", 0.2),
                Pattern("its digits apart", spaced, 0.15),
                Pattern(
                    "run together",
                    rf"(?<!\d)(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:{_YEAR}|\d\d)(?!\d)",
                    0.15,
                ),
            ],
        )

    def validate_result(self, pattern_text: str) -> bool | None:
        """False for a year in which nobody was born who lives."""
        found = re.search(r"(?<!\d)1[0-8]\d\d(?!\d)", pattern_text)
        return False if found else None


def identifier_recognisers() -> Sequence[PatternRecognizer]:
    """Every recogniser of an identifier, those with the surest evidence first."""
    return (
        Ibans(), Cards(), NationalInsurance(), AnnouncedNhsNumbers(), PhoneNumbers(), NhsNumbers(), BankAccounts(),
        CouncilTaxAccounts(), BirthDates(), Plates(),
    )  # fmt: skip
