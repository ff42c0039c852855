"""The first half of a turn: what to do with one message, recorded in one transaction before anything is sent."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.brain import (
    AskHelped,
    Brain,
    BrainAnswer,
    BrainUnavailable,
    HandOver,
    OptOut,
    RecordFinding,
    RecordHelped,
)
from bot.cases.handover import hand_over, tell_staff
from bot.channels.base import Channel, SendKind, Visibility
from bot.clock import Clock
from bot.hours import OfficeHours
from bot.policy.danger import ALARM, ALARM_WHEN_ALONE
from bot.policy.findings import Danger
from bot.policy.masking import Masked
from bot.store import audit, conversations, decisions, messages, people, replies
from bot.store.database import Database
from bot.store.tables import Account, Conversation, Message, Person
from bot.turns.gate import OnDanger, Verdict, may_answer, wants_answers_again
from bot.turns.outcomes import Outcome
from bot.turns.respond import compose

SAFETY_INTENTS = frozenset({"emergency_danger", "self_harm", "safeguarding"})
FORGET_AFTER = timedelta(hours=24)
"""After this quiet a conversation begins anew: it is said again that the answer is automated, and nothing is awaited.

Meta's own window for automated answers has the same length.
"""
ASKED_WHICH = "asked which is meant: {}"
BESIDE = "offered beside the answer: {}"
BETWEEN = "between {}; asked to write in private"
CHOSE = "the resident chose {} from {}"
CHOSE_NONE = "the resident chose none of {}"
"""What a decision records of a choice, for staff and for those who train the model: intents, with commas between."""
SEEN_IN_WORDS = "danger seen in the words: {}; {}"
"""What a decision records when the check of words answered in Rasa's place: the danger, and what Rasa said."""
RASA_SILENT = "Rasa gave no answer"
RASA_SAID = "Rasa took it for {} ({:.2f})"
MAY_BE_IN_DANGER = "may be in danger"
DANGER_NOT_RULED_OUT = 0.02
"""Probability of danger from which Rasa is in doubt and the check of words decides: the words alone cry wolf too often
to outvote a model that is sure (docs/understanding.md).
"""
GAVE_UP = "the answer could not be worked out; tried again and again"


@dataclass(frozen=True, slots=True)
class Situation:
    """A message with all that the decision about it depends on."""

    message: Message
    conversation: Conversation
    person: Person
    account: Account
    verdict: Verdict | None
    decided: bool


class Masks(Protocol):
    """Takes out of a text what Rasa must not see: `bot.policy.personal.PersonalData`."""

    def mask_for_the_brain(self, text: str) -> Masked:
        """The text without numbers, accounts and dates of birth."""


class Watches(Protocol):
    """Sees danger in a text without any model: `bot.policy.danger.DangerCheck`."""

    def danger_in(self, text: str, alarm: int = ALARM) -> Danger | None:
        """The danger that the text speaks of, if it does; `alarm` is how much it takes."""


class Advises(Protocol):
    """Has the words for somebody in danger: `bot.advice.Advice`."""

    async def advise(
        self,
        danger: Danger,
        *,
        message_id: str,
        visibility: str,
        now: datetime,
        slots: Mapping[str, Any],
        ranking: Sequence[tuple[str, float]] = (),
    ) -> BrainAnswer:
        """The answer; raises BrainUnavailable."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What is known of a message: the answer to it if there is one, the danger in its words, and why this answer."""

    answer: BrainAnswer | None = None
    danger: Danger | None = None
    reason: str = ""


