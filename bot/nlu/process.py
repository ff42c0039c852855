"""What each process that loads Rasa does first: nothing unused, no telemetry, no residents' words in its log."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import structlog

from bot.nlu.left_out import leave_out_unused

# All that Rasa's structured log entries may say; the rest is, or may hold, what a resident wrote.
_HARMLESS = frozenset({"event", "event_info", "level", "action_name", "intent_name", "rule", "policy_name"})


def prepare_process(threads: int = 1) -> None:
    """Call before the first import of `rasa`. The level of the log is LOG_LEVEL, WARNING if unset; all of it
    goes to stderr.

    Args:
        threads: for sums over arrays. Two processes of one thread serve better than one of two; a training is alone.
    """
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("SANIC_NO_UVLOOP", "true")
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, str(threads))
    level_name = os.environ.setdefault("LOG_LEVEL", "WARNING").upper()
    level = logging.getLevelNamesMapping().get(level_name, logging.WARNING)
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.captureWarnings(True)  # Rasa and its libraries put their own warning filters back
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            _only_harmless,
            structlog.processors.add_log_level,
            structlog.processors.KeyValueRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    leave_out_unused()


def _only_harmless(logger: Any, method: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {key: value for key, value in entry.items() if key in _HARMLESS}
