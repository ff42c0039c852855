"""The service: takes webhooks, runs the turns, says how it is. Starts with `python -m bot.service --port 8080`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import uvloop
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from bot.advice import Advice
from bot.brain import Brain, BrainUnavailable
from bot.channels.base import BadSignature, Channel, MalformedDelivery, SendFailed
from bot.channels.registry import channels_from
from bot.clock import Clock, clock
from bot.council import ConfigError, Council, load_council
from bot.hours import OfficeHours
from bot.policy.contacts import public_contacts
from bot.policy.danger import DangerCheck
from bot.policy.personal import PersonalData
from bot.settings import Settings, SettingsError, load_settings
from bot.store.database import Database
from bot.turns.decide import Decider, Masks, Watches
from bot.turns.deliver import Deliverer
from bot.turns.receive import Receiver
from bot.turns.workflow import Turns

log = logging.getLogger(__name__)

LARGEST_BODY_BYTES = 4 * 1024 * 1024
"""Meta sends up to 1,000 updates in a batch; a kilobyte or so each."""
CHECK_WITHIN_SECONDS = 2.5
THREADS_SWITCH_SECONDS = 0.0005
"""Every statement passes from the event loop to a database thread and back; at Python's 5 ms each way is long."""
WEBHOOKS = {"/webhooks/x": "x", "/webhooks/meta": "facebook"}


@dataclass(frozen=True, slots=True)
class Parts:
    """What the service is made of; tests put in their own."""

    settings: Settings
    council: Council
    database: Database
    brain: Brain
    channels: dict[str, Channel]
    now: Clock
    personal: Masks
    watch: Watches
    advice: Advice


