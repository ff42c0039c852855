"""Delivery of webhooks to the service: signed, retried until it takes them, and logged."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from weakref import WeakValueDictionary

import aiohttp

from sandbox.config import SandboxConfig
from sandbox.documents import Document, dump
from sandbox.faults import Faults
from sandbox.journal import Feed, wall_clock

_KEPT = 50_000
_REORDER_SECONDS = 1.0
_REORDER_COUNT = 5
_BATCH_UPDATES = 1000


class Check(StrEnum):
    """How the service answered the platform's challenge."""

    UNANSWERED = "unanswered"
    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True)
class Attempt:
    """One try to deliver: its status, or the error that it met instead."""

    at: str
    monotonic: float
    seconds: float
    status: int | None
    error: str | None


@dataclass
class Delivery:
    """A webhook under way; it gathers attempts until one is taken."""

    number: int
    platform: str
    label: str
    """What it tells: the event types or fields in it."""
    key: str
    """Deliveries of one key are first attempted in order."""
    body: bytes
    headers: dict[str, str]
    state: str = "pending"
    """pending, delivered or given_up."""
    duplicate_of: int | None = None
    attempts: list[Attempt] = field(default_factory=list)

    def as_document(self, bodies: bool) -> Document:
        """The delivery for the control API, with its body if asked for."""
        document: Document = {
            "number": self.number,
            "platform": self.platform,
            "label": self.label,
            "state": self.state,
            "duplicate_of": self.duplicate_of,
            "attempts": [vars(each) for each in self.attempts],
        }
        return document | ({"body": self.body.decode("utf-8", "replace")} if bodies else {})


