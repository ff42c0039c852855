"""The people who write, as each platform knows them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.tables import Person
from bot.store.upsert import insert


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
    statement = insert(session, Person).values(
        account_id=account_id,
        external_id=external_id,
        handle=handle,
        name=name,
        automated=automated,
        first_seen_at=now,
    )
    statement = statement.on_conflict_do_update(
        index_elements=["account_id", "external_id"],
        set_={
            "handle": func.coalesce(statement.excluded.handle, Person.handle),
            "name": func.coalesce(statement.excluded.name, Person.name),
            "automated": statement.excluded.automated,
        },
    )
    return (await session.execute(statement.returning(Person.id))).scalar_one()


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
