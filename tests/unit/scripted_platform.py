"""A platform's API that answers what a test tells it to, or breaks as told, over a real socket."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Reply:
    """One answer. `hangs` keeps the caller waiting for ever, `breaks` closes the connection without a word."""

    status: int = 200
    document: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    hangs: bool = False
    breaks: bool = False


@dataclass(frozen=True)
class Called:
    """A call as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Platform:
    """Answers with the replies in their order; the last one stands for all further calls."""

    address: str
    replies: list[Reply] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        called = Called(
            request.method, request.path, dict(request.query), dict(request.headers), await request.read()
        )
        self.calls.append(called)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if reply.hangs:
            await asyncio.sleep(30)
        if reply.breaks:
            assert request.transport is not None
            request.transport.abort()
        if reply.text is not None:
            return web.Response(
                text=reply.text, status=reply.status, content_type="text/html", headers=dict(reply.headers)
            )
        return web.json_response(reply.document, status=reply.status, headers=dict(reply.headers))


@asynccontextmanager
async def scripted_platform() -> AsyncIterator[Platform]:
    """A platform on a free port of this machine."""
    port = free_port()
    platform = Platform(f"http://127.0.0.1:{port}")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", platform.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield platform
    finally:
        await runner.cleanup()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
