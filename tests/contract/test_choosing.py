"""A choice between purposes, over each database: what is recorded, what follows into private, what people get."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.brain import BrainAnswer
from bot.channels.base import ChannelName, Visibility
from bot.store import conversations
from bot.store.database import Database
from bot.store.tables import Case, Conversation, Decision, Message, Reply
from bot.turns.decide import message_of, turn_id
from tests.contract.desk import Desk
from tests.scripted import message

TAPS = [
    {"title": "Dumped rubbish", "payload": "choose:report_fly_tipping"},
    {"title": "None of these", "payload": "choose:"},
]
TWO = ["report_fly_tipping", "report_street_litter"]
QUESTION_SLOTS = {
    "awaiting": "clarify",
    "choices": [{"intent": each, "label": each, "clause": each} for each in TWO],
}
UNCLEAR: dict[str, Any] = {
    "intent": {"name": "nlu_fallback", "confidence": 0.34},
    "ranking": [("report_fly_tipping", 0.34), ("report_street_litter", 0.3)],
    "purposes": [],
    "outcome": "clarified",
    "offered": TWO,
}
ASKED = UNCLEAR | {
    "replies": [{"text": "Which is it?", "response": "utter_which", "quick_replies": TAPS}],
    "slots": {"disclosed": True} | QUESTION_SLOTS,
}
ASKED_IN_PUBLIC = UNCLEAR | {
    "replies": [
        {
            "text": "Please carry on with us in a private message",
            "response": "utter_which_public",
            "private_text": "Which is it?",
            "private_slots": {"disclosed": True, "place": "Mill Lane"} | QUESTION_SLOTS,
            "quick_replies": TAPS,
        }
    ],
    "slots": {"awaiting": "none", "unclear_count": 1.0},
}
CHOSEN = {
    "intent": {"name": "report_street_litter", "confidence": 1.0},
    "ranking": [("report_street_litter", 1.0)],
    "purposes": ["report_street_litter"],
    "chosen_from": TWO,
}
NONE = {
    "intent": {"name": "nlu_fallback", "confidence": 1.0},
    "ranking": [],
    "purposes": [],
    "chosen_from": TWO,
    "outcome": "handed_over",
}


async def reason(desk: Desk, message_id: int) -> tuple[str, str]:
    """The outcome and the reason that the decision records."""
    decision = await desk.decision(message_id)
    return decision.outcome, decision.reason


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = Desk(database)
    desk.brain.answers = {"rubbish": ASKED, "rubbish!": ASKED_IN_PUBLIC, "2": CHOSEN, "none": NONE}
    return desk


async def test_a_decision_says_what_was_offered_and_the_next_what_was_chosen(desk: Desk) -> None:
    asked = await desk.take(message("rubbish"))
    chosen = await desk.take(message("2", external_id="m-2"))

    both = "report_fly_tipping, report_street_litter"
    assert await reason(desk, asked) == ("clarified", f"asked which is meant: {both}")
    assert await reason(desk, chosen) == (
        "signposted",
        f"the resident chose report_street_litter from {both}",
    )
    [_, decision] = await desk.rows(Decision)
    assert (decision.intent, decision.confidence) == ("report_street_litter", 1.0)
    assert desk.brain.asked[-1]["slots"]["choices"] == QUESTION_SLOTS["choices"]


async def test_a_decision_says_what_was_offered_beside_the_answer(desk: Desk) -> None:
    beside = {"offered": TWO, "slots": {"awaiting": "none", "choices": QUESTION_SLOTS["choices"]}}
    desk.brain.answers["bins"] = beside
    answered = await desk.take(message("bins"))
    chosen = await desk.take(message("2", external_id="m-2"))
    both = "report_fly_tipping, report_street_litter"
    assert await reason(desk, answered) == ("signposted", f"offered beside the answer: {both}")
    assert (await reason(desk, chosen))[1] == f"the resident chose report_street_litter from {both}"
    assert desk.brain.asked[-1]["slots"]["choices"] == QUESTION_SLOTS["choices"]


async def test_the_taps_are_sent_and_a_tap_comes_back_as_its_payload(desk: Desk) -> None:
    await desk.take(message("rubbish"))
    await desk.take(message("Dumped rubbish", external_id="m-2", quick_reply="choose:report_fly_tipping"))

    [question, _] = desk.channel.sent
    assert [(each.title, each.payload) for each in question.quick_replies] == [
        ("Dumped rubbish", "choose:report_fly_tipping"),
        ("None of these", "choose:"),
    ]
    assert desk.brain.asked[-1]["text"] == "Dumped rubbish"
    assert desk.brain.asked[-1]["quick_reply"] == "choose:report_fly_tipping"


async def test_none_of_them_opens_a_case_about_the_message_that_was_asked_about(desk: Desk) -> None:
    asked = await desk.take(message("rubbish"))
    deed = {"do": "hand_over", "queue": "unclear", "reason": "none_of_the_choices", "about": turn_id(asked)}
    desk.brain.answers["none"] = NONE | {"deeds": [deed]}
    none = await desk.take(message("none", external_id="m-2"))

    [case] = await desk.rows(Case)
    assert (case.queue, case.reason) == ("unclear", "none_of_the_choices")
    assert (case.message_id, case.last_message_id) == (asked, none)
    assert await reason(desk, none) == (
        "handed_over",
        "the resident chose none of report_fly_tipping, report_street_litter",
    )


@pytest.mark.parametrize(
    "about", ["turn-000000000001", "turn-999999999999", "turn-", "nonsense", "turn-" + "9" * 40, None]
)
async def test_a_case_is_about_this_message_when_the_earlier_is_not_the_persons(
    desk: Desk, about: str | None
) -> None:
    await desk.take(message("hello", author="somebody-else", external_id="m-0"))
    deed = {"do": "hand_over", "queue": "unclear", "reason": "none_of_the_choices", "about": about}
    desk.brain.answers["none"] = NONE | {"deeds": [deed]}
    none = await desk.take(message("none"))
    [case] = await desk.rows(Case)
    assert (case.message_id, case.last_message_id) == (none, none)


async def test_a_public_question_is_put_in_private_where_its_answer_is_understood(desk: Desk) -> None:
    asked = await desk.take(message("rubbish!", visibility=Visibility.PUBLIC))
    await desk.take(message("2", external_id="m-2"))

    assert [str(sent.kind) for sent in desk.channel.sent] == ["public_reply", "private_reply", "direct"]
    assert [len(sent.quick_replies) for sent in desk.channel.sent] == [0, 2, 0]
    assert desk.brain.asked[-1]["slots"] == {"disclosed": True, "place": "Mill Lane"} | QUESTION_SLOTS
    assert (await reason(desk, asked))[1] == "asked which is meant: report_fly_tipping, report_street_litter"
    public, private = await desk.rows(Conversation)
    assert (public.visibility, private.visibility, private.thread) == ("public", "private", "person-1")
    assert public.slots == {"awaiting": "none", "unclear_count": 1.0}
    assert [reply.kind for reply in await desk.rows(Reply)] == ["public_reply", "private_reply", "direct"]


async def test_nothing_has_been_received_in_a_private_conversation_that_we_begin(desk: Desk) -> None:
    await desk.take(message("rubbish!", visibility=Visibility.PUBLIC))
    [_, private] = await desk.rows(Conversation)
    assert (private.last_received_at, private.owner) == (None, "bot")


async def test_a_public_question_adds_to_what_a_private_conversation_remembers(desk: Desk) -> None:
    await desk.take(message("hello"))
    desk.brain.answers["hello"] = {"slots": {"disclosed": True, "postcode": "MR1 2AB"}}
    await desk.take(message("hello", external_id="m-2"))
    await desk.take(message("rubbish!", external_id="m-3", visibility=Visibility.PUBLIC))
    [private, _] = await desk.rows(Conversation)
    assert private.slots == {"disclosed": True, "postcode": "MR1 2AB", "place": "Mill Lane"} | QUESTION_SLOTS


async def test_what_was_remembered_more_than_a_day_ago_stays_forgotten(desk: Desk) -> None:
    desk.brain.answers["hello"] = {"slots": {"disclosed": True, "postcode": "MR1 2AB"}}
    await desk.take(message("hello"))
    desk.time += timedelta(hours=25)
    await desk.take(message("rubbish!", external_id="m-2", visibility=Visibility.PUBLIC))
    [private, _] = await desk.rows(Conversation)
    assert "postcode" not in private.slots and private.slots["awaiting"] == "clarify"


async def test_a_question_expires_with_the_conversation(desk: Desk) -> None:
    await desk.take(message("rubbish"))
    desk.time += timedelta(hours=25)
    await desk.take(message("2", external_id="m-2"))
    assert desk.brain.asked[-1]["slots"] == {}


async def test_a_private_conversation_that_people_own_is_left_alone(desk: Desk) -> None:
    await desk.take(message("hello"))
    async with desk.database.transaction() as session:
        await conversations.set_owner(session, 1, "staff", desk.time)
    await desk.take(message("rubbish!", external_id="m-2", visibility=Visibility.PUBLIC))
    [private, _] = await desk.rows(Conversation)
    assert private.slots == {"disclosed": True}


async def test_where_there_is_no_private_reply_nothing_was_offered_yet(desk: Desk) -> None:
    desk.channel.name = ChannelName.X
    asked = await desk.take(message("rubbish!", visibility=Visibility.PUBLIC, summoned=True))
    both = "report_fly_tipping, report_street_litter"
    assert await reason(desk, asked) == ("clarified", f"between {both}; asked to write in private")
    assert len(await desk.rows(Conversation)) == 1
    assert len([row for row in await desk.rows(Message) if row.direction == "out"]) == 1


async def test_a_turn_that_is_run_again_offers_once(desk: Desk) -> None:
    received = await desk.receiver.receive(desk.channel, [message("rubbish!", visibility=Visibility.PUBLIC)])
    for _ in range(3):
        for reply_id in await desk.decider.decide(received.new[0].message_id):
            await desk.deliverer.attempt(reply_id, 0)
    assert len(desk.channel.sent) == 2


def test_the_name_of_a_turn_leads_back_to_its_message() -> None:
    assert message_of(turn_id(17)) == 17
    assert message_of("17") is None


def test_an_answer_of_an_older_rasa_offers_nothing() -> None:
    fields = {
        name: field.default for name, field in BrainAnswer.model_fields.items() if not field.is_required()
    }
    assert (fields["offered"], fields["chosen_from"]) == ([], [])
