"""The X API v2 look-alike: the calls that the service makes, with X's checks, limits and errors."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiohttp import web

from sandbox.calls import Exchange, Operation
from sandbox.clock import Clock, iso
from sandbox.config import SandboxConfig
from sandbox.documents import Document, MalformedDocument, answer, read_object
from sandbox.faults import ApiFault
from sandbox.limits import Allowance, headers
from sandbox.webhooks import Check
from sandbox.x import problems
from sandbox.x.credentials import Credentials
from sandbox.x.events import link_entity
from sandbox.x.network import XNetwork
from sandbox.x.posts import DirectMessage, Post
from sandbox.x.text import MAX_WEIGHTED_LENGTH, mentions, weighted_length, without_leading

Handler = Callable[[web.Request], Awaitable[web.Response]]
Item = TypeVar("Item")

_DM_SEND = Operation("x.dm.send", conversation=True)
_DM_READ = Operation("x.dm.read", reads=True)
_POST_CREATE = Operation("x.post.create")
_POST_HIDE = Operation("x.post.hide")
_POST_READ = Operation("x.post.read", reads=True)
_USER_POSTS = Operation("x.user.posts", reads=True)
_USER_ME = Operation("x.user.me", reads=True)
_USER_MUTE = Operation("x.user.mute")
_WEBHOOK = Operation("x.webhook", reads=True)

_PRETENDED_SECONDS = 5.0
_WEBHOOK_ID = "1700000000000000001"
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)
_DEFAULT_POST_FIELDS = {"id", "text", "edit_history_tweet_ids"}
_DEFAULT_DM_FIELDS = {"id", "text", "event_type"}


class XDialect:
    """X's words for faults and limits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def fault(self, fault: ApiFault, allowances: list[Allowance]) -> web.Response:
        """X's answer to a call that meets the fault."""
        if fault is ApiFault.RATE_LIMITED:
            return self._pretended(allowances)
        if fault is ApiFault.HTML_503:
            return web.Response(text=problems.HTML_503, status=503, content_type="text/html")
        if fault is ApiFault.REVOKED_TOKEN:
            return problems.unauthorized()
        if fault is ApiFault.WINDOW_CLOSED:
            return problems.forbidden(problems.NOT_PERMITTED_TO_DM)
        return problems.server_error()

    def limited(self, allowances: list[Allowance]) -> web.Response:
        """429; the headers tell when to come again."""
        return problems.too_many_requests()

    def _pretended(self, allowances: list[Allowance]) -> web.Response:
        """429 as if the window were used up, which soon ends, so that a rehearsal goes on."""
        limit = allowances[0].limit if allowances else 15
        reset = math.ceil(self._clock.running() + _PRETENDED_SECONDS)
        response = problems.too_many_requests()
        response.headers.update(headers([Allowance(limit, 900, 0, reset, True)]))
        return response

    def headers(self, allowances: list[Allowance]) -> dict[str, str]:
        """The `x-rate-limit-…` headers."""
        return headers(allowances)


