"""X: direct messages and public replies of one account."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels import signatures
from bot.channels.base import (
    BadSignature,
    Challenge,
    ChannelDown,
    ChannelName,
    Event,
    Health,
    Limits,
    MalformedDelivery,
    MessageReceived,
    NeverSend,
    OutcomeUnknown,
    Outgoing,
    SendFailed,
    SendKind,
    Sent,
    TryAgain,
)
from bot.channels.calls import Answer, Caller, Method, segment
from bot.channels.x_errors import refusal
from bot.channels.x_events import XReader
from bot.channels.x_limits import XLimits
from bot.channels.x_search import created_before, dm_is, earliest, post_is
from bot.channels.x_sign_in import RenewedTokens, SignedCalls, SignIn, TokenFile
from bot.clock import clock
from bot.settings import Settings
from bot.text import X_POST_LIMIT, weighted_length

DIRECT_LIMIT = 10_000
"""Characters of a direct message (help.x.com, Direct Messages; the API's own page names none)."""
KEPT_TOKENS = "x-tokens.json"
"""Name of the file in the data dir."""
PAGES_LOOKED_AT = 5
"""How many pages of 100 are looked through for a send; more than that in the seconds in question is no look-up."""

# X signs with one secret both deliveries and the answers to challenges. A challenge that could be a delivery's body (a
# JSON object) would let anybody have a forged delivery signed by us, so no such character is accepted.
_CRC_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,512}", re.ASCII)


