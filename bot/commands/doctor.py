"""`./signpost doctor`: what is in order, off, missing or wrong here, one line each; never the value of a secret."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Callable, Iterator
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.channels.registry import channels_from
from bot.council import ConfigError, load_council
from bot.directory import load_directory
from bot.environments import RASA, ROOT, Finding, Need, findings
from bot.run.errors import RunError
from bot.run.livemodel import ModelError, live_model
from bot.run.plan import LOOPBACK
from bot.run.ports import is_free
from bot.run.prepare import DATABASE_FAULTS, DATABASE_SECONDS, given_settings, reason, shown, without_unknown
from bot.settings import Settings, SettingsError, load_settings
from bot.store.database import MIGRATIONS, Database

CHECK_SECONDS = 10
X_BASIC = ("x_user_id", "x_consumer_secret")
X_SIGNED = ("x_consumer_key", "x_access_token", "x_access_token_secret")
X_REFRESHED = ("x_client_id", "x_refresh_token")
META = ("meta_page_id", "meta_page_token", "meta_app_secret", "meta_verify_token")


def examine(port: int, data_dir: Path | None) -> int:
    """Print every finding; gives 1 when something needed is missing or wrong, else 0."""
    found: list[Finding] = []
    for part in _parts(port, data_dir):
        for finding in part():
            print(str(finding).rstrip(), flush=True)
            found.append(finding)
    bad = [finding for finding in found if finding.status in ("missing", "wrong")]
    if bad:
        print(f"\n{len(bad)} to see to: {', '.join(finding.subject for finding in bad)}.")
        return 1
    print("\nAll is in order.")
    return 0


def _parts(port: int, data_dir: Path | None) -> Iterator[Callable[[], list[Finding]]]:
    yield findings
    yield lambda: [_files()]
    yield lambda: [_model()]
    yield lambda: _ports(port)
    try:
        settings = load_settings()
    except SettingsError as error:
        wrong = Finding("wrong", "settings", str(error))
        yield lambda: [wrong]
        return
    settings = settings.model_copy(update={"data_dir": (data_dir or ROOT / settings.data_dir).absolute()})
    yield _names
    yield lambda: [_data_dir(settings), _database(settings)]
    yield lambda: [_x(settings), _meta(settings)]
    yield lambda: _accounts(settings)
    yield lambda: [_open311(settings)]


def _files() -> Finding:
    try:
        council = load_council()
        directory = load_directory(council)
    except ConfigError as error:
        return Finding("wrong", "files", str(error))
    return Finding("ok", "files", f"{council.name}; {len(directory.destinations)} destinations")


def _model() -> Finding:
    try:
        model = live_model()
    except ModelError as error:
        return Finding("wrong", "model", str(error))
    if model is None:
        return Finding("missing", "model", "./signpost run or ./signpost train makes one")
    note = "" if model.current else "; its sources changed since, ./signpost train makes a new one"
    if not Need(RASA).met:
        note += "; whether it loads can be told once Rasa's environment is there"
    return Finding("ok", "model", f"{model.path.name}{note}")


def _ports(port: int) -> list[Finding]:
    return [_port(port, "the service", "/healthz"), _port(port + 1, "the sandbox", "/sandbox/setup")]


def _port(port: int, whose: str, path: str) -> Finding:
    subject = f"port {port}"
    try:
        if is_free(port):
            return Finding("ok", subject, f"free for {whose}")
    except (RunError, OverflowError) as error:
        return Finding("wrong", subject, str(error))
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path)
        if connection.getresponse().status == 200:
            return Finding("ok", subject, f"{whose} is running there")
    except (OSError, http.client.HTTPException):
        return Finding("wrong", subject, f"taken by another program, so {whose} cannot have it (--port)")
    finally:
        connection.close()
    return Finding("wrong", subject, f"taken by another program, so {whose} cannot have it (--port)")


def _names() -> list[Finding]:
    unknown = without_unknown(given_settings())
    return [
        Finding("wrong", "settings", f"{name} is no setting; .env.example lists them all") for name in unknown
    ] or [Finding("ok", "settings", f"{len(given_settings())} given")]


def _data_dir(settings: Settings) -> Finding:
    path = settings.data_dir
    if not path.exists():
        return Finding("ok", "data directory", f"{path} will be made")
    if not path.is_dir():
        return Finding("wrong", "data directory", f"{path} is no directory")
    if path.stat().st_mode & 0o007:
        return Finding(
            "wrong", "data directory", f"everybody on this machine may look into {path}: chmod 700 it"
        )
    return Finding("ok", "data directory", str(path))


def _database(settings: Settings) -> Finding:
    if not settings.database_url and not (settings.data_dir / "signpost.sqlite").exists():
        return Finding("ok", "database", f"{shown(settings)} will be made")
    try:
        stands = asyncio.run(_revision(settings.records_url))
    except TimeoutError:
        return Finding("wrong", "database", f"{shown(settings)} did not answer within {DATABASE_SECONDS} s")
    except DATABASE_FAULTS as error:
        return Finding("wrong", "database", f"{shown(settings)} cannot be used: {reason(error)}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest = ScriptDirectory.from_config(config).get_current_head()
    if stands == newest:
        return Finding("ok", "database", f"{shown(settings)}, tables up to date ({newest})")
    return Finding(
        "ok", "database", f"{shown(settings)} answers; ./signpost run brings its tables to {newest}"
    )


async def _revision(url: str) -> str | None:
    database = Database(url)
    try:
        async with asyncio.timeout(DATABASE_SECONDS), database.engine.connect() as connection:
            return await connection.run_sync(
                lambda each: MigrationContext.configure(each).get_current_revision()
            )
    finally:
        await database.shutdown()


def _x(settings: Settings) -> Finding:
    ways = {way: _missing(settings, way) for way in (X_SIGNED, X_REFRESHED)}
    lacking = _missing(settings, X_BASIC)
    # Whoever began with OAuth 2.0 lacks something of that; all others of OAuth 1.0a.
    begun = (
        X_REFRESHED
        if len(ways[X_REFRESHED]) < len(X_REFRESHED) and ways[X_SIGNED] == list(X_SIGNED)
        else X_SIGNED
    )
    lacking += [] if any(not missing for missing in ways.values()) else ways[begun]
    return _channel("X", lacking, len(X_BASIC) + len(X_SIGNED), settings.x_configured)


def _meta(settings: Settings) -> Finding:
    return _channel("Facebook", _missing(settings, META), len(META), settings.meta_configured)


def _missing(settings: Settings, names: tuple[str, ...]) -> list[str]:
    def given(name: str) -> bool:
        value = getattr(settings, name)
        return bool(value.get_secret_value() if hasattr(value, "get_secret_value") else value)

    return [name for name in names if not given(name)]


def _channel(subject: str, lacking: list[str], of: int, configured: bool) -> Finding:
    names = ", ".join(f"SIGNPOST_{name.upper()}" for name in lacking)
    if configured:
        return Finding("ok", subject, "on, all settings are there")
    if len(lacking) >= of:
        return Finding("off", subject, f"no real account (the sandbox needs none); it would need {names}")
    return Finding("wrong", subject, f"begun but not on: {names} missing")


def _accounts(settings: Settings) -> list[Finding]:
    """Ask each configured platform whether it still lets us in."""
    if not (settings.x_configured or settings.meta_configured):
        return []
    return asyncio.run(_asked(settings))


async def _asked(settings: Settings) -> list[Finding]:
    found = []
    for name, channel in channels_from(settings).items():
        subject = f"access to {name}"
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await channel.initialize()
                health = await channel.check()
            found.append(Finding("ok" if health.ok else "wrong", subject, health.detail))
        except Exception as error:  # whatever a platform does, the others are to be asked as well
            found.append(Finding("wrong", subject, f"no answer: {type(error).__name__}"))
        finally:
            await channel.shutdown()
    return found


def _open311(settings: Settings) -> Finding:
    if settings.open311_url is None:
        return Finding(
            "off", "Open311", "no reporting tool (the sandbox has one); SIGNPOST_OPEN311_URL names it"
        )
    return Finding("ok", "Open311", str(settings.open311_url))
