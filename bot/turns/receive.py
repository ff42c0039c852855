"""Taking a delivery: what it holds is stored and committed before the platform is told that we have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.base import (
    AccessRevoked,
    Channel,
    EchoReceived,
    Event,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ThreadTaken,
    Visibility,
)
from bot.clock import Clock
from bot.store import accounts, audit, conversations, messages, people, replies
from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that was not known before: (arrival number, conversation)."""

    message_id: int
    conversation_id: int


@dataclass(frozen=True, slots=True)
class Received:
    """What a delivery brought."""

    new: list[NewMessage]
    duplicates: int
    others: int


class Receiver:
    """Stores the events of a delivery, all or none."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now
        self._accounts: dict[tuple[str, str], int] = {}

    async def account_id(self, session: AsyncSession, channel: Channel) -> int:
        """The number of the channel's account."""
        key = (str(channel.name), channel.account_id)
        if key in self._accounts:
            return self._accounts[key]
        return await accounts.ensure(session, key[0], key[1], "", self._now())

    async def receive(self, channel: Channel, events: Sequence[Event]) -> Received:
        """Store the events in one transaction; when this returns they are on the disk."""
        new: list[NewMessage] = []
        duplicates = others = 0
        # What an event leaves out is fetched before the transaction, which must be short.
        completed = [
            await channel.complete(event) if isinstance(event, MessageReceived) else event for event in events
        ]
        if all(isinstance(event, Ignored) for event in completed):
            return Received([], 0, len(completed))
        if await self._nothing_new(channel, completed):
            return Received([], 0, len(completed))
        async with self._database.transaction() as session:
            account_id = await self.account_id(session, channel)
            for event in completed:
                if isinstance(event, MessageReceived):
                    stored = await self._message(session, channel, account_id, event)
                    if stored is None:
                        duplicates += 1
                    else:
                        new.append(stored)
                else:
                    others += 1
                    await self._other(session, account_id, event)
        # Kept only now: a number from a transaction that was rolled back would be wrong for ever.
        self._accounts[str(channel.name), channel.account_id] = account_id
        return Received(new, duplicates, others)

    async def _nothing_new(self, channel: Channel, events: Sequence[Event]) -> bool:
        """Whether there are only echoes of what we have sent: most of what comes in, and no reason to wait to write."""
        account_id = self._accounts.get((str(channel.name), channel.account_id))
        echoes = [event for event in events if isinstance(event, EchoReceived)]
        if account_id is None or len(echoes) < len(events):
            return False
        async with self._database.reading() as session:
            for echo in echoes:
                if not await messages.knows(session, account_id, echo.external_id):
                    return False
        return True

    async def _message(
        self, session: AsyncSession, channel: Channel, account_id: int, event: MessageReceived
    ) -> NewMessage | None:
        now = self._now()
        author = event.author
        person_id = await people.remember(
            session,
            account_id,
            author.external_id,
            author.handle,
            author.name,
            author.automated or author.external_id == channel.account_id,
            now,
        )
        conversation_id = await conversations.find_or_start(
            session, account_id, person_id, event.visibility, event.thread, now
        )
        message_id = await messages.add(
            session,
            account_id=account_id,
            conversation_id=conversation_id,
            external_id=event.external_id,
            delivery_id=event.delivery_id,
            direction="in",
            author="resident",
            text=event.text,
            reply_to=event.reply_to,
            quick_reply=event.quick_reply,
            attachments=event.attachments,
            summoned=event.summoned,
            readable=event.readable,
            standby=event.standby,
            sent_at=event.sent_at,
            received_at=now,
        )
        return None if message_id is None else NewMessage(message_id, conversation_id)

    async def _other(self, session: AsyncSession, account_id: int, event: Event) -> None:
        now = self._now()
        match event:
            case MessageDeleted():
                message_id = await messages.delete(session, account_id, event.external_id, now)
                await audit.record(session, now, "platform", "message deleted", "message", message_id)
            case MessageEdited():
                message_id = await messages.edit(session, account_id, event.external_id, event.text, now)
                if message_id is not None:
                    await audit.record(session, now, "platform", "message edited", "message", message_id)
            case EchoReceived():
                await self._echo(session, account_id, event, now)
            case ThreadTaken():
                await self._thread_taken(session, account_id, event, now)
            case AccessRevoked():
                if await accounts.set_state(session, account_id, "down", event.reason, now):
                    await audit.record(session, now, "platform", "access revoked", "account", account_id)
            case _:
                return

    async def _echo(self, session: AsyncSession, account_id: int, event: EchoReceived, now: datetime) -> None:
        if await messages.knows(session, account_id, event.external_id):
            return
        ours = await replies.by_token(session, event.token) if event.token else None
        threads = await self._conversations_of(session, account_id, event)
        if ours is None and not event.other_app and threads:
            ours = await replies.in_flight_with_text(session, [row for row, _ in threads], event.text)
        if ours is not None:
            await replies.mark_sent(session, ours, event.external_id, account_id, now)
            return
        await self._colleague_wrote(session, account_id, event, threads, now)

    async def _conversations_of(
        self, session: AsyncSession, account_id: int, event: EchoReceived
    ) -> list[tuple[int, str]]:
        if event.visibility is Visibility.PRIVATE:
            conversation = await conversations.private_with(
                session, account_id, event.recipient_id or event.thread
            )
            return [] if conversation is None else [(conversation.id, conversation.owner)]
        return [
            (row.id, row.owner) for row in await conversations.in_thread(session, account_id, event.thread)
        ]

    async def _colleague_wrote(
        self,
        session: AsyncSession,
        account_id: int,
        event: EchoReceived,
        threads: list[tuple[int, str]],
        now: datetime,
    ) -> None:
        """Somebody wrote in our name from elsewhere: a person wins, the bot is silent there from now on."""
        await messages.add(
            session,
            account_id=account_id,
            conversation_id=threads[0][0] if threads else None,
            external_id=event.external_id,
            direction="out",
            author="platform",
            text=event.text,
            sent_at=event.sent_at,
            received_at=now,
        )
        for conversation_id, _ in threads:
            if await conversations.set_owner(session, conversation_id, "platform", now):
                await audit.record(
                    session, now, "platform", "colleague took over", "conversation", conversation_id
                )

    async def _thread_taken(
        self, session: AsyncSession, account_id: int, event: ThreadTaken, now: datetime
    ) -> None:
        conversation = await conversations.private_with(session, account_id, event.thread)
        if conversation is None:
            return
        if not event.by_us:
            changed = await conversations.set_owner(session, conversation.id, "platform", now)
        elif conversation.owner == "platform":
            changed = await conversations.set_owner(session, conversation.id, "bot", now)
        else:
            changed = False
        if changed:
            action = "thread given to us" if event.by_us else "thread taken by another app"
            await audit.record(session, now, "platform", action, "conversation", conversation.id)
