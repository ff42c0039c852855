"""What `run` shows: the supervisor's own lines, and each child's lines with its name before them."""

from __future__ import annotations

import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

SUPERVISOR = "signpost"
LOG_BYTES = 10_000_000
LOGS_KEPT = 3


class Screen:
    """Writes lines to standard output under a name padded to the longest one."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._width = max(map(len, (*names, SUPERVISOR)))

    def say(self, line: str) -> None:
        """A line of the supervisor's own."""
        self.show(SUPERVISOR, line)

    def show(self, name: str, line: str) -> None:
        """A line of a child."""
        self._write(f"{name:<{self._width}} | {line}")

    def plain(self, text: str) -> None:
        """Text with nothing before it."""
        self._write(text)

    def _write(self, text: str) -> None:
        try:
            print(text, flush=True)
        except OSError:
            # Whoever read our output has gone; residents have not. The lines are still in the log files.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class LogFile:
    """One child's lines in a file that starts anew at 10 MB, the last three kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handler = RotatingFileHandler(
            path, maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8", errors="replace", delay=True
        )
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        # A full disk must not stop the supervisor, and the lines are on the screen anyhow.
        self._handler.handleError = lambda record: None  # type: ignore[method-assign]

    def write(self, line: str) -> None:
        """Append one line with the time."""
        self._handler.emit(logging.LogRecord("child", logging.INFO, "", 0, line, (), None))

    def close(self) -> None:
        """Close the file."""
        self._handler.close()
