"""One supervised process: started in a group of its own, waited for until ready, its lines passed on, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.run.keeper import Keeper
from bot.run.screen import LogFile, Screen

POLL_SECONDS = 0.1
PROGRESS_SECONDS = 5.0
LINE_BYTES = 16_384
LINES_HELD = 1000
ANSWER_SHOWN = 300


class ChildFailed(Exception):
    """A process did not get ready; the text is one sentence that names it and ends with its own last words."""


@dataclass(frozen=True)
class ChildPlan:
    """How to run one process and how to know that it is ready.

    `ready_url` answers 200 when it is; `ready_within` is in seconds; `doing` says what it does until then.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready_url: str
    ready_within: float
    doing: str = "starting"


class Child:
    """A process that is started again and again under the same plan."""

    def __init__(self, plan: ChildPlan, screen: Screen, keeper: Keeper, log: Path, folder: Path) -> None:
        self.plan = plan
        self.ready_at: float | None = None
        """`time.monotonic()` of when it last got ready; None while it is not."""
        self._screen = screen
        self._keeper = keeper
        self._log = LogFile(log)
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None
        self._gone = True
        self._last: deque[str] = deque(maxlen=LINES_HELD)
        # At the first start lines are held back, so that a failure is one sentence and not a page of traceback.
        self._holding = True

    @property
    def name(self) -> str:
        """What it is called on the screen."""
        return self.plan.name

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self.running and self._process else None

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the process; raises ChildFailed when there is no such program or no room for one."""
        self.ready_at = None
        self._last.clear()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self.plan.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=dict(self.plan.environment),
                cwd=self._folder,
                start_new_session=True,
            )
        except OSError as error:
            raise ChildFailed(f"{self.name} could not be started: {error.strerror}.") from None
        self._gone = False
        self._keeper.watch(self._process.pid)
        self._pump = asyncio.create_task(self._pass_on_lines(self._process), name=f"lines of {self.name}")

    async def until_ready(self) -> None:
        """Wait until it answers 200 at its address; raises ChildFailed when it ends or takes too long."""
        started = time.monotonic()
        said, answer = started, "no answer"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while True:
                if not self.running:
                    await self.ended()
                    raise ChildFailed(
                        f"{self.name} {self.how_it_ended()} before it was ready: {self.last_words()}"
                    )
                ready, answer = await self._ask(session, answer)
                now = time.monotonic()
                if ready:
                    break
                if now - started > self.plan.ready_within:
                    self.kill()
                    await self.ended()
                    raise ChildFailed(
                        f"{self.name} was not ready after {self.plan.ready_within:g} s ({answer}): {self.last_words()}"
                    )
                if now - said >= PROGRESS_SECONDS:
                    said = now
                    self._screen.say(f"{self.name}: {self.plan.doing} … {now - started:.0f} s")
                await asyncio.sleep(POLL_SECONDS)
        self.ready_at = time.monotonic()
        self._screen.say(f"{self.name} is ready ({self.ready_at - started:.1f} s)")
        if self._holding:
            self._holding = False
            for line in self._last:
                self._screen.show(self.name, line)

    async def _ask(self, session: aiohttp.ClientSession, before: str) -> tuple[bool, str]:
        try:
            async with session.get(self.plan.ready_url) as response:
                if response.status == 200:
                    return True, ""
                body = " ".join((await response.text(errors="replace")).split())
                return False, f"it answers {response.status} {body[:ANSWER_SHOWN]}".rstrip()
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False, before

    async def ended(self) -> None:
        """Wait until the process and all that it started are gone and its last lines are passed on."""
        # Process.wait() would also wait for every heir of the pipe, and that may be what has to be killed first.
        while self.running:
            await asyncio.sleep(POLL_SECONDS)
        if self._gone or self._process is None or self._pump is None:
            return
        self.kill()  # what it started and left behind
        await asyncio.wait({self._pump}, timeout=1)
        self._pump.cancel()
        self._keeper.forget(self._process.pid)
        self._gone = True
        self.ready_at = None

    def how_it_ended(self) -> str:
        """For people: `ended with code 1`, `was ended by SIGKILL`."""
        code = self._process.returncode if self._process else None
        if code is None:
            return "is running"
        if code >= 0:
            return f"ended with code {code}"
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
        return f"was ended by signal {-code}"

    def last_words(self) -> str:
        """Its last line that says something, and where the rest stands."""
        for line in reversed(self._last):
            if line.strip():
                return f"{line.strip()[:ANSWER_SHOWN]} (all of it is in {self._log.path})"
        return "it said nothing."

    def ask_to_stop(self) -> None:
        """SIGTERM to the process, which ends its own children."""
        if self.running and self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the process and all of its group."""
        if self._process is not None and not self._gone:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Close the log file."""
        self._log.close()

    async def _pass_on_lines(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        rest = b""
        while chunk := await process.stdout.read(65_536):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LINE_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._pass_on(line)
        if rest:
            self._pass_on(rest)

    def _pass_on(self, raw: bytes) -> None:
        line = raw.decode("utf-8", errors="replace").rstrip("\r")
        self._last.append(line)
        self._log.write(line)
        if not self._holding:
            self._screen.show(self.name, line)
