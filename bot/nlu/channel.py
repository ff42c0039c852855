"""Rasa's input channel for the service: a turn a request, and a status that tells failure from silence."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.nlu.decide import PICTURE
from bot.nlu.turn import CHANNEL_NAME, SlotInvalid, TurnFailed, TurnRequest, parse, take_turn, understood

logger = logging.getLogger(__name__)

TURN_SECONDS = 20.0
TEXTS_AT_MOST = 200
_CHANNELS = ("x", "facebook")
_VISIBILITIES = ("private", "public")


class Malformed(ValueError):
    """The body is not what the contract says; the message names the field."""


class _Refused(Exception):
    """Ends a request with a status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class SignpostChannel(InputChannel):
    """`POST /webhooks/signpost/turn` and `…/understand`, both with the token, and `GET …/health`."""

    def __init__(self, token: str) -> None:
        self._token = token

    @classmethod
    def name(cls) -> str:
        """Part of the addresses: /webhooks/signpost."""
        return CHANNEL_NAME

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> SignpostChannel:
        """Made from credentials.yml; raises `RasaException` without a token."""
        token = (credentials or {}).get("token")
        if not token or str(token).startswith("${"):
            raise RasaException("credentials.yml: SignpostChannel needs a token: set SIGNPOST_RASA_TOKEN")
        return cls(str(token))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes. Rasa's own way of handling a message is not used: see `bot/nlu/turn.py`."""
        routes = Blueprint("signpost_channel")
        routes.add_route(_health, "/health", methods=["GET"])

        @routes.post("/turn")  # functions, since Sanic writes an attribute on its handlers
        async def turn(request: Request) -> HTTPResponse:
            return await self._turn(request)

        @routes.post("/understand")
        async def understand(request: Request) -> HTTPResponse:
            return await self._understand(request)

        return routes

    async def _turn(self, request: Request) -> HTTPResponse:
        try:
            agent, wanted = self._ready(request), turn_request(_body(request))
            answer = await _answer(agent, wanted)
        except _Refused as refusal:
            return _error(refusal.status, str(refusal))
        except (Malformed, SlotInvalid) as error:
            return _error(400, str(error))
        return json_response(answer)

    async def _understand(self, request: Request) -> HTTPResponse:
        try:
            agent, texts = self._ready(request), _texts(_body(request))
        except _Refused as refusal:
            return _error(refusal.status, str(refusal))
        except Malformed as error:
            return _error(400, str(error))
        answers = []
        for text in texts:
            answers.append(understood(await parse(_processor(agent), text)))
            await asyncio.sleep(0)  # turns may go in between
        return json_response(answers)

    def _ready(self, request: Request) -> Agent:
        if not self._allowed(request):
            raise _Refused(401, "the bearer token is missing or wrong")
        agent = _agent(request)
        if agent is None:
            raise _Refused(503, "no model is loaded")
        return agent

    def _allowed(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {self._token}".encode())


def model_id(agent: Agent) -> str:
    """Names a model by its file, without `.tar.gz`."""
    name = str(agent.model_name or "")
    return name.removesuffix(".tar.gz")


def turn_request(body: Any) -> TurnRequest:
    """Check the form of a turn's body; raises `Malformed` with the field."""
    if not isinstance(body, dict):
        raise Malformed("the body must be a JSON object")
    _check_texts(body)
    if body["channel"] not in _CHANNELS:
        raise Malformed(f"channel must be one of {', '.join(_CHANNELS)}")
    if body["visibility"] not in _VISIBILITIES:
        raise Malformed(f"visibility must be one of {', '.join(_VISIBILITIES)}")
    try:
        aware = datetime.fromisoformat(body["now"]).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise Malformed("now must be an ISO time with its offset")
    pictures = _attachments(body) > 0
    slots = body.get("slots", {})
    if not isinstance(slots, dict):
        raise Malformed("slots must be an object")
    return TurnRequest(
        message_id=body["message_id"],
        text=PICTURE if pictures and not body["text"].strip() else body["text"],
        visibility=body["visibility"],
        channel=body["channel"],
        now=body["now"],
        slots=slots,
        quick_reply=body.get("quick_reply", ""),
    )


def _check_texts(body: dict[str, Any]) -> None:
    for name in ("message_id", "conversation", "channel", "visibility", "now"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise Malformed(f"{name} must be a text and not empty")
    for name, unsaid in (("text", None), ("quick_reply", "")):
        if not isinstance(body.get(name, unsaid), str):
            raise Malformed(f"{name} must be a text; it may be empty")


def _attachments(body: dict[str, Any]) -> int:
    count = body.get("attachments", 0)
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise Malformed("attachments must be a number, 0 or more")
    return count


async def _health(request: Request) -> HTTPResponse:
    agent = _agent(request)
    if agent is None:
        return _error(503, "no model is loaded")
    return json_response({"status": "ok", "model": model_id(agent)})


async def _answer(agent: Agent, wanted: TurnRequest) -> dict[str, Any]:
    """Take the turn; whatever goes wrong is a 503, since silence must not look like an answer."""
    try:
        return await asyncio.wait_for(take_turn(_processor(agent), model_id(agent), wanted), TURN_SECONDS)
    except SlotInvalid:
        raise
    except TurnFailed as error:
        reason = str(error)
    except TimeoutError:
        reason = f"no answer within {TURN_SECONDS:.0f} seconds"
    except Exception as error:  # Rasa raises what it likes
        reason = f"the turn failed: {type(error).__name__}"
    logger.error("turn failed message_id=%s reason=%s", wanted.message_id, reason)
    raise _Refused(503, reason)


def _body(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError) as error:  # also what is not UTF-8
        raise Malformed("the body is not JSON") from error


def _texts(body: Any) -> list[str]:
    texts = body.get("texts") if isinstance(body, dict) else None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Malformed("texts must be a list of texts")
    if len(texts) > TEXTS_AT_MOST:
        raise Malformed(f"at most {TEXTS_AT_MOST} texts")
    return texts


def _agent(request: Request) -> Agent | None:
    agent = getattr(request.app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None


def _processor(agent: Agent) -> MessageProcessor:
    if agent.processor is None:
        raise _Refused(503, "no model is loaded")
    return agent.processor


def _error(status: int, message: str) -> HTTPResponse:
    return json_response({"error": message}, status=status)