class Decider:
    """Decides about messages. Deciding twice about the same message changes nothing."""

    def __init__(
        self,
        database: Database,
        brain: Brain,
        channels: dict[str, Channel],
        hours: OfficeHours,
        now: Clock,
        personal: Masks,
        watch: Watches,
        advice: Advises,
    ) -> None:
        self._database = database
        self._brain = brain
        self._channels = channels
        self._hours = hours
        self._now = now
        self._personal = personal
        self._watch = watch
        self._advice = advice

    async def decide(self, message_id: int) -> list[int]:
        """Decide about a message and record it; the numbers of the replies to send.

        Raises BrainUnavailable when Rasa has no answer: nothing is recorded then, and it may be asked again.
        """
        async with self._database.reading() as session:
            situation = await self._situation(session, message_id)
            if situation.decided:
                return [reply.id for reply in await replies.of_message(session, message_id)]
        understood = await self._understand(situation)
        async with self._database.transaction() as session:
            # The situation is read again: a person may have taken over while Rasa was thinking.
            situation = await self._situation(session, message_id)
            return await self._record(session, situation, understood)

    async def give_up(self, message_id: int) -> None:
        """The turn failed for good: a person gets the message, with the reason."""
        now = self._now()
        async with self._database.transaction() as session:
            message = await messages.get(session, message_id)
            if message.conversation_id is None:
                return
            # A decision may stand already, when it was the sending that failed.
            await decisions.add(
                session,
                message_id=message_id,
                outcome=Outcome.FAILED_HANDED_OVER,
                reason=GAVE_UP,
                decided_at=now,
            )
            danger = self._seen(message, ALARM_WHEN_ALONE) is not None
            await hand_over(
                session,
                self._hours,
                conversation_id=message.conversation_id,
                message_id=message_id,
                queue="safety" if danger else "failed",
                reason=f"{MAY_BE_IN_DANGER}; {GAVE_UP}" if danger else GAVE_UP,
                urgency="urgent" if danger else "high",
                received_at=message.received_at,
                now=now,
            )

    async def _situation(self, session: AsyncSession, message_id: int) -> Situation:
        message, conversation, person, account, decision = await messages.with_its_belongings(
            session, message_id
        )
        channel = self._channels.get(account.channel)
        answered = conversation.visibility == Visibility.PUBLIC and await replies.automated_in_thread(
            session, account.id, conversation.thread
        )
        verdict = may_answer(
            message,
            conversation,
            person,
            needs_summons=channel is not None and channel.public_reply_needs_summons,
            thread_answered=answered,
        )
        return Situation(message, conversation, person, account, verdict, decision is not None)

    async def _understand(self, situation: Situation) -> Understood:
        """What the message means. Danger in its words is answered also when Rasa is in doubt or silent."""
        verdict, message = situation.verdict, situation.message
        if verdict is not None and (verdict.on_danger is OnDanger.NOTHING or not message.text):
            return Understood()
        may_speak = verdict is None or verdict.on_danger is OnDanger.ANSWER
        try:
            answer = await self._ask(situation)
        except BrainUnavailable:
            danger = self._seen(message, ALARM_WHEN_ALONE)
            if danger is not None and may_speak:
                return await self._advised(situation, danger)
            if verdict is None:
                raise
            # The bot is silent here anyway, and people see the message; danger in its words still raises the case.
            return Understood(danger=danger)
        if answer.outcome == Outcome.ADVISED_SAFETY or not _in_doubt(answer):
            return Understood(answer)
        danger = self._seen(message, ALARM)
        if danger is not None and may_speak:
            return await self._advised(situation, danger, answer)
        return Understood(answer, danger)

    def _seen(self, message: Message, alarm: int) -> Danger | None:
        # A tap on a button carries the button's words, not the resident's.
        return None if message.quick_reply else self._watch.danger_in(message.text, alarm)

    async def _ask(self, situation: Situation) -> BrainAnswer:
        message = situation.message
        masked = self._personal.mask_for_the_brain(message.text)
        answer = await self._brain.ask(
            message_id=turn_id(message.id),
            conversation=f"c-{situation.conversation.id}",
            channel=situation.account.channel,
            visibility=situation.conversation.visibility,
            text=masked.text or message.quick_reply or "",
            attachments=message.attachments,
            now=self._now(),
            slots=_slots(situation.conversation, self._now()),
            quick_reply=message.quick_reply,
        )
        return answer.model_copy(update={"entities": _as_written(answer.entities, masked)})

    async def _advised(
        self, situation: Situation, danger: Danger, instead_of: BrainAnswer | None = None
    ) -> Understood:
        """Whom to call, in the words that Rasa would have had for this danger; raises BrainUnavailable."""
        answer = await self._advice.advise(
            danger,
            message_id=turn_id(situation.message.id),
            visibility=situation.conversation.visibility,
            now=self._now(),
            slots=_slots(situation.conversation, self._now()),
            ranking=instead_of.ranking if instead_of else (),
        )
        said = RASA_SILENT
        if instead_of is not None:
            said = RASA_SAID.format(instead_of.intent.name, instead_of.intent.confidence)
        return Understood(answer, danger, SEEN_IN_WORDS.format(danger, said))

    async def _record(self, session: AsyncSession, situation: Situation, understood: Understood) -> list[int]:
        """Record the decision with all that follows from it; the numbers of the replies to send."""
        answer = understood.answer
        now = self._now()
        message, verdict = situation.message, situation.verdict
        if verdict is None and answer is None:
            raise BrainUnavailable("the conversation came back to the bot meanwhile")
        danger = understood.danger is not None or (
            answer is not None and answer.intent.name in SAFETY_INTENTS
        )
        if verdict is not None and danger and answer is not None and verdict.on_danger is OnDanger.ANSWER:
            verdict = None
        asked_here = self._shows_questions(situation)
        if not await decisions.add(session, **_decision(message.id, verdict, understood, now, asked_here)):
            return [reply.id for reply in await replies.of_message(session, message.id)]
        if situation.person.opted_out_at is not None and wants_answers_again(message):
            await people.opt_in(session, situation.person.id)
            await audit.record(session, now, "resident", "opted in", "person", situation.person.id)
        if verdict is None and answer is not None:
            return await self._speak(session, situation, answer, now)
        if verdict is not None:
            await self._keep_silent(session, situation, verdict, danger, now)
        return []

    async def _keep_silent(
        self, session: AsyncSession, situation: Situation, verdict: Verdict, danger: bool, now: datetime
    ) -> None:
        message, conversation = situation.message, situation.conversation
        if danger or verdict.staff_look is not None:
            await hand_over(
                session,
                self._hours,
                conversation_id=conversation.id,
                message_id=message.id,
                queue="safety" if danger else "unanswerable",
                reason=MAY_BE_IN_DANGER if danger else str(verdict.staff_look),
                urgency="urgent" if danger else "normal",
                received_at=message.received_at,
                now=now,
            )
        elif verdict.tell_staff:
            await tell_staff(
                session,
                self._hours,
                conversation_id=conversation.id,
                message_id=message.id,
                received_at=message.received_at,
                now=now,
            )

    async def _speak(
        self, session: AsyncSession, situation: Situation, answer: BrainAnswer, now: datetime
    ) -> list[int]:
        message, conversation = situation.message, situation.conversation
        channel = self._channels[situation.account.channel]
        reply_ids = []
        for planned in compose(answer, Visibility(conversation.visibility), channel):
            if planned.kind is SendKind.PRIVATE_REPLY:
                await self._go_on_in_private(session, situation, answer, now)
            reply_id = await replies.plan(
                session,
                message_id=message.id,
                conversation_id=conversation.id,
                author="bot",
                kind=planned.kind,
                text=planned.text,
                quick_replies=planned.quick_replies,
                in_reply_to=message.external_id if conversation.visibility == Visibility.PUBLIC else None,
                token=secrets.token_hex(8),
                state="planned",
                planned_at=now,
            )
            if reply_id is not None:
                reply_ids.append(reply_id)
        await conversations.keep_slots(session, conversation.id, answer.slots, now)
        for deed in answer.deeds:
            match deed:
                case HandOver():
                    await hand_over(
                        session,
                        self._hours,
                        conversation_id=conversation.id,
                        message_id=message.id,
                        queue=deed.queue,
                        reason=deed.reason,
                        urgency=deed.urgency,
                        received_at=message.received_at,
                        now=now,
                        about_message_id=await self._about(session, situation, deed),
                    )
                case OptOut():
                    await people.opt_out(session, situation.person.id, now)
                    await audit.record(session, now, "resident", "opted out", "person", situation.person.id)
                case RecordHelped():
                    await decisions.record_helped(session, conversation.id, deed.helped)
                case RecordFinding():
                    found_by = f"model {answer.model}"
                    await decisions.add_finding(
                        session, message.id, deed.clause, deed.severity, found_by, now
                    )
                case AskHelped():
                    continue
        return reply_ids

    async def _go_on_in_private(
        self, session: AsyncSession, situation: Situation, answer: BrainAnswer, now: datetime
    ) -> None:
        """Let the private conversation know what the private reply to a public message asks.

        One that people own is left alone: they answer there.
        """
        told = {name: value for reply in answer.replies for name, value in reply.private_slots.items()}
        person = situation.person
        if not told:
            return
        private = await conversations.begin_private(
            session, situation.account.id, person.id, person.external_id, now
        )
        if private.owner == "bot":
            await conversations.keep_slots(session, private.id, {**_slots(private, now), **told}, now)

    async def _about(self, session: AsyncSession, situation: Situation, deed: HandOver) -> int | None:
        """The earlier message that a case is about; None when it is this one, or is not there (any more)."""
        message_id = message_of(deed.about or "")
        if message_id is None or not await messages.received_from(session, situation.person.id, message_id):
            return None
        return message_id

    def _shows_questions(self, situation: Situation) -> bool:
        """Whether the person gets to see what we ask them: in private, or by a private reply."""
        if situation.conversation.visibility == Visibility.PRIVATE:
            return True
        channel = self._channels.get(situation.account.channel)
        return channel is not None and channel.supports(SendKind.PRIVATE_REPLY)


