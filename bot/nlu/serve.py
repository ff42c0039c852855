"""Runs one Rasa process with our channel, on loopback only: `python -m bot.nlu.serve --model … --port 5005`.

Leaves with 1 and one sentence if the model or a setting is unusable, where `rasa run` would start without a model
and answer nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.nlu.process import prepare_process

if TYPE_CHECKING:
    from rasa.core.agent import Agent
    from sanic import Sanic

HOST = "127.0.0.1"
BODY_BYTES_AT_MOST = 2_000_000


class CannotServe(RuntimeError):
    """Why the process cannot start, in one sentence."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    options = _parser().parse_args(arguments)
    prepare_process()
    try:
        app = make_app(Path(options.model), Path(options.credentials), Path(options.endpoints))
    except CannotServe as error:
        print(f"rasa: {error}", file=sys.stderr)
        return 1
    _give_back_memory()
    try:
        app.run(host=HOST, port=options.port, workers=1, access_log=False, debug=False)
    except OSError as error:
        print(f"rasa: cannot listen on {HOST}:{options.port}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def make_app(model: Path, credentials: Path, endpoints: Path) -> Sanic:
    """Load the model and build the web application around it; raises `CannotServe`."""
    agent = load_agent(model, endpoints)
    from rasa.core.channels.channel import register
    from rasa.shared.exceptions import RasaException
    from rasa.shared.utils.io import read_config_file
    from sanic import Sanic

    from bot.nlu.action_answers import check_by_shape
    from bot.nlu.channel import SignpostChannel

    check_by_shape()
    try:
        channel = SignpostChannel.from_credentials(
            read_config_file(credentials).get("bot.nlu.channel.SignpostChannel")
        )
    except (RasaException, OSError, ValueError) as error:
        raise CannotServe(f"{credentials}: {error}") from error
    app = Sanic("signpost_rasa", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = BODY_BYTES_AT_MOST
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 5.0
    app.ctx.agent = agent
    register([channel], app, route="/webhooks/")
    return app


def load_agent(model: Path, endpoints: Path | None) -> Agent:
    """Load a model file and understand one message with it, so that whatever is missing is missed now;
    raises `CannotServe`.
    """
    import asyncio

    if not model.is_file():
        raise CannotServe(f"there is no model file {model}; train one with: ./signpost train")
    from rasa.core.agent import Agent
    from rasa.shared.exceptions import RasaException
    from rasa.utils.endpoints import read_endpoint_config

    from bot.nlu.turn import parse
    from bot.nlu.wording import SteadyWording

    action_endpoint = None
    if endpoints is not None:
        try:
            action_endpoint = read_endpoint_config(str(endpoints), "action_endpoint")
        except (RasaException, OSError, ValueError) as error:
            raise CannotServe(f"{endpoints}: {error}") from error
        if action_endpoint is None:
            raise CannotServe(f"{endpoints} names no action_endpoint")
    try:
        agent = Agent.load(model, generator=SteadyWording({}), action_endpoint=action_endpoint)
        if agent.processor is None or agent.processor.model_metadata.core_target is None:
            raise CannotServe(f"the model {model} has no rules in it; train it again")
        asyncio.run(parse(agent.processor, "hello"))
    except CannotServe:
        raise
    except (
        Exception
    ) as error:  # Rasa raises anything from tarfile errors to KeyError for a model that is not whole
        raise CannotServe(f"the model {model} will not load: {_innermost(error)}") from error
    return agent


def _give_back_memory() -> None:
    """Return what loading needed for a moment, some 60 MB, to the system (glibc keeps it otherwise)."""
    gc.collect()
    gc.freeze()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library has no malloc_trim
            ctypes.CDLL("libc.so.6").malloc_trim(0)


def _innermost(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot.nlu.serve", description="Run Rasa with one model on 127.0.0.1."
    )
    parser.add_argument("--model", required=True, help="a model file, models/….tar.gz")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--credentials", default="credentials.yml")
    parser.add_argument("--endpoints", default="endpoints.yml")
    return parser


if __name__ == "__main__":
    sys.exit(main())
