"""Facebook: Messenger and the comments of one Page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.channels import signatures
from bot.channels.base import (
    Author,
    BadSignature,
    Challenge,
    ChannelDown,
    ChannelName,
    Event,
    Health,
    MalformedDelivery,
    MessageReceived,
    NeverSend,
    OutcomeUnknown,
    Outgoing,
    QuickReply,
    SendFailed,
    SendKind,
    Sent,
    TryAgain,
)
from bot.channels.calls import Answer, Caller, Method, segment
from bot.channels.facebook_errors import GONE, refusal
from bot.channels.facebook_events import MARK, FacebookReader
from bot.channels.payload import Part
from bot.clock import clock
from bot.settings import Settings

API_VERSION = "v23.0"
"""The Graph API version that is asked for when the base URL names none."""
WINDOW = timedelta(hours=24)
"""How long after the person's last message a program may answer (Messenger Platform, Policy)."""
DIRECT_LIMIT = 2_000
"""Characters of a Messenger text (Messenger Platform, Send API); counted in UTF-16 units, the longest way to count."""
COMMENT_LIMIT = 8_000
"""Characters of a comment: customary, Meta publishes no figure; likewise counted."""
QUICK_REPLIES = 13
QUICK_REPLY_TITLE = 20
"""Buttons to a message and characters to a button (Messenger Platform, Quick Replies)."""
CLOCKS_DIFFER_SECONDS = 5.0
"""How much earlier than our first attempt the platform's time of it may be."""
PAGES_LOOKED_AT = 5

_VERSION = re.compile(r"/v\d+\.\d+$")
_COMMENT_FIELDS = "from,message,parent{id}"
_POST_FIELDS = "from,message"


