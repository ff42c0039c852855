"""Relevance: other people's subjects are noted, whatever a council does is not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council import load_council
from bot.policy.findings import Context, Finding
from bot.policy.reading import read
from bot.policy.relevance import Relevance

ROOT = Path(__file__).resolve().parents[3]


@cache
def check() -> Relevance:
    return Relevance.from_files(ROOT, load_council(ROOT / "council.yml"))


def findings(text: str, context: Context | None = None) -> list[Finding]:
    return check().check(read(text), context or Context())


@pytest.mark.parametrize(
    "text",
    [
        "Greece was robbed in the song contest, that singer was amazing",
        "Trump and Putin are meeting again, what will the senate say",
        "Forward this to twelve friends before midnight for good luck",
        "What a goal by Haaland, best striker in the premier league",
        "Pineapple on pizza, yes or no? Fight me",
        "Mercury is in retrograde so no wonder, typical Scorpio",
        "did you know octopuses have three hearts, that planet documentary was brilliant",
    ],
)
def test_what_has_nothing_to_do_with_the_council_is_found(text: str) -> None:
    assert [each.clause for each in findings(text)] == ["relevance"]


@pytest.mark.parametrize(
    "text",
    [
        "Are you showing the world cup final on the big screen in Market Square?",
        "Pizza boxes with cheese on, which bin do they go in?",
        "Our refugee family from Ukraine needs a school place in Fernhill",
        "Somebody has dumped a dinosaur costume in the canal",
        "Still waiting. Nobody has come.",
        "My ex keeps coming to my door and I am scared",
        "The football pitch in the park is under water again",
        "thanks, that worked",
        "ok",
        "👍👍👍",
        "",
    ],
)
def test_what_a_council_does_is_not_found(text: str) -> None:
    assert findings(text) == []


def test_in_private_anybody_may_speak_of_anything() -> None:
    text = "Greece was robbed in the song contest, that singer was amazing"
    assert findings(text, Context(visibility="private")) == []


@given(st.text(max_size=300))
def test_whatever_is_written_the_evidence_is_in_the_text(text: str) -> None:
    for finding in findings(text):
        assert 0 <= finding.start <= finding.end <= len(text)
