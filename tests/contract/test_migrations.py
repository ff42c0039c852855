"""The migrations, over each database: they make exactly the models' tables, and those refuse what must never happen."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from bot.store.database import MIGRATIONS, Database
from bot.store.tables import (
    Account,
    AuditEntry,
    Base,
    Case,
    Conversation,
    Decision,
    Finding,
    Message,
    Person,
    Reply,
)
from tests.contract.conftest import DatabaseUrls

ROOT = Path(__file__).resolve().parent.parent.parent
NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
MIGRATE = """
import asyncio, sys
from bot.store.database import Database
asyncio.run(Database(sys.argv[1]).initialize())
"""


def alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True}
    )
    return list(compare_metadata(context, Base.metadata))


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def described(connection: Connection) -> dict[str, str]:
    """Every check, key and index with its words: what Alembic's own comparison leaves out."""
    if connection.dialect.name == "postgresql":
        query = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL "
            "SELECT conname || ' on ' || conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace"
        )
        found = {str(row[0]): str(row[1]) for row in connection.execute(text(query))}
    else:
        query = "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'table') AND sql IS NOT NULL"
        found = {name: _clauses(words) for name, words in connection.execute(text(query))}
    return {name: words for name, words in found.items() if "alembic_version" not in name}


def _clauses(sql: str) -> str:
    """A table's clauses in any order, since a migration may add a column at the end."""
    return "\n".join(sorted(re.sub(r"\s+", " ", line).strip(" ,)") for line in sql.splitlines()))


