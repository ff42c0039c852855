"""Places without an address are found by the words that say where, and by how they end."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.landmarks import find_landmarks, says_where


def places(text: str) -> set[str]:
    return {piece.value for piece in find_landmarks(text)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("between the church and the chip shop", {"church", "chip shop"}),
        ("outside the Queens Head last night", {"Queens Head"}),
        ("behind the old mill", {"mill"}),
        ("opp scout hut on Fern Road", {"scout hut"}),
        ("by the mini roundabout", {"mini roundabout"}),
        ("in front of the cash machine", {"cash machine"}),
        ("near St Jude's church", {"St Jude's church"}),
        ("noise from the Dog and Duck again", {"Dog and Duck"}),
        ("Hobbs Garage has blocked the path", {"Hobbs Garage"}),
        ("litter on the roundabout", {"roundabout"}),
        ("my aunt lives in Swansea", {"Swansea"}),
        ("on the A46 slip road", {"A46"}),
        ("OUTSIDE THE CHURCH AGAIN", {"CHURCH"}),
    ],
)
def test_should_find_a_landmark(text: str, found: set[str]) -> None:
    assert places(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "outside my house",
        "behind our flats",
        "next to her school bag",
        "by the way",
        "Dirty park",
        "by Monday please",
        "near I think",
        "an A4 sheet",
        "school place needed",
        "is there a pool",
        "NOBODY NEAR US CAN PARK",
        "",
    ],
)
def test_should_find_none(text: str) -> None:
    assert places(text) == set()


def test_should_know_what_says_where() -> None:
    text = "behind the Co-op, I like Aldi"
    assert says_where(text, text.index("Co-op"))
    assert not says_where(text, text.index("Aldi"))


@given(st.text(max_size=200))
def test_should_give_pieces_within_the_text(text: str) -> None:
    for piece in find_landmarks(text):
        assert 0 <= piece.start < piece.end <= len(text)
        assert piece.value == " ".join(text[piece.start : piece.end].split())


@pytest.mark.parametrize("words", ["near the ", "Aa ", "between the church ", "old ", "outside Aa and "])
def test_should_be_quick(words: str) -> None:
    text = words * (5000 // len(words))
    started = time.perf_counter()
    list(find_landmarks(text))
    assert time.perf_counter() - started < 0.5