class Courier:
    """Carries one platform's events to the service.

    The first attempts for one person keep their order. Whatever is not answered with a 2xx is tried again
    later, on its own, so that it neither holds up nor waits for the rest: just as little order as the
    platforms promise. A challenge that is answered wrong holds everything until one is answered rightly. (The
    real platforms would drop the webhook until someone registers it again; holding loses nothing and shows
    the same silence.)
    """

    def __init__(
        self,
        platform: str,
        config: SandboxConfig,
        faults: Faults,
        feed: Feed,
        *,
        sign: Callable[[bytes], dict[str, str]],
        challenge: Callable[[aiohttp.ClientSession, str], Awaitable[Check]],
    ) -> None:
        self.platform = platform
        self.url = f"{config.service_url.rstrip('/')}/webhooks/{'x' if platform == 'x' else 'meta'}"
        self.check = Check.UNANSWERED
        self.log: deque[Delivery] = deque(maxlen=_KEPT)
        self._config = config
        self._faults = faults
        self._feed = feed
        self._sign = sign
        self._challenge = challenge
        self._number = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._checker: asyncio.Task[None] | None = None
        self._open = asyncio.Event()
        self._open.set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._shuffling: list[Delivery] = []
        self._batching: list[tuple[Document, str]] = []
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the connections, and start to check the webhook if that is wanted."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=200),
            timeout=aiohttp.ClientTimeout(total=self._config.delivery_timeout),
            headers={"User-Agent": f"signpost-sandbox ({self.platform})"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        if self._config.check_webhooks:
            self._checker = asyncio.create_task(self._keep_checked())

    async def stop(self) -> None:
        """Drop what is under way and close the connections."""
        self.reset()
        if self._checker is not None:
            self._checker.cancel()
        if self._session is not None:
            await self._session.close()

    def reset(self) -> None:
        """Forget every delivery, done or not."""
        for task in self._tasks:
            task.cancel()
        self._shuffling.clear()
        self._batching.clear()
        self.log.clear()
        self._number = 0

    def submit(self, document: Document, label: str, key: str) -> None:
        """Deliver an event, with the faults that are switched on now."""
        if self._faults.webhook(self.platform).batch_ms and self.platform == "facebook":
            self._batch(document, label)
        else:
            self._dispatch(self._delivery(dump(document), label, key))

    def submit_raw(self, body: bytes, signed: bool) -> None:
        """Deliver any bytes, with the right signature or with none."""
        self._dispatch(self._delivery(body, "raw", "raw", signed=signed))

    def pending(self) -> int:
        """How many deliveries have neither been taken nor given up."""
        return sum(1 for each in self.log if each.state == "pending")

    async def challenge_now(self) -> Check:
        """Make the challenge check at once."""
        assert self._session is not None, "the courier is not started"
        outcome = await self._challenge(self._session, self.url)
        if outcome is not Check.UNANSWERED or self.check is Check.UNANSWERED:
            changed, self.check = outcome is not self.check, outcome
            if changed:
                self._feed.tell({"type": "webhook", "platform": self.platform, "check": outcome})
        if self.check is Check.WRONG:
            self._open.clear()
        else:
            self._open.set()
        return outcome

    def _delivery(self, body: bytes, label: str, key: str, signed: bool = True) -> Delivery:
        self._number += 1
        headers = {"Content-Type": "application/json"} | (self._sign(body) if signed else {})
        delivery = Delivery(self._number, self.platform, label, key, body, headers)
        self.log.append(delivery)
        return delivery

    def _dispatch(self, delivery: Delivery) -> None:
        switches = self._faults.webhook(self.platform)
        due = [delivery]
        if switches.duplicate:
            again = self._delivery(delivery.body, delivery.label, f"{delivery.key} again")
            again.headers, again.duplicate_of = delivery.headers, delivery.number
            due.append(again)
        for each in due:
            if switches.reorder:
                self._shuffle(each)
            else:
                self._spawn(self._carry(each, switches.delay_ms / 1000))

    def _batch(self, document: Document, label: str) -> None:
        self._batching.append((document, label))
        if len(self._batching) == 1:
            wait = self._faults.webhook(self.platform).batch_ms / 1000
            self._spawn(self._after(wait, self._release_batch))
        elif len(self._batching) >= _BATCH_UPDATES:
            self._release_batch()

    def _release_batch(self) -> None:
        gathered, self._batching = self._batching, []
        if gathered:
            entries = [entry for document, _ in gathered for entry in document["entry"]]
            body = dump({"object": "page", "entry": entries})
            self._dispatch(self._delivery(body, f"batch of {len(gathered)}", "batch"))

    def _shuffle(self, delivery: Delivery) -> None:
        self._shuffling.append(delivery)
        if len(self._shuffling) == 1:
            self._spawn(self._after(_REORDER_SECONDS, self._release_shuffled))
        elif len(self._shuffling) >= _REORDER_COUNT:
            self._release_shuffled()

    def _release_shuffled(self) -> None:
        held, self._shuffling = self._shuffling, []
        order = random.sample(held, len(held))
        if order == held:
            order.reverse()
        delay = self._faults.webhook(self.platform).delay_ms / 1000
        for delivery in order:
            self._spawn(self._carry(delivery, delay))

    async def _after(self, seconds: float, do: Callable[[], None]) -> None:
        await asyncio.sleep(seconds)
        do()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, delivery: Delivery, delay: float) -> None:
        await asyncio.sleep(delay)
        started = time.monotonic()
        turn = self._turns.setdefault(delivery.key, asyncio.Lock())
        async with turn:
            await self._attempt(delivery)
        waits = self._config.retry_seconds
        while delivery.state == "pending":
            await asyncio.sleep(waits[min(len(delivery.attempts), len(waits)) - 1])
            if time.monotonic() - started > self._config.give_up_after[self.platform]:
                self._settle(delivery, "given_up")
                return
            await self._attempt(delivery)

    async def _attempt(self, delivery: Delivery) -> None:
        await self._open.wait()
        assert self._session is not None, "the courier is not started"
        at, started = wall_clock(), time.monotonic()
        status, error = None, None
        try:
            async with self._session.post(
                self.url, data=delivery.body, headers=delivery.headers, allow_redirects=False
            ) as response:
                status = response.status
                await response.read()
        except TimeoutError:
            error = "timed out"
        except aiohttp.ClientError as problem:
            error = f"{type(problem).__name__}: {problem}"
        delivery.attempts.append(Attempt(at, started, time.monotonic() - started, status, error))
        if status is not None and 200 <= status < 300:
            self._settle(delivery, "delivered")
        elif len(delivery.attempts) == 1:
            self._feed.tell({"type": "delivery", "platform": self.platform, "state": "retrying"})

    def _settle(self, delivery: Delivery, state: str) -> None:
        delivery.state = state
        self._feed.tell({"type": "delivery", "platform": self.platform, "state": state})

    async def _keep_checked(self) -> None:
        while True:
            await self.challenge_now()
            right = self.check is Check.RIGHT
            await asyncio.sleep(3600 if right else self._config.recheck_seconds)
