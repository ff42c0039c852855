"""Deliveries as X and Meta send them, with invented people, for tests of the channels."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from bot.channels.facebook_events import FacebookReader
from bot.channels.x_events import XReader

US = "900000000000000001"
HANDLE = "MilfordCouncil"
THEM = "800000000000000002"
OTHER = "700000000000000003"
PAGE = "105000000000001"
PSID = "6600000000000001"
APP = "42000001"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

Document = dict[str, Any]


def body(document: object) -> bytes:
    return json.dumps(document).encode()


def x_reader(*, handle: str = HANDLE, implicit: bool = False) -> XReader:
    return XReader(US, handle, implicit_mention_summons=implicit, now=lambda: NOW)


def facebook_reader(*, app_id: str = APP) -> FacebookReader:
    return FacebookReader(
        PAGE, app_id=app_id, names=("MilfordCityCouncil", "Milford City Council"), now=lambda: NOW
    )


# X


def activity(kind: str, payload: Document, includes: Document | None = None, **changed: Any) -> Document:
    data: Document = {
        "event_uuid": "-77001",
        "filter": {"user_id": US},
        "event_type": kind,
        "payload": payload,
    } | changed
    return {"data": data if includes is None else data | {"includes": includes}}


def x_user(user_id: str = THEM, **more: Any) -> Document:
    return {"id": user_id, "username": f"user{user_id[-2:]}", "name": f"Person {user_id[-1]}"} | more


def dm(
    text: str = "hello", *, sender: str = THEM, to: str = US, message_id: str = "5001", **data: Any
) -> Document:
    return {
        "type": "message_create",
        "id": message_id,
        "created_timestamp": "1795424400123",
        "message_create": {
            "target": {"recipient_id": to},
            "sender_id": sender,
            "message_data": {"text": text, "entities": {"urls": []}} | data,
        },
    }


def dms(*events: Document, users: Document | None = None) -> Document:
    described = (
        {THEM: {"data": x_user()}, US: {"data": x_user(US, username=HANDLE)}} if users is None else users
    )
    return {"direct_message_events": list(events), "users": described}


def x_post(text: str = "hello", **more: Any) -> Document:
    """A post of the v2 shape; its @mentions are found as X finds them."""
    return {
        "id": "6001",
        "author_id": THEM,
        "text": text,
        "conversation_id": "6001",
        "created_at": "2026-11-23T08:59:58.000Z",
        "display_text_range": [0, len(text)],
        "entities": {"mentions": mentions(text)},
    } | more


def x_reply(text: str, shown_from: int, **more: Any) -> Document:
    reply = {
        "conversation_id": "4001",
        "in_reply_to_tweet_id": "4002",
        "in_reply_to_user_id": US,
        "referenced_tweets": [{"type": "replied_to", "id": "4002"}],
        "display_text_range": [shown_from, len(text)],
    }
    return x_post(text, **(reply | more))


def mentions(text: str) -> list[Document]:
    found, start = [], 0
    for word in text.split(" "):
        handle = word.rstrip("!?.,")
        if handle.startswith("@"):
            known = {"id": US} if handle[1:].lower() == HANDLE.lower() else {}
            found.append({"start": start, "end": start + len(handle), "username": handle[1:]} | known)
        start += len(word) + 1
    return found


def legacy_post(text: str = "hello", **more: Any) -> Document:
    return {
        "id": 6001,
        "id_str": "6001",
        "created_at": "Mon Nov 23 08:59:58 +0000 2026",
        "timestamp_ms": "1795424398000",
        "text": text,
        "user": {"id": int(THEM), "id_str": THEM, "screen_name": "user02", "name": "Person 2"},
        "entities": {
            "user_mentions": [
                {
                    "screen_name": each["username"],
                    "id_str": each.get("id", "1"),
                    "indices": [each["start"], each["end"]],
                }
                for each in mentions(text)
            ],
            "urls": [],
        },
    } | more


# Facebook


def entry(**content: Any) -> Document:
    return {"object": "page", "entry": [{"id": PAGE, "time": 1795424400123} | content]}


def messaging(*, under: str = "messaging", sender: str = PSID, to: str = PAGE, **content: Any) -> Document:
    item = {"sender": {"id": sender}, "recipient": {"id": to}, "timestamp": 1795424399000} | content
    return entry(**{under: [item]})


def message(text: str = "hello", *, under: str = "messaging", **more: Any) -> Document:
    return messaging(under=under, message={"mid": "m_1", "text": text} | more)


def echo(text: str = "our answer", **more: Any) -> Document:
    return messaging(sender=PAGE, to=PSID, message={"is_echo": True, "mid": "m_2", "text": text} | more)


def feed(**value: Any) -> Document:
    comment: Document = {
        "from": {"id": PSID, "name": "Robin Field"},
        "post_id": f"{PAGE}_30",
        "comment_id": "30_50",
        "parent_id": f"{PAGE}_30",
        "item": "comment",
        "verb": "add",
        "created_time": 1795424399,
        "message": "when are bins emptied?",
    }
    kept = {name: each for name, each in (comment | value).items() if each is not None}
    return entry(changes=[{"field": "feed", "value": kept}])


def mention(**value: Any) -> Document:
    named: Document = {
        "post_id": "990_1",
        "comment_id": "1_70",
        "item": "comment",
        "verb": "add",
        "message": "Milford City Council should know",
    }
    kept = {name: each for name, each in (named | value).items() if each is not None}
    return entry(changes=[{"field": "mention", "value": kept}])
