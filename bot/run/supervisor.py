"""Starts processes in order, starts again what dies, stops them all: what `run` does once everything is prepared."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.run.child import Child, ChildFailed, ChildPlan
from bot.run.keeper import Keeper
from bot.run.screen import Screen

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True)
class Timing:
    """How long the supervisor waits, in seconds."""

    first_wait: float = 0.5
    """Before a process that died is started again; doubles each time."""
    longest_wait: float = 30.0
    healthy_after: float = 60.0
    """A process that was ready for so long starts again after `first_wait`."""
    last_started_alone: float = 4.0
    """The last one started (the service) may use the others for so long after it was asked to stop."""
    until_kill: float = 7.0
    """From the first SIGTERM to SIGKILL for whatever is left."""


class Supervisor:
    """Runs the planned processes until it is told to stop."""

    def __init__(
        self,
        plans: Sequence[ChildPlan],
        screen: Screen,
        logs: Path,
        folder: Path,
        timing: Timing | None = None,
    ) -> None:
        self._screen = screen
        self._keeper = Keeper()
        self._timing = timing or Timing()
        self._stop = asyncio.Event()
        self._asked_to_stop = 0
        self.children = [
            Child(plan, screen, self._keeper, logs / f"{plan.name}.log", folder) for plan in plans
        ]

    async def run(self, when_ready: Callable[[], Awaitable[None]]) -> int:
        """Start all, call `when_ready`, keep all running until a signal comes; gives the exit code.

        A process that does not get ready at the first start ends the run with one sentence on standard error.
        """
        loop = asyncio.get_running_loop()
        for each in SIGNALS:
            if signal.getsignal(each) != signal.SIG_IGN:  # as under nohup
                loop.add_signal_handler(each, self._on_signal, each)
        self._keeper.start()
        work = asyncio.create_task(self._start_and_keep(when_ready), name="children")
        stop = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            failure = work.exception() if work.done() and not work.cancelled() else None
            for task in (work, stop):
                task.cancel()
            await asyncio.gather(work, stop, return_exceptions=True)
        finally:
            await self._stop_children()
            self._keeper.stop()
            for each in SIGNALS:
                loop.remove_signal_handler(each)
        if isinstance(failure, ExceptionGroup) and (failed := failure.subgroup(ChildFailed)):
            print(f"signpost: {failed.exceptions[0]}", file=sys.stderr, flush=True)
            return 1
        if failure is not None:
            raise failure
        self._screen.say("stopped")
        return 0

    def _on_signal(self, number: signal.Signals) -> None:
        self._asked_to_stop += 1
        if self._asked_to_stop == 1:
            self._screen.say(f"{number.name}: stopping (once more stops at once)")
            self._stop.set()
        else:
            for child in self.children:
                child.kill()

    async def _start_and_keep(self, when_ready: Callable[[], Awaitable[None]]) -> None:
        async with asyncio.TaskGroup() as keeping:
            for child in self.children:
                self._screen.say(f"{child.name}: {child.plan.doing} …")
                await child.start()
                await child.until_ready()
                # From here on it is kept running, also while those after it start.
                keeping.create_task(self._keep_running(child), name=f"keeping {child.name}")
            await when_ready()

    async def _keep_running(self, child: Child) -> None:
        timing = self._timing
        wait = timing.first_wait
        while True:
            ready_at = child.ready_at
            await child.ended()
            if ready_at is not None and time.monotonic() - ready_at >= timing.healthy_after:
                wait = timing.first_wait
            self._screen.say(f"{child.name} {child.how_it_ended()}; starting it again in {wait:g} s")
            await asyncio.sleep(wait)
            wait = min(wait * 2, timing.longest_wait)
            try:
                await child.start()
                await child.until_ready()
            except ChildFailed as failure:
                self._screen.say(str(failure))

    async def _stop_children(self) -> None:
        """Ask in reverse order, the last started first and alone, so that it can finish what needs the others."""
        started = time.monotonic()
        timing = self._timing
        *earlier, last = self.children
        if self._asked_to_stop < 2 and last.running:
            last.ask_to_stop()
            await _gone([last], timing.last_started_alone)
        for child in reversed(earlier):
            child.ask_to_stop()
        await _gone(self.children, timing.until_kill - (time.monotonic() - started))
        for child in reversed(self.children):
            if child.running:
                self._screen.say(f"{child.name} did not stop; killing it")
            child.kill()
            await child.ended()
            child.close()


async def _gone(children: Sequence[Child], within_seconds: float) -> None:
    """Wait until all have ended, but no longer than so many seconds."""
    deadline = time.monotonic() + within_seconds
    while any(child.running for child in children) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
