"""Reading X's deliveries: activity events (XAA) and the older Account Activity shapes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from bot.channels.base import (
    AccessRevoked,
    Author,
    EchoReceived,
    Event,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Visibility,
)
from bot.channels.payload import Part, parse, wrong
from bot.channels.x_posts import (
    Post,
    author,
    dm_wording,
    named_invisibly,
    named_visibly,
    post_legacy,
    post_v2,
)
from bot.clock import Clock

_HARMLESS = re.compile(
    r"(?:follow|like|profile|news|spaces|broadcast|post\.repost|mute|block|typing|dm\.(?:read|indicate_typing))\b.*"
)
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,59}")
_LEGACY_HARMLESS = frozenset(
    {
        "favorite_events",
        "follow_events",
        "unfollow_events",
        "block_events",
        "unblock_events",
        "mute_events",
        "unmute_events",
        "direct_message_indicate_typing_events",
        "direct_message_mark_read_events",
    }
)
_LEGACY_BESIDES = frozenset({"for_user_id", "users", "apps", "user_has_blocked"})


class XReader:
    """Turns deliveries into events for one account. Holds nothing between deliveries."""

    def __init__(self, user_id: str, handle: str, *, implicit_mention_summons: bool, now: Clock) -> None:
        self._user_id = user_id
        self._handle = handle.removeprefix("@").lower()
        self._implicit_mention_summons = implicit_mention_summons
        self._now = now
        self._activities: dict[str, Callable[[Part, Part], list[Event]]] = {
            "dm.received": self._direct_messages,
            "dm.sent": self._direct_messages,
            "chat.received": self._encrypted,
            "chat.sent": self._encrypted,
            "post.create": self._post_activity,
            "post.mention.create": self._post_activity,
            "post.reply.create": self._post_activity,
            "post.quote.create": self._post_activity,
            "post.delete": self._post_deleted,
            "oauth.revoke": self._revoked,
        }

    def read(self, body: bytes) -> list[Event]:
        """The events in a delivery; raises MalformedDelivery."""
        document = parse(body)
        if document.has("data"):
            return self._activity(document.part("data"))
        return self._account_activity(document)

    # Activity events

    def _activity(self, data: Part) -> list[Event]:
        kind = data.word("event_type")
        handler = self._activities.get(kind)
        if handler is None:
            return [Ignored(kind if _HARMLESS.fullmatch(kind) and _KIND.fullmatch(kind) else _unknown(kind))]
        subscribed = data.part_or_none("filter")
        account = subscribed.id_or_none("user_id") if subscribed else None
        if account is not None and account != self._user_id:
            return [Ignored(f"{kind} of another account")]
        return handler(data, data.part("payload"))

    def _direct_messages(self, data: Part, payload: Part) -> list[Event]:
        events = payload.parts("direct_message_events")
        if not events:
            raise wrong(payload.at("direct_message_events"), "must hold an event")
        people = _people_in(payload.part_or_none("users"))
        return [
            self._direct_message(each, people, _numbered(data, index)) for index, each in enumerate(events)
        ]

    def _direct_message(self, event: Part, people: dict[str, Author], delivery_id: str | None) -> Event:
        if event.label("type") not in (None, "message_create"):
            return Ignored("a change in a direct conversation that is no message")
        message = event.part("message_create")
        message_id, sender = event.id("id"), message.id("sender_id")
        target = message.part_or_none("target")
        recipient = target.id_or_none("recipient_id") if target else None
        text, attachments = dm_wording(message.part("message_data"))
        sent_at = event.time_or_none("created_timestamp") or self._now()
        if sender == self._user_id:
            if recipient is None:
                raise wrong(message.at("target.recipient_id"), "is missing")
            return EchoReceived(message_id, Visibility.PRIVATE, recipient, text, sent_at, recipient)
        if recipient is not None and recipient != self._user_id:
            return Ignored("a direct message between others")
        tapped = message.part("message_data").part_or_none("quick_reply_response")
        return MessageReceived(
            external_id=message_id,
            author=people.get(sender, Author(sender)),
            visibility=Visibility.PRIVATE,
            thread=sender,
            text=text,
            sent_at=sent_at,
            delivery_id=delivery_id,
            quick_reply=(tapped.text("metadata") or None) if tapped else None,
            attachments=attachments,
        )

    def _encrypted(self, data: Part, payload: Part) -> list[Event]:
        """An encrypted chat: nobody can read it here, and staff must know that it came."""
        message_id, sender = payload.id("id"), payload.id("sender_id")
        sent_at = payload.time_or_none("created_at_msec") or self._now()
        if sender == self._user_id:
            conversation = payload.id("conversation_id")
            others = [each for each in re.split("[:-]", conversation) if each and each != self._user_id]
            thread = others[0] if len(others) == 1 else conversation
            return [EchoReceived(message_id, Visibility.PRIVATE, thread, "", sent_at, thread)]
        message = MessageReceived(
            external_id=message_id,
            author=Author(sender),
            visibility=Visibility.PRIVATE,
            thread=sender,
            text="",
            sent_at=sent_at,
            delivery_id=_numbered(data, 0),
            readable=False,
        )
        return [message]

    def _post_activity(self, data: Part, payload: Part) -> list[Event]:
        includes = data.part_or_none("includes")
        post, kind = post_v2(payload, includes), data.word("event_type")
        if kind == "post.create" and post.author.external_id != self._user_id:
            return [Ignored("somebody else's post")]
        # That it quotes a post of ours is what this event means, even when the post itself does not tell whose it is.
        certain = kind == "post.quote.create" and bool(post.quotes)
        return self._post(post, _numbered(data, 0), quotes_us=certain)

    def _post_deleted(self, data: Part, payload: Part) -> list[Event]:
        return [MessageDeleted(payload.id("id"))]

    def _revoked(self, data: Part, payload: Part) -> list[Event]:
        return [self._revocation(payload.id("user_id"), payload.label("date_time"))]

    # The older shapes

    def _account_activity(self, document: Part) -> list[Event]:
        if document.has("user_event"):
            return self._user_event(document.part("user_event"))
        account = document.id_or_none("for_user_id")
        kinds = [name for name in document.value if name not in _LEGACY_BESIDES]
        if account is None:
            raise wrong("$", "holds neither data nor user_event nor for_user_id: no event of X's")
        if account != self._user_id:
            return [Ignored("of another account")]
        return [event for kind in kinds for event in self._legacy_events(document, kind)]

    def _legacy_events(self, document: Part, kind: str) -> list[Event]:
        if kind == "direct_message_events":
            people = _people_in(document.part_or_none("users"))
            return [self._direct_message(each, people, None) for each in document.parts(kind)]
        if kind == "tweet_create_events":
            posts = [post_legacy(each) for each in document.parts(kind)]
            return [event for post in posts for event in self._post(post, None)]
        if kind == "tweet_delete_events":
            return [MessageDeleted(each.part("status").id("id", "id_str")) for each in document.parts(kind)]
        return [Ignored(kind if kind in _LEGACY_HARMLESS else _unknown(kind))]

    def _user_event(self, event: Part) -> list[Event]:
        revoked = event.part_or_none("revoke")
        if revoked is None:
            return [Ignored("a user event that is no revocation")]
        return [self._revocation(revoked.part("source").id("user_id"), revoked.label("date_time"))]

    # Both

    def _revocation(self, user_id: str, when: str | None) -> Event:
        if user_id != self._user_id:
            return Ignored("another account's access was revoked")
        at = f" at {when}" if when and re.fullmatch(r"[0-9T:.+Z-]{10,35}", when) else ""
        return AccessRevoked(f"X: the account withdrew this app's access{at}")

    def _post(self, post: Post, delivery_id: str | None, *, quotes_us: bool = False) -> list[Event]:
        if post.repost:
            return [Ignored("a repost")]
        sent_at = post.sent_at or self._now()
        if post.author.external_id == self._user_id:
            return [self._own_post(post, sent_at)]
        # A new version of a post has a new id, but is the same post to everybody: it must not get a second answer.
        edited: list[Event] = [MessageEdited(post.first_id, post.text)] if post.first_id != post.id else []
        message = MessageReceived(
            external_id=post.first_id,
            author=post.author,
            visibility=Visibility.PUBLIC,
            thread=post.conversation_id,
            text=post.text,
            sent_at=sent_at,
            delivery_id=delivery_id,
            reply_to=post.in_reply_to,
            attachments=post.attachments,
            summoned=quotes_us or self._summons(post),
        )
        return [*edited, message]

    def _own_post(self, post: Post, sent_at: datetime) -> Event:
        if post.in_reply_to is None:
            return Ignored("our own post")
        return EchoReceived(
            post.first_id, Visibility.PUBLIC, post.conversation_id, post.text, sent_at, post.in_reply_to_user
        )

    def _summons(self, post: Post) -> bool:
        """Whether the author called us as X's rule for automated replies has it: by an @mention or a quote."""
        handles = {self._handle} if self._handle else set()
        if any(each.author_id == self._user_id or each.author_handle in handles for each in post.quotes):
            return True
        if named_visibly(post, self._user_id, handles):
            return True
        return self._implicit_mention_summons and named_invisibly(post, self._user_id, handles)


def _people_in(users: Part | None) -> dict[str, Author]:
    described = [author(each) for each in users.members()] if users else []
    return {each.external_id: each for each in described}


def _numbered(data: Part, index: int) -> str | None:
    """The delivery's id; the messages after the first in one delivery get a number, so that each has its own."""
    delivery = data.id_or_none("event_uuid")
    return delivery if delivery is None or index == 0 else f"{delivery}.{index}"


def _unknown(kind: str) -> str:
    return f"unknown event type {kind}" if _KIND.fullmatch(kind) else "unknown event type"
