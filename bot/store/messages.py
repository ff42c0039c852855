"""Messages in and out, in order of arrival, each stored once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from bot.store.statements import Insert, insert, table
from bot.store.tables import Account, Conversation, Decision, Message, Person


async def add(session: AsyncSession, **values: Any) -> int | None:
    """Store a message; its arrival number, or None when it (or its delivery) is stored already."""
    given = await session.execute(insert(session, Message, _unless_known), _DEFAULTS | values)
    number: int | None = given.scalar_one_or_none()
    return number


def _unless_known(statement: Insert) -> ReturningInsert[Any]:
    return statement.on_conflict_do_nothing().returning(table(Message).c.id)


_DEFAULTS = {"text": "", "attachments": 0, "summoned": True, "readable": True, "standby": False}


async def get(session: AsyncSession, message_id: int) -> Message:
    """The message of that number; raises NoResultFound."""
    return (await session.execute(select(Message).where(Message.id == message_id))).scalar_one()


async def received_from(session: AsyncSession, person_id: int, message_id: int) -> bool:
    """Whether that person wrote the message of that number."""
    found = await session.execute(
        select(Message.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id == message_id, Message.direction == "in", Conversation.person_id == person_id)
    )
    return found.first() is not None


async def with_its_belongings(
    session: AsyncSession, message_id: int
) -> tuple[Message, Conversation, Person, Account, Decision | None]:
    """A message received, whose it is, where, and what was decided about it; raises NoResultFound."""
    row = await session.execute(_WITH_ITS_BELONGINGS, {"message": message_id})
    message, conversation, person, account, decision = row.one()
    return message, conversation, person, account, decision


_WITH_ITS_BELONGINGS = (
    select(Message, Conversation, Person, Account, Decision)
    .join(Conversation, Conversation.id == Message.conversation_id)
    .join(Person, Person.id == Conversation.person_id)
    .join(Account, Account.id == Message.account_id)
    .outerjoin(Decision, Decision.message_id == Message.id)
    .where(Message.id == bindparam("message"))
)


async def knows(session: AsyncSession, account_id: int, external_id: str) -> bool:
    """Whether what the platform calls so is stored."""
    found = await session.execute(_KNOWN, {"account": account_id, "external": external_id})
    return found.first() is not None


_KNOWN = select(table(Message).c.id).where(
    table(Message).c.account_id == bindparam("account"), table(Message).c.external_id == bindparam("external")
)


async def delete(session: AsyncSession, account_id: int, external_id: str, now: datetime) -> int | None:
    """Forget a deleted message's text, also one that has yet to arrive; its number if it was known."""
    known = await session.execute(
        update(Message)
        .where(Message.account_id == account_id, Message.external_id == external_id)
        .values(text="", quick_reply=None, deleted_at=now)
        .returning(Message.id)
    )
    message_id = known.scalar_one_or_none()
    if message_id is None:
        await add(
            session,
            account_id=account_id,
            external_id=external_id,
            direction="in",
            author="nobody",
            sent_at=now,
            received_at=now,
            deleted_at=now,
            finished_at=now,
        )
    return message_id


async def edit(
    session: AsyncSession, account_id: int, external_id: str, text: str, now: datetime
) -> int | None:
    """Keep the new text of an edited message; its number if it is known and not deleted."""
    known = await session.execute(
        update(Message)
        .where(
            Message.account_id == account_id, Message.external_id == external_id, Message.deleted_at.is_(None)
        )
        .values(text=text, edited_at=now)
        .returning(Message.id)
    )
    return known.scalar_one_or_none()


async def finish(session: AsyncSession, message_id: int, now: datetime) -> None:
    """The turn of this message has ended."""
    await session.execute(_FINISH, {"message": message_id, "finished_at": now})


_FINISH = update(table(Message)).where(
    table(Message).c.id == bindparam("message"), table(Message).c.finished_at.is_(None)
)


async def unfinished(
    session: AsyncSession, received_before: datetime, after_id: int = 0, limit: int = 1000
) -> list[tuple[int, int]]:
    """(message, conversation) of those received whose turn has not ended, oldest first."""
    rows = await session.execute(
        select(Message.id, Message.conversation_id)
        .where(
            Message.direction == "in",
            Message.finished_at.is_(None),
            Message.received_at <= received_before,
            Message.id > after_id,
        )
        .order_by(Message.id)
        .limit(limit)
    )
    return [
        (message_id, conversation_id) for message_id, conversation_id in rows if conversation_id is not None
    ]
