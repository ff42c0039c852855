"""Text: counted as X counts it, cut at words, and safe to repeat."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import fits, join_paragraphs, printable, shorten, weighted_length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("hello", 5),
        ("👍", 2),
        ("漢字", 4),
        ("👨‍👩‍👧‍👦", 2),
        ("https://www.gov.uk/around?pc=MR1+2AB&filter_category=Fly-tipping", 23),
        ("see https://www.gov.uk/contact now", 4 + 23 + 4),
    ],
)
def test_should_count_as_x_counts(text: str, length: int) -> None:
    assert weighted_length(text) == length


def test_should_fit_up_to_280() -> None:
    assert fits("a" * 280)
    assert not fits("a" * 281)
    assert not fits("漢" * 141)


def test_should_cut_at_a_word() -> None:
    assert shorten("the lamp is out again", 14) == "the lamp is…"
    assert shorten("the lamp is out", 15) == "the lamp is out"
    assert shorten("unbreakable", 5) == "unb…"  # the ellipsis itself weighs 2


def test_should_not_leave_half_an_emoji_or_a_loose_accent() -> None:
    assert shorten("e\u0301" * 20, 5).count("\u0301") == shorten("e\u0301" * 20, 5).count("e")
    assert not shorten("👨‍👩‍👧‍👦" * 10, 7).rstrip("…").endswith("\u200d")


def test_should_refuse_no_room_at_all() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        shorten("text", 0)


@given(st.text(max_size=300), st.integers(2, 280))
def test_should_never_be_longer_than_asked(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert weighted_length(short) <= limit
    if fits(text, limit):
        assert short == text


@given(st.text(max_size=200))
def test_should_show_nothing_that_nobody_sees(text: str) -> None:
    shown = printable(text)
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cs", "Cn"} for char in shown)
    assert printable(shown) == shown
    assert "\n" not in shown and "  " not in shown


def test_should_take_out_what_turns_the_writing_direction() -> None:
    assert printable("safe\u202egnirts\u2066\u200b \x1b[31mred\x00\n\nnext") == "safegnirts [31mred next"


def test_should_join_what_holds_anything() -> None:
    assert join_paragraphs("one ", None, "", "  ", "two") == "one\n\ntwo"
    assert join_paragraphs() == ""
