"""A message that may mean several things: the question, a tap or a word in answer, and then the right place."""

from __future__ import annotations

from typing import Any

import pytest

from bot.council import load_council
from bot.directory import Directory, load_directory
from tests.running import ROOT, Running, eventually
from tests.unclear import (
    TOO_SHORT,
    Question,
    answered_with_others_beside,
    offered,
    question_asked,
    somebody,
)

PLACE = "MR1 2AB"


@pytest.fixture(scope="module")
def directory() -> Directory:
    """Where each purpose leads."""
    return load_directory(
        load_council(ROOT / "council.yml"), ROOT / "data" / "directory.yml", ROOT / "domain.yml"
    )


@pytest.fixture(scope="module")
def question(by_day: Running, directory: Directory) -> Question:
    """A message that the bot asks about, with at least two purposes that lead to a place of their own."""
    return question_asked(by_day, directory)


@pytest.fixture(scope="module")
def question_with_place(by_day: Running, directory: Directory) -> Question:
    """As `question`, of a message that names a place, with a report first."""
    texts = [f"{said} {PLACE}" for said in TOO_SHORT]
    return question_asked(by_day, directory, texts, first_kind="report")


def last_of(by_day: Running, visibility: str, person: str) -> dict[str, Any]:
    return by_day.thread("facebook", visibility, person)[-1]


def test_the_resident_is_asked_in_plain_words_and_a_tap_leads_to_the_right_place(
    by_day: Running, directory: Directory, question: Question
) -> None:
    person = somebody()
    asked = by_day.ask("facebook", "private", question.said, person)
    assert "automated" in asked.casefold()
    for number, intent in enumerate(question.intents, 1):
        choice = directory.choices[intent]
        assert f"{number}. {choice.label}: {choice.clause}" in asked
    taps = last_of(by_day, "private", person)["quick_replies"]
    assert all(len(tap["title"]) <= 20 for tap in taps)
    answer = by_day.ask("facebook", "private", taps[1]["title"], person, quick_reply=taps[1]["payload"])
    assert page(directory, question.intents[1]) in answer
    assert last_of(by_day, "private", person)["text"] == answer


@pytest.mark.parametrize("said", ["2", "2nd pls", "the second one", "number two please"])
def test_on_x_a_number_is_enough(
    by_day: Running, directory: Directory, question: Question, said: str
) -> None:
    person = somebody()
    asked = by_day.ask("x", "private", question.said, person)
    assert f"2. {directory.choices[question.intents[1]].label}" in asked
    assert page(directory, question.intents[1]) in by_day.ask("x", "private", said, person)


def test_the_words_of_a_label_are_enough(by_day: Running, directory: Directory, question: Question) -> None:
    person = somebody()
    by_day.ask("x", "private", question.said, person)
    answer = by_day.ask("x", "private", directory.choices[question.intents[0]].label.lower(), person)
    assert page(directory, question.intents[0]) in answer


def test_two_of_them_are_both_answered(by_day: Running, directory: Directory, question: Question) -> None:
    person = somebody()
    by_day.ask("x", "private", question.said, person)
    answer = by_day.ask("x", "private", "1 and 2", person)
    for intent in question.intents[:2]:
        assert page(directory, intent) in answer


def test_none_of_them_goes_to_a_person(by_day: Running, question: Question) -> None:
    person = somebody()
    by_day.ask("x", "private", question.said, person)
    answer = by_day.ask("x", "private", "none of these", person)
    assert "A person will answer by" in answer
    [case] = [case for case in by_day.cases() if case["person"] == person]
    assert (case["queue"], case["reason"]) == ("unclear", "none_of_the_choices")


def test_the_place_that_was_named_first_is_in_the_answer_after_the_choice(
    by_day: Running, directory: Directory, question_with_place: Question
) -> None:
    person = somebody()
    by_day.ask("x", "private", question_with_place.said, person)
    answer = by_day.ask("x", "private", "the first one", person)
    assert directory_link(directory, question_with_place.intents[0]) in answer


