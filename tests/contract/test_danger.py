"""Danger in the words of a message is answered whatever Rasa says, and also when Rasa says nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bot.brain import BrainUnavailable
from bot.channels.base import Visibility
from bot.policy.danger import DangerCheck
from bot.store import conversations
from bot.store.database import Database
from bot.store.tables import Case, Conversation
from tests.contract.desk import Desk
from tests.scripted import SATURDAY_NIGHT, TUESDAY_11, message

ROOT = Path(__file__).parents[2]
FIRE = "the flat below is on fire"
CAN_HEAR = {
    "intent": {"name": "emergency_danger", "confidence": 0.9},
    "outcome": "advised_safety",
    "replies": [{"text": "Call 999", "response": "utter_emergency_danger"}],
    "deeds": [{"do": "hand_over", "queue": "safety", "reason": "emergency_danger", "urgency": "urgent"}],
}


TAKEN_FOR_A_POTHOLE = {"ranking": [("report_pothole", 0.93), ("emergency_danger", 0.04)]}


@cache
def check() -> DangerCheck:
    return DangerCheck.from_file(ROOT / "data" / "policy" / "danger.yml")


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, watch=check())


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        (FIRE, "emergency_danger"),
        ("i dont want to be here any more", "self_harm"),
        ("my stepdad hits me", "safeguarding"),
    ],
)
async def test_should_answer_danger_while_rasa_is_stopped(desk: Desk, text: str, danger: str) -> None:
    desk.brain.outages = 10**6
    desk.time = SATURDAY_NIGHT
    message_id = await desk.take(message(text))

    assert [sent.text for sent in desk.channel.sent] == [f"Advice on {danger}"]
    [case] = await desk.open_cases()
    assert (case.queue, case.urgency, case.due_at) == ("safety", "urgent", SATURDAY_NIGHT)
    decision = await desk.decision(message_id)
    assert (decision.outcome, decision.intent, decision.model) == (
        "advised_safety",
        danger,
        "words and patterns",
    )
    assert decision.reason == f"danger seen in the words: {danger}; Rasa gave no answer"


async def test_should_answer_danger_that_rasa_took_for_something_else_but_has_not_ruled_out(
    desk: Desk,
) -> None:
    desk.brain.answers[FIRE] = TAKEN_FOR_A_POTHOLE
    message_id = await desk.take(message(FIRE))

    assert [sent.text for sent in desk.channel.sent] == ["Advice on emergency_danger"]
    assert not desk.channel.sent[0].quick_replies
    decision = await desk.decision(message_id)
    assert (
        decision.reason
        == "danger seen in the words: emergency_danger; Rasa took it for report_pothole (0.93)"
    )
    assert decision.ranking == [["report_pothole", 0.93], ["emergency_danger", 0.04]]


async def test_should_believe_rasa_that_has_ruled_danger_out(desk: Desk) -> None:
    desk.brain.answers[FIRE] = TAKEN_FOR_A_POTHOLE | {
        "ranking": [("report_pothole", 0.98), ("report_pavement", 0.01)]
    }
    await desk.take(message(FIRE))
    assert desk.advice.asked == []
    assert await desk.rows(Case) == []


async def test_should_leave_it_to_rasa_when_rasa_saw_the_danger(desk: Desk) -> None:
    desk.brain.answers[FIRE] = CAN_HEAR
    await desk.take(message(FIRE))

    assert [sent.text for sent in desk.channel.sent] == ["Call 999"]
    assert desk.advice.asked == []
    assert len(await desk.open_cases()) == 1


async def test_should_leave_an_ordinary_message_to_rasa(desk: Desk) -> None:
    desk.brain.outages = 1
    with pytest.raises(BrainUnavailable):
        await desk.take(message("my bin was not emptied"))
    assert desk.advice.asked == []


async def test_should_ask_again_later_when_nobody_has_the_words(desk: Desk) -> None:
    desk.brain.outages, desk.advice.outages = 1, 1
    with pytest.raises(BrainUnavailable):
        await desk.take(message(FIRE))
    assert await desk.rows(Case) == []


async def test_should_put_danger_first_in_line_when_the_turn_failed_for_good(desk: Desk) -> None:
    [message_id] = await desk.receive(message(FIRE))
    await desk.decider.give_up(message_id)

    [case] = await desk.open_cases()
    assert (case.queue, case.urgency, case.due_at) == ("safety", "urgent", TUESDAY_11)


async def test_should_raise_the_case_though_a_person_has_taken_over_and_rasa_is_stopped(desk: Desk) -> None:
    await desk.take(message("hello"))
    [conversation] = await desk.rows(Conversation)
    async with desk.database.transaction() as session:
        await conversations.set_owner(session, conversation.id, "staff", desk.now())
    desk.brain.outages = 1
    await desk.take(message(FIRE, external_id="m-2"))

    assert len(desk.channel.sent) == 1
    [case] = await desk.open_cases()
    assert (case.queue, case.urgency) == ("safety", "urgent")


async def test_should_answer_in_public_too(desk: Desk) -> None:
    desk.brain.outages = 1
    await desk.take(message(FIRE, visibility=Visibility.PUBLIC, thread="post-1"))
    assert [sent.text for sent in desk.channel.sent] == ["Advice on emergency_danger"]


async def test_should_answer_once_when_the_turn_runs_twice(desk: Desk) -> None:
    desk.brain.outages = 10**6
    message_id = await desk.take(message(FIRE))
    for reply_id in await desk.decider.decide(message_id):
        await desk.deliverer.attempt(reply_id, 0)
    assert len(desk.channel.sent) == 1
