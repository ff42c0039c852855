"""Cases: conversations that need a person, one open at a time for each conversation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from bot.store.statements import Insert, insert, table
from bot.store.tables import Account, Case, Conversation, Person

URGENCIES = ("normal", "high", "urgent")
"""From the least to the most urgent."""


async def open_case(session: AsyncSession, **values: Any) -> int | None:
    """Open a case; None when its conversation has an open one."""
    opened = await session.execute(insert(session, Case, _unless_open), values | {"state": "open"})
    number: int | None = opened.scalar_one_or_none()
    return number


def _unless_open(statement: Insert) -> ReturningInsert[Any]:
    return statement.on_conflict_do_nothing().returning(table(Case).c.id)


async def open_of(session: AsyncSession, conversation_id: int) -> Case | None:
    """The open case of a conversation, if there is one."""
    return (
        await session.execute(
            select(Case).where(Case.conversation_id == conversation_id, Case.state == "open")
        )
    ).scalar_one_or_none()


async def get(session: AsyncSession, case_id: int) -> Case | None:
    """The case of that number, if there is one."""
    return (await session.execute(select(Case).where(Case.id == case_id))).scalar_one_or_none()


async def join(session: AsyncSession, case_id: int, message_id: int) -> None:
    """A further message belongs to the case."""
    await session.execute(update(Case).where(Case.id == case_id).values(last_message_id=message_id))


async def raise_to(
    session: AsyncSession, case_id: int, urgency: str, queue: str, reason: str, due_at: datetime
) -> None:
    """Make an open case more urgent, because of something new."""
    await session.execute(
        update(Case)
        .where(Case.id == case_id, Case.state == "open")
        .values(urgency=urgency, queue=queue, reason=reason, due_at=due_at)
    )


async def close(session: AsyncSession, case_id: int, now: datetime) -> bool:
    """Close an open case; false when it is closed already."""
    closed = await session.execute(
        update(Case)
        .where(Case.id == case_id, Case.state == "open")
        .values(state="closed", closed_at=now)
        .returning(Case.id)
    )
    return closed.first() is not None


async def listed(
    session: AsyncSession, state: str | None = "open", limit: int = 200
) -> Sequence[tuple[Case, Conversation, Person, Account]]:
    """Cases with whose they are, the most urgent and then the soonest due first."""
    urgency = sql_case(
        {name: rank for rank, name in enumerate(reversed(URGENCIES))}, value=Case.urgency, else_=9
    )
    query = (
        select(Case, Conversation, Person, Account)
        .join(Conversation, Conversation.id == Case.conversation_id)
        .join(Person, Person.id == Conversation.person_id)
        .join(Account, Account.id == Conversation.account_id)
        .order_by(urgency, Case.due_at, Case.id)
        .limit(limit)
    )
    if state is not None:
        query = query.where(Case.state == state)
    rows = await session.execute(query)
    return [(case, conversation, person, account) for case, conversation, person, account in rows]
