"""Times are found as residents write them, and ages, prices and counts are none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.times import find_times


def times(text: str) -> list[tuple[str, str]]:
    return [(piece.entity, piece.value) for piece in find_times(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("out since Tuesday", "date", "Tuesday"),
        ("not emptied for 3 weeks now", "date", "3 weeks"),
        ("a fortnight ago", "date", "a fortnight ago"),
        ("it was the day before yesterday", "date", "the day before yesterday"),
        ("for the last few months", "date", "the last few months"),
        ("closed until the 8th", "date", "the 8th"),
        ("6th of May 2026", "date", "6th of May 2026"),
        ("reported 12/03/2026", "date", "12/03/2026"),
        ("moved in May", "date", "May"),
        ("every other Wednesday", "date", "every other Wednesday"),
        ("on bank holiday Monday", "date", "bank holiday Monday"),
        ("at the end of the month", "date", "the end of the month"),
        ("months ago", "date", "months ago"),
        ("it happens every night", "date", "every night"),
        ("Saturday night", "date", "Saturday night"),
        ("about 2am", "time", "2am"),
        ("at 8.45", "time", "8.45"),
        ("18:30 on the dot", "time", "18:30"),
        ("at half past five", "time", "half past five"),
        ("between 1 and 4am", "time", "1 and 4am"),
        ("3 in the morning", "time", "3 in the morning"),
        ("shuts at 5", "time", "5"),
        ("tonight", "time", "tonight"),
        ("in the early hours", "time", "the early hours"),
        ("this morning", "time", "this morning"),
    ],
)
def test_should_find_a_time(text: str, kind: str, value: str) -> None:
    assert times(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "may I have a form",
        "we march past",
        "it may be fine",
        "a 3 year old",
        "6 months pregnant",
        "5 bins",
        "£7.50",
        "at 5 Swan Street",
        "between 1-38 Oak Road",
        "the 3rd floor",
        "the 3rd time",
        "2.5 metres",
        "the sun and the wed dress",
        "a Christmas tree",
        "112 a month",
        "now and again",
        "01632 960111",
        "1/2 full",
        "",
    ],
)
def test_should_find_no_time(text: str) -> None:
    assert times(text) == []


def test_should_find_several_in_order() -> None:
    found = times("Monday 23rd November at 10.30, then again last night about 2am")
    assert found == [
        ("date", "Monday 23rd November"),
        ("time", "10.30"),
        ("date", "last night"),
        ("time", "2am"),
    ]


@given(st.text(max_size=200))
def test_should_give_pieces_of_the_text_that_do_not_overlap(text: str) -> None:
    end = 0
    for piece in find_times(text):
        assert piece.start >= end and piece.value == text[piece.start : piece.end]
        end = piece.end


@pytest.mark.parametrize("words", ["half ", "1 ", "a few ", "the last "])
def test_should_be_quick(words: str) -> None:
    text = words * (5000 // len(words))
    started = time.perf_counter()
    list(find_times(text))
    assert time.perf_counter() - started < 0.5
