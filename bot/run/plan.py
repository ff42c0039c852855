"""Which processes `run` starts, with which environment each: nobody gets a secret that it has no use for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.council import Council
from bot.environments import RASA, ROOT
from bot.run.child import ChildPlan
from bot.run.errors import RunError

LOOPBACK = "127.0.0.1"
PREFIX = "SIGNPOST_"
ACCOUNT_PREFIXES = ("SIGNPOST_X_", "SIGNPOST_META_", "SIGNPOST_OPEN311_")
"""The settings that the sandbox stands in for."""
ACTIONS_SETTINGS = (
    "SIGNPOST_OPEN311_URL",
    "SIGNPOST_OPEN311_JURISDICTION",
    "SIGNPOST_REPORTING_URL",
    "SIGNPOST_NOW",
)
RASA_SETTINGS = ("SIGNPOST_RASA_TOKEN", "SIGNPOST_ACTIONS_URL", "SIGNPOST_NOW")

FRUGAL = {
    # One thread and one arena each: several processes share the cores, and arenas keep what they once took.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "TOKENIZERS_PARALLELISM": "false",
}


@dataclass(frozen=True)
class Ports:
    """Where each process listens, on this machine only."""

    service: int
    sandbox: int | None
    rasa: int
    actions: int


@dataclass(frozen=True)
class Addresses:
    """What is printed at the end; None = not started."""

    service: str
    sandbox: str | None


def addresses(ports: Ports) -> Addresses:
    """The addresses that people use."""
    sandbox = None if ports.sandbox is None else f"http://{LOOPBACK}:{ports.sandbox}"
    return Addresses(f"http://{LOOPBACK}:{ports.service}", sandbox)


def plans(
    settings: Mapping[str, str],
    keys: Mapping[str, str],
    council: Council,
    ports: Ports,
    data_dir: Path,
    model: Path,
) -> tuple[ChildPlan, ...]:
    """The processes in the order in which they need each other.

    `settings` are all SIGNPOST_ settings that were given. The sandbox stands before the service, whose channels it
    answers; it delivers again until the service takes it.
    """
    where = addresses(ports)
    base = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    base |= FRUGAL | {"PYTHONUNBUFFERED": "1"}
    shared = dict(settings) | {
        "SIGNPOST_DATA_DIR": str(data_dir),
        "SIGNPOST_RASA_URL": f"http://{LOOPBACK}:{ports.rasa}",
        "SIGNPOST_RASA_TOKEN": settings.get("SIGNPOST_RASA_TOKEN") or keys["SIGNPOST_RASA_TOKEN"],
        "SIGNPOST_ACTIONS_URL": f"http://{LOOPBACK}:{ports.actions}/webhook",
    }
    sandbox: tuple[ChildPlan, ...] = ()
    if where.sandbox is not None:
        accounts = _sandbox_accounts(base, settings, keys, council, ports)
        shared |= accounts | {"SIGNPOST_REPORTING_URL": f"{where.sandbox}/report"}
        sandbox = (_sandbox(base | accounts | _only(settings, ("SIGNPOST_NOW",)), ports, council, where),)
    actions = ChildPlan(
        name="actions",
        command=(sys.executable, "-m", "actions", "--port", str(ports.actions)),
        environment=base | {"LOG_LEVEL": "WARNING"} | _only(shared, ACTIONS_SETTINGS),
        ready_url=f"http://{LOOPBACK}:{ports.actions}/health",
        ready_within=60,
        doing="loading the directory and the wording",
    )
    rasa = ChildPlan(
        name="rasa",
        command=(str(RASA.python), "-m", "bot.nlu.serve", "--model", str(model), "--port", str(ports.rasa)),
        environment=base | dict(RASA.variables) | _only(shared, RASA_SETTINGS),
        ready_url=f"{shared['SIGNPOST_RASA_URL']}/webhooks/signpost/health",
        ready_within=180,
        doing="loading the model",
    )
    service = ChildPlan(
        name="service",
        command=(sys.executable, "-m", "bot.service", "--port", str(ports.service)),
        environment=base | shared,
        ready_url=f"{where.service}/readyz",
        ready_within=60,
        doing="opening the database and the channels",
    )
    return (actions, rasa, *sandbox, service)


def _sandbox(environment: Mapping[str, str], ports: Ports, council: Council, where: Addresses) -> ChildPlan:
    return ChildPlan(
        name="sandbox",
        command=_sandbox_command(ports, council),
        environment=environment,
        ready_url=f"{where.sandbox}/",
        ready_within=30,
        doing="opening the look-alikes of the platforms",
    )


def _sandbox_command(ports: Ports, council: Council) -> tuple[str, ...]:
    service = f"http://{LOOPBACK}:{ports.service}"
    options = ("--port", str(ports.sandbox), "--service", service, "--council", council.short_name)
    return (sys.executable, "-m", "sandbox", *options)


def _sandbox_accounts(
    base: Mapping[str, str],
    settings: Mapping[str, str],
    keys: Mapping[str, str],
    council: Council,
    ports: Ports,
) -> dict[str, str]:
    """The accounts of the look-alikes, as the sandbox itself says; they share no secret with real ones."""
    given = {name: value for name, value in keys.items() if name.startswith(ACCOUNT_PREFIXES)}
    given |= {"SIGNPOST_X_HANDLE": council.handles.x} | _only(settings, ("SIGNPOST_NOW",))
    answer = subprocess.run(
        [*_sandbox_command(ports, council), "--print-environment"],
        env={**base, **given},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if answer.returncode != 0:
        last = (answer.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise RunError(f"the sandbox cannot be set up: {last}")
    pairs = (line.partition("=") for line in answer.stdout.splitlines())
    return {name: value for name, _, value in pairs if name.startswith(PREFIX)}


def _only(settings: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: settings[name] for name in names if settings.get(name)}
