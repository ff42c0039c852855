"""All that must be right before the first process is started, each fault as one sentence."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.environments import ROOT
from bot.run.errors import RunError
from bot.run.plan import PREFIX
from bot.settings import Settings
from bot.store.database import Database

DATABASE_SECONDS = 15
DATABASE_FAULTS = (SQLAlchemyError, OSError, ValueError)
"""ValueError: what SQLAlchemy makes of a port that is no number."""
REAL_ACCOUNT_SECRETS = (
    "x_consumer_secret",
    "x_access_token",
    "x_refresh_token",
    "meta_app_secret",
    "meta_page_token",
)


def given_settings() -> dict[str, str]:
    """Every SIGNPOST_ setting that is given and not empty; the environment wins over `.env`."""
    both = {**dotenv_values(ROOT / ".env"), **os.environ}
    return {name: value for name, value in both.items() if name.startswith(PREFIX) and value}


def real_accounts(settings: Settings) -> bool:
    """Whether credentials of a real account are given, whole or in part."""
    return any(getattr(settings, name).get_secret_value() for name in REAL_ACCOUNT_SECRETS)


def make_data_dir(path: Path) -> None:
    """Make the data directory for this user alone; raises RunError when it can't be written to."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        (path / "logs").mkdir(exist_ok=True, mode=0o700)
        probe = path / f".written-by-{os.getpid()}"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as error:
        raise RunError(f"the data directory {path} cannot be written to: {error.strerror}.") from None


@contextlib.contextmanager
def sole_user(data_dir: Path) -> Iterator[None]:
    """Hold the data directory for this run alone; raises RunError when another run has it."""
    with (data_dir / "run.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"another ./signpost run uses {data_dir}: stop it, or choose another directory with --data-dir."
            ) from None
        yield


def prepare_database(settings: Settings) -> None:
    """Reach the database and bring its tables up to date; raises RunError, which never holds a password."""
    try:
        asyncio.run(_initialize(settings.records_url))
    except TimeoutError:
        raise RunError(
            f"the database {shown(settings)} did not answer within {DATABASE_SECONDS} s."
        ) from None
    except DATABASE_FAULTS as error:
        raise RunError(f"the database {shown(settings)} cannot be used: {reason(error)}") from None


async def _initialize(url: str) -> None:
    database = Database(url)
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            await database.initialize()
    finally:
        await database.shutdown()


def shown(settings: Settings) -> str:
    """The database's address without its password."""
    try:
        return make_url(settings.records_url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "of SIGNPOST_DATABASE_URL"


def reason(error: Exception) -> str:
    """The first line of a database's complaint, without SQLAlchemy's decoration."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0].removesuffix(".") + "."


def without_unknown(given: Mapping[str, str]) -> list[str]:
    """Names that begin with SIGNPOST_ and are no setting: most likely misspelt."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | OTHER_SETTINGS
    return sorted(set(given) - known)


OTHER_SETTINGS = {"SIGNPOST_PYTHON", "SIGNPOST_VECTOR_CACHE", "SIGNPOST_TEST_MODEL"}
"""Read by ./signpost, the training and the tests, and not by the service."""