class FacebookChannel:
    """The council's Page."""

    name = ChannelName.FACEBOOK
    public_reply_needs_summons = False

    def __init__(
        self,
        reader: FacebookReader,
        caller: Caller,
        *,
        page_id: str,
        app_secret: str,
        verify_token: str,
        page_token: str,
    ) -> None:
        self.account_id = page_id
        self._reader = reader
        self._caller = caller
        self._app_secret = app_secret
        self._verify_token = verify_token
        self._page_token = page_token
        # Proof that we hold the app's secret; Meta refuses calls without it when the app is set to require it.
        self._proof = signatures.appsecret_proof(app_secret, page_token)

    # Deliveries

    def challenge(self, query: Mapping[str, str]) -> Challenge:
        """Answer Meta's verification of the webhook."""
        if query.get("hub.mode") != "subscribe":
            raise MalformedDelivery("the parameter hub.mode must be subscribe")
        challenge = query.get("hub.challenge")
        if not challenge or len(challenge) > 1000:
            raise MalformedDelivery("the parameter hub.challenge must have 1 to 1000 characters")
        if not self._verify_token or not signatures.same(
            query.get("hub.verify_token", ""), self._verify_token
        ):
            raise BadSignature("hub.verify_token is not ours")
        return Challenge(challenge, "text/plain")

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check `X-Hub-Signature-256`."""
        if not self._app_secret:
            raise BadSignature("Facebook: there is no app secret to check signatures with")
        signatures.check(headers, signatures.META_HEADER, signatures.meta_signature(self._app_secret, body))

    def read(self, body: bytes) -> list[Event]:
        """The events in a delivery."""
        return self._reader.read(body)

    async def complete(self, message: MessageReceived) -> MessageReceived:
        """Ask who wrote a mention; the message itself when that is known, or when Meta does not tell.

        Raises TryAgain when it may be told later.
        """
        if message.author.external_id:
            return message
        fields = _COMMENT_FIELDS if message.reply_to is not None else _POST_FIELDS
        try:
            answer = await self._call("GET", f"/{segment(message.external_id)}", {"fields": fields})
            return _completed(message, Part(answer.document, "$"))
        except (NeverSend, ChannelDown, MalformedDelivery):
            return message

    # Sending

    def supports(self, kind: SendKind) -> bool:
        """Facebook has every way."""
        return True

    def length(self, text: str, kind: SendKind) -> int:
        """Characters as UTF-16 units."""
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def limit(self, kind: SendKind) -> int:
        """8,000 for comments, 2,000 for messages."""
        return COMMENT_LIMIT if kind is SendKind.PUBLIC_REPLY else DIRECT_LIMIT

    def window_closes(self, last_received_at: datetime) -> datetime | None:
        """24 hours after the person's last message."""
        return last_received_at + WINDOW

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send a message, a comment, or a private reply to a comment."""
        self._must_be_sendable(outgoing)
        if outgoing.kind is SendKind.PUBLIC_REPLY:
            path = f"/{segment(outgoing.in_reply_to or '')}/comments"
            return _sent(await self._call("POST", path, document={"message": outgoing.text}), "id")
        private_reply = outgoing.kind is SendKind.PRIVATE_REPLY
        recipient = {"comment_id": outgoing.in_reply_to} if private_reply else {"id": outgoing.recipient_id}
        document = {"recipient": recipient, "messaging_type": "RESPONSE", "message": _message(outgoing)}
        return _sent(
            await self._call("POST", f"/{segment(self.account_id)}/messages", document=document), "message_id"
        )

    async def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Look for the text in the person's thread, or among the comments under what was answered."""
        if outgoing.first_attempt_at is None:
            return None
        since = outgoing.first_attempt_at - timedelta(seconds=CLOCKS_DIFFER_SECONDS)
        found = (
            self._comments(outgoing) if outgoing.kind is SendKind.PUBLIC_REPLY else self._messages(outgoing)
        )
        async for document in found:
            if _is(document, outgoing, self.account_id, since):
                return Sent(str(document["id"]))
        return None

    async def check(self) -> Health:
        """Ask Meta about the Page."""
        try:
            answer = await self._call("GET", f"/{segment(self.account_id)}", {"fields": "id,name"})
        except SendFailed as error:
            return Health(False, str(error))
        document = answer.document
        if str(document.get("id")) != self.account_id:
            return Health(
                False, f"Facebook: the access is not to the Page SIGNPOST_META_PAGE_ID ({self.account_id})"
            )
        return Health(True, f"Facebook: working as {document.get('name') or self.account_id}")

    async def initialize(self) -> None:
        """Open connections."""
        await self._caller.open()

    async def shutdown(self) -> None:
        """Close connections."""
        await self._caller.close()

    # Calls

    def _must_be_sendable(self, outgoing: Outgoing) -> None:
        kind = outgoing.kind
        target = outgoing.recipient_id if kind is SendKind.DIRECT else outgoing.in_reply_to
        if not target:
            raise NeverSend(f"a {kind} must name whom or what it answers", "no_target")
        if not outgoing.text.strip():
            raise NeverSend("there is no text to send", "empty")
        if self.length(outgoing.text, kind) > self.limit(kind):
            raise NeverSend(f"the text is longer than Facebook takes ({self.limit(kind)})", "too_long")

    async def _call(
        self,
        method: Method,
        path: str,
        query: Mapping[str, str] | None = None,
        document: Mapping[str, object] | None = None,
    ) -> Answer:
        """Make a call and return its good answer; raises what a refusal means. The token is never in the address."""
        proof = {"appsecret_proof": self._proof}
        body = None if document is None else {**document, **proof}
        url = self._caller.url(path, {**(query or {}), **proof} if body is None else query)
        headers = {"Authorization": f"Bearer {self._page_token}"}
        answer = await self._caller.call(method, url, headers=headers, document=body)
        if not answer.ok:
            raise refusal(answer)
        return answer

    async def _messages(self, outgoing: Outgoing) -> AsyncIterator[dict[str, Any]]:
        """The latest messages of the person's thread, whoever wrote them."""
        fields = "messages.limit(100){id,message,from,created_time}"
        query = {"user_id": outgoing.recipient_id, "platform": "messenger", "fields": fields}
        async for conversation in self._listed(f"/{segment(self.account_id)}/conversations", query):
            messages = conversation.get("messages")
            for each in _data(messages if isinstance(messages, dict) else {}):
                yield each

    async def _comments(self, outgoing: Outgoing) -> AsyncIterator[dict[str, Any]]:
        """The latest comments under what was answered; an answer to an answer hangs under the first comment."""
        query = {"fields": "id,from,message,created_time", "limit": "100", "order": "reverse_chronological"}
        for parent in dict.fromkeys(each for each in (outgoing.in_reply_to, outgoing.thread) if each):
            async for each in self._listed(f"/{segment(parent)}/comments", query):
                yield each

    async def _listed(self, path: str, query: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
        """What Meta lists, page by page; nothing when what it hangs under is gone, TryAgain when it does not tell."""
        for _ in range(PAGES_LOOKED_AT):
            try:
                answer = await self._call("GET", path, query)
            except NeverSend as error:
                if error.code == GONE:
                    return
                raise TryAgain(f"Facebook does not let us look: {error}", error.code) from None
            document = answer.document
            if not isinstance(document.get("data"), list):
                raise TryAgain("Facebook did not say what was sent", "look")
            for each in _data(document):
                yield each
            # Not the address in `paging.next`: that one holds the token.
            paging = document.get("paging")
            cursors = paging.get("cursors") if isinstance(paging, dict) else None
            after = cursors.get("after") if isinstance(cursors, dict) else None
            if not isinstance(paging, dict) or not paging.get("next") or not isinstance(after, str):
                return
            query = query | {"after": after}
        raise TryAgain("Facebook lists more than can be looked through", "look")


def _message(outgoing: Outgoing) -> dict[str, object]:
    message: dict[str, object] = {"text": outgoing.text, "metadata": MARK + outgoing.token}
    if outgoing.quick_replies:
        message["quick_replies"] = [_button(each) for each in outgoing.quick_replies[:QUICK_REPLIES]]
    return message


def _button(reply: QuickReply) -> dict[str, str]:
    return {"content_type": "text", "title": reply.title[:QUICK_REPLY_TITLE], "payload": reply.payload}


def _sent(answer: Answer, name: str) -> Sent:
    found = answer.document.get(name)
    if not isinstance(found, str | int) or not found:
        raise OutcomeUnknown(f"Facebook answered HTTP {answer.status} but gave no id", str(answer.status))
    return Sent(str(found))


def _completed(message: MessageReceived, told: Part) -> MessageReceived:
    """The message with its author, and with the comment that it stands under; raises MalformedDelivery."""
    sender, parent = told.part_or_none("from"), told.part_or_none("parent")
    if sender is None:
        return message
    parent_id = parent.id("id") if parent else None
    return replace(
        message,
        author=Author(sender.id("id"), None, sender.label("name")),
        text=message.text or told.text("message"),
        thread=parent_id or message.thread,
        reply_to=parent_id or message.reply_to,
    )


def _data(document: dict[str, Any]) -> list[dict[str, Any]]:
    listed = document.get("data")
    return (
        [each for each in listed if isinstance(each, dict) and each.get("id")]
        if isinstance(listed, list)
        else []
    )


def _is(document: dict[str, Any], outgoing: Outgoing, page_id: str, since: datetime) -> bool:
    """Whether the message or comment is the outgoing one."""
    part = Part(document, "$")
    try:
        sender, created = part.part_or_none("from"), part.time_or_none("created_time")
        ours = sender is not None and sender.id_or_none("id") == page_id
        recent = created is not None and created >= since
        return ours and recent and _plain(part.text("message")) == _plain(outgoing.text)
    except MalformedDelivery:
        return False


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def facebook_channel(settings: Settings, page_names: Collection[str] = ()) -> FacebookChannel:
    """The Page that the settings name; `page_names` are what people call it by. Raises ChannelDown without settings."""
    if not settings.meta_configured:
        raise ChannelDown("Facebook is not configured")
    base = str(settings.meta_api_url).rstrip("/")
    reader = FacebookReader(
        settings.meta_page_id, app_id=settings.meta_app_id, names=page_names, now=clock(settings.now)
    )
    return FacebookChannel(
        reader,
        Caller("Facebook", base if _VERSION.search(base) else f"{base}/{API_VERSION}"),
        page_id=settings.meta_page_id,
        app_secret=settings.meta_app_secret.get_secret_value(),
        verify_token=settings.meta_verify_token.get_secret_value(),
        page_token=settings.meta_page_token.get_secret_value(),
    )
