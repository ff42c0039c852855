"""Runs the action server: `python -m actions --port 5055`, on loopback only, in one process."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from rasa_sdk.endpoint import create_app  # type: ignore[import-untyped,unused-ignore]

from actions.executor import build_executor
from actions.facts import load_facts
from bot.yamlfile import ConfigError

LOOPBACK = "127.0.0.1"


def main() -> int:
    """Serve until SIGTERM or SIGINT; 2 when a file is wrong, with its name and line."""
    parser = argparse.ArgumentParser(
        prog="python -m actions", description="Signpost's action server, for Rasa only."
    )
    parser.add_argument("--port", type=int, default=5055, help="port on 127.0.0.1")
    parser.add_argument(
        "--root", type=Path, default=Path(), help="folder of council.yml, domain.yml and data/"
    )
    arguments = parser.parse_args()
    logging.basicConfig(
        level=os.environ.get("LOG_LEVEL", "WARNING"), format="%(levelname)s %(name)s: %(message)s"
    )
    try:
        facts = load_facts(arguments.root)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    app = create_app(build_executor(facts, os.environ), cors_origins=[])  # no browser has business here
    # One process without Sanic's manager: it needs no workers, and a manager would double its memory.
    app.run(host=LOOPBACK, port=arguments.port, single_process=True, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
