"""Conversations: finding them, who owns them, and what they carry from turn to turn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from bot.store.statements import Insert, insert, table
from bot.store.tables import Conversation, Person


async def find_or_start(
    session: AsyncSession, account_id: int, person_id: int, visibility: str, thread: str, now: datetime
) -> int:
    """The number of this person's conversation in this thread, which is begun if it is new."""
    values = {
        "account_id": account_id,
        "person_id": person_id,
        "visibility": visibility,
        "thread": thread,
        "owner": "bot",
        "owner_since": now,
        "slots": {},
        "started_at": now,
        "last_received_at": now,
    }
    return int((await session.execute(insert(session, Conversation, _or_known), values)).scalar_one())


def _or_known(statement: Insert) -> ReturningInsert[Any]:
    known = statement.on_conflict_do_update(
        index_elements=["account_id", "visibility", "thread", "person_id"],
        set_={"last_received_at": statement.excluded.last_received_at},
    )
    return known.returning(table(Conversation).c.id)


async def begin_private(
    session: AsyncSession, account_id: int, person_id: int, person_external_id: str, now: datetime
) -> Conversation:
    """The person's private conversation, begun by us if it is new: nothing has been received in it then."""
    values = {
        "account_id": account_id,
        "person_id": person_id,
        "visibility": "private",
        "thread": person_external_id,
        "owner": "bot",
        "owner_since": now,
        "slots": {},
        "started_at": now,
        "last_received_at": None,
    }
    await session.execute(insert(session, Conversation, _unless_begun), values)
    found = await session.execute(
        select(Conversation).where(
            Conversation.account_id == account_id,
            Conversation.person_id == person_id,
            Conversation.visibility == "private",
            Conversation.thread == person_external_id,
        )
    )
    return found.scalar_one()


def _unless_begun(statement: Insert) -> ReturningInsert[Any]:
    return statement.on_conflict_do_nothing().returning(table(Conversation).c.id)


async def get(session: AsyncSession, conversation_id: int) -> Conversation:
    """The conversation of that number; raises NoResultFound."""
    return (
        await session.execute(select(Conversation).where(Conversation.id == conversation_id))
    ).scalar_one()


async def private_with(
    session: AsyncSession, account_id: int, person_external_id: str
) -> Conversation | None:
    """The private conversation with that person, if there is one."""
    return (
        await session.execute(
            select(Conversation)
            .join(Person, Person.id == Conversation.person_id)
            .where(
                Conversation.account_id == account_id,
                Conversation.visibility == "private",
                Person.external_id == person_external_id,
            )
        )
    ).scalar_one_or_none()


async def in_thread(session: AsyncSession, account_id: int, thread: str) -> list[Conversation]:
    """Everybody's conversations in one public thread."""
    return list(
        await session.scalars(
            select(Conversation).where(
                Conversation.account_id == account_id,
                Conversation.visibility == "public",
                Conversation.thread == thread,
            )
        )
    )


async def set_owner(session: AsyncSession, conversation_id: int, owner: str, now: datetime) -> bool:
    """Give the conversation to `owner`; true when it was not theirs before."""
    changed = await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.owner != owner)
        .values(owner=owner, owner_since=now)
        .returning(Conversation.id)
    )
    return changed.first() is not None


async def keep_slots(
    session: AsyncSession, conversation_id: int, slots: dict[str, Any], now: datetime
) -> None:
    """Store what Rasa wants back at the next turn."""
    await session.execute(_KEEP_SLOTS, {"conversation": conversation_id, "slots": slots, "slots_at": now})


_KEEP_SLOTS = update(table(Conversation)).where(table(Conversation).c.id == bindparam("conversation"))
