"""The second half of a turn: sending a recorded reply once, and knowing what became of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from bot.cases.handover import hand_over
from bot.channels.base import (
    Channel,
    ChannelDown,
    NeverSend,
    OutcomeUnknown,
    Outgoing,
    QuickReply,
    SendFailed,
    SendKind,
    Sent,
    TryAgain,
)
from bot.clock import Clock
from bot.hours import OfficeHours
from bot.store import accounts, audit, messages, replies
from bot.store.database import Database
from bot.store.tables import Reply

log = logging.getLogger(__name__)

PAUSES_SECONDS = (1.0, 4.0, 15.0, 60.0, 300.0, 900.0)
"""How long to wait before each further attempt; after the last a person gets it."""
LOOK_AFTER_SECONDS = 2.0
"""A send whose outcome is unknown is looked up after this time, so that the platform can show it."""


class Progress(StrEnum):
    """Where a reply stands after an attempt."""

    SENT = "sent"
    NEVER = "never"
    """It is not sent: a person took over, or has it."""
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What an attempt came to; `wait_seconds` counts when `progress` is LATER."""

    progress: Progress
    wait_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Errand:
    """A reply with what is needed to send it."""

    reply: Reply
    outgoing: Outgoing
    account_id: int
    channel: str
    account_state: str


class Deliverer:
    """Sends replies. Whatever crashes when, a reply is not sent twice: an open outcome is looked up first."""

    def __init__(
        self, database: Database, channels: dict[str, Channel], hours: OfficeHours, now: Clock
    ) -> None:
        self._database = database
        self._channels = channels
        self._hours = hours
        self._now = now

    async def attempt(self, reply_id: int, attempt: int, *, last: bool = True) -> Attempt:
        """Try once to send the reply, or to learn whether it was sent; `attempt` counts from 0.

        `last`: it is the last reply to its message, whose turn ends once it is sent.
        """
        async with self._database.transaction() as session:
            errand = await self._errand(session, reply_id)
            channel = self._channels.get(errand.channel)
            in_flight = errand.reply.state == "sending"
            if channel is not None and not in_flight and not await self._claim(session, reply_id):
                return Attempt(Progress.NEVER)
        if channel is None:
            return await self._failed(
                errand, ChannelDown("the channel is off"), attempt, still_open=in_flight
            )
        try:
            if in_flight:
                found = await channel.find_sent(errand.outgoing)
                if found is not None:
                    return await self._sent(errand, found, last)
                async with self._database.transaction() as session:
                    await replies.release(session, reply_id, "looked up: it had not been sent", "unknown")
                    if not await self._claim(session, reply_id):
                        return Attempt(Progress.NEVER)
                in_flight = False
            return await self._sent(errand, await channel.send(errand.outgoing), last)
        except SendFailed as error:
            still_open = in_flight or isinstance(error, OutcomeUnknown)
            return await self._failed(errand, error, attempt, still_open=still_open)

    async def _claim(self, session: AsyncSession, reply_id: int) -> bool:
        """Ownership is checked in the very statement that claims; false when the reply is not to be sent (any more)."""
        if await replies.claim(session, reply_id, self._now()):
            return True
        await replies.withhold(session, reply_id, "a person took over before it left")
        return False

    async def _errand(self, session: AsyncSession, reply_id: int) -> Errand:
        reply, conversation, person, account = await replies.with_its_belongings(session, reply_id)
        outgoing = Outgoing(
            kind=SendKind(reply.kind),
            text=reply.text,
            token=reply.token,
            recipient_id=person.external_id,
            recipient_handle=person.handle,
            thread=conversation.thread,
            in_reply_to=reply.in_reply_to,
            quick_replies=[QuickReply(button["title"], button["payload"]) for button in reply.quick_replies],
            first_attempt_at=reply.first_attempt_at,
        )
        return Errand(reply, outgoing, account.id, account.channel, account.state)

    async def _sent(self, errand: Errand, sent: Sent, last: bool) -> Attempt:
        now = self._now()
        async with self._database.transaction() as session:
            await replies.mark_sent(session, errand.reply, sent.external_id, errand.account_id, now)
            if last:
                await messages.finish(session, errand.reply.message_id, now)
            if errand.account_state != "working" and await accounts.set_state(
                session, errand.account_id, "working", "", now
            ):
                await audit.record(session, now, "bot", "account works again", "account", errand.account_id)
        return Attempt(Progress.SENT)

    async def _failed(self, errand: Errand, error: SendFailed, attempt: int, *, still_open: bool) -> Attempt:
        """Record the failure, and say when to go on; after the last attempt the message goes to people.

        `still_open`: whether it was sent is not known, so the next attempt looks before it sends.
        """
        now, reply_id = self._now(), errand.reply.id
        log.warning(
            "reply %d was not sent at attempt %d: %s %s",
            reply_id,
            attempt + 1,
            type(error).__name__,
            error.code,
        )
        async with self._database.transaction() as session:
            if isinstance(error, ChannelDown) and await accounts.set_state(
                session, errand.account_id, "down", str(error), now
            ):
                await audit.record(session, now, "platform", "account down", "account", errand.account_id)
            if not still_open:
                await replies.release(session, reply_id, str(error), error.code)
            if isinstance(error, NeverSend) or attempt >= len(PAUSES_SECONDS):
                await self._to_people(session, errand, error)
                return Attempt(Progress.NEVER)
        pause = PAUSES_SECONDS[attempt]
        if still_open:
            pause = max(pause, LOOK_AFTER_SECONDS)
        if isinstance(error, TryAgain) and error.after_seconds is not None:
            pause = max(pause, error.after_seconds)
        return Attempt(Progress.LATER, pause)

    async def _to_people(self, session: AsyncSession, errand: Errand, error: SendFailed) -> None:
        await replies.mark_failed(session, errand.reply.id, str(error), error.code)
        message = await messages.get(session, errand.reply.message_id)
        await hand_over(
            session,
            self._hours,
            conversation_id=errand.reply.conversation_id,
            message_id=message.id,
            queue="unsent",
            reason=f"the automated answer could not be sent: {error}",
            urgency="high",
            received_at=message.received_at,
            now=self._now(),
        )
