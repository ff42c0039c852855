"""`./signpost run` from beginning to end: check, prepare, start, print the addresses, keep running."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import aiohttp

from bot.council import ConfigError, Council, load_council
from bot.directory import load_directory
from bot.environments import ROOT
from bot.run import keys
from bot.run.errors import RunError
from bot.run.livemodel import ModelError, ensure_model
from bot.run.plan import Addresses, addresses, plans
from bot.run.ports import choose
from bot.run.prepare import (
    given_settings,
    make_data_dir,
    prepare_database,
    real_accounts,
    sole_user,
    without_unknown,
)
from bot.run.screen import Screen
from bot.run.supervisor import Supervisor
from bot.settings import Settings, SettingsError, load_settings


def run(port: int, data_dir: Path | None, sandbox: bool) -> int:
    """Run everything until stopped; gives the exit code. What is wrong is one sentence on standard error."""
    try:
        return _run(port, data_dir, sandbox)
    except (RunError, SettingsError, ConfigError, ModelError) as error:
        print(f"signpost: {error}", file=sys.stderr, flush=True)
        return 1


def _run(port: int, data_dir: Path | None, sandbox: bool) -> int:
    started = time.monotonic()
    settings = load_settings()
    settings = settings.model_copy(update={"data_dir": (data_dir or ROOT / settings.data_dir).absolute()})
    council = load_council()
    load_directory(council)
    make_data_dir(settings.data_dir)
    with sole_user(settings.data_dir):
        ports = choose(port, sandbox)
        # From here on what we and the children write is for this user alone: it is residents' data.
        before = os.umask(0o077)
        prepare_database(settings)
        secrets = keys.load_or_make(settings.data_dir)
        os.umask(before)
        model = ensure_model()
        os.umask(0o077)
        children = plans(given_settings(), secrets, council, ports, settings.data_dir, model)
        screen = Screen(tuple(child.name for child in children))
        _say_what_is_odd(screen, settings, sandbox)
        supervisor = Supervisor(children, screen, settings.data_dir / "logs", ROOT)
        where = addresses(ports)

        async def when_ready() -> None:
            screen.plain(await _welcome(council, settings, where, time.monotonic() - started))

        return asyncio.run(supervisor.run(when_ready))


def _say_what_is_odd(screen: Screen, settings: Settings, sandbox: bool) -> None:
    if sandbox and real_accounts(settings):
        screen.say(
            "credentials of real accounts are set, but the sandbox's look-alikes are used instead of them: "
            "real accounts need --no-sandbox"
        )
    if not sandbox and not (settings.x_configured or settings.meta_configured):
        screen.say(
            "no channel is configured: nothing can come in (./signpost doctor says which settings are missing)"
        )
    if settings.now is not None:
        screen.say(f"SIGNPOST_NOW is set: for everything here it is {settings.now.isoformat()}")
    for name in without_unknown(given_settings()):
        screen.say(f"{name} is no setting of Signpost's; .env.example lists them all")


async def _welcome(council: Council, settings: Settings, where: Addresses, seconds: float) -> str:
    lines = ["", f"Signpost is ready for {council.short_name} ({seconds:.0f} s).", ""]
    if where.sandbox:
        lines.append(f"  Be a resident   {where.sandbox}/")
        lines.append(f"  Reporting tool  {where.sandbox}/report")
    if await _answers(f"{where.service}/console/"):
        lines.append(f"  Console         {where.service}/console/")
    lines += [
        f"  Health          {where.service}/readyz",
        f"  Webhooks        {where.service}/webhooks/x  {where.service}/webhooks/meta",
        f"  Data and logs   {settings.data_dir}",
        "",
        "Ctrl-C stops everything.",
        "",
    ]
    return "\n".join(lines)


async def _answers(url: str) -> bool:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session,
            session.get(url) as response,
        ):
            return response.status < 400
    except (aiohttp.ClientError, TimeoutError):
        return False
