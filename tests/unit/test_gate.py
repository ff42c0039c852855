"""May the bot answer at all: each rule, which of two wins, and what holds however they meet."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from bot.store.tables import Conversation, Message, Person
from bot.turns.gate import OnDanger, Verdict, may_answer, wants_answers_again
from bot.turns.outcomes import Outcome

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def verdict(
    text: str = "pothole on Mill Lane",
    *,
    public: bool = False,
    owner: str = "bot",
    deleted: bool = False,
    automated: bool = False,
    standby: bool = False,
    readable: bool = True,
    known: bool = True,
    opted_out: bool = False,
    summoned: bool = True,
    needs_summons: bool = False,
    thread_answered: bool = False,
) -> Verdict | None:
    message = Message(
        text=text,
        deleted_at=NOW if deleted else None,
        standby=standby,
        readable=readable,
        summoned=summoned,
    )
    conversation = Conversation(visibility="public" if public else "private", owner=owner)
    person = Person(
        external_id="person-1" if known else "", automated=automated, opted_out_at=NOW if opted_out else None
    )
    return may_answer(
        message, conversation, person, needs_summons=needs_summons, thread_answered=thread_answered
    )


def outcome(found: Verdict | None) -> Outcome | None:
    return None if found is None else found.outcome


def test_should_answer_a_private_message() -> None:
    assert verdict() is None


def test_should_answer_a_private_message_wherever_programs_must_be_called_in_public() -> None:
    assert verdict(summoned=False, needs_summons=True, thread_answered=True) is None


def test_should_answer_who_calls_in_public_even_in_a_thread_that_has_an_answer() -> None:
    assert verdict(public=True, needs_summons=True, thread_answered=True) is None


def test_should_answer_the_first_public_comment_where_nobody_need_call() -> None:
    assert verdict(public=True, summoned=False) is None


def test_should_not_read_a_deleted_message_even_for_danger() -> None:
    found = verdict(deleted=True)
    assert found is not None
    assert (found.outcome, found.on_danger) == (Outcome.WITHHELD_DELETED, OnDanger.NOTHING)
    assert not found.tell_staff and found.staff_look is None


def test_should_never_answer_a_program() -> None:
    found = verdict(automated=True)
    assert found is not None
    assert (found.outcome, found.on_danger) == (Outcome.WITHHELD_AUTOMATED_AUTHOR, OnDanger.NOTHING)


def test_should_tell_staff_what_another_inbox_owns_and_keep_silent_even_for_danger() -> None:
    found = verdict(standby=True)
    assert found is not None
    assert (found.outcome, found.on_danger) == (Outcome.WITHHELD_STANDBY, OnDanger.QUEUE)
    assert found.tell_staff


@pytest.mark.parametrize("owner", ["staff", "platform"])
def test_should_leave_the_conversation_to_the_person_who_has_it(owner: str) -> None:
    found = verdict(owner=owner)
    assert found is not None
    assert (found.outcome, found.on_danger) == (Outcome.WITHHELD_STAFF_OWN, OnDanger.QUEUE)
    assert found.tell_staff
    assert owner in found.reason


def test_should_say_whom_to_call_while_nobody_has_come_yet() -> None:
    found = verdict(owner="queue")
    assert found is not None
    assert (found.outcome, found.on_danger) == (Outcome.WITHHELD_STAFF_OWN, OnDanger.ANSWER)
    assert found.tell_staff


@pytest.mark.parametrize("cannot", ["unreadable", "opted_out"])
def test_should_not_speak_in_the_queue_to_who_cannot_be_read_or_wants_no_answers(cannot: str) -> None:
    found = verdict(owner="queue", readable=cannot != "unreadable", opted_out=cannot == "opted_out")
    assert found is not None
    assert found.on_danger is OnDanger.QUEUE


def test_should_give_what_cannot_be_read_to_people() -> None:
    found = verdict("", readable=False)
    assert found is not None
    assert found.outcome == Outcome.HANDED_OVER_UNREADABLE
    assert found.staff_look


def test_should_give_a_message_without_an_author_to_people() -> None:
    found = verdict(known=False)
    assert found is not None
    assert found.outcome == Outcome.HANDED_OVER_CANNOT_ANSWER
    assert found.staff_look


@pytest.mark.parametrize(("public", "looked_at"), [(False, True), (True, False)])
def test_should_leave_alone_who_opted_out_and_have_people_look_at_what_is_private(
    public: bool, looked_at: bool
) -> None:
    found = verdict(opted_out=True, public=public)
    assert found is not None
    assert (found.outcome, found.on_danger) == (Outcome.WITHHELD_OPTED_OUT, OnDanger.QUEUE)
    assert (found.staff_look is not None) is looked_at


@pytest.mark.parametrize(
    "text", ["start", "START", " Start. ", "'start'", '"START!"', "start!!!", "\nstart\n"]
)
def test_should_answer_again_who_says_start(text: str) -> None:
    assert wants_answers_again(Message(text=text))
    assert verdict(text, opted_out=True) is None


@pytest.mark.parametrize(
    "text", ["", "stop", "restart", "start again", "when does it start", "s t a r t", "starting"]
)
def test_should_not_take_other_words_for_start(text: str) -> None:
    assert not wants_answers_again(Message(text=text))
    assert outcome(verdict(text, opted_out=True)) == Outcome.WITHHELD_OPTED_OUT


def test_should_keep_to_a_platform_that_wants_programs_called() -> None:
    found = verdict(public=True, summoned=False, needs_summons=True, thread_answered=True)
    assert found is not None
    assert (found.outcome, found.on_danger) == (Outcome.WITHHELD_NOT_SUMMONED, OnDanger.QUEUE)
    assert found.staff_look


def test_should_say_start_to_no_avail_where_a_program_must_be_called() -> None:
    found = verdict("start", opted_out=True, public=True, summoned=False, needs_summons=True)
    assert outcome(found) == Outcome.WITHHELD_NOT_SUMMONED


def test_should_answer_a_public_thread_once_unless_called() -> None:
    found = verdict(public=True, summoned=False, thread_answered=True)
    assert found is not None
    assert (found.outcome, found.on_danger) == (Outcome.WITHHELD_ALREADY_ANSWERED, OnDanger.QUEUE)
    assert found.staff_look


IN_ORDER: list[tuple[dict[str, object], Outcome]] = [
    ({"deleted": True}, Outcome.WITHHELD_DELETED),
    ({"automated": True}, Outcome.WITHHELD_AUTOMATED_AUTHOR),
    ({"standby": True}, Outcome.WITHHELD_STANDBY),
    ({"owner": "staff"}, Outcome.WITHHELD_STAFF_OWN),
    ({"readable": False}, Outcome.HANDED_OVER_UNREADABLE),
    ({"known": False}, Outcome.HANDED_OVER_CANNOT_ANSWER),
    ({"opted_out": True}, Outcome.WITHHELD_OPTED_OUT),
    ({"public": True, "summoned": False, "needs_summons": True}, Outcome.WITHHELD_NOT_SUMMONED),
    ({"public": True, "summoned": False, "thread_answered": True}, Outcome.WITHHELD_ALREADY_ANSWERED),
]


@pytest.mark.parametrize("first", range(len(IN_ORDER)))
def test_should_give_the_first_reason_that_holds(first: int) -> None:
    together: dict[str, object] = {}
    for facts, _ in IN_ORDER[first:]:
        together |= facts
    assert outcome(verdict(**together)) == IN_ORDER[first][1]  # type: ignore[arg-type]


FLAGS = (
    "public",
    "deleted",
    "automated",
    "standby",
    "readable",
    "known",
    "opted_out",
    "summoned",
    "needs_summons",
    "thread_answered",
)
EVERY_CASE = [
    {"owner": owner, "text": text} | dict(zip(FLAGS, flags, strict=True))
    for owner in ("bot", "queue", "staff", "platform")
    for text in ("pothole", "start")
    for flags in product((False, True), repeat=len(FLAGS))
]


def test_should_hold_in_every_case_what_always_holds() -> None:
    """All combinations: a person wins, no loops, opting out counts, and silence is recorded or looked at."""
    answered = 0
    for case in EVERY_CASE:
        found = verdict(**case)  # type: ignore[arg-type]
        if found is None:
            answered += 1
            assert case["owner"] == "bot", case
            assert case["readable"] and case["known"], case
            assert not (case["deleted"] or case["automated"] or case["standby"]), case
            assert not case["opted_out"] or case["text"] == "start", case
            called = case["summoned"] or not case["public"]
            assert called or not (case["needs_summons"] or case["thread_answered"]), case
            continue
        assert found.reason, case
        if found.on_danger is OnDanger.ANSWER:
            # Speaking in spite of a verdict: only where nobody has come, to somebody who may be spoken to.
            assert case["owner"] == "queue" and case["readable"] and not case["opted_out"], case
            assert not (case["deleted"] or case["automated"] or case["standby"]), case
        if found.on_danger is OnDanger.NOTHING:
            handed_over = found.outcome.startswith("handed_over")
            assert case["deleted"] or case["automated"] or handed_over, case
        if found.outcome.startswith("handed_over"):
            assert found.staff_look, case
    assert 0 < answered < len(EVERY_CASE)
