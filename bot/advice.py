"""What to say to someone in danger when Rasa has not said it: the action server's own words, asked for without Rasa."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import aiohttp
from pydantic import BaseModel, ValidationError

from bot.brain import BrainAnswer, BrainReply, BrainUnavailable, Deed, Intent
from bot.policy.findings import Danger

ANSWER_WITHIN_SECONDS = 3.0
MODEL = "words and patterns"
"""What a decision names as its model when the check of words was what saw the danger."""
ACTION = "action_safety"


class _Custom(BaseModel):
    outcome: Literal["advised_safety"]
    deeds: list[Deed]
    private_text: str | None = None


class _Response(BaseModel):
    text: str
    response: str
    custom: _Custom


class _Event(BaseModel):
    event: str
    name: str | None = None
    value: Any = None


class _Result(BaseModel):
    """What the action server answers; the action speaks exactly once."""

    responses: tuple[_Response]
    events: list[_Event]


class Advice:
    """Asks the action server for whom to call; there is one wording, whoever saw the danger."""

    def __init__(self, url: str) -> None:
        """`url` is the action server's webhook, as Rasa calls it."""
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def initialize(self) -> None:
        """Open the connection pool."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_SECONDS, connect=1)
        )

    async def shutdown(self) -> None:
        """Close the connection pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def advise(
        self,
        danger: Danger,
        *,
        message_id: str,
        visibility: str,
        now: datetime,
        slots: Mapping[str, Any],
        ranking: Sequence[tuple[str, float]] = (),
    ) -> BrainAnswer:
        """The answer to a message from someone in danger; raises BrainUnavailable. The message itself is not sent.

        `ranking` is what Rasa took the message for, if it answered; the confidence is what Rasa gave the danger.
        """
        result = await self._run(danger, message_id, visibility, now, slots)
        [said] = result.responses
        set_now = {event.name: event.value for event in result.events if event.event == "slot" and event.name}
        return BrainAnswer(
            message_id=message_id,
            model=MODEL,
            intent=Intent(name=danger, confidence=dict(ranking).get(danger, 0.0)),
            ranking=list(ranking),
            purposes=[danger],
            entities=[],
            replies=[
                BrainReply(text=said.text, response=said.response, private_text=said.custom.private_text)
            ],
            deeds=said.custom.deeds,
            outcome=said.custom.outcome,
            slots={**slots, **set_now},
        )

    async def _run(
        self, danger: Danger, message_id: str, visibility: str, now: datetime, slots: Mapping[str, Any]
    ) -> _Result:
        tracker = {
            "sender_id": message_id,
            "slots": {**slots, "visibility": visibility, "now": now.isoformat()},
            "latest_message": {"intent": {"name": danger}, "purposes": [danger], "entities": [], "text": ""},
            "events": [],
        }
        body = {"next_action": ACTION, "sender_id": message_id, "tracker": tracker}
        if self._session is None:
            raise RuntimeError("initialize() was not called")
        try:
            async with self._session.post(self._url, json=body) as response:
                if response.status != 200:
                    raise BrainUnavailable(f"the action server answered {response.status}")
                return _Result.model_validate_json(await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise BrainUnavailable(f"the action server did not answer: {type(error).__name__}") from error
        except ValidationError as error:
            fields = ", ".join(
                ".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False)
            )
            raise BrainUnavailable(f"the action server's answer is not as agreed: {fields}") from None
