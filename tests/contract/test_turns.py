"""A message's way through the turns, over each database: stored once, decided once, sent once, never lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from bot.brain import BrainUnavailable
from bot.cases.handover import close
from bot.channels.base import (
    AccessRevoked,
    Author,
    ChannelDown,
    ChannelName,
    EchoReceived,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    NeverSend,
    OutcomeUnknown,
    Outgoing,
    Sent,
    ThreadTaken,
    TryAgain,
    Visibility,
)
from bot.policy.personal import PersonalData
from bot.store import audit, cases, conversations, messages, replies
from bot.store.database import Database
from bot.store.tables import Account, Case, Conversation, Decision, Finding, Message, Person, Reply
from bot.turns import deliver as deliver_module
from bot.turns.deliver import Progress
from bot.turns.outcomes import Outcome
from bot.turns.workflow import Turns
from tests.contract.conftest import DatabaseUrls
from tests.contract.desk import Desk
from tests.scripted import TUESDAY_11, message

HAND_OVER = {
    "intent": {"name": "make_complaint", "confidence": 0.9},
    "outcome": "handed_over",
    "deeds": [{"do": "hand_over", "queue": "complaints", "reason": "complaint", "urgency": "normal"}],
}
DANGER = {
    "intent": {"name": "emergency_danger", "confidence": 0.5},
    "outcome": "advised_safety",
    "replies": [{"text": "Call 999", "response": "utter_emergency"}],
    "deeds": [{"do": "hand_over", "queue": "safety", "reason": "emergency_danger", "urgency": "urgent"}],
}


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_should_answer_a_private_message_and_record_why(desk: Desk) -> None:
    message_id = await desk.take(message("pothole on Mill Lane"))

    assert [sent.text for sent in desk.channel.sent] == ["Answer to pothole on Mill Lane"]
    decision = await desk.decision(message_id)
    assert (decision.outcome, decision.intent, decision.confidence) == ("signposted", "report_pothole", 0.93)
    assert decision.model == "scripted-1"
    assert decision.responses == ["utter_report"]
    [conversation] = await desk.rows(Conversation)
    assert conversation.slots == {"disclosed": True}
    thread = [(row.direction, row.author) for row in await desk.rows(Message)]
    assert thread == [("in", "resident"), ("out", "bot")]


async def test_should_show_rasa_no_numbers_or_accounts_but_places_and_plates(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    desk = Desk(database, PersonalData.from_files(Path("data/policy")))
    written = "Ring 07700 900123, NI AB123456C. AB12 CDE dumped at 12 Mill Lane MR1 4AB"
    seen = "Ring [phone], NI [NI number]. AB12 CDE dumped at 12 Mill Lane MR1 4AB"
    street = seen.index("Mill Lane")
    found = {"entity": "street", "value": "Mill Lane", "start": street, "end": street + len("Mill Lane")}
    desk.brain.answers[seen] = {"entities": [found]}

    message_id = await desk.take(message(written))

    assert [turn["text"] for turn in desk.brain.asked] == [seen]
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("bot", "presidio"))]
    assert not [line for line in ours if "900123" in line or "AB123456C" in line]
    [entity] = (await desk.decision(message_id)).entities
    assert written[entity["start"] : entity["end"]] == "Mill Lane"
    [stored] = [row for row in await desk.rows(Message) if row.direction == "in"]
    assert stored.text == written


async def test_should_store_a_message_once_when_it_is_delivered_twice(desk: Desk) -> None:
    first = await desk.receive(message(external_id="m-1", delivery_id="d-1"))
    again = await desk.receive(message(external_id="m-1", delivery_id="d-2"))
    same_delivery = await desk.receive(message(external_id="m-2", delivery_id="d-1"))

    assert len(first) == 1
    assert again == same_delivery == []
    assert len(await desk.rows(Message)) == 1


async def test_should_keep_the_same_id_apart_on_two_accounts(desk: Desk) -> None:
    await desk.receive(message(external_id="m-1"))
    desk.channel.account_id = "page-2"
    assert len(await desk.receive(message(external_id="m-1"))) == 1


async def test_should_store_all_events_of_a_delivery_or_none(desk: Desk) -> None:
    naive = message(external_id="m-2", sent_at=TUESDAY_11.replace(tzinfo=None))
    with pytest.raises(Exception, match="zone"):
        await desk.receive(message(external_id="m-1"), naive)
    assert await desk.rows(Message) == []


async def test_should_send_once_when_a_turn_is_run_again_after_a_crash(desk: Desk) -> None:
    [message_id] = await desk.receive(message())
    for _ in range(3):
        for reply_id in await desk.decider.decide(message_id):
            await desk.deliverer.attempt(reply_id, 0)

    assert len(desk.channel.sent) == 1
    assert len(desk.brain.asked) == 1


async def test_should_look_before_sending_again_when_a_crash_left_the_outcome_open(desk: Desk) -> None:
    [message_id] = await desk.receive(message())
    [reply_id] = await desk.decider.decide(message_id)
    async with desk.database.transaction() as session:
        assert await replies.claim(session, reply_id, desk.now())
        token = (await replies.get(session, reply_id)).token
    desk.channel.arrived[token] = Sent("out-before-the-crash")

    attempt = await desk.deliverer.attempt(reply_id, 0)

    assert attempt.progress is Progress.SENT
    assert desk.channel.sent == []
    [reply] = await desk.rows(Reply)
    assert (reply.state, reply.external_id) == ("sent", "out-before-the-crash")


async def test_should_send_when_the_platform_never_saw_the_open_send(desk: Desk) -> None:
    [message_id] = await desk.receive(message())
    [reply_id] = await desk.decider.decide(message_id)
    async with desk.database.transaction() as session:
        assert await replies.claim(session, reply_id, desk.now())

    await desk.deliverer.attempt(reply_id, 0)

    assert len(desk.channel.sent) == 1
    [reply] = await desk.rows(Reply)
    assert (reply.state, reply.attempts) == ("sent", 2)


async def test_should_not_send_when_a_person_took_over_while_the_outcome_was_looked_up(desk: Desk) -> None:
    [message_id] = await desk.receive(message())
    [reply_id] = await desk.decider.decide(message_id)
    async with desk.database.transaction() as session:
        assert await replies.claim(session, reply_id, desk.now())
        [conversation] = await session.scalars(select(Conversation))
        await conversations.set_owner(session, conversation.id, "staff", desk.now())

    await desk.deliverer.attempt(reply_id, 0)

    assert desk.channel.sent == []
    [reply] = await desk.rows(Reply)
    assert reply.state == "withheld"


@pytest.mark.parametrize(
    ("failure", "pause"),
    [
        (TryAgain("rate limit", "429", after_seconds=120), 120),
        (TryAgain("503", "503"), 1),
        (OutcomeUnknown("time-out"), 2),
        (ChannelDown("token", "190"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_should_say_when_to_try_again_and_then_send_once(
    desk: Desk, failure: Any, pause: float
) -> None:
    [message_id] = await desk.receive(message())
    [reply_id] = await desk.decider.decide(message_id)
    desk.channel.failures.append(failure)

    attempt = await desk.deliverer.attempt(reply_id, 0)
    assert (attempt.progress, attempt.wait_seconds) == (Progress.LATER, pause)
    [account] = await desk.rows(Account)
    assert account.state == ("down" if isinstance(failure, ChannelDown) else "working")

    attempt = await desk.deliverer.attempt(reply_id, 1)
    assert attempt.progress is Progress.SENT
    assert len(desk.channel.sent) == 1
    [account] = await desk.rows(Account)
    assert account.state == "working"


async def test_should_give_an_answer_that_can_never_be_sent_to_people(desk: Desk) -> None:
    desk.channel.failures.append(NeverSend("outside the window", "10/2018278"))
    await desk.take(message())

    [reply] = await desk.rows(Reply)
    assert (reply.state, reply.error_code) == ("failed", "10/2018278")
    [case] = await desk.open_cases()
    assert (case.queue, case.urgency) == ("unsent", "high")
    assert "outside the window" in case.reason


async def test_should_give_an_answer_to_people_after_the_last_attempt(desk: Desk) -> None:
    [message_id] = await desk.receive(message())
    [reply_id] = await desk.decider.decide(message_id)
    last = len(deliver_module.PAUSES_SECONDS)
    desk.channel.failures.extend(TryAgain("503") for _ in range(last + 1))

    made = [(await desk.deliverer.attempt(reply_id, number)).progress for number in range(last + 1)]

    assert made == [Progress.LATER] * last + [Progress.NEVER]
    assert [case.queue for case in await desk.open_cases()] == ["unsent"]


async def test_should_record_nothing_when_rasa_has_no_answer(desk: Desk) -> None:
    [message_id] = await desk.receive(message())
    desk.brain.outages = 1

    with pytest.raises(BrainUnavailable):
        await desk.decider.decide(message_id)

    assert await desk.rows(Decision) == []
    assert await desk.rows(Reply) == []
    assert len(await desk.decider.decide(message_id)) == 1


async def test_should_hand_a_message_to_people_when_understanding_fails_for_good(desk: Desk) -> None:
    [message_id] = await desk.receive(message())
    await desk.decider.give_up(message_id)
    await desk.decider.give_up(message_id)

    assert (await desk.decision(message_id)).outcome == Outcome.FAILED_HANDED_OVER
    [case] = await desk.open_cases()
    assert (case.queue, case.urgency) == ("failed", "high")


async def test_should_hand_over_say_so_and_then_be_silent(desk: Desk) -> None:
    desk.brain.answers["I want to complain"] = HAND_OVER
    await desk.take(message("I want to complain"))
    second = await desk.take(message("are you there", external_id="m-2"))

    assert [sent.text for sent in desk.channel.sent] == ["Answer to I want to complain"]
    assert (await desk.decision(second)).outcome == Outcome.WITHHELD_STAFF_OWN
    [case] = await desk.open_cases()
    assert (case.queue, case.reason, case.last_message_id) == ("complaints", "complaint", second)
    assert case.due_at == TUESDAY_11 + timedelta(days=1)


async def test_should_advise_who_is_in_danger_although_the_conversation_waits_for_a_person(
    desk: Desk,
) -> None:
    desk.brain.answers = {"I want to complain": HAND_OVER, "there is a fire": DANGER}
    await desk.take(message("I want to complain"))
    await desk.take(message("there is a fire", external_id="m-2"))

    assert [sent.text for sent in desk.channel.sent][-1] == "Call 999"
    [case] = await desk.open_cases()
    assert (case.queue, case.urgency, case.due_at) == ("safety", "urgent", TUESDAY_11)


async def test_should_be_silent_but_raise_the_case_when_a_person_has_taken_over(desk: Desk) -> None:
    desk.brain.answers["there is a fire"] = DANGER
    await desk.take(message("hello"))
    [conversation] = await desk.rows(Conversation)
    async with desk.database.transaction() as session:
        await conversations.set_owner(session, conversation.id, "staff", desk.now())
    await desk.take(message("there is a fire", external_id="m-2"))

    assert len(desk.channel.sent) == 1
    [case] = await desk.open_cases()
    assert case.urgency == "urgent"


async def test_should_keep_silent_when_a_person_takes_over_while_rasa_thinks(desk: Desk) -> None:
    [message_id] = await desk.receive(message())
    ask = desk.brain.ask

    async def ask_while_a_person_takes_over(**turn: Any) -> Any:
        async with desk.database.transaction() as session:
            await conversations.set_owner(session, 1, "staff", desk.now())
        return await ask(**turn)

    desk.brain.ask = ask_while_a_person_takes_over  # type: ignore[method-assign]
    assert await desk.decider.decide(message_id) == []
    assert (await desk.decision(message_id)).outcome == Outcome.WITHHELD_STAFF_OWN


async def test_should_not_send_when_a_person_takes_over_between_deciding_and_sending(desk: Desk) -> None:
    [message_id] = await desk.receive(message())
    [reply_id] = await desk.decider.decide(message_id)
    async with desk.database.transaction() as session:
        await conversations.set_owner(session, 1, "platform", desk.now())

    assert (await desk.deliverer.attempt(reply_id, 0)).progress is Progress.NEVER
    assert desk.channel.sent == []


async def test_should_give_the_conversation_back_to_the_bot_when_the_case_is_closed(desk: Desk) -> None:
    desk.brain.answers["I want to complain"] = HAND_OVER
    await desk.take(message("I want to complain"))
    [case] = await desk.open_cases()
    async with desk.database.transaction() as session:
        assert await close(session, case.id, "staff", desk.now())
        assert not await close(session, case.id, "staff", desk.now())
    await desk.take(message("pothole", external_id="m-2"))

    assert len(desk.channel.sent) == 2
    assert desk.brain.asked[-1]["slots"]["disclosed"] is False


async def test_should_know_its_own_echo_by_the_token_even_before_the_send_returns(desk: Desk) -> None:
    async def echo_first(outgoing: Outgoing) -> None:
        await desk.receive(echo(outgoing.text, "out-1", token=outgoing.token))

    desk.channel.before_send = echo_first
    await desk.take(message())

    [conversation] = await desk.rows(Conversation)
    assert conversation.owner == "bot"
    assert [row.author for row in await desk.rows(Message)] == ["resident", "bot"]


async def test_should_know_its_own_echo_by_its_text_where_a_platform_carries_no_token(desk: Desk) -> None:
    async def echo_first(outgoing: Outgoing) -> None:
        await desk.receive(echo(outgoing.text, "out-1"))

    desk.channel.before_send = echo_first
    await desk.take(message())
    [conversation] = await desk.rows(Conversation)
    assert conversation.owner == "bot"


async def test_should_fall_silent_when_a_colleague_answers_in_the_platforms_own_inbox(desk: Desk) -> None:
    await desk.take(message())
    await desk.receive(echo("Hi, Priya from the council here", "out-99", other_app=True))
    second = await desk.take(message("thanks Priya", external_id="m-2"))

    assert len(desk.channel.sent) == 1
    assert (await desk.decision(second)).outcome == Outcome.WITHHELD_STAFF_OWN
    [case] = await desk.open_cases()
    assert case.queue == "inbox"


async def test_should_follow_the_platform_when_it_moves_a_thread_between_inboxes(desk: Desk) -> None:
    await desk.take(message())
    await desk.receive(ThreadTaken("person-1", by_us=False))
    assert [row.owner for row in await desk.rows(Conversation)] == ["platform"]
    await desk.receive(ThreadTaken("person-1", by_us=True))
    assert [row.owner for row in await desk.rows(Conversation)] == ["bot"]


async def test_should_forget_a_deleted_text_and_not_answer_it(desk: Desk) -> None:
    [message_id] = await desk.receive(message())
    await desk.receive(MessageDeleted("m-1"))

    assert await desk.decider.decide(message_id) == []
    [row] = await desk.rows(Message)
    assert row.text == ""
    assert (await desk.decision(message_id)).outcome == Outcome.WITHHELD_DELETED


async def test_should_not_answer_a_message_whose_deletion_arrived_first(desk: Desk) -> None:
    await desk.receive(MessageDeleted("m-1"))
    assert await desk.receive(message()) == []


async def test_should_answer_the_edited_text(desk: Desk) -> None:
    [message_id] = await desk.receive(message("pothle"))
    await desk.receive(MessageEdited("m-1", "pothole"))
    await desk.decider.decide(message_id)
    assert desk.brain.asked[-1]["text"] == "pothole"


async def test_should_mark_the_account_down_when_access_is_revoked(desk: Desk) -> None:
    await desk.receive(AccessRevoked("permission withdrawn"))
    [account] = await desk.rows(Account)
    assert (account.state, account.state_detail) == ("down", "permission withdrawn")


async def test_should_never_answer_programs_or_itself(desk: Desk) -> None:
    bot = await desk.take(message(author="bot-9", external_id="m-1"))
    robot = message(external_id="m-2", author="r")
    robot = MessageReceived(
        external_id="m-2", author=Author("r", automated=True), visibility=Visibility.PRIVATE, thread="r", text="hi",
        sent_at=TUESDAY_11,
    )  # fmt: skip
    automated = await desk.take(robot)
    ourselves = await desk.take(message(external_id="m-3", author="page-1"))

    assert (await desk.decision(bot)).outcome == "signposted"
    assert (await desk.decision(automated)).outcome == Outcome.WITHHELD_AUTOMATED_AUTHOR
    assert (await desk.decision(ourselves)).outcome == Outcome.WITHHELD_AUTOMATED_AUTHOR


async def test_should_stop_for_who_opts_out_and_begin_again_when_they_say_start(desk: Desk) -> None:
    desk.brain.answers["stop"] = {"outcome": "opted_out", "deeds": [{"do": "opt_out"}]}
    await desk.take(message("stop"))
    silent = await desk.take(message("pothole", external_id="m-2"))
    assert (await desk.decision(silent)).outcome == Outcome.WITHHELD_OPTED_OUT
    [case] = await desk.open_cases()
    assert case.reason == "opted out of automated answers"

    async with desk.database.transaction() as session:
        await close(session, case.id, "staff", desk.now())
    await desk.take(message("START", external_id="m-3"))
    [person] = await desk.rows(Person)
    assert person.opted_out_at is None
    assert len(desk.channel.sent) == 2


async def test_should_answer_once_in_a_public_thread_unless_called_again(desk: Desk) -> None:
    public: dict[str, Any] = {"visibility": Visibility.PUBLIC, "summoned": False}
    await desk.take(message("pothole", external_id="m-1", **public))
    again = await desk.take(message("and another thing", external_id="m-2", **public))
    assert (await desk.decision(again)).outcome == Outcome.WITHHELD_ALREADY_ANSWERED
    assert len(desk.channel.sent) == 1

    other = message(
        "hey council", external_id="m-3", author="person-2", visibility=Visibility.PUBLIC, summoned=True
    )
    await desk.take(other)
    assert len(desk.channel.sent) == 2


async def test_should_reply_on_x_only_when_called(desk: Desk) -> None:
    desk.channel.name = ChannelName.X
    desk.channel.public_reply_needs_summons = True
    silent = await desk.take(message(visibility=Visibility.PUBLIC, summoned=False))
    assert (await desk.decision(silent)).outcome == Outcome.WITHHELD_NOT_SUMMONED
    assert [case.queue for case in await desk.open_cases()] == ["unanswerable"]


async def test_should_hand_over_what_cannot_be_read(desk: Desk) -> None:
    unreadable = await desk.take(message("", readable=False))
    assert (await desk.decision(unreadable)).outcome == Outcome.HANDED_OVER_UNREADABLE
    [case] = await desk.open_cases()
    assert "cannot be read" in case.reason


async def test_should_add_a_private_reply_to_a_public_one_where_the_platform_has_it(desk: Desk) -> None:
    desk.brain.answers["where is my report 1234567"] = {
        "replies": [{"text": "Please message us", "private_text": "Your report is fixed"}]
    }
    await desk.take(message("where is my report 1234567", visibility=Visibility.PUBLIC))
    assert [(str(sent.kind), sent.text) for sent in desk.channel.sent] == [
        ("public_reply", "Please message us"),
        ("private_reply", "Your report is fixed"),
    ]


async def test_should_record_findings_and_whether_it_helped(desk: Desk) -> None:
    desk.brain.answers["you idiots"] = {
        "replies": [],
        "outcome": "withheld_policy",
        "deeds": [{"do": "finding", "clause": "civility", "severity": "flag"}],
    }
    desk.brain.answers["yes"] = {
        "replies": [],
        "outcome": "recorded_feedback",
        "deeds": [{"do": "record_helped", "helped": True}],
    }
    first = await desk.take(message("pothole"))
    await desk.take(message("yes", external_id="m-2"))
    await desk.take(message("you idiots", external_id="m-3"))

    assert (await desk.decision(first)).helped is True
    [finding] = await desk.rows(Finding)
    assert (finding.clause, finding.severity, finding.found_by) == ("civility", "flag", "model scripted-1")


async def test_should_refuse_a_second_open_case_and_any_change_to_the_audit_trail(desk: Desk) -> None:
    desk.brain.answers["I want to complain"] = HAND_OVER
    await desk.take(message("I want to complain"))
    async with desk.database.transaction() as session:
        count = (await session.execute(select(func.count()).select_from(Case))).scalar_one()
        assert count == 1
        second = await cases.open_case(
            session, conversation_id=1, message_id=1, queue="q", reason="r", urgency="normal",
            opened_at=desk.now(), due_at=desk.now(),
        )  # fmt: skip
        assert second is None
        await audit.record(session, desk.now(), "test", "looked", "case", 1)
    for statement in ("UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"):
        with pytest.raises(Exception, match="append-only"):
            async with desk.database.transaction() as session:
                await session.execute(text(statement))


async def test_should_find_messages_whose_turn_has_not_ended(desk: Desk) -> None:
    [first] = await desk.receive(message(external_id="m-1"))
    [second] = await desk.receive(message(external_id="m-2"))
    async with desk.database.transaction() as session:
        await messages.finish(session, first, desk.now())
        assert await messages.unfinished(session, desk.now()) == [(second, 1)]
        assert await messages.unfinished(session, desk.now() - timedelta(seconds=1)) == []


# --- with the durable queue ------------------------------------------------------------------------------------------


@pytest.fixture
async def turns(desk: Desk, database_url: DatabaseUrls) -> AsyncIterator[Turns]:
    url = database_url.url.replace("signpost.sqlite", "turns.sqlite")
    turns = Turns(desk.database, desk.decider, desk.deliverer, desk.now, url, "test")
    await turns.initialize()
    yield turns
    await turns.shutdown()


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def test_should_run_turns_of_a_conversation_in_order_of_arrival(desk: Desk, turns: Turns) -> None:
    events = [message(f"text {number}", external_id=f"m-{number}") for number in range(12)]
    received = await desk.receiver.receive(desk.channel, events)
    await turns.enqueue(received.new)
    await turns.enqueue(received.new)

    async def all_sent() -> bool:
        return len(desk.channel.sent) >= 12

    await eventually(all_sent)
    assert [sent.text for sent in desk.channel.sent] == [f"Answer to text {number}" for number in range(12)]


async def test_should_ask_rasa_again_until_it_answers(desk: Desk, turns: Turns) -> None:
    desk.brain.outages = 2
    received = await desk.receiver.receive(desk.channel, [message()])
    await turns.enqueue(received.new)

    async def sent() -> bool:
        return len(desk.channel.sent) == 1

    await eventually(sent)
    assert len(desk.brain.asked) == 3


async def test_should_give_stored_messages_their_turn_at_start(
    desk: Desk, database_url: DatabaseUrls
) -> None:
    """A crash between storing and enqueueing leaves a message without a turn."""
    await desk.receive(message())
    url = database_url.url.replace("signpost.sqlite", "turns.sqlite")
    turns = Turns(desk.database, desk.decider, desk.deliverer, desk.now, url, "test")
    await turns.initialize()

    async def finished() -> bool:
        return all(row.finished_at for row in await desk.rows(Message) if row.direction == "in")

    await eventually(finished)
    await turns.shutdown()
    assert len(desk.channel.sent) == 1


def echo(said: str, external_id: str, *, token: str | None = None, other_app: bool = False) -> EchoReceived:
    return EchoReceived(
        external_id=external_id,
        visibility=Visibility.PRIVATE,
        thread="person-1",
        text=said,
        sent_at=TUESDAY_11,
        recipient_id="person-1",
        token=token,
        other_app=other_app,
    )


async def test_should_begin_a_conversation_anew_after_a_days_quiet(desk: Desk) -> None:
    await desk.take(message("pothole"))
    desk.time += timedelta(hours=23)
    await desk.take(message("and another", external_id="m-2"))
    desk.time += timedelta(hours=25)
    await desk.take(message("hello again", external_id="m-3"))

    assert [asked["slots"] for asked in desk.brain.asked] == [{}, {"disclosed": True}, {}]
