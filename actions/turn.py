"""One turn as the actions see it: what was understood, and what the conversation remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from rasa_sdk import Tracker  # type: ignore[import-untyped,unused-ignore]

from bot.text import printable

Awaiting = Literal["none", "tracking_code", "helped", "clarify", "person"]
LONGEST_PLACE = 60
"""Characters of a place that may go into a link."""


@dataclass(frozen=True)
class Entity:
    """A piece of the message that means something by itself."""

    name: str
    value: str


@dataclass(frozen=True)
class Turn:
    """Read from Rasa's tracker; the resident's text is in it but is never repeated in a reply.

    `choices`: intents between which this message leaves it open; `beside`: those that it may mean instead of `intent`;
    `chosen_from`: those from which it chose, or none of which it wants; `offered`: those that the resident was asked to
    choose from before it, or was offered beside an answer; `asked_about`: the turn whose message those were about;
    `language`: by ISO 639-1 if it is not English.
    """

    intent: str
    purposes: tuple[str, ...]
    text: str
    public: bool
    now: datetime
    entities: tuple[Entity, ...] = ()
    disclosed: bool = False
    awaiting: str = "none"
    tracking_code: str | None = None
    postcode: str | None = None
    place: str | None = None
    unclear_count: int = 0
    helped_asked: bool = False
    id: str = ""
    language: str = ""
    choices: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    chosen_from: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    asked_about: str | None = None

    @classmethod
    def of(cls, tracker: Tracker) -> Turn:
        """The turn that the tracker holds. Raises ValueError when the slot `now` is no aware ISO time."""
        message = tracker.latest_message or {}
        slots = tracker.slots
        intent = str((message.get("intent") or {}).get("name") or "")
        entities = tuple(
            Entity(str(each.get("entity")), printable(str(each.get("value"))))
            for each in message.get("entities") or ()
            if each.get("value") not in (None, "")
        )
        found = {each.name: each.value for each in reversed(entities)}  # the first of a kind wins
        return cls(
            intent=intent,
            purposes=_purposes(message, intent),
            text=str(message.get("text") or ""),
            public=slots.get("visibility") == "public",
            now=_now(slots.get("now")),
            entities=entities,
            disclosed=bool(slots.get("disclosed")),
            awaiting=str(slots.get("awaiting") or "none"),
            tracking_code=found.get("tracking_code") or _text(slots.get("tracking_code")),
            postcode=found.get("postcode") or _text(slots.get("postcode")),
            place=_place(found) or _text(slots.get("place")),
            unclear_count=int(slots.get("unclear_count") or 0),
            helped_asked=bool(slots.get("helped_asked")),
            id=str(tracker.sender_id),
            language=str(message.get("language") or ""),
            choices=_named(message.get("choices")),
            beside=_named(message.get("beside")),
            chosen_from=_named(message.get("chosen_from")),
            offered=_offered(slots.get("choices")),
            asked_about=_text(slots.get("asked_about")),
        )

    @property
    def choosing(self) -> bool:
        """Whether the resident was asked, just before, which of several purposes is meant."""
        return not self.public and self.awaiting == "clarify" and bool(self.offered)

    @property
    def offered_beside(self) -> bool:
        """Whether the answer before offered other purposes beside it; nothing was asked."""
        return not self.public and self.awaiting == "none" and bool(self.offered)

    def entity(self, name: str) -> str | None:
        """The first entity of that name in this message."""
        return next((each.value for each in self.entities if each.name == name), None)


def _purposes(message: Mapping[str, Any], intent: str) -> tuple[str, ...]:
    given = message.get("purposes") or (message.get("metadata") or {}).get("purposes") or [intent]
    named = tuple(dict.fromkeys(str(each) for each in given))
    return named[:2] or (intent,)


def _named(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


def _offered(value: object) -> tuple[str, ...]:
    offers = value if isinstance(value, list) else []
    return tuple(str(each["intent"]) for each in offers if isinstance(each, Mapping) and "intent" in each)


def _place(found: Mapping[str, str]) -> str | None:
    parts = [found[name] for name in ("street", "area") if name in found] or [found.get("place", "")]
    return ", ".join(parts)[:LONGEST_PLACE] or None


def _text(value: object) -> str | None:
    return printable(str(value))[:LONGEST_PLACE] or None if value is not None else None


def _now(value: object) -> datetime:
    if not value:
        return datetime.now(UTC)
    now = datetime.fromisoformat(str(value))
    if now.tzinfo is None:
        raise ValueError("the slot now must carry an offset")
    return now
