"""A sandbox in the same process, with a stand-in for the service: for tests of the sandbox and against it."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from aiohttp import web
from oauthlib.oauth1 import Client

from sandbox.config import SandboxConfig
from sandbox.documents import Document, dump
from sandbox.server import TOWN, create_app
from sandbox.signatures import x_signature
from sandbox.town import Town


@dataclass(frozen=True)
class Received:
    """A webhook as it came in."""

    platform: str
    headers: dict[str, str]
    raw: bytes

    @property
    def document(self) -> Document:
        """The body."""
        parsed: Document = json.loads(self.raw)
        return parsed


@dataclass
class StandIn:
    """What takes the service's place: it answers challenges, takes webhooks and keeps them.

    `status` is what it answers to webhooks; `answers_challenges` is False for one that gets them wrong.
    """

    consumer_secret: str
    verify_token: str
    status: int = 200
    answers_challenges: bool = True
    received: list[Received] = field(default_factory=list)

    def application(self) -> web.Application:
        """The service's webhook addresses."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/webhooks/x", self._crc),
                web.get("/webhooks/meta", self._verify),
                web.post("/webhooks/{platform}", self._take),
            ]
        )
        return app

    def events(self, platform: str) -> list[Document]:
        """The bodies that came in from a platform, `x` or `meta`, in order."""
        return [each.document for each in self.received if each.platform == platform]

    async def _crc(self, request: web.Request) -> web.Response:
        token = request.query.get("crc_token", "")
        right = x_signature(self.consumer_secret, token.encode())
        return web.json_response({"response_token": right if self.answers_challenges else "sha256=wrong"})

    async def _verify(self, request: web.Request) -> web.Response:
        if request.query.get("hub.verify_token") != self.verify_token or not self.answers_challenges:
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])

    async def _take(self, request: web.Request) -> web.Response:
        platform, raw = request.match_info["platform"], await request.read()
        if self.status < 300:
            self.received.append(Received(platform, dict(request.headers), raw))
        return web.Response(status=self.status)


@dataclass(frozen=True)
class Answer:
    """What a call came back with."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


@dataclass(frozen=True)
class Rehearsal:
    """A running sandbox, and the ways to reach it."""

    config: SandboxConfig
    town: Town
    service: StandIn
    session: aiohttp.ClientSession

    async def call(
        self, method: str, path: str, document: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Any call, with a JSON body if one is given."""
        kept = {"Content-Type": "application/json"} if document is not None else {}
        data = dump(document) if document is not None else None
        address = self.config.address + path
        async with self.session.request(
            method, address, data=data, headers=kept | (headers or {}), allow_redirects=False
        ) as response:
            return Answer(response.status, dict(response.headers), await response.text())

    async def x(self, method: str, path: str, document: object = None, **wrong: str) -> Answer:
        """A call of the X API, signed; `wrong` replaces credentials by name, to be refused."""
        return await self.call(method, "/x" + path, document, self.signed(method, "/x" + path, **wrong))

    async def graph(self, method: str, path: str, document: object = None) -> Answer:
        """A call of the Graph API with the Page's token."""
        headers = {"Authorization": f"Bearer {self.config.meta_page_token}"}
        return await self.call(method, "/graph/v23.0" + path, document, headers)

    async def control(self, method: str, path: str, document: object = None) -> Any:
        """A call of the sandbox's own API; raises AssertionError if it is refused."""
        answer = await self.call(method, "/sandbox/" + path, document)
        assert answer.status == 200, answer.text
        return answer.document

    def signed(self, method: str, path: str, **wrong: str) -> dict[str, str]:
        """The headers of a call that is signed with OAuth 1.0a."""
        config = replace(self.config, **wrong)  # type: ignore[arg-type]
        client = Client(
            config.x_consumer_key,
            client_secret=config.x_consumer_secret,
            resource_owner_key=config.x_access_token,
            resource_owner_secret=config.x_access_token_secret,
        )
        _, headers, _ = client.sign(self.config.address + path, http_method=method)  # type: ignore[arg-type]
        return dict(headers)

    async def until(self, happened: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait for something to become true. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > end:
                raise TimeoutError("it did not happen")
            await asyncio.sleep(0.01)

    def service_runs(self) -> AbstractAsyncContextManager[None]:
        """The stand-in answering, for as long as the context lasts: for rehearsals that start without it."""
        return _serving(self.service.application(), int(self.config.service_url.rsplit(":", 1)[1]))

    async def heard(self, platform: str, count: int) -> list[Document]:
        """The first `count` bodies of a platform, `x` or `meta`, once they have come in."""
        await self.until(lambda: len(self.service.events(platform)) >= count)
        return self.service.events(platform)


@asynccontextmanager
async def rehearse(*, service_up: bool = True, **settings: Any) -> AsyncIterator[Rehearsal]:
    """A sandbox and a stand-in service on free ports, for as long as the context lasts.

    `settings` are those of SandboxConfig; waits are short unless they say otherwise.
    """
    quick: dict[str, Any] = {
        "retry_seconds": (0.05,),
        "recheck_seconds": 0.05,
        "hang_seconds": 5.0,
        "port": _free_port(),
        "service_url": f"http://127.0.0.1:{_free_port()}",
    }
    config = replace(SandboxConfig(), **(quick | settings))
    service = StandIn(config.x_consumer_secret, config.meta_verify_token)
    app = create_app(config)
    async with _serving(app, config.port), aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        stage = Rehearsal(config, app[TOWN], service, session)
        if service_up:
            await stack.enter_async_context(stage.service_runs())
        yield stage


A_MOMENT = 0.01
"""Seconds that the loop goes on after a server ended: closed connections give their sockets back in its next turns."""


@asynccontextmanager
async def _serving(app: web.Application, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()
        await asyncio.sleep(A_MOMENT)


def _free_port() -> int:
    """Below the range that systems give to outgoing connections, so that it is still free when it is listened on."""
    while True:
        port = secrets.choice(range(20_000, 30_000))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
