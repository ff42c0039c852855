"""A channel against the sandbox over real sockets: the platform delivers to it, and it calls the platform."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.channels.base import (
    BadSignature,
    Channel,
    ChannelName,
    Event,
    MalformedDelivery,
    MessageReceived,
    Outgoing,
    SendKind,
    Visibility,
)
from bot.channels.registry import channels_from
from bot.settings import Settings
from sandbox.rehearsal import A_MOMENT, Rehearsal, rehearse

ROBIN = "Robin Field"


@dataclass
class Desk:
    """Takes what a platform delivers, as the service does, and keeps the events."""

    channel: Channel
    events: list[Event] = field(default_factory=list)
    refused: list[Exception] = field(default_factory=list)

    def application(self) -> web.Application:
        app = web.Application()
        for path in ("/webhooks/x", "/webhooks/meta"):
            app.router.add_get(path, self._challenged)
            app.router.add_post(path, self._delivered)
        return app

    async def _challenged(self, request: web.Request) -> web.Response:
        try:
            challenge = self.channel.challenge(request.query)
        except BadSignature as error:
            raise web.HTTPForbidden(text=str(error)) from None
        return web.Response(text=challenge.body, content_type=challenge.content_type, status=challenge.status)

    async def _delivered(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            self.channel.verify(request.headers, body)
            self.events += self.channel.read(body)
        except (BadSignature, MalformedDelivery) as error:
            self.refused.append(error)
            raise web.HTTPBadRequest(text=str(error)) from None
        return web.Response()


@dataclass(frozen=True)
class Stage:
    """One channel, its platform, and somebody who writes there."""

    channel: Channel
    desk: Desk
    sandbox: Rehearsal

    @property
    def platform(self) -> str:
        return str(self.channel.name)

    @property
    def on_x(self) -> bool:
        return self.channel.name is ChannelName.X

    async def say(
        self, text: str, visibility: Visibility = Visibility.PRIVATE, **more: Any
    ) -> MessageReceived:
        """Robin writes; returns the message as the channel has read it."""
        document = {"platform": self.platform, "person": ROBIN, "visibility": str(visibility), "text": text}
        said = await self.sandbox.control("POST", "say", document | more)
        return await self.received(said["message_id"])

    async def received(self, message_id: str) -> MessageReceived:
        """The message of that id, once it has been delivered."""
        found = await self.heard(
            lambda event: isinstance(event, MessageReceived) and event.external_id == message_id
        )
        assert isinstance(found, MessageReceived)
        return found

    async def heard(self, wanted: Callable[[Event], bool], seconds: float = 5.0) -> Event:
        """The first event that is wanted, once it has been delivered."""
        end = time.monotonic() + seconds
        while not (found := [event for event in self.desk.events if wanted(event)]):
            assert time.monotonic() < end, (
                f"not heard; heard were {self.desk.events}, refused {self.desk.refused}"
            )
            await asyncio.sleep(0.01)
        return found[0]

    async def fault(self, fault: str | None, **more: Any) -> None:
        """Let the platform's API fail."""
        await self.sandbox.control("PUT", "faults", {self.platform: {"api": {"fault": fault, **more}}})

    async def sent(self) -> list[dict[str, Any]]:
        """What the platform says that we have sent, oldest first."""
        listed = await self.sandbox.control("GET", "sent")
        found = listed["sent"] if isinstance(listed, dict) else listed
        return [each for each in found if each["platform"] == self.platform]

    def answer(self, message: MessageReceived, text: str, kind: SendKind | None = None) -> Outgoing:
        """Our answer to the message, first tried now."""
        public = message.visibility is Visibility.PUBLIC
        return Outgoing(
            kind=kind or (SendKind.PUBLIC_REPLY if public else SendKind.DIRECT),
            text=text,
            token="t0k3n",
            recipient_id=message.author.external_id,
            thread=message.thread,
            in_reply_to=message.external_id if public else None,
            first_attempt_at=datetime.now(UTC),
        )


@asynccontextmanager
async def staged(
    name: ChannelName, folder: Path, *, oauth2: bool = False, **sandbox: Any
) -> AsyncIterator[Stage]:
    """The channel connected to a sandbox of its own, for as long as the context lasts."""
    async with rehearse(service_up=False, hang_seconds=0.3, **sandbox) as rehearsal:
        channel = channels_from(settings_for(rehearsal, folder, oauth2=oauth2))[name]
        desk = Desk(channel)
        runner = web.AppRunner(desk.application(), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(rehearsal.config.service_url.rpartition(":")[2])).start()
        await channel.initialize()
        try:
            yield Stage(channel, desk, rehearsal)
        finally:
            await channel.shutdown()
            await runner.cleanup()
            await asyncio.sleep(A_MOMENT)


def settings_for(rehearsal: Rehearsal, folder: Path, *, oauth2: bool = False) -> Settings:
    """The settings that the sandbox tells a service to use, with one of the two ways to sign in to X."""
    prefix = "SIGNPOST_"
    given = {
        name.removeprefix(prefix).lower(): value for name, value in rehearsal.config.environment().items()
    }
    unused = ("x_access_token", "x_access_token_secret") if oauth2 else ("x_client_id", "x_refresh_token")
    kept = {name: value for name, value in given.items() if name not in unused}
    return Settings(_env_file=None, data_dir=folder, **kept)  # type: ignore[arg-type]
