"""A platform and a Rasa that do what a test says, for tests of the turns between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.brain import BrainAnswer, BrainReply, BrainUnavailable, HandOver, Intent
from bot.channels.base import (
    Author,
    Challenge,
    ChannelName,
    Event,
    Health,
    MessageReceived,
    Outgoing,
    SendFailed,
    SendKind,
    Sent,
    Visibility,
)
from bot.policy.findings import Danger
from bot.policy.masking import Masked

TUESDAY_11 = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
SATURDAY_NIGHT = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)


@dataclass
class ScriptedChannel:
    """Takes every send, unless `failures` holds what to raise next; `arrived` says what the platform would show."""

    name: ChannelName = ChannelName.FACEBOOK
    account_id: str = "page-1"
    public_reply_needs_summons: bool = False
    failures: deque[SendFailed] = field(default_factory=deque)
    sent: list[Outgoing] = field(default_factory=list)
    arrived: dict[str, Sent] = field(default_factory=dict)
    before_send: Callable[[Outgoing], Any] | None = None

    def challenge(self, query: Mapping[str, str]) -> Challenge:
        return Challenge("ok", "text/plain")

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        return

    def read(self, body: bytes) -> list[Event]:
        return []

    async def complete(self, message: MessageReceived) -> MessageReceived:
        return message

    async def send(self, outgoing: Outgoing) -> Sent:
        if self.before_send is not None:
            await self.before_send(outgoing)
        if self.failures:
            raise self.failures.popleft()
        self.sent.append(outgoing)
        sent = Sent(f"out-{len(self.sent)}")
        self.arrived[outgoing.token] = sent
        return sent

    async def find_sent(self, outgoing: Outgoing) -> Sent | None:
        return self.arrived.get(outgoing.token)

    def supports(self, kind: SendKind) -> bool:
        return kind is not SendKind.PRIVATE_REPLY or self.name is ChannelName.FACEBOOK

    def length(self, text: str, kind: SendKind) -> int:
        return len(text)

    def limit(self, kind: SendKind) -> int:
        return 280 if kind is SendKind.PUBLIC_REPLY else 2000

    def window_closes(self, last_received_at: datetime) -> datetime | None:
        return last_received_at + timedelta(hours=24)

    async def check(self) -> Health:
        return Health(True, "ok")

    async def initialize(self) -> None:
        return

    async def shutdown(self) -> None:
        return


class Unmasked:
    """Leaves every text as it is, where a test is about something else than personal data."""

    def mask_for_the_brain(self, text: str) -> Masked:
        return Masked(text)


class Unwatched:
    """Sees danger nowhere, where a test is about something else."""

    def danger_in(self, text: str, alarm: int = 0) -> Danger | None:
        return None


@dataclass
class ScriptedAdvice:
    """Has words for each danger; raises while `outages` is above 0."""

    outages: int = 0
    asked: list[Danger] = field(default_factory=list)

    async def advise(self, danger: Danger, *, ranking: Any = (), **turn: Any) -> BrainAnswer:
        self.asked.append(danger)
        if self.outages > 0:
            self.outages -= 1
            raise BrainUnavailable("scripted outage")
        return BrainAnswer(
            message_id=turn["message_id"],
            model="words and patterns",
            intent=Intent(name=danger, confidence=dict(ranking).get(danger, 0.0)),
            ranking=list(ranking),
            purposes=[danger],
            entities=[],
            replies=[BrainReply(text=f"Advice on {danger}", response=f"utter_{danger}")],
            deeds=[HandOver(do="hand_over", queue="safety", reason=danger, urgency="urgent")],
            outcome="advised_safety",
            slots={"disclosed": False},
        )

    async def initialize(self) -> None:
        return

    async def shutdown(self) -> None:
        return


@dataclass
class ScriptedBrain:
    """Answers as told: `answers` by text, else the default; raises while `outages` is above 0."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    outages: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def ask(self, **turn: Any) -> BrainAnswer:
        self.asked.append(turn)
        if self.outages > 0:
            self.outages -= 1
            raise BrainUnavailable("scripted outage")
        answer: dict[str, Any] = {
            "message_id": turn["message_id"],
            "model": "scripted-1",
            "intent": {"name": "report_pothole", "confidence": 0.93},
            "ranking": [("report_pothole", 0.93), ("report_pavement", 0.04)],
            "purposes": ["report_pothole"],
            "entities": [],
            "replies": [{"text": f"Answer to {turn['text']}", "response": "utter_report"}],
            "deeds": [],
            "outcome": "signposted",
            "slots": {"disclosed": True},
        }
        return BrainAnswer.model_validate(answer | self.answers.get(turn["text"], {}))

    async def initialize(self) -> None:
        return

    async def shutdown(self) -> None:
        return

    async def health(self) -> str:
        return "scripted-1"


def message(
    text: str = "pothole on Mill Lane",
    *,
    external_id: str = "m-1",
    author: str = "person-1",
    visibility: Visibility = Visibility.PRIVATE,
    thread: str | None = None,
    **more: Any,
) -> MessageReceived:
    """A message as a channel would read it."""
    values: dict[str, Any] = {
        "external_id": external_id,
        "author": Author(author, handle=f"@{author}"),
        "visibility": visibility,
        "thread": thread or (author if visibility is Visibility.PRIVATE else "post-1"),
        "text": text,
        "sent_at": TUESDAY_11,
    }
    return MessageReceived(**(values | more))
