"""Postcodes, tracking codes, what3words and streets are found, and what only looks like them is not."""

from __future__ import annotations

import pytest

from bot.nlu.codes import (
    CodeForms,
    find_outward_codes,
    find_plates,
    find_postcodes,
    find_streets,
    find_tracking_codes,
    find_what3words,
    is_only_a_code,
)


def _codes(text: str) -> list[str]:
    return [piece.value for piece in find_tracking_codes(text, CodeForms())]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1234567", "1234567"),
        ("any news on 1234567?", "1234567"),
        ("#1234567", "1234567"),
        ("FS-48213907 please", "FS-48213907"),
        ("ref MAR 204871", "MAR 204871"),
        ("Ref: 204871", "204871"),
        ("my reference number is 48213907", "48213907"),
        ("report no. 55512", "55512"),
        ("tracking code 7654321.", "7654321"),
        ("fs48213907", "FS48213907"),
        ("It's FS 48213907 thanks", "FS 48213907"),
    ],
)
def test_should_find_a_tracking_code(text: str, code: str) -> None:
    assert _codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "call me on 07700 900123",
        "01632 960199",
        "0163 2960199",
        "+44 7700 900123",
        "+447700900123",
        "since 2019",
        "12 Mill Lane",
        "£1234567 wasted",
        "MR1 2AB",
        "1,234,567 people",
        "on 12/11/2026",
        "flat 1234",
        "AB12 CDE parked",
        "123456",
        "the A4174 ring road",
        "1234567.89",
        "4111 1111 1111 1111",
        "4111111111111111",
    ],
)
def test_should_not_take_other_numbers_for_a_tracking_code(text: str) -> None:
    assert _codes(text) == []


@pytest.mark.parametrize(
    "text", ["1234567", "#1234567", "code 1234567", "It's 1234567", "my ref is FS-48213907."]
)
def test_should_know_a_message_that_is_only_a_code(text: str) -> None:
    assert is_only_a_code(text, CodeForms())


@pytest.mark.parametrize("text", ["", "pothole 1234567 again", "1234567 and 7654321", "hello"])
def test_should_know_a_message_that_is_more_than_a_code(text: str) -> None:
    assert not is_only_a_code(text, CodeForms())


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("MR1 2AB", "MR1 2AB"),
        ("at mr12ab please", "MR1 2AB"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("W1A 0AX", "W1A 0AX"),
        ("M1 1AE", "M1 1AE"),
        ("mr1 oab", "MR1 0AB"),
        ("(CR2 6XH)", "CR2 6XH"),
    ],
)
def test_should_find_a_postcode(text: str, postcode: str) -> None:
    assert [piece.value for piece in find_postcodes(text, frozenset({"MR1"}))] == [postcode]


@pytest.mark.parametrize(
    "text", ["A38", "M25", "mr1", "QX1 2AB", "MR1 2CK", "AMR1 2ABX", "24 7", "MR2 1AB", "NB96 OWE"]
)
def test_should_not_take_other_words_for_a_postcode(text: str) -> None:
    assert list(find_postcodes(text, frozenset({"MR1"}))) == []


def test_should_find_half_a_postcode_only_in_the_councils_districts() -> None:
    found = list(find_outward_codes("somewhere in mr3 near the M4", frozenset({"MR3"})))
    assert [piece.value for piece in found] == ["MR3"]


def test_should_find_what3words() -> None:
    assert [piece.value for piece in find_what3words("it is at ///Filled.count.soap ok")] == [
        "///filled.count.soap"
    ]
    assert list(find_what3words("https://a.b.c ///filled.count")) == []
    [piece] = find_what3words("my what3words is dinner.acts.forum")
    assert (piece.value, piece.start) == ("///dinner.acts.forum", 17)


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("van AB45 XKP parked", "AB45 XKP"),
        ("reg kn83hvt", "KN83 HVT"),
        ("(kn83 hvt)", "KN83 HVT"),
        ("W418 PLK is rusting", "W418 PLK"),
        ("its plate is d43 hjk", "D43 HJK"),
        ("reg no. abc 123d", "ABC 123D"),
        ("FAZ1234 on the verge", "FAZ 1234"),
    ],
)
def test_should_find_a_number_plate(text: str, plate: str) -> None:
    assert [piece.value for piece in find_plates(text)] == [plate]


@pytest.mark.parametrize(
    "text",
    [
        "on the m25 and then",
        "by no12 the",
        "at10 the",
        "MR12 3AB",
        "FS1234567",
        "the a46 was shut",
        "NHS 111A",
        "AI12 QIQ",
        "AB12 CDEF",
        "£AB12 CDE",
        "covid19 jab",
        "",
    ],
)
def test_should_not_take_other_words_for_a_number_plate(text: str) -> None:
    assert list(find_plates(text)) == []


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("outside 12 Mill Lane", "12 Mill Lane"),
        ("at 12a mill ln", "12a mill ln"),
        ("dumped on Weaver Street again", "Weaver Street"),
        ("dumped on weaver street again", "weaver street"),
        ("by St Aldhelm's Road", "St Aldhelm's Road"),
        ("flat 3, 14 Copper St", "14 Copper St"),
    ],
)
def test_should_find_a_street(text: str, street: str) -> None:
    assert [piece.value for piece in find_streets(text)] == [street]


@pytest.mark.parametrize(
    "text",
    [
        "in the road",
        "down our street",
        "on my way",
        "it is close",
        "a dirty street",
        "the main road",
        "cross the road",
        "2 hours on the road",
    ],
)
def test_should_not_take_other_words_for_a_street(text: str) -> None:
    assert list(find_streets(text)) == []


def test_should_survive_long_texts_without_slowing_down() -> None:
    for text in ("a " * 2500, "1" * 5000, "12 " * 1600, "Mill " * 1000, "ref " * 1200, "/" * 5000):
        list(find_streets(text)), _codes(text), list(find_postcodes(text)), list(find_what3words(text))
