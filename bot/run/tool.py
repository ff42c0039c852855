"""Runs one program to its end in the foreground, so that stopping us stops it and all that it started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import TextIO

from bot.environments import ROOT
from bot.run.keeper import Keeper


def run_tool(
    command: Sequence[str], environment: Mapping[str, str] | None = None, output: TextIO | None = None
) -> int:
    """Run a program in the project's folder; gives its exit code, as a shell would.

    `environment` is added to ours; its standard output is ours unless `output` is given. SIGINT and SIGTERM are passed
    on, once each time: the program has a session of its own, so that a terminal does not send it a second SIGINT.
    Raises KeyboardInterrupt once it has ended after one.
    """
    keeper = Keeper()
    keeper.start()
    try:
        with (
            subprocess.Popen(
                command,
                env={**os.environ, **(environment or {})},
                cwd=ROOT,
                stdout=output,
                start_new_session=True,
            ) as process,
            _passing_on_signals(process) as passed_on,
        ):
            keeper.watch(process.pid)
            code = process.wait()
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # what it left behind
            keeper.forget(process.pid)
    finally:
        keeper.stop()
    if passed_on:
        raise KeyboardInterrupt
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def _passing_on_signals(process: subprocess.Popen[bytes]) -> Iterator[list[int]]:
    passed_on: list[int] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        passed_on.append(number)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield passed_on
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
