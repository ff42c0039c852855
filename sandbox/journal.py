"""What the service did: every call it made, what came of it, and a live feed of changes for the page."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sandbox.documents import Document

_KEPT = 200_000


@dataclass(frozen=True)
class Sent:
    """Something that the service did on a platform and that took effect."""

    number: int
    platform: str
    kind: str
    """dm, post, message, private_reply, comment, hide, unhide, mute or typing."""
    visibility: str
    to: str | None
    """Name of the person it is for, if it is for one."""
    text: str | None
    id: str | None
    in_reply_to: str | None
    thread: str | None
    at: str
    """Wall clock, ISO, UTC; the real one, also when the sandbox's clock is fixed."""
    monotonic: float
    """Seconds on the machine's monotonic clock, comparable between processes."""
    detail: Document


@dataclass(frozen=True)
class Call:
    """A call of a platform's API, also one that was refused."""

    number: int
    platform: str
    method: str
    path: str
    status: int | None
    """None if it was left without an answer."""
    fault: str | None
    at: str
    monotonic: float


def wall_clock() -> str:
    """The real time now, ISO, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Journal:
    """What the service did and asked, in order."""

    def __init__(self) -> None:
        self.sent: deque[Sent] = deque(maxlen=_KEPT)
        self.calls: deque[Call] = deque(maxlen=_KEPT)
        self._sent_number = 0
        self._call_number = 0

    def record_sent(
        self,
        platform: str,
        kind: str,
        visibility: str,
        *,
        to: str | None = None,
        text: str | None = None,
        identifier: str | None = None,
        in_reply_to: str | None = None,
        thread: str | None = None,
        detail: Document | None = None,
    ) -> None:
        """Note that something took effect."""
        self._sent_number += 1
        self.sent.append(
            Sent(
                number=self._sent_number,
                platform=platform,
                kind=kind,
                visibility=visibility,
                to=to,
                text=text,
                id=identifier,
                in_reply_to=in_reply_to,
                thread=thread,
                at=wall_clock(),
                monotonic=time.monotonic(),
                detail=detail or {},
            )
        )

    def record_call(
        self, platform: str, method: str, path: str, status: int | None, fault: str | None
    ) -> None:
        """Note a call and its outcome."""
        self._call_number += 1
        self.calls.append(
            Call(self._call_number, platform, method, path, status, fault, wall_clock(), time.monotonic())
        )

    def reset(self) -> None:
        """Forget everything and count from one again."""
        self.__init__()  # type: ignore[misc]


def as_documents(records: deque[Sent] | deque[Call], after: int = 0) -> list[Document]:
    """The records numbered above `after`."""
    return [asdict(each) for each in records if each.number > after]


class Feed:
    """Tells all who listen that something changed. Who lags misses news, and never holds others up."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Document | None]] = set()

    def tell(self, news: Document) -> None:
        """Pass the news on to every listener."""
        for queue in self._listeners:
            if not queue.full():
                queue.put_nowait(news)

    def close(self) -> None:
        """End every listener's stream: they get None."""
        for queue in self._listeners:
            while queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Document | None]]:
        """A queue of news, for as long as the context lasts."""
        queue: asyncio.Queue[Document | None] = asyncio.Queue(maxsize=1000)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)
