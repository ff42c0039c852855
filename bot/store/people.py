"""The people who write, as each platform knows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from bot.store.statements import Insert, insert, table
from bot.store.tables import Person


async def remember(
    session: AsyncSession,
    account_id: int,
    external_id: str,
    handle: str | None,
    name: str | None,
    automated: bool,
    now: datetime,
) -> int:
    """The number of the person; a handle or name that the platform left out this time is kept."""
    values = {
        "account_id": account_id,
        "external_id": external_id,
        "handle": handle,
        "name": name,
        "automated": automated,
        "first_seen_at": now,
    }
    return int((await session.execute(insert(session, Person, _or_known), values)).scalar_one())


def _or_known(statement: Insert) -> ReturningInsert[Any]:
    columns, new = table(Person).c, statement.excluded
    known = statement.on_conflict_do_update(
        index_elements=["account_id", "external_id"],
        set_={
            "handle": func.coalesce(new.handle, columns.handle),
            "name": func.coalesce(new.name, columns.name),
            "automated": new.automated,
        },
    )
    return known.returning(columns.id)


async def get(session: AsyncSession, person_id: int) -> Person:
    """The person of that number; raises NoResultFound."""
    return (await session.execute(select(Person).where(Person.id == person_id))).scalar_one()


async def opt_out(session: AsyncSession, person_id: int, now: datetime) -> None:
    """From now on the bot does not answer this person."""
    await session.execute(
        update(Person).where(Person.id == person_id, Person.opted_out_at.is_(None)).values(opted_out_at=now)
    )


async def opt_in(session: AsyncSession, person_id: int) -> None:
    """The person wants automated answers again."""
    await session.execute(update(Person).where(Person.id == person_id).values(opted_out_at=None))
