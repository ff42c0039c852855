"""Repeats: the same again is found, a new fact is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.findings import Context, EarlierMessage, Finding
from bot.policy.reading import read
from bot.policy.repeats import Repeat, RepeatLimits, Repeats

ROOT = Path(__file__).resolve().parents[3]
BIN = "My bin on Elm Road was not collected on Tuesday"
LIBRARY = "Keep Abbey library open six days a week, it is the heart of our street"
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@cache
def check() -> Repeats:
    return Repeats.from_files(ROOT)


def again(text: str, *earlier: str, author: str = "ann", by: str = "ann", group: str = "") -> Repeat | None:
    before = tuple(EarlierMessage(each, by, None, "") for each in earlier)
    return check().find(read(text), Context(author_handle=author, group=group, earlier=before))


def findings(text: str, *authors: str, by: str = "zoe") -> list[Finding]:
    before = tuple(EarlierMessage(text, author) for author in authors)
    return check().check(read(text), Context(author_handle=by, earlier=before))


@pytest.mark.parametrize(
    "text",
    [
        BIN,
        BIN.upper() + "!!!",
        "my bin on elm road wasn't collected on tuesday AGAIN, please",
        "On Tuesday my bin on Elm Road was not collected",
        "My b i n on Elm Road was not colected on Tuesday 😡😡",
        "Му bin on Elm Road was nоt collected оn Tuesday",
    ],
)
def test_the_same_from_the_same_person_is_found(text: str) -> None:
    repeat = again(text, BIN)
    assert repeat is not None
    assert repeat.same_person
    assert repeat.key == check().key_of(BIN)


@pytest.mark.parametrize(
    "text",
    [
        "My bin on Elm Road was not collected on Tuesday. There are rats in it now",
        "My bin on Elm Road was not collected on Friday",
        "My bin on Mill Lane was not collected on Tuesday",
        "My bin at 48 Elm Road was not collected on Tuesday",
        "Any update on my bin on Elm Road that was not collected?",
        "My bin on Elm Road has been collected, thank you",
    ],
)
def test_a_follow_up_that_adds_a_fact_is_not_found(text: str) -> None:
    assert again(text, BIN) is None


@pytest.mark.parametrize(
    "text",
    [
        "thanks",
        "Thank you so much for your help",
        "yes please",
        "Still waiting",
        "ok",
        "👍",
        "Hello, anyone there?",
    ],
)
def test_what_anybody_may_say_is_never_a_repeat(text: str) -> None:
    assert again(text, text, text) is None
    assert again(text, text, author="ann", by="bob") is None


@pytest.mark.parametrize(
    "text",
    [
        "keep abbey library open 6 days a week - it is the heart of our street!!",
        "Dear council, keep Abbey library open six days a week, it is the heart of our street. Regards, Bo",
        "Our chess club says: " + LIBRARY,
    ],
)
def test_others_words_are_found_with_a_greeting_a_name_or_figures_for_numbers(text: str) -> None:
    assert again(text, LIBRARY, author="bo", by="ann") is not None


def test_strangers_who_see_the_same_in_few_words_do_not_repeat_each_other() -> None:
    assert again("Dog mess on the pavement again", "Dog mess on pavement", author="bo", by="ann") is None


def test_a_campaign_is_named_from_the_third_person_on() -> None:
    assert [each.check for each in findings(LIBRARY, "ann")] == ["repeats.copied"]
    assert [each.check for each in findings(LIBRARY, "ann", "bob")] == ["repeats.campaign"]
    assert [each.check for each in findings(LIBRARY, "ann", "ann", by="ann")] == ["repeats.same_person"]


def test_a_message_sent_twice_is_noted_and_from_the_third_time_flagged() -> None:
    assert findings(BIN, "zoe")[0].severity == "note"
    assert findings(BIN, "zoe", "zoe")[0].severity == "flag"


def test_every_message_of_a_campaign_has_the_key_of_the_oldest() -> None:
    second = LIBRARY.replace("six", "6")
    repeat = again(second.upper(), LIBRARY, second, author="cas", by="ann")
    assert repeat is not None
    assert repeat.times == 2
    assert repeat.key == check().key_of(LIBRARY)


def test_what_is_older_than_the_window_is_not_repeated() -> None:
    hours = RepeatLimits.model_validate({}).window_hours
    for age, found in ((hours, True), (hours + 1, False)):
        before = (EarlierMessage(BIN, "ann", MONDAY - timedelta(hours=age)),)
        context = Context(author_handle="ann", at=MONDAY, earlier=before)
        assert bool(check().check(read(BIN), context)) is found


def test_the_first_of_all_is_no_repeat() -> None:
    assert findings(LIBRARY) == []


@given(st.lists(st.text("abcdefghij", min_size=4, max_size=9), min_size=8, max_size=20))
def test_the_key_does_not_change_with_capitals_and_punctuation(words: list[str]) -> None:
    text = " ".join(words)
    assert check().key_of(text) == check().key_of(text.upper().replace(" ", ", ") + "!!")


@given(st.text(max_size=200), st.lists(st.text(max_size=100), max_size=4))
def test_nothing_that_is_written_breaks_the_check(text: str, earlier: list[str]) -> None:
    context = Context(earlier=tuple(EarlierMessage(each) for each in [*earlier, text]))
    for finding in check().check(read(text), context):
        assert (finding.start, finding.end) == (0, len(text))
