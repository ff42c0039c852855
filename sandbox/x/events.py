"""X's webhook bodies: activity events, and the deprecated Account Activity shapes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from sandbox.clock import iso, milliseconds
from sandbox.config import SandboxConfig
from sandbox.documents import Document
from sandbox.identifiers import event_uuid
from sandbox.people import People
from sandbox.x.posts import DirectMessage, Post
from sandbox.x.text import Link, mentions

_TAGS = {
    "dm.received": "dm-inbound",
    "dm.sent": "dm-outbound",
    "chat.received": "chat-inbound",
    "post.mention.create": "mentions",
    "post.reply.create": "replies",
    "post.quote.create": "quotes",
    "post.delete": "post-deletes",
}
_JOINED = "2019-03-04T09:00:00.000Z"
_APP_ID = "31000001"


class Describer:
    """Describes users and posts in X's words."""

    def __init__(self, config: SandboxConfig, people: People) -> None:
        self._config = config
        self._people = people

    def user(self, user_id: str) -> Document:
        """The v2 user object."""
        person = self._people.known_as(user_id)
        document: Document = {
            "id": user_id,
            "name": person.name if person else self._config.council_name,
            "username": self.handle(user_id),
            "created_at": _JOINED,
            "description": "" if person else "Monitored in office hours. Answers are partly automated.",
            "protected": False,
            "verified": False,
            "verified_type": "none",
            "profile_image_url": "https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png",
            "public_metrics": {
                "followers_count": 12,
                "following_count": 30,
                "tweet_count": 7,
                "listed_count": 0,
            },
        }
        if person is None or person.automated:
            document["affiliation"] = {"description": "Automated"}
        return document

    def handle(self, user_id: str) -> str:
        """The handle behind a user id."""
        if user_id == self._config.x_user_id:
            return self._config.x_handle
        person = self._people.known_as(user_id)
        return person.handle if person else f"user{user_id[-6:]}"

    def user_id(self, handle: str) -> str | None:
        """The user id behind a handle."""
        if handle.lower() == self._config.x_handle.lower():
            return self._config.x_user_id
        person = self._people.known_as(handle)
        return person.x_id if person else None

    def post(self, post: Post) -> Document:
        """The v2 post object, in full."""
        document: Document = {
            "id": post.id,
            "edit_history_tweet_ids": [post.id],
            "text": post.text,
            "author_id": post.author_id,
            "conversation_id": post.conversation_id,
            "created_at": iso(post.created_at),
            "display_text_range": [post.auto_mentions, len(post.text)],
            "entities": self._entities(post),
            "lang": "en",
            "possibly_sensitive": False,
            "reply_settings": "everyone",
            "public_metrics": {
                "retweet_count": 0,
                "reply_count": 0,
                "like_count": 0,
                "quote_count": 0,
                "bookmark_count": 0,
                "impression_count": 0,
            },
        }
        references = []
        if post.in_reply_to is not None:
            document["in_reply_to_tweet_id"] = post.in_reply_to
            document["in_reply_to_user_id"] = post.in_reply_to_user
            references.append({"type": "replied_to", "id": post.in_reply_to})
        if post.quotes is not None:
            references.append({"type": "quoted", "id": post.quotes})
        return document | ({"referenced_tweets": references} if references else {})

    def _entities(self, post: Post) -> Document:
        named = []
        for each in mentions(post.text):
            mention = {"start": each.start, "end": each.end, "username": each.handle}
            user_id = self.user_id(each.handle)
            named.append(mention | ({"id": user_id} if user_id else {}))
        entities: Document = {"mentions": named} if named else {}
        return entities | ({"urls": [link_entity(each) for each in post.links]} if post.links else {})


def link_entity(link: Link) -> Document:
    """A link as an entity of the v2 objects."""
    shown = link.expanded.partition("://")[2]
    return {
        "start": link.start,
        "end": link.end,
        "url": link.short,
        "expanded_url": link.expanded,
        "display_url": shown if len(shown) <= 27 else shown[:26] + "…",
    }