class XChannel:
    """The council's account on X."""

    name = ChannelName.X
    public_reply_needs_summons = True

    def __init__(
        self,
        reader: XReader,
        caller: Caller,
        sign_in: SignIn,
        *,
        account_id: str,
        consumer_secret: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.account_id = account_id
        self._reader = reader
        self._caller = caller
        self._sign_in = sign_in
        self._consumer_secret = consumer_secret
        self._limits = XLimits(now)
        self._health = Health(False, "X: not asked yet")

    # Deliveries

    def challenge(self, query: Mapping[str, str]) -> Challenge:
        """Answer X's CRC."""
        token = query.get("crc_token")
        if not token:
            raise MalformedDelivery("the parameter crc_token is missing")
        if not _CRC_TOKEN.fullmatch(token):
            raise MalformedDelivery("the parameter crc_token holds what no challenge of X's holds")
        body = json.dumps({"response_token": signatures.x_signature(self._consumer_secret, token.encode())})
        return Challenge(body, "application/json")

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check `x-twitter-webhooks-signature`."""
        if not self._consumer_secret:
            raise BadSignature("X: there is no consumer secret to check signatures with")
        expected = signatures.x_signature(self._consumer_secret, body)
        signatures.check(headers, signatures.X_HEADER, expected)

    def read(self, body: bytes) -> list[Event]:
        """The events in a delivery."""
        return self._reader.read(body)

    async def complete(self, message: MessageReceived) -> MessageReceived:
        """X leaves nothing out."""
        return message

    # Sending

    def supports(self, kind: SendKind) -> bool:
        """X has no private replies to posts: who wants to write in private writes first."""
        return kind in (SendKind.DIRECT, SendKind.PUBLIC_REPLY)

    def length(self, text: str, kind: SendKind) -> int:
        """Weighted for posts, characters for direct messages."""
        return weighted_length(text) if kind is SendKind.PUBLIC_REPLY else len(text)

    def limit(self, kind: SendKind) -> int:
        """280 for posts, 10,000 for direct messages."""
        return X_POST_LIMIT if kind is SendKind.PUBLIC_REPLY else DIRECT_LIMIT

    def window_closes(self, last_received_at: datetime) -> datetime | None:
        """X has no such window."""
        return None

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send a direct message or a public reply."""
        self._must_be_sendable(outgoing)
        if outgoing.kind is SendKind.DIRECT:
            path = f"/2/dm_conversations/with/{segment(outgoing.recipient_id)}/messages"
            answer = await self._call("POST", path, "dm.send", document={"text": outgoing.text})
            return _sent(answer, "dm_event_id")
        document = {"text": _addressed(outgoing), "reply": {"in_reply_to_tweet_id": outgoing.in_reply_to}}
        return _sent(await self._call("POST", "/2/tweets", "post.create", document=document), "id")

    async def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Look for the text among our latest messages to the person, or among our latest posts."""
        since = earliest(outgoing)
        if since is None or not self.supports(outgoing.kind):
            return None
        direct = outgoing.kind is SendKind.DIRECT
        matches = dm_is if direct else post_is
        pages = self._messages_with(outgoing.recipient_id) if direct else self._own_posts(since)
        async for document in pages:
            if created_before(document, since):
                return None
            if matches(document, outgoing, self.account_id, since):
                return Sent(str(document["id"]))
        return None

    async def check(self) -> Health:
        """Ask X who we are. When that was asked too often for now, the last answer stands."""
        try:
            if self._limits.wait("me") <= 0:
                answer = await self._call("GET", "/2/users/me", "me")
                self._health = self._recognised(answer)
        except SendFailed as error:
            self._health = Health(False, str(error))
        limits = {
            SendKind.DIRECT: self._limits.last("dm.send"),
            SendKind.PUBLIC_REPLY: self._limits.last("post.create"),
        }
        told = {kind: limit for kind, limit in limits.items() if limit != Limits()}
        return Health(self._health.ok, self._health.detail, told)

    async def initialize(self) -> None:
        """Open connections."""
        await self._caller.open()

    async def shutdown(self) -> None:
        """Close connections."""
        await self._caller.close()

    # Calls

    def _must_be_sendable(self, outgoing: Outgoing) -> None:
        kind = outgoing.kind
        if not self.supports(kind):
            raise NeverSend(f"X has no {kind}", "unsupported")
        if kind is SendKind.PUBLIC_REPLY and not outgoing.in_reply_to:
            raise NeverSend("a public reply must name the post that it answers", "no_target")
        if kind is SendKind.DIRECT and not outgoing.recipient_id:
            raise NeverSend("a direct message must name its recipient", "no_target")
        if not outgoing.text.strip():
            raise NeverSend("there is no text to send", "empty")
        if self.length(outgoing.text, kind) > self.limit(kind):
            raise NeverSend(f"the text is longer than X takes ({self.limit(kind)})", "too_long")

    async def _call(
        self,
        method: Method,
        path: str,
        endpoint: str,
        query: Mapping[str, str] | None = None,
        document: Mapping[str, object] | None = None,
    ) -> Answer:
        """Make a call within X's limits and return its good answer; raises what a refusal means."""
        wait = self._limits.wait(endpoint)
        if wait > 0:
            raise TryAgain("X: the limit is used up", "429", wait)
        answer = await self._signed(method, path, query, document)
        if answer.status == 401 and await self._sign_in.renew():
            answer = await self._signed(method, path, query, document)
        self._limits.note(endpoint, answer.headers)
        if not answer.ok:
            raise refusal(answer, self._limits.wait(endpoint) or _retry_after(answer))
        return answer

    async def _signed(
        self,
        method: Method,
        path: str,
        query: Mapping[str, str] | None,
        document: Mapping[str, object] | None,
    ) -> Answer:
        url = self._caller.url(path, query)
        headers = {"Authorization": await self._sign_in.authorization(method, url)}
        return await self._caller.call(method, url, headers=headers, document=document)

    def _messages_with(self, person_id: str) -> AsyncIterator[dict[str, Any]]:
        query = {
            "dm_event.fields": "created_at,entities,event_type,id,text",
            "event_types": "MessageCreate",
            "expansions": "sender_id",
            "max_results": "100",
        }
        return self._pages(f"/2/dm_conversations/with/{segment(person_id)}/dm_events", "dm.look", query)

    def _own_posts(self, since: datetime) -> AsyncIterator[dict[str, Any]]:
        # One second early, because X drops fractions; not earlier, because every post that is read costs.
        start = (since - timedelta(seconds=1)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {
            "tweet.fields": "created_at,display_text_range,entities,referenced_tweets",
            "max_results": "100",
            "start_time": start,
        }
        return self._pages(f"/2/users/{segment(self.account_id)}/tweets", "post.look", query)

    async def _pages(self, path: str, endpoint: str, query: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
        """What X lists, newest first; raises TryAgain when it cannot be listed to the end."""
        for _ in range(PAGES_LOOKED_AT):
            try:
                answer = await self._call("GET", path, endpoint, query)
            except NeverSend as error:
                raise TryAgain(f"X does not let us look: {error}", error.code) from None
            document = answer.document
            if "data" not in document and "meta" not in document:
                raise TryAgain("X did not say what was sent", "look")
            listed, meta = document.get("data"), document.get("meta")
            for each in listed if isinstance(listed, list) else []:
                if isinstance(each, dict) and each.get("id"):
                    yield each
            following = meta.get("next_token") if isinstance(meta, dict) else None
            if not isinstance(following, str) or not following:
                return
            query = query | {"pagination_token": following}
        raise TryAgain("X lists more than can be looked through", "look")

    def _recognised(self, answer: Answer) -> Health:
        data = answer.document.get("data")
        user = data if isinstance(data, dict) else {}
        if str(user.get("id")) != self.account_id:
            return Health(
                False, f"X: the access is to another account than SIGNPOST_X_USER_ID ({self.account_id})"
            )
        return Health(True, f"X: working as @{user.get('username', self.account_id)}")


def _sent(answer: Answer, name: str) -> Sent:
    data = answer.document.get("data")
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, str | int) or not found:
        raise OutcomeUnknown(f"X answered HTTP {answer.status} but gave no id", str(answer.status))
    return Sent(str(found))


def _retry_after(answer: Answer) -> float | None:
    value = answer.headers.get("retry-after", "")
    return float(value) if value.isdecimal() and len(value) < 7 else None


def x_channel(settings: Settings) -> XChannel:
    """The X account that the settings name; raises ChannelDown when they name none."""
    if not settings.x_configured:
        raise ChannelDown("X is not configured")
    caller = Caller("X", str(settings.x_api_url))
    secret = settings.x_consumer_secret.get_secret_value()
    return XChannel(
        XReader(
            settings.x_user_id,
            settings.x_handle,
            implicit_mention_summons=settings.x_implicit_mention_is_summons,
            now=clock(settings.now),
        ),
        caller,
        _sign_in(settings, caller),
        account_id=settings.x_user_id,
        consumer_secret=secret,
        now=_epoch(settings.now),
    )


def _sign_in(settings: Settings, caller: Caller) -> SignIn:
    """OAuth 1.0a where its four parts are given: it needs nothing to be kept, and works from any number of machines."""
    token, token_secret = (
        settings.x_access_token.get_secret_value(),
        settings.x_access_token_secret.get_secret_value(),
    )
    if settings.x_consumer_key and token and token_secret:
        return SignedCalls(
            settings.x_consumer_key, settings.x_consumer_secret.get_secret_value(), token, token_secret
        )
    file = TokenFile(settings.data_dir / KEPT_TOKENS)
    return RenewedTokens(caller, settings.x_client_id, settings.x_refresh_token.get_secret_value(), file)


def _epoch(fixed: datetime | None) -> Callable[[], float]:
    """Epoch seconds that pass, from the fixed time of a rehearsal if there is one: the sandbox's limits go by that."""
    if fixed is None:
        return time.time
    started, begin = time.monotonic(), fixed.timestamp()
    return lambda: begin + time.monotonic() - started


def _addressed(outgoing: Outgoing) -> str:
    """The public reply with the mention that X would put there itself, which is free.

    X refuses a post whose text it has seen from us: without it, two residents could not be told the same.
    """
    handle = (outgoing.recipient_handle or "").removeprefix("@")
    return f"@{handle} {outgoing.text}" if handle else outgoing.text
