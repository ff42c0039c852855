"""Personal data: what is found, what is a place or a price instead, and that nothing of it is left once masked."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.council import load_council
from bot.directory import load_directory
from bot.policy.contacts import PublicContacts
from bot.policy.findings import Context, PersonalDatum, PersonalKind
from bot.policy.numbers import figures
from bot.policy.people import load_name_words
from bot.policy.personal import KEPT_FROM_THE_BRAIN, PersonalData, is_breach
from bot.policy.reading import read
from bot.yamlfile import ConfigError

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "data" / "policy"


def _personal() -> PersonalData:
    council = load_council(ROOT / "council.yml")
    directory = load_directory(council, ROOT / "data" / "directory.yml", ROOT / "domain.yml")
    return PersonalData.from_files(
        DATA, PublicContacts.of(council, directory.destinations.values(), ["Buttermarket"])
    )


@pytest.fixture(scope="module")
def personal() -> PersonalData:
    return _personal()


def found(personal: PersonalData, text: str) -> list[tuple[str, str]]:
    return [(text[datum.start : datum.end], datum.kind) for datum in personal.find(text)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Give me a bell on 07700-900-321 any time", "07700-900-321"),
        ("My landline's (020) 7946 0123", "(020) 7946 0123"),
        ("you can get me on +44 (0)7700.900.555", "+44 (0)7700.900.555"),
        ("fon 00 44 7700 900 777", "00 44 7700 900 777"),
        ("call 07700\n900\n111", "07700\n900\n111"),
        ("oh seven seven double oh, nine hundred, oh one five", "oh seven seven double oh, nine hundred, oh one five"),
        ("0777 zero zero nine double one two three is hers", "0777 zero zero nine double one two three"),
        ("my mob is O77OO 9OO l23", "O77OO 9OO l23"),
        ("Ring 𝟎𝟕𝟕𝟎𝟎 𝟗𝟎𝟎 𝟏𝟐𝟑", "𝟎𝟕𝟕𝟎𝟎 𝟗𝟎𝟎 𝟏𝟐𝟑"),
        ("phone 07\u200b700 9\u200b00 123", "07\u200b700 9\u200b00 123"),
        ("٠٧٧٠٠ ٩٠٠١٢٣ call", "٠٧٧٠٠ ٩٠٠١٢٣"),
        ("+353 87 123 4567 is my Irish mobile", "+353 87 123 4567"),
        ("call me 7700900888", "7700900888"),
        ("my number is 0345 123 4567", "0345 123 4567"),
        ("ring me on 960 555", "960 555"),
    ],
)  # fmt: skip
def test_a_phone_number_is_found_however_it_is_written(
    personal: PersonalData, text: str, number: str
) -> None:
    assert found(personal, text) == [(number, "phone")]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("her email: bev_tate+bins@outlook.example.", "bev_tate+bins@outlook.example"),
        ("bev dot tate at hotmail dot co dot uk", "bev dot tate at hotmail dot co dot uk"),
        ("bev.tate[at]yahoo[dot]com please", "bev.tate[at]yahoo[dot]com"),
        ("mail me bevtate AT gmail.com", "bevtate AT gmail.com"),
        ("It's bevtate@\ngmail.com", "bevtate@\ngmail.com"),
        ("b e v @ post . example", "b e v @ post . example"),
        ("bev＠tate．com", "bev＠tate．com"),
    ],
)
def test_an_email_address_is_found_however_it_is_written(
    personal: PersonalData, text: str, address: str
) -> None:
    assert found(personal, text) == [(address, "email")]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("NINO: ZY 98 76 54 A", [("ZY 98 76 54 A", "ni_number")]),
        ("ab-12-34-56-d is my ni number", [("ab-12-34-56-d", "ni_number")]),
        ("my nino's AB1234S6C", [("AB1234S6C", "ni_number")]),
        ("national insurance number QQ123456C", [("QQ123456C", "ni_number")]),
        ("nat ins no. JK 12 34 56", [("JK 12 34 56", "ni_number")]),
        ("nhs no: 9434765919", [("9434765919", "nhs_number")]),
        ("Patient 943-476-5919 waits", [("943-476-5919", "nhs_number")]),
        ("NHS number 943 476 5918", [("943 476 5918", "nhs_number")]),
        ("paid with 5555 5555 5555 4444 and got a fine", [("5555 5555 5555 4444", "card")]),
        ("amex 3782.822463.10005", [("3782.822463.10005", "card")]),
        ("sort code 40-11-60 acc no 12345670", [("40-11-60", "bank"), ("12345670", "bank")]),
        ("pay the grant into 401160 12345670", [("401160", "bank"), ("12345670", "bank")]),
        ("gb82 west 1234 5698 7654 32", [("gb82 west 1234 5698 7654 32", "bank")]),
        ("d.o.b 1/2/50", [("1/2/50", "dob")]),
        ("Born 14th of Feb 1961, can I get a bus pass?", [("14th of Feb 1961", "dob")]),
        ("council tax acc 40028817", [("40028817", "council_tax_account")]),
        ("account 40 028 817 for council tax", [("40 028 817", "council_tax_account")]),
        ("reg ab12 cde", [("ab12 cde", "vehicle_plate")]),
        ("an old mini, ABC 123D, dumped", [("ABC 123D", "vehicle_plate")]),
        ("his van is RIA 4321", [("RIA 4321", "vehicle_plate")]),
        ("Plate: A B 1 2 C D E", [("A B 1 2 C D E", "vehicle_plate")]),
    ],
)
def test_an_identifier_is_found_by_its_form_its_checksum_and_the_words_around(
    personal: PersonalData, text: str, pieces: list[tuple[str, str]]
) -> None:
    assert found(personal, text) == pieces


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("I live at 12 Mill Lane, Marlstow MR1 4AB", [("12 Mill Lane, Marlstow MR1 4AB", "address")]),
        ("we live at Flat 2, 9 Abbey Gate", [("Flat 2, 9 Abbey Gate", "address")]),
        ("my home is 14 Buttermarket", [("14 Buttermarket", "address")]),
        ("the woman at 31 Castle Street keeps feeding rats", [("31 Castle Street", "address")]),
        ("missed bin: 27 Alder Close, MR4 6ED", [("27 Alder Close, MR4 6ED", "address")]),
        ("my nan at Rose Cottage, Mill End has no heating", [("Rose Cottage, Mill End", "address")]),
        ("14 Bark Street is where I live", [("14 Bark Street", "address")]),
        ("number 7 mr3 1ab", [("mr3 1ab", "postcode")]),
        ("my postcode's MR1 2DF", [("MR1 2DF", "postcode")]),
        ("Which bin week are we? MR3 5TG", [("MR3 5TG", "postcode")]),
        ("Mrs Okafor, 22 Bark Street, needs help", [("Mrs Okafor", "person"), ("22 Bark Street", "address")]),
        ("Terry Walsh next door burns plastic", [("Terry Walsh", "person")]),
        ("my neighbour dave plays music all night", [("dave", "person")]),
        ("My husband Peter Marsh fell on the ice", [("Peter Marsh", "person")]),
        ("Amy Chen, 07700 900 222", [("Amy Chen", "person"), ("07700 900 222", "phone")]),
        ("Darren Pike is claiming benefits and works", [("Darren Pike", "person")]),
        ("a Mr J. Lowe of 3 Elm Road", [("Mr J. Lowe", "person"), ("3 Elm Road", "address")]),
    ],
)
def test_homes_and_persons_are_found_where_the_words_tie_them_to_somebody(
    personal: PersonalData, text: str, pieces: list[tuple[str, str]]
) -> None:
    assert found(personal, text) == pieces


@pytest.mark.parametrize(
    "text",
    [
        "Pothole outside 12 Mill Lane",
        "Dumped sofa opposite 44 Castle Street MR2 1AB",
        "flooding near MR2 3CD",
        "LN6 5 pm",
        "M25 J10, A12 AND B1023",
        "form CT12B and planning application 22/01234/FUL",
        "bus K1 FOR town",
        "my tracking code is 7654321",
        "report FS-1234567 and 23456",
        "order number 1234567890",
        "ISBN 978 0 14 103614 4",
        "The fine was £65.00, ref 12345678",
        "My council tax is £1,845.20 for 2025-26",
        "open 9-5, 10.00-16.00 Sat",
        "meet on 12/03/2026 at 10:30",
        "4111-1111-1111-1112",
        "0.7700900123",
        "53.230688,-0.540579",
        "call 999 or 101",
        "I rang 0300 123 6600 all day",
        "Use 01632 960100, +44 1632 960 100 or 01632 960199",
        "Marl Water: 01632 960300",
        "write to contact@marlstow.example or housing@marlstow.gov.uk",
        "look at marlstow dot gov dot uk",
        "City Hall, Market Square, Marlstow, MR1 1AA",
        "Cllr Jane Smith promised, so did Mayor Andy Brown",
        "Victoria Road, Albert Street and St John's Church",
        "John Lewis on the High Street",
        "the statue of Nelson Mandela",
        "Thank you Dave and the team!",
        "Jack Russell off its lead",
        "Mark my words",
        "Miss the old bins",
        "Rose Lane floods",
        "in 1984 there were 12 bags, one two three four five",
        "Happy birthday to our library, 12 May 1925",
        "sort out the bins on 12-03-24",
        "",
        "   ",
        "\u200b",
        "🙂" * 50,
    ],
)
def test_places_codes_prices_dates_and_public_details_are_nobodys(personal: PersonalData, text: str) -> None:
    assert found(personal, text) == []


def test_pieces_stand_in_order_and_none_overlaps_another(personal: PersonalData) -> None:
    text = "Amy Chen, 4 Canal Street MR1 2DF, 07700 900 222, amy@post.example, dob 1/2/80, NI AB123456C, car AB12 CDE"
    pieces = personal.find(text)
    assert [piece.kind for piece in pieces] == [
        "person", "address", "phone", "email", "dob", "ni_number", "vehicle_plate",
    ]  # fmt: skip
    assert all(first.end <= second.start for first, second in pairwise(pieces))


def test_a_number_is_only_the_councils_if_it_is_listed(personal: PersonalData) -> None:
    assert found(personal, "ring 01632 960444") == [("01632 960444", "phone")]
    alone = PersonalData.from_files(DATA)
    assert found(alone, "ring 01632 960100") == [("01632 960100", "phone")]


@pytest.mark.parametrize(
    ("text", "breaks"),
    [
        ("My number is 07700 900123", True),
        ("I live at 12 Mill Lane", True),
        ("Abandoned Ford, reg AB12 CDE, on Mill Lane", False),
        ("My neighbour Dave's van AB12 CDE blocks us", True),
        ("Pothole outside 12 Mill Lane", False),
    ],
)
def test_a_public_post_breaks_the_clause_unless_a_plate_is_all_there_is(
    personal: PersonalData, text: str, breaks: bool
) -> None:
    assert is_breach(personal.find(text)) is breaks
    public = personal.check(read(text), Context(visibility="public"))
    assert bool(public) is breaks
    assert {finding.clause for finding in public} <= {"personal_information"}
    assert personal.check(read(text), Context(visibility="private")) == []


def test_the_evidence_of_a_finding_is_the_piece_in_the_text_as_written(personal: PersonalData) -> None:
    text = "«Call» ring 077\u200b00 900 123!"
    [finding] = personal.check(read(text), Context())
    assert text[finding.start : finding.end] == "077\u200b00 900 123"
    assert (finding.check, finding.severity) == ("personal_information.phone", "flag")


def test_what_a_stranger_could_steal_with_is_to_be_hidden(personal: PersonalData) -> None:
    [finding] = personal.check(read("card 5555 5555 5555 4444"), Context())
    assert finding.severity == "hide"


def test_what_is_masked_can_be_read_and_what_is_no_data_stays(personal: PersonalData) -> None:
    text = "Pothole at 12 Mill Lane. I'm Amy Chen, 07700 900 222, of 4 Canal Street."
    assert (
        personal.mask(text, personal.find(text))
        == "Pothole at 12 Mill Lane. I'm [name], [phone], of [address]."
    )


def test_a_value_that_comes_twice_goes_twice_in_whatever_form(personal: PersonalData) -> None:
    said = "oh seven seven double oh nine hundred one two three"
    text = f"Ring 07700 900123. Again: +44 7700-900-123, {said}, 07700.9OO.l23"
    [first, *_] = personal.find(text)
    assert personal.mask(text, [first]) == "Ring [phone]. Again: [phone], [phone], [phone]"


def test_a_short_name_is_not_cut_out_of_longer_words(personal: PersonalData) -> None:
    text = "My neighbour Ann planned it. Anna and Ann know."
    assert personal.mask(text, personal.find(text)) == "My neighbour [name] planned it. Anna and [name] know."


def test_a_piece_outside_the_text_is_refused(personal: PersonalData) -> None:
    with pytest.raises(ValueError, match="not in the text"):
        personal.mask("abc", [PersonalDatum(1, 9, "phone")])


def test_rasa_sees_places_and_plates_but_no_numbers_or_accounts(personal: PersonalData) -> None:
    text = "Ford AB12 CDE outside 12 Mill Lane MR1 4AB, report 1234567, ring 07700 900123"
    masked = personal.mask_for_the_brain(text)
    assert masked.text == "Ford AB12 CDE outside 12 Mill Lane MR1 4AB, report 1234567, ring [phone]"
    assert {"vehicle_plate", "postcode", "address", "person"}.isdisjoint(KEPT_FROM_THE_BRAIN)


def test_a_span_of_the_masked_text_leads_back_to_what_was_written(personal: PersonalData) -> None:
    text = "Ring 07700 900123 about Mill Lane or 07700 900124 about Bark Street"
    masked = personal.mask_for_the_brain(text)
    for place in ("Mill Lane", "Bark Street", "Ring"):
        start = masked.text.index(place)
        assert text[slice(*masked.original(start, start + len(place)))] == place
    start = masked.text.index("phone")
    assert text[slice(*masked.original(start, start + 3))] == "07700 900123"


LOOK_ALIKES = {"0": "0OoО０٠𝟎", "1": "1lI|１١", "5": "5S５", "8": "8B８", "2": "2２٢", "7": "7７٧𝟕"}
WORDS = {
    "0": "zero",
    "1": "one",
    "2": "two",
    "3": "three",
    "4": "four",
    "5": "five",
    "6": "six",
    "7": "seven",
}
SEPARATORS = st.sampled_from(
    ["", "", " ", "-", ".", "\n", " - ", "/", "\u200b", "\u00a0", "\u2011", ") (", "\u00ad", "_"]
)


@st.composite
def written(draw: st.DrawFn, digits: str) -> str:
    """The digits in some formatting: separators, line breaks, invisible characters, look-alikes for some of them."""
    odd = draw(st.sets(st.integers(0, len(digits) - 1), max_size=3))
    signs = [
        draw(st.sampled_from(LOOK_ALIKES.get(digit, digit))) if place in odd else digit
        for place, digit in enumerate(digits)
    ]
    return "".join(
        sign + (draw(SEPARATORS) if place + 1 < len(signs) else "") for place, sign in enumerate(signs)
    )


def plain_digits(text: str) -> str:
    """The digits that a reader would see in a text, found in another way than the code that is tested finds them."""
    folded = unicodedata.normalize("NFKC", text)
    for digit, signs in LOOK_ALIKES.items():
        folded = re.sub(f"[{re.escape(signs)}]", digit, folded)
    for digit, word in WORDS.items():
        folded = re.sub(rf"\b{word}\b", digit, folded)
    return "".join(str(unicodedata.decimal(sign)) for sign in folded if sign.isdecimal())


MOBILES = st.integers(0, 999).map(lambda last: f"07700900{last:03}")
AROUND = st.sampled_from(["Please ring ", "my number: ", "Hi, ", "", "bins again!! call me on "])
AFTER = st.sampled_from([" thanks", "", " (evenings)", ".\nSue", " asap"])
PERSONAL = _personal()


@settings(max_examples=300, deadline=None)
@given(MOBILES.flatmap(lambda number: st.tuples(st.just(number), written(number))), AROUND, AFTER)
def test_a_masked_text_never_shows_the_phone_number_whatever_its_formatting(
    number: tuple[str, str], before: str, after: str
) -> None:
    digits, shown = number
    text = f"{before}{shown}{after}"
    masked = PERSONAL.mask(text, PERSONAL.find(text))
    assert digits[1:] not in plain_digits(masked), (text, masked)
    assert "[phone]" in masked


@settings(max_examples=200, deadline=None)
@given(MOBILES.flatmap(lambda number: st.tuples(st.just(number), written(number), written(number))))
def test_one_piece_found_is_enough_for_every_form_of_the_same_value_to_go(
    numbers: tuple[str, str, str],
) -> None:
    digits, first, second = numbers
    text = f"Ring {first} please. As I said, {second} it is."
    span = PersonalDatum(5, 5 + len(first), "phone")
    assert digits[1:] not in plain_digits(PERSONAL.mask(text, [span]))


VALUES: list[tuple[PersonalKind, str, str]] = [
    ("card", "my card is ", "5555555555554444"),
    ("nhs_number", "NHS number ", "9434765919"),
    ("council_tax_account", "council tax account ", "40028817"),
]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(VALUES).flatmap(lambda value: st.tuples(st.just(value), st.lists(
    st.sampled_from(["", " ", "-", "."]), min_size=len(value[2]), max_size=len(value[2])
))))  # fmt: skip
def test_other_numbers_go_with_any_separators(value: tuple[tuple[PersonalKind, str, str], list[str]]) -> None:
    (kind, before, digits), separators = value
    shown = "".join(digit + separator for digit, separator in zip(digits, separators, strict=True)).rstrip(
        " -."
    )
    text = f"{before}{shown}, thank you"
    pieces = PERSONAL.find(text)
    assert [piece.kind for piece in pieces] == [kind], text
    assert digits not in plain_digits(PERSONAL.mask(text, pieces))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_failing_and_every_piece_lies_in_it(text: str) -> None:
    pieces = PERSONAL.find(text)
    assert all(0 <= piece.start < piece.end <= len(text) for piece in pieces)
    masked = PERSONAL.mask(text, pieces)
    assert bool(pieces) == (masked != text)
    assert PERSONAL.find(text) == pieces


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=80),
    st.integers(0, 80),
    st.integers(1, 20),
    st.sampled_from(["phone", "person", "email"]),
)
def test_any_piece_of_any_text_goes(text: str, start: int, length: int, kind: PersonalKind) -> None:
    start = min(start, len(text))
    datum = PersonalDatum(start, min(start + length, len(text)), kind)
    value = text[datum.start : datum.end]
    masked = PERSONAL.mask(text, [datum])
    if len(value) >= 3 and value.isalnum() and value.isascii() and not value.isalpha():
        assert not re.search(rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])", masked)
    if value:
        assert masked[: datum.start] != text or start == len(text)
        assert "[" in masked


def test_numbers_keep_their_place_when_they_are_read_out() -> None:
    text = "Tel oh seven seven zero zero 9OO 123!"
    read_out = figures(read(text))
    place = read_out.text.index("123")
    assert text[slice(*read_out.at(place, place + 3))] == "123"
    assert "9OO" not in read_out.text


def test_words_that_are_no_long_number_are_left_alone() -> None:
    text = "one of two bins, oh so full, room 1l for 5 or six"
    assert figures(read(text)).text == text


def test_a_message_takes_less_than_two_milliseconds(personal: PersonalData) -> None:
    texts = [
        "My bin at 12 Mill Lane was missed again, ring me on 07700 900123 please, it is the third time this month.",
        "There is a huge pothole outside the school on Abbey Gate and nobody does anything about it.",
        "My neighbour Dave Smith at number 14 parks his van AB12 CDE over my drive. I live at 16 Elm Road MR2 3AB.",
    ] * 20
    taken = []
    for text in texts:
        start = time.perf_counter()
        personal.find(text)
        taken.append(time.perf_counter() - start)
    assert sorted(taken)[len(taken) // 2] < 0.002


@pytest.mark.parametrize(
    "unit", ["07 ", "a@", "flat ", "oh ", "12 Mill ", "Dave Smith ", "0-", "my ", "1.", "AB12 "]
)
def test_a_long_message_made_to_be_slow_is_still_read_in_time(personal: PersonalData, unit: str) -> None:
    text = unit * (8000 // len(unit))
    start = time.perf_counter()
    personal.find(text)
    assert time.perf_counter() - start < 5


def test_presidio_is_loaded_only_when_personal_data_is_looked_for() -> None:
    code = "import sys, bot.policy.personal; sys.exit('presidio_analyzer' in sys.modules or 'spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_nothing_is_fetched_and_no_model_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert found(_personal(), "amy@post.example, 07700 900123") == [
        ("amy@post.example", "email"),
        ("07700 900123", "phone"),
    ]


def test_nothing_that_was_written_is_logged(personal: PersonalData, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    personal.find(
        "IBAN GB82 WEST 1234 5698 7654 33, GB82WEST12345698765432, ring 07700 900123, card 4111111111111111"
    )
    assert not [
        record for record in caplog.records if re.search("WEST|5698|900123|1111", record.getMessage())
    ]


def test_a_wrong_list_of_names_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "given_names.yml").write_text("names: amy\nothers: bob\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"given_names.yml:2: others"):
        load_name_words(tmp_path)
