"""Handing over: the right queue, when a person will answer, and what cannot wait."""

from __future__ import annotations

import pytest

from tests.unit.rehearsal import OUT_OF_HOURS, play


@pytest.mark.parametrize(("intent", "queue"), [("make_complaint", "complaints"), ("request_human", "person")])
@pytest.mark.parametrize("public", [True, False])
def test_should_open_a_case_in_the_queue_of_the_directory(intent: str, queue: str, public: bool) -> None:
    played = play(intent, public=public)
    assert played.outcome == "handed_over"
    assert played.deeds == [{"do": "hand_over", "queue": queue, "reason": intent, "urgency": "normal"}]


def test_should_say_by_when_a_person_answers() -> None:
    assert "A person will answer by 11am tomorrow." in (play("request_human").text or "")
    friday = play("request_human", now="2026-11-27T16:00:00+00:00")
    assert "A person will answer by 4pm on Monday." in (friday.text or "")


def test_should_never_promise_earlier_than_the_case_is_due() -> None:
    assert "by midday tomorrow" in (play("request_human", now="2026-11-24T11:01:00+00:00").text or "")
    assert "by 5pm tomorrow" in (play("request_human", now="2026-11-24T16:59:59+00:00").text or "")


def test_should_say_out_of_hours_whom_to_call() -> None:
    text = play("request_human", now=OUT_OF_HOURS).text or ""
    assert "back on Monday at 9am" in text
    assert "by 9am on Tuesday" in text
    assert "call 01632 960199" in text and "call 999" in text


def test_should_name_the_date_when_it_is_far_away() -> None:
    text = play("request_human", now="2026-12-23T12:00:00+00:00").text or ""
    assert "by midday on Monday 4 January 2027" in text


def test_should_name_the_complaints_procedure() -> None:
    assert "https://www.marlstow.example/complaints" in (play("make_complaint").text or "")
    assert "https://www.marlstow.example/complaints" in (play("make_complaint", public=True).text or "")


def test_should_move_details_to_private_messages() -> None:
    for intent in ("make_complaint", "request_human"):
        assert "private message" in (play(intent, public=True).text or "")


def test_should_answer_the_question_that_came_with_the_complaint() -> None:
    played = play("make_complaint", purposes=["make_complaint", "report_missed_bin"])
    assert "filter_category=Missed+bin" in (played.text or "")
    assert "Did that" not in (played.text or "")


def test_should_hand_over_to_a_person_whatever_the_intent_is() -> None:
    played = play("greet", action="action_hand_over")
    assert played.deeds == [{"do": "hand_over", "queue": "person", "reason": "greet", "urgency": "normal"}]
