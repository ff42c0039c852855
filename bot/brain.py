"""The client of Rasa: one turn goes in, and what it means and what to answer comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError

ANSWER_WITHIN_SECONDS = 10.0


class BrainUnavailable(Exception):
    """Rasa gave no answer: ask again later. Holds no residents' words."""


class Intent(BaseModel):
    """What the message is taken to want; `confidence` is from 0 to 1."""

    name: str
    confidence: float


class BrainReply(BaseModel):
    """One thing to say.

    `private_text` is for the person alone, when `text` goes out in public; `quick_replies` are then its buttons, and
    `private_slots` what the private conversation remembers from then on.
    """

    text: str
    response: str | None = None
    private_text: str | None = None
    private_slots: dict[str, Any] = {}
    quick_replies: list[dict[str, str]] = []


class HandOver(BaseModel):
    """A person is needed; `about` is the turn of the message that it is about, if that is an earlier one."""

    do: Literal["hand_over"]
    queue: str
    reason: str
    urgency: Literal["normal", "high", "urgent"] = "normal"
    about: str | None = None


class OptOut(BaseModel):
    """The person wants no automated answers."""

    do: Literal["opt_out"]


class AskHelped(BaseModel):
    """The reply ends with the question whether it helped."""

    do: Literal["ask_helped"]


class RecordHelped(BaseModel):
    """The person said whether the last signpost helped."""

    do: Literal["record_helped"]
    helped: bool


class RecordFinding(BaseModel):
    """The message touches a clause of the policy."""

    do: Literal["finding"]
    clause: str
    severity: Literal["note", "flag", "hide"]


Deed = HandOver | OptOut | AskHelped | RecordHelped | RecordFinding


class BrainAnswer(BaseModel):
    """All that Rasa says about one turn.

    `chosen_from`: the intents that the person was asked to choose from or was offered beside an answer, when the
    message answers that; `offered`: those that the replies ask them to choose from, or offer beside the answer, now.
    """

    model_config = ConfigDict(protected_namespaces=())

    message_id: str
    model: str
    intent: Intent
    ranking: list[tuple[str, float]]
    purposes: list[str]
    entities: list[dict[str, Any]]
    replies: list[BrainReply]
    deeds: list[Deed] = Field(default=[])
    chosen_from: list[str] = []
    offered: list[str] = []
    outcome: str
    slots: dict[str, Any]


class Brain:
    """Asks a Rasa process through its Signpost channel."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None

    async def initialize(self) -> None:
        """Open the connection pool."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_SECONDS, connect=2)
        )

    async def shutdown(self) -> None:
        """Close the connection pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(
        self,
        *,
        message_id: str,
        conversation: str,
        channel: str,
        visibility: str,
        text: str,
        attachments: int,
        now: datetime,
        slots: Mapping[str, Any],
        quick_reply: str | None = None,
    ) -> BrainAnswer:
        """What the message means and what to answer; raises BrainUnavailable. Asking twice changes nothing.

        `quick_reply` is the payload of the button that was tapped.
        """
        body = {
            "message_id": message_id,
            "conversation": conversation,
            "channel": channel,
            "visibility": visibility,
            "text": text,
            "attachments": attachments,
            "now": now.isoformat(),
            "slots": dict(slots),
        }
        if quick_reply:
            body["quick_reply"] = quick_reply
        try:
            async with self._open_session().post(
                f"{self._url}/webhooks/signpost/turn", json=body, headers=self._headers
            ) as response:
                if response.status != 200:
                    raise BrainUnavailable(f"Rasa answered {response.status}")
                return BrainAnswer.model_validate_json(await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise BrainUnavailable(f"Rasa did not answer: {type(error).__name__}") from error
        except ValidationError as error:
            fields = ", ".join(
                ".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False)
            )
            raise BrainUnavailable(f"Rasa's answer is not as agreed: {fields}") from None

    async def health(self) -> str:
        """The id of the model that is loaded; raises BrainUnavailable."""
        try:
            async with (
                asyncio.timeout(2),
                self._open_session().get(
                    f"{self._url}/webhooks/signpost/health", headers=self._headers
                ) as response,
            ):
                if response.status != 200:
                    raise BrainUnavailable(f"Rasa answered {response.status}")
                return str((await response.json())["model"])
        except (aiohttp.ClientError, TimeoutError, KeyError, TypeError, ValueError) as error:
            raise BrainUnavailable(f"Rasa did not answer: {type(error).__name__}") from error

    async def actions_health(self, url: str) -> str:
        """Whether the action server, without which Rasa has no words, answers; raises BrainUnavailable."""
        try:
            async with (
                asyncio.timeout(2),
                self._open_session().get(f"{url.removesuffix('/webhook').rstrip('/')}/health") as response,
            ):
                if response.status != 200:
                    raise BrainUnavailable(f"the action server answered {response.status}")
                return "ok"
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise BrainUnavailable(f"the action server did not answer: {type(error).__name__}") from error

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("initialize() was not called")
        return self._session
