"""Everything in one sandbox, put together: the platforms, the reporting tool, the people and the time."""

from __future__ import annotations

import asyncio

from aiohttp import web

from sandbox.calls import Exchange
from sandbox.clock import Clock
from sandbox.config import SandboxConfig
from sandbox.documents import MalformedDocument
from sandbox.faults import Faults
from sandbox.identifiers import Identifiers
from sandbox.journal import Feed, Journal
from sandbox.limits import Limits
from sandbox.meta.api import MetaApi, MetaDialect
from sandbox.meta.network import MetaNetwork
from sandbox.people import People
from sandbox.reporting.open311 import Open311Api, Open311Dialect
from sandbox.reporting.reports import Reports
from sandbox.webhooks import Courier
from sandbox.x.api import XApi, XDialect
from sandbox.x.credentials import Credentials
from sandbox.x.network import XNetwork

PRIVATE, PUBLIC = "private", "public"


class Town:
    """One sandbox. Two of them in a process know nothing of each other."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.clock = Clock(config.now)
        self.faults = Faults()
        self.limits = Limits(self.clock, config.limits)
        self.journal = Journal()
        self.feed = Feed()
        self.people = People()
        self.reports = Reports(config, self.clock, self.feed)
        ids = Identifiers()
        shared = (config, self.clock, ids, self.people, self.faults, self.journal, self.feed)
        self.x = XNetwork(*shared)
        self.facebook = MetaNetwork(*shared)
        exchanges = {
            platform: Exchange(platform, dialect, self.faults, self.limits, self.journal, config.hang_seconds)
            for platform, dialect in (
                ("x", XDialect(self.clock)),
                ("facebook", MetaDialect()),
                ("open311", Open311Dialect()),
            )
        }
        self._exchanges = list(exchanges.values())
        self.x_api = XApi(config, self.x, Credentials(config, self.clock), exchanges["x"])
        self.meta_api = MetaApi(config, self.facebook, exchanges["facebook"])
        self.open311 = Open311Api(self.reports, exchanges["open311"])

    def courier(self, platform: object) -> Courier:
        """The courier of a platform. Raises MalformedDocument if there is no such platform."""
        return self.network(platform).courier

    def network(self, platform: object) -> XNetwork | MetaNetwork:
        """The platform. Raises MalformedDocument if there is none of that name."""
        if platform == "x":
            return self.x
        if platform == "facebook":
            return self.facebook
        raise MalformedDocument("'platform' must be x or facebook.")

    async def start(self, _app: web.Application) -> None:
        """Begin to deliver webhooks."""
        await asyncio.gather(self.x.courier.start(), self.facebook.courier.start())

    async def let_go(self, _app: web.Application) -> None:
        """End what would hold up a stop: listeners of the feed, and calls kept waiting."""
        self.feed.close()
        for exchange in self._exchanges:
            exchange.stop()

    async def stop(self, _app: web.Application) -> None:
        """Stop delivering."""
        await asyncio.gather(self.x.courier.stop(), self.facebook.courier.stop())

    def reset(self) -> None:
        """As if just started, but for the people: nothing said or sent, no faults, no reports."""
        self.x.reset()
        self.facebook.reset()
        self.reports.reset()
        self.journal.reset()
        self.faults.reset()
        self.limits.reset()
        self.clock.reset()
        self.feed.tell({"type": "reset"})
