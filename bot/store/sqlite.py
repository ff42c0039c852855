"""SQLite connections whose statements cost one change of threads instead of four.

aiosqlite passes to its thread for making a cursor, executing, fetching and closing. While the event loop is busy each
pass waits for its turn, and the one writer is held all the while: 64 passes a turn left room for 20 turns a second.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import aiosqlite

BUSY_SECONDS = 10.0


def opener(path: str) -> Callable[[], Coroutine[Any, Any, aiosqlite.Connection]]:
    """What SQLAlchemy's `async_creator` takes: opens a connection to that file, with transactions left to us."""

    async def connect() -> aiosqlite.Connection:
        connection = StatementConnection(
            lambda: sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            ),
            iter_chunk_size=64,
        )
        # A connection that is never closed, as after an error at start, must not keep the process from ending.
        connection._thread.daemon = True
        return await connection

    return connect


class StatementConnection(aiosqlite.Connection):
    """aiosqlite's connection and thread, with cursors that do a whole statement in one pass."""

    def cursor(self) -> StatementCursor:  # type: ignore[override]  # aiosqlite's own is awaited or entered, as this is
        """A cursor for one statement, with no pass to the thread yet."""
        return StatementCursor(self)


class StatementCursor:
    """Has of a cursor what SQLAlchemy uses."""

    arraysize = 1

    def __init__(self, connection: StatementConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> StatementCursor:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] | None = None) -> StatementCursor:
        """Execute, and fetch all that it gives."""
        await self._connection._execute(  # type: ignore[no-untyped-call]
            self._run, "execute", statement, parameters or ()
        )
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> StatementCursor:
        """Execute once for each set of parameters."""
        await self._connection._execute(  # type: ignore[no-untyped-call]
            self._run, "executemany", statement, parameters
        )
        return self

    async def fetchall(self) -> list[Any]:
        """The rows that `execute` fetched."""
        return self._rows

    async def close(self) -> None:
        """Forget the rows; the database's own cursor is closed already."""
        self._rows = []

    def _run(self, how: str, statement: str, parameters: Sequence[Any]) -> None:
        """In the connection's thread."""
        cursor = self._connection._conn.cursor()
        try:
            getattr(cursor, how)(statement, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()