class XApi:
    """The handlers of the X API, to be put under any prefix."""

    def __init__(
        self, config: SandboxConfig, network: XNetwork, credentials: Credentials, exchange: Exchange
    ) -> None:
        self._config = config
        self._network = network
        self._credentials = credentials
        self._exchange = exchange

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """All calls, under the prefix."""
        dms = f"{prefix}/2/dm_conversations/with/{{participant}}"
        return [
            web.post(f"{prefix}/2/oauth2/token", self._credentials.refresh),
            web.post(f"{dms}/messages", self._call(_DM_SEND, self._send_dm)),
            web.get(f"{dms}/dm_events", self._call(_DM_READ, self._read_dms)),
            web.post(f"{prefix}/2/tweets", self._call(_POST_CREATE, self._create_post)),
            web.get(f"{prefix}/2/tweets/{{id}}", self._call(_POST_READ, self._read_post)),
            web.put(f"{prefix}/2/tweets/{{id}}/hidden", self._call(_POST_HIDE, self._hide)),
            web.get(f"{prefix}/2/users/me", self._call(_USER_ME, self._me)),
            web.get(f"{prefix}/2/users/{{id}}/tweets", self._call(_USER_POSTS, self._user_posts)),
            web.post(f"{prefix}/2/users/{{id}}/muting", self._call(_USER_MUTE, self._mute)),
            web.get(f"{prefix}/2/webhooks", self._call(_WEBHOOK, self._webhooks)),
            web.put(f"{prefix}/2/webhooks/{{id}}", self._call(_WEBHOOK, self._validate_webhook)),
        ]

    def _call(self, operation: Operation, handler: Handler) -> Handler:
        """The handler behind the check of who calls, the faults and the limits."""

        async def perform(request: web.Request) -> web.Response:
            try:
                return await handler(request)
            except MalformedDocument as error:
                return problems.invalid("body", str(error))

        async def call(request: web.Request) -> web.Response:
            if not await self._credentials.accepts(request):
                return self._exchange.refuse(request, problems.unauthorized())
            return await self._exchange.conduct(request, operation, lambda: perform(request))

        return call

    # Direct messages

    async def _send_dm(self, request: web.Request) -> web.Response:
        participant = request.match_info["participant"]
        document = await read_object(request)
        text = document.get("text")
        if unknown := set(document) - {"text", "attachments"}:
            return problems.invalid(min(unknown), f"The property '{min(unknown)}' is not defined.")
        if not isinstance(text, str) or not text.strip():
            return problems.invalid("text", "At least one of text, attachments is required.")
        if len(text) > self._config.dm_length:
            return problems.invalid("text", f"The text is longer than {self._config.dm_length} characters.")
        if not _is_id(participant):
            return problems.invalid("participant_id", "The participant_id must be a number.", participant)
        person = self._network.people.known_as(participant)
        if person is None or person.blocked or not self._network.posts.wrote_first(participant):
            return problems.forbidden(problems.NOT_PERMITTED_TO_DM)
        dm = self._network.account_messages(participant, text)
        conversation = self._network.posts.dm_conversation_id(participant)
        return answer({"data": {"dm_conversation_id": conversation, "dm_event_id": dm.id}}, 201)

    async def _read_dms(self, request: web.Request) -> web.Response:
        participant = request.match_info["participant"]
        if not _is_id(participant):
            return problems.invalid("participant_id", "The participant_id must be a number.", participant)
        fields = _DEFAULT_DM_FIELDS | _asked(request, "dm_event.fields") | _asked(request, "expansions")
        readable = [each for each in self._network.posts.messages_with(participant) if not each.encrypted]

        def describe(dm: DirectMessage) -> Document:
            return _only(self._describe_dm(dm), fields)

        return _page(request, readable[::-1], describe, default=100, least=1)

    def _describe_dm(self, dm: DirectMessage) -> Document:
        described: Document = {
            "id": dm.id,
            "event_type": "MessageCreate",
            "text": dm.text,
            "sender_id": dm.sender_id,
            "dm_conversation_id": self._network.posts.dm_conversation_id(dm.participant_id),
            "created_at": iso(dm.created_at),
        }
        return described | (
            {"entities": {"urls": [link_entity(each) for each in dm.links]}} if dm.links else {}
        )

    # Posts

    async def _create_post(self, request: web.Request) -> web.Response:
        document = await read_object(request)
        text, reply = document.get("text"), document.get("reply")
        if not isinstance(text, str) or not text.strip():
            return problems.invalid("text", "The text is missing.")
        parent_id = reply.get("in_reply_to_tweet_id") if isinstance(reply, dict) else None
        if reply is not None and not (isinstance(parent_id, str) and _is_id(parent_id)):
            return problems.invalid(
                "reply.in_reply_to_tweet_id", "This must be a number in a string.", json.dumps(reply)
            )
        parent = self._network.posts.find(parent_id) if parent_id else None
        if parent_id and parent is None:
            return problems.forbidden(problems.GONE)
        if (length := self._counted(text, parent)) > MAX_WEIGHTED_LENGTH:
            return problems.invalid("text", f"The text counts {length} of {MAX_WEIGHTED_LENGTH}.", text)
        if parent is not None and not self._network.posts.summoned_by(parent):
            return problems.forbidden(problems.NOT_SUMMONED)
        if self._network.posts.repeats(text, parent.conversation_id if parent else None):
            return problems.forbidden(problems.DUPLICATE)
        post = self._network.account_posts(text, parent)
        return answer({"data": {"id": post.id, "text": post.text, "edit_history_tweet_ids": [post.id]}}, 201)

    def _counted(self, text: str, parent: Post | None) -> int:
        """The weighted length without the leading mentions that X would have put there itself."""
        if parent is not None:
            automatic = self._network.auto_mentions(self._network.posts.account, "", parent)
            text = without_leading(text, {each.handle.lower() for each in mentions(automatic)})
        return weighted_length(text)

    async def _read_post(self, request: web.Request) -> web.Response:
        post = self._network.posts.find(request.match_info["id"])
        if post is None:
            return problems.not_found("tweet", request.match_info["id"])
        described = self._network.describe.post(post)
        document: Document = {"data": _only(described, _post_fields(request))}
        if "author_id" in _asked(request, "expansions"):
            document["includes"] = {"users": [self._network.describe.user(post.author_id)]}
        return answer(document)

    async def _user_posts(self, request: web.Request) -> web.Response:
        posts = self._network.posts.by_author(request.match_info["id"])
        wanted = _wanted(request)
        kept = [each for each in reversed(posts) if wanted(each)]
        fields = _post_fields(request)

        def describe(post: Post) -> Document:
            return _only(self._network.describe.post(post), fields)

        return _page(request, kept, describe, default=10, least=5, ids=True)

    async def _hide(self, request: web.Request) -> web.Response:
        hidden = (await read_object(request)).get("hidden")
        if not isinstance(hidden, bool):
            return problems.invalid("hidden", "This must be true or false.")
        post = self._network.posts.find(request.match_info["id"])
        root = self._network.posts.posts.get(post.conversation_id) if post else None
        account = self._network.posts.account
        ours = post is not None and root is not None and account in (root.author_id, post.in_reply_to_user)
        if post is None or not ours or post.author_id == account:
            return problems.forbidden("You are not permitted to hide this reply.")
        self._network.hide(post, hidden)
        return answer({"data": {"hidden": hidden}})

    # Users and webhooks

    async def _me(self, request: web.Request) -> web.Response:
        return answer({"data": self._network.describe.user(self._network.posts.account)})

    async def _mute(self, request: web.Request) -> web.Response:
        target = (await read_object(request)).get("target_user_id")
        if request.match_info["id"] != self._network.posts.account:
            return problems.forbidden("You may only mute on behalf of the authenticated user.")
        if not isinstance(target, str) or not _is_id(target):
            return problems.invalid("target_user_id", "This must be a number in a string.")
        self._network.mute(target)
        return answer({"data": {"muting": True}})

    async def _webhooks(self, request: web.Request) -> web.Response:
        courier = self._network.courier
        valid = courier.check is Check.RIGHT
        webhook = {
            "id": _WEBHOOK_ID,
            "url": courier.url,
            "valid": valid,
            "created_at": "2026-01-05T09:00:00.000Z",
        }
        return answer({"data": [webhook], "meta": {"result_count": 1}})

    async def _validate_webhook(self, request: web.Request) -> web.Response:
        if request.match_info["id"] != _WEBHOOK_ID:
            return problems.not_found("webhook", request.match_info["id"])
        outcome = await self._network.courier.challenge_now()
        return answer({"data": {"attempted": True, "valid": outcome is Check.RIGHT}})


