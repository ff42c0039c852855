"""The connection to SQLite or PostgreSQL, and bringing its tables up to date."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.store.sqlite import opener

MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """The records' database. A transaction's block commits at its end, or changes nothing when it raises."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _writing_engine(url)
        # SQLite's readers need not wait for its one writer; PostgreSQL has no such difference.
        self._reading_engine = _reading_engine(url) if url.startswith("sqlite") else self.engine
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._reading_sessions = async_sessionmaker(self._reading_engine, expire_on_commit=False)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    async def initialize(self) -> None:
        """Create or upgrade the tables. Safe to call from several processes at once."""
        async with self.engine.begin() as connection:
            if self.dialect == "postgresql":
                # One service at a time migrates; the lock ends with the transaction.
                await connection.execute(text("SELECT pg_advisory_xact_lock(7355608)"))
            await connection.run_sync(_upgrade)

    async def shutdown(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
        await self._reading_engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with self._sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """One consistent look at the records, beside whoever writes. What the block would write is not kept."""
        async with self._reading_sessions() as session:
            yield session

    async def check(self) -> None:
        """Raise when the database does not answer within 2 seconds."""
        async with asyncio.timeout(2), self._reading_engine.connect() as connection:
            await connection.execute(text("SELECT 1"))


def _writing_engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(
            url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=10
        )
    Path(_file(url)).parent.mkdir(parents=True, exist_ok=True)
    # One connection: SQLite has one writer at a time, and who waits for it by asking again and again, as SQLite's own
    # busy handler does, waits far longer than in the pool's queue.
    return _sqlite_engine(url, 1, _begin_immediate)


def _reading_engine(url: str) -> AsyncEngine:
    return _sqlite_engine(url, 4, _begin_reading)


def _sqlite_engine(url: str, connections: int, begin: Callable[[Connection], None]) -> AsyncEngine:
    engine = create_async_engine(
        url, async_creator=opener(_file(url)), hide_parameters=True, pool_size=connections, max_overflow=0
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def _file(url: str) -> str:
    return url.split(":///", 1)[1]


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Readers beside a writer (WAL), and every commit on the disk before it is acknowledged (synchronous FULL)."""
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # A transaction that reads first and then writes would fail at once, without waiting, if another wrote meanwhile.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
