"""The parts that a turn passes through, over a real database, between a scripted platform and a scripted Rasa."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.channels.base import MessageReceived
from bot.council import load_council
from bot.hours import OfficeHours
from bot.store import decisions
from bot.store.database import Database
from bot.store.tables import Case, Decision
from bot.turns.decide import Decider, Masks, Watches
from bot.turns.deliver import Deliverer
from bot.turns.receive import Receiver
from tests.scripted import TUESDAY_11, ScriptedAdvice, ScriptedBrain, ScriptedChannel, Unmasked, Unwatched


class Desk:
    """The parts that a turn passes through, with a hand on each."""

    def __init__(
        self, database: Database, personal: Masks | None = None, watch: Watches | None = None
    ) -> None:
        self.time = TUESDAY_11
        self.database = database
        self.channel = ScriptedChannel()
        self.brain = ScriptedBrain()
        self.advice = ScriptedAdvice()
        self.hours = OfficeHours.of(load_council())
        channels: dict[str, Any] = {"facebook": self.channel, "x": self.channel}
        self.receiver = Receiver(database, self.now)
        self.decider = Decider(
            database,
            self.brain,  # type: ignore[arg-type]
            channels,
            self.hours,
            self.now,
            personal or Unmasked(),
            watch or Unwatched(),
            self.advice,
        )
        self.deliverer = Deliverer(database, channels, self.hours, self.now)

    def now(self) -> datetime:
        return self.time

    async def receive(self, *events: Any) -> list[int]:
        received = await self.receiver.receive(self.channel, list(events))
        return [new.message_id for new in received.new]

    async def take(self, event: MessageReceived) -> int:
        """Receive, decide, send: the turn without its queue."""
        [message_id] = await self.receive(event)
        for reply_id in await self.decider.decide(message_id):
            await self.deliverer.attempt(reply_id, 0)
        return message_id

    async def decision(self, message_id: int) -> Decision:
        async with self.database.transaction() as session:
            decision = await decisions.get(session, message_id)
        assert decision is not None
        return decision

    async def rows(self, table: Any) -> list[Any]:
        async with self.database.transaction() as session:
            return list(await session.scalars(select(table).order_by(*table.__table__.primary_key.columns)))

    async def open_cases(self) -> list[Case]:
        return [case for case in await self.rows(Case) if case.state == "open"]