def _is_id(value: str) -> bool:
    return value.isdecimal() and value.isascii() and len(value) <= 19


def _number(value: str | None, default: int) -> int:
    return int(value) if value and value.isdecimal() else default


def _asked(request: web.Request, parameter: str) -> set[str]:
    return {each for each in request.query.get(parameter, "").split(",") if each}


def _post_fields(request: web.Request) -> set[str]:
    asked = _asked(request, "tweet.fields")
    return (
        _DEFAULT_POST_FIELDS
        | asked
        | ({"author_id"} if "author_id" in _asked(request, "expansions") else set())
    )


def _only(document: Document, fields: set[str]) -> Document:
    return {name: value for name, value in document.items() if name in fields}


def _wanted(request: web.Request) -> Callable[[Post], bool]:
    """Which posts the query asks for, by id, time and kind. Raises MalformedDocument."""
    query = request.query
    after, before = _number(query.get("since_id"), 0), _number(query.get("until_id"), 1 << 63)
    earliest, latest = _moment(query.get("start_time"), _BEGINNING), _moment(query.get("end_time"), _END)
    no_replies = "replies" in _asked(request, "exclude")
    return lambda post: (
        after < int(post.id) < before
        and earliest <= post.created_at <= latest
        and not (no_replies and post.in_reply_to is not None)
    )


def _moment(value: str | None, default: datetime) -> datetime:
    if value is None:
        return default
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise MalformedDocument("Times must look like 2026-08-12T18:05:00Z.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _page(
    request: web.Request,
    items: list[Item],
    describe: Callable[[Item], Document],
    *,
    default: int,
    least: int,
    ids: bool = False,
) -> web.Response:
    """A page of items with X's `meta`; the pagination token is the place to go on at."""
    size = min(100, max(least, _number(request.query.get("max_results"), default)))
    start = _number(request.query.get("pagination_token"), 0)
    page = [describe(each) for each in items[start : start + size]]
    meta: dict[str, Any] = {"result_count": len(page)}
    if ids and page:
        meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
    if start + size < len(items):
        meta["next_token"] = str(start + size)
    return answer(({"data": page} if page else {}) | {"meta": meta})
