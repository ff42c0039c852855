"""The council's accounts: which there are, and whether they work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from bot.store.statements import Insert, insert, table
from bot.store.tables import Account


async def ensure(session: AsyncSession, channel: str, external_id: str, handle: str, now: datetime) -> int:
    """The number of the account, which is made if it is new."""
    values = {"channel": channel, "external_id": external_id, "handle": handle, "state_since": now}
    made = await session.execute(
        insert(session, Account, _or_known), values | {"state": "working", "state_detail": ""}
    )
    return int(made.scalar_one())


def _or_known(statement: Insert) -> ReturningInsert[Any]:
    known = statement.on_conflict_do_update(
        index_elements=["channel", "external_id"], set_={"handle": statement.excluded.handle}
    )
    return known.returning(table(Account).c.id)


async def set_state(session: AsyncSession, account_id: int, state: str, detail: str, now: datetime) -> bool:
    """Record that the account works or is down; true when that is news."""
    changed = await session.execute(
        update(Account)
        .where(Account.id == account_id, Account.state != state)
        .values(state=state, state_detail=detail, state_since=now)
        .returning(Account.id)
    )
    return changed.first() is not None


async def get(session: AsyncSession, account_id: int) -> Account:
    """The account of that number; raises NoResultFound."""
    return (await session.execute(select(Account).where(Account.id == account_id))).scalar_one()
