"""The command: `python -m sandbox --port 8081 --service http://127.0.0.1:8080`."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import signal
import sys
from dataclasses import replace

from aiohttp import web

from sandbox.config import BadSetting, SandboxConfig, from_environment
from sandbox.server import create_app

_STOP_SECONDS = 0.2


def main() -> int:
    """Run the sandbox until it is told to stop; returns the exit code."""
    options = _parser().parse_args()
    try:
        config = _configured(options)
        if options.print_environment:
            print("\n".join(f"{name}={value}" for name, value in config.environment().items()))
            return 0
        asyncio.run(_serve(config))
    except BadSetting as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(_why_not_listening(error, options.port), file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8081, help="port to listen on, on 127.0.0.1")
    parser.add_argument("--service", default="http://127.0.0.1:8080", help="where the service answers")
    parser.add_argument("--limits", choices=("documented", "off"), default="documented")
    parser.add_argument(
        "--dialect", choices=("plain", "fixmystreet", "xml"), default="plain", help="of Open311"
    )
    parser.add_argument("--council", default=None, help="name of the council that residents see")
    parser.add_argument(
        "--print-environment",
        action="store_true",
        help="print the settings for a service that is to use it, and stop",
    )
    return parser


def _configured(options: argparse.Namespace) -> SandboxConfig:
    config = from_environment(os.environ)
    return replace(
        config,
        port=options.port,
        service_url=options.service.rstrip("/"),
        limits=None if options.limits == "off" else config.limits,
        open311_dialect=options.dialect,
        council_name=options.council or config.council_name,
    )


async def _serve(config: SandboxConfig) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    runner = web.AppRunner(create_app(config), access_log=None, shutdown_timeout=_STOP_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, config.host, config.port).start()
        print(f"The sandbox is at {config.address}/ and delivers to {config.service_url}.", flush=True)
        await stopping.wait()
    finally:
        await runner.cleanup()


def _why_not_listening(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken: stop what uses it, or give another one with --port."
    return f"The sandbox can't listen on port {port}: {error.strerror or error}."


if __name__ == "__main__":
    sys.exit(main())
