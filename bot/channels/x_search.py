"""Recognising a text of ours among what X hands back: it shortens links, escapes characters and adds @mentions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bot.channels.base import MalformedDelivery, Outgoing
from bot.channels.payload import Part
from bot.channels.x_posts import post_v2, readable

CLOCKS_DIFFER_SECONDS = 5.0
"""How much earlier than our first attempt the platform's time of it may be."""

_SHORT_LINK = re.compile(r"https?://t\.co/\w+", re.ASCII | re.IGNORECASE)
_SCHEME = re.compile(r"\bhttps?://", re.IGNORECASE)


def earliest(outgoing: Outgoing) -> datetime | None:
    """The earliest time that the send can bear at the platform; None when it was never tried."""
    first = outgoing.first_attempt_at
    return None if first is None else first - timedelta(seconds=CLOCKS_DIFFER_SECONDS)


def dm_is(event: dict[str, Any], outgoing: Outgoing, account_id: str, since: datetime) -> bool:
    """Whether the direct message is the outgoing one."""
    part = Part(event, "$")
    try:
        created = part.time_or_none("created_at")
        if part.id_or_none("sender_id") != account_id or created is None or created < since:
            return False
        entities = part.part_or_none("entities")
        links = [
            (each.label("url") or "", each.label("expanded_url") or "")
            for each in (entities.parts("urls") if entities else [])
        ]
        return same_text(_expanded(readable(part.text("text"), []), links), outgoing.text)
    except MalformedDelivery:
        return False


def post_is(document: dict[str, Any], outgoing: Outgoing, account_id: str, since: datetime) -> bool:
    """Whether the post is the outgoing reply."""
    part = Part({"author_id": account_id} | document, "$")
    try:
        post, created = post_v2(part, None), part.time_or_none("created_at")
    except MalformedDelivery:
        return False
    if post.author.external_id != account_id or post.in_reply_to != outgoing.in_reply_to:
        return False
    if created is None or created < since:
        return False
    links = [(link.short, link.expanded) for link in post.links]
    shown = _expanded(readable(post.raw, []), links)
    return any(same_text(each, outgoing.text) for each in _without_mentions(shown))


def created_before(document: dict[str, Any], since: datetime) -> bool:
    """Whether what X handed back is older than that."""
    try:
        created = Part(document, "$").time_or_none("created_at")
    except MalformedDelivery:
        return False
    return created is not None and created < since


def same_text(found: str, sent: str) -> bool:
    """Whether two texts are the same but for spacing and the way their links are written.

    A short link that X did not explain may be any address.
    """
    found, sent = _plain(found), _plain(sent)
    if found == sent:
        return True
    pieces = _SHORT_LINK.split(found)
    return len(pieces) > 1 and re.fullmatch(r"\S+".join(map(re.escape, pieces)), sent) is not None


def _plain(text: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", text).split())
    keep_short = _SHORT_LINK.findall(text)
    words = (each if each in keep_short else _SCHEME.sub("", each).rstrip("/") for each in text.split(" "))
    return " ".join(words)


def _expanded(text: str, links: list[tuple[str, str]]) -> str:
    for short, expanded in links:
        if short and expanded:
            text = text.replace(short, expanded)
    return text


def _without_mentions(text: str) -> Iterator[str]:
    """The text, and the text without one, two, … of the @mentions in front: X adds some to every reply."""
    yield text
    while found := re.match(r"@\w+\s+", text):
        text = text[found.end() :]
        yield text
