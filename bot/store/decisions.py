"""What was decided about each message, with its findings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from bot.store.statements import Insert, insert, table
from bot.store.tables import Decision, Finding, Message


async def add(session: AsyncSession, **values: Any) -> bool:
    """Record the decision about a message; false when there is one already, which stands."""
    made = await session.execute(insert(session, Decision, _unless_made), _DEFAULTS | values)
    return made.scalar_one_or_none() is not None


def _unless_made(statement: Insert) -> ReturningInsert[Any]:
    return statement.on_conflict_do_nothing().returning(table(Decision).c.message_id)


_DEFAULTS: dict[str, Any] = {"reason": "", "ranking": [], "purposes": [], "entities": [], "responses": []}


async def get(session: AsyncSession, message_id: int) -> Decision | None:
    """The decision about that message, if it has been made."""
    return (
        await session.execute(select(Decision).where(Decision.message_id == message_id))
    ).scalar_one_or_none()


async def add_finding(
    session: AsyncSession, message_id: int, clause: str, severity: str, found_by: str, now: datetime
) -> None:
    """Record what clause of the policy a message touches, and which check or model says so."""
    session.add(
        Finding(
            message_id=message_id,
            clause=clause,
            severity=severity,
            found_by=found_by,
            found_at=now,
            evidence="",
        )
    )
    await session.flush()


async def record_helped(session: AsyncSession, conversation_id: int, helped: bool) -> int | None:
    """Store the answer to "did that help?" with the last signposting decision of the conversation; its message."""
    asked = (
        select(Decision.message_id)
        .join(Message, Message.id == Decision.message_id)
        .where(Message.conversation_id == conversation_id, Decision.outcome == "signposted")
        .order_by(Decision.message_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    updated = await session.execute(
        update(Decision)
        .where(Decision.message_id == asked)
        .values(helped=helped)
        .returning(Decision.message_id)
    )
    return updated.scalar_one_or_none()
