"""`./signpost cases`: the queue on the terminal, and closing a case from it."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.cases.listing import close_case, print_cases
from bot.clock import clock
from bot.council import ConfigError, load_council
from bot.environments import ROOT
from bot.run.prepare import DATABASE_FAULTS, reason, shown
from bot.settings import Settings, SettingsError, load_settings
from bot.store.database import Database


def list_all(data_dir: Path | None, *, every: bool, as_json: bool) -> int:
    """Print the open cases, or every one; gives the exit code."""

    async def listing(database: Database, _settings: Settings) -> int:
        await print_cases(database, load_council().zone, every=every, as_json=as_json)
        return 0

    return _with_database(data_dir, listing)


def close_one(data_dir: Path | None, number: int) -> int:
    """Close a case in the name of whoever is logged in here; gives the exit code."""

    async def closing(database: Database, settings: Settings) -> int:
        if await close_case(database, clock(settings.now), number, f"terminal:{getpass.getuser()}"):
            print(f"Case {number} is closed.")
            return 0
        print(f"signpost: there is no open case {number}.", file=sys.stderr)
        return 1

    return _with_database(data_dir, closing)


def _with_database(data_dir: Path | None, work: Callable[[Database, Settings], Awaitable[int]]) -> int:
    try:
        settings = load_settings()
        settings = settings.model_copy(update={"data_dir": (data_dir or ROOT / settings.data_dir).absolute()})
        if not settings.database_url and not (settings.data_dir / "signpost.sqlite").exists():
            print(f"signpost: there are no records in {settings.data_dir} yet.", file=sys.stderr)
            return 1
        return asyncio.run(_opened(settings, work))
    except (SettingsError, ConfigError) as error:
        print(f"signpost: {error}", file=sys.stderr)
    except DATABASE_FAULTS as error:
        print(f"signpost: the database {shown(settings)} cannot be used: {reason(error)}", file=sys.stderr)
    return 1


async def _opened(settings: Settings, work: Callable[[Database, Settings], Awaitable[int]]) -> int:
    database = Database(settings.records_url)
    try:
        await database.initialize()
        return await work(database, settings)
    finally:
        await database.shutdown()