def _in_doubt(answer: BrainAnswer) -> bool:
    """Whether Rasa has not ruled danger out, or does not know what is meant."""
    danger = sum(probability for intent, probability in answer.ranking if intent in SAFETY_INTENTS)
    return danger >= DANGER_NOT_RULED_OUT or answer.outcome == Outcome.CLARIFIED


def _slots(conversation: Conversation, now: datetime) -> dict[str, Any]:
    """What the conversation carries; nothing once it has been quiet for long, so that it begins anew."""
    if conversation.slots_at is None or now - conversation.slots_at > FORGET_AFTER:
        return {}
    return conversation.slots


def _as_written(entities: list[dict[str, Any]], masked: Masked) -> list[dict[str, Any]]:
    """The entities with their places in the message as it was written, where Rasa saw it masked."""
    if not masked.pieces:
        return entities
    placed = []
    for found in entities:
        start, end = found.get("start"), found.get("end")
        if isinstance(start, int) and isinstance(end, int):
            found = found | dict(zip(("start", "end"), masked.original(start, end), strict=True))
        placed.append(found)
    return placed


def turn_id(message_id: int) -> str:
    """The name of a message's turn: sorts as text in the order of arrival."""
    return f"turn-{message_id:012d}"


def message_of(turn: str) -> int | None:
    """The number of a turn's message; None when that is no turn's name."""
    number = turn.removeprefix("turn-")
    return int(number) if turn != number and re.fullmatch("[0-9]{1,18}", number) else None