class ActivityEvents:
    """The events of the X Activity API."""

    def __init__(self, config: SandboxConfig, describe: Describer) -> None:
        self._config = config
        self._describe = describe

    def envelope(self, event_type: str, payload: Document, includes: Document | None = None) -> Document:
        """An event around a payload."""
        data: Document = {
            "event_uuid": event_uuid(),
            "filter": {} if event_type == "oauth.revoke" else {"user_id": self._config.x_user_id},
            "event_type": event_type,
            "payload": payload,
        }
        if event_type in _TAGS:
            data["tag"] = _TAGS[event_type]
        return {"data": data | ({"includes": includes} if includes is not None else {})}

    def direct_message(self, dm: DirectMessage) -> Document:
        """`dm.received` or `dm.sent`; `chat.received`, which nobody can read, for an encrypted one."""
        if dm.encrypted:
            return self.envelope("chat.received", self._ciphertext(dm))
        account = self._config.x_user_id
        sent = dm.sender_id == account
        users = {each: {"data": self._describe.user(each)} for each in (dm.participant_id, account)}
        event = _message_create(dm, dm.participant_id if sent else account)
        payload = {"direct_message_events": [event], "users": users}
        return self.envelope("dm.sent" if sent else "dm.received", payload)

    def post(self, event_type: str, post: Post) -> Document:
        """`post.mention.create`, `post.reply.create` or `post.quote.create`."""
        users = [self._describe.user(post.author_id), self._describe.user(self._config.x_user_id)]
        return self.envelope(event_type, self._describe.post(post), {"users": users})

    def deletion(self, post: Post) -> Document:
        """`post.delete`."""
        includes = {"users": [{"data": self._describe.user(post.author_id)}]}
        return self.envelope("post.delete", {"id": post.id, "author_id": post.author_id}, includes)

    def revocation(self, moment: datetime) -> Document:
        """`oauth.revoke`: the account has thrown the app out."""
        when = moment.astimezone(UTC).isoformat(timespec="seconds")
        return self.envelope(
            "oauth.revoke", {"date_time": when, "user_id": self._config.x_user_id, "app_id": _APP_ID}
        )

    def _ciphertext(self, dm: DirectMessage) -> Document:
        sealed = hashlib.sha256(dm.written.encode()).hexdigest().upper()
        return {
            "conversation_token": f"sandbox.{sealed[:24]}",
            "id": dm.id,
            "created_at_msec": str(milliseconds(dm.created_at)),
            "sender_id": dm.sender_id,
            "conversation_id": f"{dm.sender_id}:{self._config.x_user_id}",
            "conversation_key_version": "1768236281331",
            "encoded_event": sealed,
            "message_event_signature": {
                "public_key_version": "1",
                "signature": sealed[:32],
                "signature_version": "7",
            },
        }


class LegacyEvents:
    """The same events in the shapes of the Account Activity API."""

    def __init__(self, config: SandboxConfig, describe: Describer) -> None:
        self._config = config
        self._describe = describe

    def direct_message(self, dm: DirectMessage) -> Document:
        """`direct_message_events`."""
        account = self._config.x_user_id
        target = dm.participant_id if dm.sender_id == account else account
        users = {each: self._user(each) for each in (dm.participant_id, account)}
        return self._for_user({"direct_message_events": [_message_create(dm, target)], "users": users})

    def post(self, post: Post) -> Document:
        """`tweet_create_events`, which also tell of the account's own posts."""
        handle = self._describe.handle
        status: Document = {
            "created_at": post.created_at.astimezone(UTC).strftime("%a %b %d %H:%M:%S +0000 %Y"),
            "id": int(post.id),
            "id_str": post.id,
            "text": post.text,
            "display_text_range": [post.auto_mentions, len(post.text)],
            "truncated": False,
            "user": self._user(post.author_id) | {"id_str": post.author_id},
            "in_reply_to_status_id_str": post.in_reply_to,
            "in_reply_to_user_id_str": post.in_reply_to_user,
            "in_reply_to_screen_name": handle(post.in_reply_to_user) if post.in_reply_to_user else None,
            "is_quote_status": post.quotes is not None,
            "entities": self._entities(post),
            "timestamp_ms": str(milliseconds(post.created_at)),
        }
        if post.quotes is not None:
            status["quoted_status_id_str"] = post.quotes
        return self._for_user({"tweet_create_events": [status]})

    def deletion(self, post: Post, moment: datetime) -> Document:
        """`tweet_delete_events`."""
        status = {"id": post.id, "user_id": post.author_id}
        event = {"status": status, "timestamp_ms": str(milliseconds(moment))}
        return self._for_user({"tweet_delete_events": [event]})

    def revocation(self, moment: datetime) -> Document:
        """`user_event` with a revoke."""
        when = moment.astimezone(UTC).isoformat(timespec="seconds")
        source = {"user_id": self._config.x_user_id}
        return {
            "user_event": {"revoke": {"date_time": when, "target": {"app_id": _APP_ID}, "source": source}}
        }

    def _for_user(self, document: Document) -> Document:
        return {"for_user_id": self._config.x_user_id} | document

    def _entities(self, post: Post) -> Document:
        named = [
            {
                "screen_name": each.handle,
                "id_str": self._describe.user_id(each.handle) or "0",
                "indices": [each.start, each.end],
            }
            for each in mentions(post.text)
        ]
        links = [
            {"url": each.short, "expanded_url": each.expanded, "indices": [each.start, each.end]}
            for each in post.links
        ]
        return {"hashtags": [], "symbols": [], "user_mentions": named, "urls": links}

    def _user(self, user_id: str) -> Document:
        described = self._describe.user(user_id)
        return {
            "id": user_id,
            "name": described["name"],
            "screen_name": described["username"],
            "description": described["description"],
            "protected": False,
            "verified": False,
            "followers_count": 12,
        }


def _message_create(dm: DirectMessage, recipient: str) -> Document:
    links = [
        {"url": each.short, "expanded_url": each.expanded, "indices": [each.start, each.end]}
        for each in dm.links
    ]
    data: Document = {
        "text": dm.text,
        "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": links},
    }
    if dm.attachments:
        data["attachment"] = {
            "type": "media",
            "media": {"id_str": dm.id, "type": "photo", "media_url_https": dm.attachments[0]},
        }
    return {
        "type": "message_create",
        "id": dm.id,
        "created_timestamp": str(milliseconds(dm.created_at)),
        "message_create": {
            "target": {"recipient_id": recipient},
            "sender_id": dm.sender_id,
            "message_data": data,
        },
    }