def test_danger_is_heard_while_a_choice_is_awaited(by_day: Running, question: Question) -> None:
    person = somebody()
    by_day.ask("x", "private", question.said, person)
    answer = by_day.ask("x", "private", "help the house next door is on fire and people are inside", person)
    assert "999" in answer
    assert [case["queue"] for case in by_day.cases() if case["person"] == person] == ["safety"]


def test_another_matter_is_answered_while_a_choice_is_awaited(
    by_day: Running, directory: Directory, question: Question
) -> None:
    person = somebody()
    by_day.ask("x", "private", question.said, person)
    said = "I want to renew my passport, where do I apply for that?"
    assert page(directory, "partner_national_government") in by_day.ask("x", "private", said, person)


def test_a_comment_is_asked_about_in_private_and_answered_there(
    by_day: Running, directory: Directory, question: Question
) -> None:
    person = somebody()
    public = by_day.ask("facebook", "public", question.said, person)
    assert "private message" in public and "automated" in public.casefold()
    for intent in question.intents:
        assert directory.choices[intent].clause not in public
    eventually(lambda: bool(by_day.answers("facebook", "private", person)))
    [asked] = by_day.thread("facebook", "private", person)
    assert offered(asked, directory) == question.intents
    assert "automated" in asked["text"].casefold()
    assert page(directory, question.intents[1]) in by_day.ask("facebook", "private", "the 2nd", person)


def test_a_mention_on_x_is_asked_to_write_in_private(
    by_day: Running, directory: Directory, question: Question
) -> None:
    person = somebody()
    public = by_day.ask("x", "public", question.said, person)
    assert "private message" in public and "automated" in public.casefold()
    assert directory.choices[question.intents[0]].clause not in public
    assert by_day.answers("x", "private", person) == []


def test_the_right_one_beside_an_answer_is_a_tap_or_a_word_away(
    by_day: Running, directory: Directory
) -> None:
    found = answered_with_others_beside(by_day, directory)
    label = directory.choices[found.intents[0]].label

    tapping = somebody()
    answer = by_day.ask("facebook", "private", found.said, tapping)
    assert "automated" in answer.casefold()
    assert f'Not what you meant? Write 1 for "{label}"' in answer.splitlines()[-1]
    [tap, *others] = last_of(by_day, "private", tapping)["quick_replies"]
    assert (tap["title"], len(others)) == (label, len(found.intents) - 1)
    after = by_day.ask("facebook", "private", tap["title"], tapping, quick_reply=tap["payload"])
    assert page(directory, found.intents[0]) in after and page(directory, found.intents[0]) not in answer
    assert "Not what you meant" not in after

    writing = somebody()
    assert "Write 1 for" in by_day.ask("x", "private", found.said, writing)
    assert page(directory, found.intents[0]) in by_day.ask("x", "private", "1 please", writing)

    denying = somebody()
    by_day.ask("x", "private", found.said, denying)
    asked = by_day.ask("x", "private", "not that", denying)
    assert directory.choices[found.intents[0]].clause in asked
    assert page(directory, found.intents[0]) in by_day.ask("x", "private", label.lower(), denying)

    thankful = somebody()
    by_day.ask("x", "private", found.said, thankful)
    assert "You are welcome" in by_day.ask("x", "private", "thank you very much", thankful)

    public = by_day.ask("x", "public", found.said)
    assert "Not what you meant" not in public


def page(directory: Directory, intent: str) -> str:
    """What an answer holds that leads to this purpose: its page, or in the sandbox's reporting tool its category."""
    destination = directory[intent]
    if destination.kind == "report":
        return (directory.page(intent) or "").partition("?")[2]
    return directory.page(intent) or ""


def directory_link(directory: Directory, intent: str) -> str:
    """The form at the place that was named."""
    return directory.report_link(intent, postcode=PLACE).partition("/around")[2]