def _reason(answer: BrainAnswer, asked_here: bool) -> str:
    """What the decision records of a choice that was offered or made; nothing when there was none."""
    if answer.chosen_from:
        choices = ", ".join(answer.chosen_from)
        chosen = " and ".join(answer.purposes)
        return CHOSE.format(chosen, choices) if chosen else CHOSE_NONE.format(choices)
    if answer.offered:
        told = BESIDE if answer.outcome == Outcome.SIGNPOSTED else ASKED_WHICH if asked_here else BETWEEN
        return told.format(", ".join(answer.offered))
    return ""


def _decision(
    message_id: int, verdict: Verdict | None, understood: Understood, now: datetime, asked_here: bool
) -> dict[str, Any]:
    answer = understood.answer
    record: dict[str, Any] = {"message_id": message_id, "decided_at": now, "reason": ""}
    if answer is not None:
        record |= {
            "outcome": answer.outcome,
            "intent": answer.intent.name,
            "confidence": answer.intent.confidence,
            "ranking": [list(entry) for entry in answer.ranking],
            "purposes": answer.purposes,
            "entities": [
                {key: found[key] for key in ("entity", "start", "end") if key in found}
                for found in answer.entities
            ],
            "responses": [reply.response for reply in answer.replies if reply.response],
            "model": answer.model,
            "reason": understood.reason or _reason(answer, asked_here),
        }
        clauses = [deed.clause for deed in answer.deeds if isinstance(deed, RecordFinding)]
        record["clause"] = clauses[0] if clauses else None
    if verdict is not None:
        record |= {"outcome": verdict.outcome, "reason": verdict.reason, "responses": [], "clause": None}
    return record