class Metrics:
    """The figures on /metrics."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.deliveries = Counter(
            "signpost_deliveries",
            "Webhook deliveries by channel and answer",
            ("channel", "status"),
            registry=self.registry,
        )
        self.messages = Counter(
            "signpost_messages", "Messages received, each counted once", ("channel",), registry=self.registry
        )
        self.accept_seconds = Histogram(
            "signpost_accept_seconds",
            "From the delivery's arrival to our 200",
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )


class Service:
    """The running service behind the routes."""

    def __init__(self, parts: Parts, executor: str = "service") -> None:
        self.parts = parts
        self.metrics = Metrics()
        hours = OfficeHours.of(parts.council)
        self._receiver = Receiver(parts.database, parts.now)
        decider = Decider(
            parts.database,
            parts.brain,
            parts.channels,
            hours,
            parts.now,
            parts.personal,
            parts.watch,
            parts.advice,
        )
        deliverer = Deliverer(parts.database, parts.channels, hours, parts.now)
        self._turns = Turns(parts.database, decider, deliverer, parts.now, parts.settings.turns_url, executor)

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """Start all parts, in the order in which they need each other, and stop them in the other."""
        parts = self.parts
        await parts.database.initialize()
        await parts.brain.initialize()
        await parts.advice.initialize()
        for channel in parts.channels.values():
            await channel.initialize()
        await self._turns.initialize()
        yield
        await self._turns.shutdown()
        for channel in parts.channels.values():
            await channel.shutdown()
        await parts.advice.shutdown()
        await parts.brain.shutdown()
        await parts.database.shutdown()

    async def challenged(self, request: web.Request) -> web.Response:
        """A platform asks whether this webhook is ours."""
        channel = self._channel(request)
        try:
            challenge = channel.challenge(request.query)
        except BadSignature as error:
            raise web.HTTPForbidden(text=str(error)) from None
        except MalformedDelivery as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        return web.Response(text=challenge.body, content_type=challenge.content_type, status=challenge.status)

    async def delivered(self, request: web.Request) -> web.Response:
        """A platform delivers events: 200 once they are on the disk, whoever crashes afterwards."""
        channel = self._channel(request)
        name = str(channel.name)
        with self.metrics.accept_seconds.time():
            body = await request.read()
            try:
                channel.verify(request.headers, body)
                events = channel.read(body)
            except BadSignature as error:
                self.metrics.deliveries.labels(name, "401").inc()
                raise web.HTTPUnauthorized(text=str(error)) from None
            except MalformedDelivery as error:
                self.metrics.deliveries.labels(name, "400").inc()
                raise web.HTTPBadRequest(text=str(error)) from None
            try:
                received = await self._receiver.receive(channel, events)
            except SendFailed as error:
                # What a mention left out could not be fetched: the platform delivers again later.
                self.metrics.deliveries.labels(name, "503").inc()
                raise web.HTTPServiceUnavailable(text=str(error)) from None
            await self._turns.enqueue(received.new)
        self.metrics.deliveries.labels(name, "200").inc()
        self.metrics.messages.labels(name).inc(len(received.new))
        return web.json_response({"received": len(received.new), "known": received.duplicates})

    async def alive(self, _request: web.Request) -> web.Response:
        """The process answers."""
        return web.json_response({"status": "ok"})

    async def ready(self, _request: web.Request) -> web.Response:
        """Every part, with what is wrong with it; 503 when a message could not be answered now."""
        checks: dict[str, Callable[[], Awaitable[str]]] = {
            "database": self._check_database,
            "rasa": self.parts.brain.health,
            "actions": self._check_actions,
        }
        channels = {name: self._channel_check(channel) for name, channel in self.parts.channels.items()}
        names = [*checks, *channels]
        results = await asyncio.gather(
            *(_checked(check) for check in checks.values()), *(_checked(check) for check in channels.values())
        )
        report = dict(zip(names, results, strict=True))
        needed_ok = all(report[name]["ok"] for name in checks)
        body = {
            "status": "ready" if needed_ok else "not ready",
            "parts": {name: report[name] for name in checks},
            "channels": {
                name: report.get(name, {"ok": False, "detail": "off: not configured"})
                for name in WEBHOOKS.values()
            },
        }
        return web.json_response(body, status=200 if needed_ok else 503)

    async def figures(self, _request: web.Request) -> web.Response:
        """Prometheus reads this."""
        return web.Response(
            body=generate_latest(self.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    def _channel(self, request: web.Request) -> Channel:
        name = WEBHOOKS[request.path]
        if name not in self.parts.channels:
            raise web.HTTPNotFound(text=f"the channel {name} is off: its settings are missing")
        return self.parts.channels[name]

    async def _check_database(self) -> str:
        await self.parts.database.check()
        return self.parts.database.dialect

    async def _check_actions(self) -> str:
        return await self.parts.brain.actions_health(str(self.parts.settings.actions_url or ""))

    def _channel_check(self, channel: Channel) -> Callable[[], Awaitable[str]]:
        async def check() -> str:
            health = await channel.check()
            if not health.ok:
                raise ChannelUnwell(health.detail)
            return health.detail

        return check


class ChannelUnwell(Exception):
    """The platform refuses us; the text says how."""


async def _checked(check: Callable[[], Awaitable[str]]) -> dict[str, object]:
    try:
        async with asyncio.timeout(CHECK_WITHIN_SECONDS):
            return {"ok": True, "detail": await check()}
    except (ChannelUnwell, BrainUnavailable) as error:
        return {"ok": False, "detail": str(error)}
    except Exception as error:
        return {"ok": False, "detail": f"no answer: {type(error).__name__}"}


def application(parts: Parts, executor: str = "service") -> web.Application:
    """The aiohttp application of one service."""
    service = Service(parts, executor)
    app = web.Application(client_max_size=LARGEST_BODY_BYTES)
    app.cleanup_ctx.append(service.running)
    for path in WEBHOOKS:
        app.router.add_get(path, service.challenged)
        app.router.add_post(path, service.delivered)
    app.router.add_get("/healthz", service.alive)
    app.router.add_get("/readyz", service.ready)
    app.router.add_get("/metrics", service.figures)
    return app


def parts_from(settings: Settings) -> Parts:
    """All parts as the settings say; raises SettingsError or ConfigError."""
    if settings.rasa_url is None or not settings.rasa_token.get_secret_value():
        raise SettingsError("SIGNPOST_RASA_URL and SIGNPOST_RASA_TOKEN must be set; ./signpost run sets them")
    council = load_council()
    return Parts(
        settings=settings,
        council=council,
        database=Database(settings.records_url),
        brain=Brain(str(settings.rasa_url), settings.rasa_token.get_secret_value()),
        channels={str(name): channel for name, channel in channels_from(settings, council).items()},
        now=clock(settings.now),
        personal=PersonalData.from_files(Path("data/policy"), public_contacts(Path(), council)),
        watch=DangerCheck.from_file(),
        advice=Advice(str(settings.actions_url or "")),
    )


def main() -> int:
    """Run the service until SIGTERM; a wrong setting or file is one sentence and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m bot.service", description=__doc__)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args()
    try:
        settings = load_settings()
        logging.basicConfig(
            level=settings.log_level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stdout
        )
        for noisy in ("dbos", "alembic", "aiohttp.access", "presidio-analyzer"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        os.chdir(Path(__file__).resolve().parent.parent)
        app = application(parts_from(settings), executor=str(options.port))
        sys.setswitchinterval(THREADS_SWITCH_SECONDS)
        web.run_app(
            app,
            host=options.host,
            port=options.port,
            print=None,
            access_log=None,
            shutdown_timeout=5,
            loop=uvloop.new_event_loop(),
        )
    except (SettingsError, ConfigError, OSError) as error:
        print(f"signpost: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
