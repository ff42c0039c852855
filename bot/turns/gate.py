"""May the bot answer this message at all? Rules that need no understanding; the first that holds wins."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.store.tables import Conversation, Message, Person
from bot.turns.outcomes import Outcome

RETURN_WORD = "start"
"""What a person who opted out writes to get automated answers again; the words in domain.yml say so."""


class OnDanger(StrEnum):
    """What a verdict means for a message from somebody in danger."""

    NOTHING = "nothing"
    """The message is not read."""
    QUEUE = "queue"
    """The bot is silent all the same, and the case goes to the top of the queue."""
    ANSWER = "answer"
    """Nobody has come yet: the bot says whom to call now, in spite of the verdict."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why the bot does not answer.

    `staff_look` says why a person must see the message, None when the record is enough. `tell_staff`: it joins the
    case that people have.
    """

    outcome: Outcome
    reason: str
    staff_look: str | None = None
    tell_staff: bool = False
    on_danger: OnDanger = OnDanger.NOTHING


def may_answer(
    message: Message,
    conversation: Conversation,
    person: Person,
    *,
    needs_summons: bool,
    thread_answered: bool,
) -> Verdict | None:
    """None when the bot may answer; else the verdict.

    `needs_summons`: the platform lets programs reply in public only when called. `thread_answered`: the bot has
    answered in this public thread before.
    """
    public = conversation.visibility == "public"
    if message.deleted_at is not None:
        return Verdict(Outcome.WITHHELD_DELETED, "the author deleted it")
    if person.automated:
        return Verdict(Outcome.WITHHELD_AUTOMATED_AUTHOR, "the author is a program, or ourselves")
    if message.standby:
        return Verdict(
            Outcome.WITHHELD_STANDBY,
            "another inbox owns the thread",
            tell_staff=True,
            on_danger=OnDanger.QUEUE,
        )
    if conversation.owner != "bot":
        waiting = conversation.owner == "queue" and message.readable and person.opted_out_at is None
        return Verdict(
            Outcome.WITHHELD_STAFF_OWN,
            f"owned by {conversation.owner}",
            tell_staff=True,
            on_danger=OnDanger.ANSWER if waiting else OnDanger.QUEUE,
        )
    if not message.readable:
        return Verdict(
            Outcome.HANDED_OVER_UNREADABLE,
            "no text was delivered",
            staff_look="a message that cannot be read here",
        )
    if not person.external_id:
        return Verdict(
            Outcome.HANDED_OVER_CANNOT_ANSWER,
            "author unknown",
            staff_look="the platform does not say who wrote it",
        )
    if person.opted_out_at is not None and not wants_answers_again(message):
        look = None if public else "opted out of automated answers"
        return Verdict(Outcome.WITHHELD_OPTED_OUT, "opted out", staff_look=look, on_danger=OnDanger.QUEUE)
    if public and not message.summoned:
        return _uncalled(needs_summons, thread_answered)
    return None


def _uncalled(needs_summons: bool, thread_answered: bool) -> Verdict | None:
    """A public message that does not call us: the platform's rule first, then one answer to a thread."""
    if needs_summons:
        return Verdict(
            Outcome.WITHHELD_NOT_SUMMONED,
            "the platform lets a program answer only when it is called",
            staff_look="replied to us without calling us",
            on_danger=OnDanger.QUEUE,
        )
    if thread_answered:
        return Verdict(
            Outcome.WITHHELD_ALREADY_ANSWERED,
            "the thread has an automated answer",
            staff_look="goes on in a thread that the bot has answered",
            on_danger=OnDanger.QUEUE,
        )
    return None


def wants_answers_again(message: Message) -> bool:
    """Whether a person who opted out asks for automated answers again."""
    return message.text.strip().strip("!.\"'").casefold() == RETURN_WORD
