"""Ends the process groups that a supervisor started, if it dies without ending them itself (`kill -9`).

A process of its own, in a session of its own. It reads lines from the supervisor, `+123` and `-123`, which add and
take away a process group; when the pipe closes, whatever is left is killed. Unlike a parent-death signal this works on
every Unix and reaches the children's children. Run as a file: standard library only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path


class Keeper:
    """The supervisor's end of it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._groups: set[int] = set()

    def start(self) -> None:
        """Start the process."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    def watch(self, group: int) -> None:
        """End this process group if we die."""
        self._groups.add(group)
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        """This process group is gone; its number may soon be another's."""
        self._groups.discard(group)
        self._tell(f"-{group}")

    def stop(self) -> None:
        """End the process; every group must have been forgotten before, or is killed now."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.wait(timeout=5)
            self._process = None

    def _tell(self, line: str) -> None:
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("the keeper is not running")
        try:
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:  # somebody killed it: another takes over what there is to keep
            self._process.wait(timeout=5)
            self.start()
            for group in self._groups:
                self._process.stdin.write(f"+{group}\n".encode())
            self._process.stdin.flush()


def keep() -> None:
    """Read until the supervisor is gone, then kill what is left."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin.buffer:
        if line.endswith(b"\n"):
            (groups.add if line.startswith(b"+") else groups.discard)(int(line[1:]))
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    keep()