async def migrate(url: str) -> tuple[int, str]:
    """Bring the tables up to date in a process of its own, as each service does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        MIGRATE,
        url,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_should_make_exactly_the_tables_of_the_models(database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await connection.run_sync(tables) == set(Base.metadata.tables)
        assert await connection.run_sync(differences) == []


async def test_should_make_the_same_checks_and_indexes_as_the_models(
    database: Database, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    other = f"sqlite+aiosqlite:///{tmp_path / 'models.sqlite'}"
    if database.dialect == "postgresql":
        server = request.getfixturevalue("postgres")
        server.psql("CREATE DATABASE models_only;")
        other = server.get_uri(database="models_only").replace("postgresql://", "postgresql+psycopg://")
    models = Database(other)
    try:
        async with models.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
            wanted = await connection.run_sync(described)
    finally:
        await models.shutdown()
    async with database.engine.connect() as connection:
        assert await connection.run_sync(described) == wanted
    assert {"uq_replies_bot_once", "uq_cases_one_open", "uq_messages_delivery"} <= set(wanted)


async def test_should_go_all_the_way_down_and_up_again(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic(sync), "base"))
    async with database.engine.connect() as connection:
        assert await connection.run_sync(tables) == set()
    await database.initialize()
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    with pytest.raises(DBAPIError, match="append-only"):
        await change_audit(database, "DELETE FROM audit")


async def test_should_change_nothing_when_the_tables_are_up_to_date(database: Database) -> None:
    async with database.transaction() as session:
        session.add(account())
    await database.initialize()
    async with database.transaction() as session:
        assert [row.external_id for row in await session.scalars(select(Account))] == ["page-1"]


async def test_should_let_several_services_migrate_at_the_same_time(database_url: DatabaseUrls) -> None:
    ended = await asyncio.gather(*(migrate(database_url.records) for _ in range(3)))

    assert [code for code, _ in ended] == [0, 0, 0], ended
    database = Database(database_url.records)
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await database.shutdown()


async def test_should_leave_nothing_behind_when_a_migration_breaks(
    database_url: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(database_url.records)
    upgrade = command.upgrade

    def upgrade_and_break(config: Config, revision: str) -> None:
        upgrade(config, revision)
        raise OSError("the disk is full")

    monkeypatch.setattr(command, "upgrade", upgrade_and_break)
    with pytest.raises(OSError, match="disk"):
        await database.initialize()
    monkeypatch.undo()
    async with database.engine.connect() as connection:
        assert await connection.run_sync(tables) == set()
    await database.initialize()
    await database.shutdown()


# --- what must never happen ------------------------------------------------------------------------------------------


def account(**changed: Any) -> Account:
    return Account(**({"channel": "facebook", "external_id": "page-1", "state_since": NOW} | changed))


def person(**changed: Any) -> Person:
    return Person(**({"account_id": 1, "external_id": "person-1", "first_seen_at": NOW} | changed))


def conversation(**changed: Any) -> Conversation:
    values = {
        "account_id": 1,
        "person_id": 1,
        "visibility": "private",
        "thread": "person-1",
        "owner_since": NOW,
        "started_at": NOW,
    }
    return Conversation(**(values | changed))


def message(**changed: Any) -> Message:
    values = {
        "account_id": 1,
        "conversation_id": 1,
        "external_id": "m-1",
        "direction": "in",
        "author": "resident",
        "text": "pothole",
        "sent_at": NOW,
        "received_at": NOW,
    }
    return Message(**(values | changed))


def reply(token: str, **changed: Any) -> Reply:
    values = {"message_id": 1, "conversation_id": 1, "kind": "direct", "text": "answer", "planned_at": NOW}
    return Reply(token=token, **(values | changed))


def case(**changed: Any) -> Case:
    values = {
        "conversation_id": 1,
        "message_id": 1,
        "queue": "complaints",
        "reason": "complaint",
        "urgency": "normal",
        "opened_at": NOW,
        "due_at": NOW,
    }
    return Case(**(values | changed))


@pytest.fixture
async def records(database: Database) -> AsyncIterator[Database]:
    """A database with one conversation: its message, its answer, its case."""
    for rows in (
        [account(), account(external_id="page-2")],
        [person()],
        [conversation(), conversation(visibility="public", thread="post-1")],
        [message(delivery_id="d-1")],
        [reply("t-1"), case(), Decision(message_id=1, outcome="signposted", decided_at=NOW)],
        [AuditEntry(at=NOW, actor="test", action="looked", subject="case", subject_id=1)],
    ):
        async with database.transaction() as session:
            session.add_all(rows)
    yield database


async def keep(database: Database, row: Base) -> None:
    async with database.transaction() as session:
        session.add(row)


@pytest.mark.parametrize(
    "row",
    [
        lambda: account(),
        lambda: person(),
        lambda: conversation(),
        lambda: message(conversation_id=None, text="the same, delivered again"),
        lambda: message(external_id="m-2", delivery_id="d-1"),
        lambda: Decision(message_id=1, outcome="handed_over", decided_at=NOW),
        lambda: reply("t-2"),
        lambda: reply("t-2", state="failed"),
        lambda: reply("t-1", kind="public_reply"),
        lambda: case(),
    ],
    ids=[
        "the same account",
        "the same person",
        "the same conversation",
        "the same external id",
        "the same delivery",
        "a second decision",
        "a second answer of the bot's",
        "a second answer after a failed one",
        "a second reply with the same token",
        "a second open case",
    ],
)
async def test_should_refuse_a_second(records: Database, row: Any) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        await keep(records, row())


@pytest.mark.parametrize(
    "row",
    [
        lambda: account(channel="x"),
        lambda: person(account_id=2),
        lambda: conversation(thread="another"),
        lambda: message(account_id=2, delivery_id="d-1"),
        lambda: message(external_id="m-2", delivery_id=None),
        lambda: reply("t-2", kind="private_reply"),
        lambda: reply("t-2", author="staff"),
        lambda: case(state="closed", closed_at=NOW),
        lambda: case(conversation_id=2),
    ],
    ids=[
        "the id on another platform",
        "the person on another account",
        "another thread",
        "the ids on another account",
        "no delivery id",
        "another kind of answer",
        "an answer by staff",
        "a closed case",
        "a case of another conversation",
    ],
)
async def test_should_take_what_only_looks_alike(records: Database, row: Any) -> None:
    await keep(records, row())


async def test_should_take_any_number_of_messages_without_a_delivery_id(records: Database) -> None:
    for number in range(2, 5):
        await keep(records, message(external_id=f"m-{number}"))


async def test_should_take_a_new_case_once_the_old_one_is_closed(records: Database) -> None:
    async with records.transaction() as session:
        [old] = await session.scalars(select(Case))
        old.state, old.closed_at = "closed", NOW
    await keep(records, case())
    with pytest.raises(IntegrityError):
        async with records.transaction() as session:
            (await session.get_one(Case, 1)).state = "open"


@pytest.mark.parametrize(
    "row",
    [
        lambda: account(external_id="page-3", state="asleep"),
        lambda: conversation(thread="other", owner="nobody"),
        lambda: conversation(thread="other", visibility="secret"),
        lambda: message(external_id="m-2", direction="sideways"),
        lambda: message(external_id="m-2", author="ghost"),
        lambda: reply("t-2", kind="pigeon"),
        lambda: reply("t-2", kind="public_reply", state="lost"),
        lambda: reply("t-2", author="resident"),
        lambda: case(conversation_id=2, state="forgotten"),
        lambda: case(conversation_id=2, urgency="whenever"),
        lambda: Finding(message_id=1, clause="civility", severity="awful", found_by="test", found_at=NOW),
    ],
    ids=[
        "account state",
        "owner",
        "visibility",
        "direction",
        "author",
        "kind",
        "reply state",
        "reply author",
        "case state",
        "urgency",
        "severity",
    ],
)
async def test_should_refuse_a_word_that_nobody_knows(records: Database, row: Any) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)check"):
        await keep(records, row())


@pytest.mark.parametrize(
    "row",
    [
        lambda: person(account_id=99),
        lambda: message(external_id="m-2", conversation_id=99),
        lambda: reply("t-2", message_id=99),
        lambda: case(conversation_id=99),
        lambda: Decision(message_id=99, outcome="signposted", decided_at=NOW),
    ],
    ids=["account", "conversation", "answered message", "case's conversation", "decided message"],
)
async def test_should_refuse_what_belongs_to_nothing(records: Database, row: Any) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        await keep(records, row())


async def test_should_refuse_a_time_without_zone_and_give_back_utc(records: Database) -> None:
    with pytest.raises(StatementError, match="zone"):
        await keep(records, message(external_id="m-2", sent_at=datetime(2026, 11, 24)))  # noqa: DTZ001
    async with records.transaction() as session:
        [stored] = await session.scalars(select(Message))
        assert (stored.sent_at, stored.sent_at.tzinfo) == (NOW, UTC)


async def test_should_never_give_a_number_twice_so_that_a_turn_is_not_taken_for_an_old_one(
    database: Database,
) -> None:
    """A turn's name is its message's number: a number that comes back would be a turn that has ended."""
    await keep(database, account())
    await keep(database, message(conversation_id=None))
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM messages"))
    await keep(database, message(conversation_id=None))
    async with database.transaction() as session:
        assert (await session.scalars(select(Message.id))).all() == [2]


async def change_audit(database: Database, statement: str) -> None:
    async with database.transaction() as session:
        session.add(AuditEntry(at=NOW, actor="test", action="looked", subject="case"))
        await session.flush()
        await session.execute(text(statement))


async def test_should_refuse_to_change_the_audit_trail(records: Database) -> None:
    statements = ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1"]
    if records.dialect == "postgresql":
        statements.append("TRUNCATE audit")
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"):
            await change_audit(records, statement)
    async with records.transaction() as session:
        assert [entry.actor for entry in await session.scalars(select(AuditEntry))] == ["test"]
