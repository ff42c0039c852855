"""Turns as DBOS workflows: durable, one after the other in a conversation, taken up again after a crash."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dbos import DBOS, DBOSConfig

from bot.clock import Clock
from bot.store import messages
from bot.store.database import Database
from bot.turns.decide import Decider, turn_id
from bot.turns.deliver import Attempt, Deliverer, Progress
from bot.turns.receive import NewMessage

log = logging.getLogger(__name__)

QUEUE = "turns"
WORKFLOW = "turn"
RECOVERIES = 50
"""How often a turn may be taken up again after crashes before people get it."""
VERSION = "1"
"""The version of the workflow's shape: it stays while steps keep their order, so that updates finish old turns."""
POLL_SECONDS = 0.05
WORKERS = 32
"""Turns under way at once in this process; each conversation has one at most."""
ANSWER_ATTEMPTS = 9
ANSWER_PAUSE_SECONDS = 0.25
"""Doubles from attempt to attempt: together a little over a minute, longer than Rasa takes to start."""
SWEEP_SECONDS = 60.0
KEEP_FINISHED = timedelta(days=2)
"""How long DBOS's own records of finished turns stay; a message that comes again later is known by its own row."""
PRUNED_AT_ONCE = 1000


class Turns:
    """Runs the turns of this process. One at a time in a process, since DBOS is global."""

    def __init__(
        self, database: Database, decider: Decider, deliverer: Deliverer, now: Clock, url: str, executor: str
    ) -> None:
        self._database = database
        self._decider = decider
        self._deliverer = deliverer
        self._now = now
        self._url = url
        self._executor = f"{socket.gethostname()}-{executor}"
        self._sweeper: asyncio.Task[None] | None = None

    async def initialize(self) -> None:
        """Start the queue; turns that a crash cut off go on, and messages without a turn get one."""
        config: DBOSConfig = {
            "name": "signpost",
            "system_database_url": self._url,
            "application_version": VERSION,
            "executor_id": self._executor,
            "log_level": "WARNING",
            "dbos_system_schema": "turns",
            "scheduler_polling_interval_sec": 3600.0,
        }
        if self._url.startswith("sqlite"):
            await asyncio.to_thread(_prepare_sqlite, self._url)
        DBOS(config=config)
        self._register()
        DBOS.launch()
        await DBOS.register_queue_async(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=WORKERS,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )
        await self._sweep(everything=True)
        self._sweeper = asyncio.create_task(self._sweep_for_ever())

    async def shutdown(self) -> None:
        """Stop; turns under way are taken up at the next start."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)

    async def enqueue(self, new: Iterable[NewMessage]) -> None:
        """Give each message its turn. A message that has one keeps it: the turn's name is its key."""
        for message in new:
            await DBOS.enqueue_workflow_with_options_async(
                {
                    "workflow_name": WORKFLOW,
                    "queue_name": QUEUE,
                    "workflow_id": turn_id(message.message_id),
                    "queue_partition_key": str(message.conversation_id),
                    "app_version": VERSION,
                },
                message.message_id,
            )

    async def turn(self, message_id: int) -> None:
        """The whole way of one message: decide, send what was decided, done."""
        try:
            unsent = await DBOS.run_step_async(
                {
                    "name": "answer",
                    "retries_allowed": True,
                    "max_attempts": ANSWER_ATTEMPTS,
                    "interval_seconds": ANSWER_PAUSE_SECONDS,
                    "backoff_rate": 2.0,
                },
                self._answer,
                message_id,
            )
            for reply_id, wait_seconds in unsent:
                await self._send_later(reply_id, wait_seconds)
            if unsent:
                await DBOS.run_step_async({"name": "finish"}, self._finish, message_id)
        except Exception:
            log.exception("turn %s failed for good and goes to people", turn_id(message_id))
            await DBOS.run_step_async({"name": "give up"}, self._give_up, message_id)

    async def _answer(self, message_id: int) -> list[tuple[int, float]]:
        """Decide and send in one step; the replies that must wait, each with its seconds.

        One step and not two, since DBOS's own records cost as much as ours. It may be run again after any crash: our
        records say what was decided, and a send that was under way is looked up.
        """
        reply_ids = await self._decider.decide(message_id)
        unsent, ended = [], False
        for reply_id in reply_ids:
            made = await self._deliverer.attempt(reply_id, 0, last=len(reply_ids) == 1)
            if made.progress is Progress.LATER:
                unsent.append((reply_id, made.wait_seconds))
            ended = made.progress is Progress.SENT and len(reply_ids) == 1
        if not unsent and not ended:
            await self._finish(message_id)
        return unsent

    async def _send_later(self, reply_id: int, wait_seconds: float) -> None:
        attempt = 1
        while True:
            await DBOS.sleep_async(wait_seconds)
            again = await DBOS.run_step_async({"name": "send"}, self._attempt, reply_id, attempt)
            if again is None:
                return
            wait_seconds, attempt = again, attempt + 1

    async def _attempt(self, reply_id: int, attempt: int) -> float | None:
        made: Attempt = await self._deliverer.attempt(reply_id, attempt, last=False)
        return made.wait_seconds if made.progress is Progress.LATER else None

    async def _finish(self, message_id: int) -> None:
        async with self._database.transaction() as session:
            await messages.finish(session, message_id, self._now())

    async def _give_up(self, message_id: int) -> None:
        await self._decider.give_up(message_id)
        await self._finish(message_id)

    def _register(self) -> None:
        # DBOS names a workflow by an attribute on its function, which a bound method does not take.
        async def turn(message_id: int) -> None:
            await self.turn(message_id)

        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=RECOVERIES)(turn)

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._sweep(everything=False)
                await self._prune()
            except Exception:
                log.exception("sweeping for messages without a turn failed; next try in %d s", SWEEP_SECONDS)

    async def _sweep(self, *, everything: bool) -> None:
        """Enqueue messages whose turn has not ended; harmless for those that are under way."""
        before = self._now() if everything else self._now() - timedelta(seconds=SWEEP_SECONDS)
        after_id = 0
        while True:
            async with self._database.transaction() as session:
                found = await messages.unfinished(session, before, after_id)
            if not found:
                return
            await self.enqueue(
                NewMessage(message_id, conversation_id) for message_id, conversation_id in found
            )
            for message_id, _ in found:
                await self._revive(message_id)
            after_id = found[-1][0]

    async def _revive(self, message_id: int) -> None:
        """A turn that DBOS has ended without our record of its end: done, or, after an error of ours, people's."""
        status = await DBOS.get_workflow_status_async(turn_id(message_id))
        if status is None:
            return
        if status.status == "SUCCESS":
            await self._finish(message_id)
        elif status.status in ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED"):
            log.error("turn %s ended as %s without an end of ours", turn_id(message_id), status.status)
            await self._give_up(message_id)

    async def _prune(self) -> None:
        """DBOS keeps finished workflows for ever; our own records say all that is needed of them."""
        finished = await DBOS.list_workflows_async(
            status="SUCCESS",
            completed_before=(datetime.now(UTC) - KEEP_FINISHED).isoformat(),
            limit=PRUNED_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        if finished:
            await DBOS.delete_workflows_async([workflow.workflow_id for workflow in finished])


def _prepare_sqlite(url: str) -> None:
    """Readers beside a writer; the mode is kept in the file, and DBOS does not set one."""
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
