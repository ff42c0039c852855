"""Reading Meta's deliveries for one Page: Messenger messages, comments, visitors' posts and mentions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime

from bot.channels.base import (
    Author,
    EchoReceived,
    Event,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ThreadTaken,
    Visibility,
)
from bot.channels.payload import Part, parse
from bot.clock import Clock

MARK = "signpost:"
"""What our `metadata` on a send begins with; the send's token follows."""

_ADDED = frozenset({"add"})
_EDITED = frozenset({"edited", "edit", "update"})
_REMOVED = frozenset({"remove", "delete"})
_POSTS = frozenset({"post", "status", "photo", "video", "share", "link", "album", "note", "story", "event"})
_LISTS = ("messaging", "standby", "messaging_handovers")
_MESSAGING_FIELDS = re.compile(r"messag\w*|standby")
_ROUTING = ("pass_thread_control", "take_thread_control", "request_thread_control", "release_thread_control")
_NAME = re.compile(r"[a-z_]{1,40}")
_MEDIA = ("photo", "video", "photos")


class FacebookReader:
    """Turns deliveries into events for one Page. Holds nothing between deliveries."""

    def __init__(self, page_id: str, *, app_id: str, names: Collection[str], now: Clock) -> None:
        self._page_id = page_id
        self._app_id = app_id
        self._now = now
        self._named = _naming(names)

    def read(self, body: bytes) -> list[Event]:
        """The events in a delivery; raises MalformedDelivery."""
        document = parse(body)
        kind = document.word("object")
        if kind != "page":
            return [Ignored(f"about {_safe(kind)}, not about the Page")]
        if not document.has("entry"):
            document.part("entry")
        return [event for entry in document.parts("entry") for event in self._entry(entry)]

    def _entry(self, entry: Part) -> Iterator[Event]:
        if entry.id("id") != self._page_id:
            yield Ignored("about another Page")
            return
        time, told = entry.time_or_none("time"), False
        for name in _LISTS:
            for item in entry.parts(name):
                told = True
                yield self._messaging(item, time, standby=name == "standby")
        flat = [entry] if entry.has("field") else []
        for change in [*entry.parts("changes"), *flat]:
            told = True
            yield self._change(change, time)
        if not told:
            yield Ignored("an entry that tells nothing")

    def _change(self, change: Part, time: datetime | None) -> Event:
        field = change.word("field")
        if field == "feed":
            return self._feed(change.part("value"), time)
        if field == "mention":
            return self._mention(change.part("value"), time)
        if _MESSAGING_FIELDS.fullmatch(field):
            return self._messaging(change.part("value"), time, standby=field == "standby")
        return Ignored(f"field {_safe(field)}")

    # Messenger

    def _messaging(self, item: Part, time: datetime | None, *, standby: bool) -> Event:
        sent_at = item.time_or_none("timestamp") or time or self._now()
        if item.has("message"):
            return self._message(item, item.part("message"), sent_at, standby=standby)
        if item.has("postback"):
            return self._postback(item, item.part("postback"), sent_at, standby=standby)
        if item.has("message_edit"):
            edit = item.part("message_edit")
            return MessageEdited(edit.id("mid"), edit.text("text"))
        for name in _ROUTING:
            if item.has(name):
                return self._routed(item, name)
        known = next(
            (name for name in item.value if name not in ("sender", "recipient", "timestamp")), "nothing"
        )
        return Ignored(f"messaging {_safe(known)}")

    def _message(self, item: Part, message: Part, sent_at: datetime, *, standby: bool) -> Event:
        message_id, sender = message.id("mid"), item.part("sender").id("id")
        if message.flag("is_deleted"):
            return MessageDeleted(message_id)
        if message.flag("is_echo") or sender == self._page_id:
            return self._echo(item, message, sent_at)
        tapped, answered = message.part_or_none("quick_reply"), message.part_or_none("reply_to")
        text = message.text("text")
        # A "fallback" is the preview of an address in the text, not something that was sent along.
        attachments = [each for each in message.parts("attachments") if each.label("type") != "fallback"]
        return MessageReceived(
            external_id=message_id,
            author=Author(sender),
            visibility=Visibility.PRIVATE,
            thread=sender,
            text=text,
            sent_at=sent_at,
            reply_to=answered.id_or_none("mid") if answered else None,
            quick_reply=(tapped.text("payload") or None) if tapped else None,
            attachments=len(attachments),
            readable=bool(text or attachments or tapped) or not message.flag("is_unsupported"),
            standby=standby,
        )

    def _echo(self, item: Part, message: Part, sent_at: datetime) -> Event:
        person = item.part("recipient").id("id")
        app_id, metadata = message.id_or_none("app_id"), message.text("metadata")
        token = metadata.removeprefix(MARK) if metadata.startswith(MARK) else None
        another = bool(self._app_id) and app_id is not None and app_id != self._app_id
        return EchoReceived(
            external_id=message.id("mid"),
            visibility=Visibility.PRIVATE,
            thread=person,
            text=message.text("text"),
            sent_at=sent_at,
            recipient_id=person,
            token=token or None,
            other_app=another or not token,
        )

    def _postback(self, item: Part, postback: Part, sent_at: datetime, *, standby: bool) -> Event:
        """A tapped button that stands outside of any message: its title is what the person said."""
        sender = item.part("sender").id("id")
        if sender == self._page_id:
            return Ignored("a postback of our own")
        # Postbacks had no id of their own before v12; person and moment stand in for it.
        stand_in = f"postback.{sender}.{int(sent_at.timestamp() * 1000)}"
        return MessageReceived(
            external_id=postback.id_or_none("mid") or stand_in,
            author=Author(sender),
            visibility=Visibility.PRIVATE,
            thread=sender,
            text=postback.text("title"),
            sent_at=sent_at,
            quick_reply=postback.text("payload") or None,
            standby=standby,
        )

    def _routed(self, item: Part, name: str) -> ThreadTaken | Ignored:
        """Who may write in a thread from now on.

        Meta tells of a pass to the app that now has the thread, and of a taking to the one that has lost it (Messenger
        Platform, Conversation Routing), so our own id is needed only where an event says more.
        """
        control = item.part(name)
        sender = item.part("sender").id("id")
        person = item.part("recipient").id("id") if sender == self._page_id else sender
        if name == "request_thread_control":
            if self._is_ours(control.id_or_none("requested_owner_app_id")):
                return Ignored("our own request for a thread")
            return ThreadTaken(
                person, by_us=False
            )  # Somebody wants to write there themselves: a person wins.
        if name == "take_thread_control":
            return ThreadTaken(person, by_us=self._is_ours(control.id_or_none("new_owner_app_id")) is True)
        if name == "release_thread_control":
            return ThreadTaken(
                person, by_us=self._is_ours(control.id_or_none("previous_owner_app_id")) is False
            )
        return ThreadTaken(person, by_us=self._is_ours(control.id_or_none("new_owner_app_id")) is not False)

    def _is_ours(self, app_id: str | None) -> bool | None:
        """Whether the app is ours; None when that is not known."""
        return None if app_id is None or not self._app_id else app_id == self._app_id

    # The Page

    def _feed(self, value: Part, time: datetime | None) -> Event:
        item = value.word("item")
        if item != "comment" and item not in _POSTS:
            return Ignored(f"feed {_safe(item)}")
        verb = value.word("verb")
        own_id = value.id("comment_id") if item == "comment" else value.id("post_id")
        author = _author(value)
        if verb in _REMOVED:
            return MessageDeleted(own_id)
        if verb in _EDITED and author.external_id != self._page_id:
            return MessageEdited(own_id, value.text("message"))
        if verb not in _ADDED:
            return Ignored(f"feed {_safe(item)} {_safe(verb)}")
        return self._comment(value, author, time) if item == "comment" else self._post(value, author, time)

    def _comment(self, value: Part, author: Author, time: datetime | None) -> Event:
        comment_id, post_id = value.id("comment_id"), value.id_or_none("post_id")
        parent_id = value.id_or_none("parent_id")
        nested = parent_id is not None and not _same_post(parent_id, post_id)
        thread = parent_id if nested and parent_id else comment_id
        sent_at = value.time_or_none("created_time") or time or self._now()
        text = value.text("message")
        if author.external_id == self._page_id:
            return EchoReceived(comment_id, Visibility.PUBLIC, thread, text, sent_at)
        return MessageReceived(
            external_id=comment_id,
            author=author,
            visibility=Visibility.PUBLIC,
            thread=thread,
            text=text,
            sent_at=sent_at,
            reply_to=parent_id or post_id,
            attachments=_attached(value),
            summoned=self._names_us(text),
        )

    def _post(self, value: Part, author: Author, time: datetime | None) -> Event:
        """A visitor's post on the Page: it speaks to us, so nobody else has to be named."""
        if author.external_id == self._page_id:
            return Ignored("our own post")
        if value.value.get("published") in (0, False) and value.has("published"):
            return Ignored("a post that is not published")
        post_id = value.id("post_id")
        return MessageReceived(
            external_id=post_id,
            author=author,
            visibility=Visibility.PUBLIC,
            thread=post_id,
            text=value.text("message"),
            sent_at=value.time_or_none("created_time") or time or self._now(),
            attachments=_attached(value),
        )

    def _mention(self, value: Part, time: datetime | None) -> Event:
        """The Page was named somewhere. The sender may be left out; `complete` then asks for it."""
        verb, author = value.label("verb") or "add", _author(value)
        comment_id = value.id_or_none("comment_id")
        own_id = comment_id or value.id("post_id")
        if verb in _REMOVED:
            return MessageDeleted(own_id)
        if author.external_id == self._page_id:
            return Ignored("we named ourselves")
        if verb in _EDITED:
            return MessageEdited(own_id, value.text("message"))
        if verb not in _ADDED:
            return Ignored(f"mention {_safe(verb)}")
        parent_id, post_id = value.id_or_none("parent_id"), value.id_or_none("post_id")
        nested = comment_id is not None and parent_id is not None and not _same_post(parent_id, post_id)
        return MessageReceived(
            external_id=own_id,
            author=author,
            visibility=Visibility.PUBLIC,
            thread=parent_id if nested and parent_id else own_id,
            text=value.text("message"),
            sent_at=value.time_or_none("created_time") or time or self._now(),
            reply_to=(parent_id or post_id or "") if comment_id else None,
            attachments=_attached(value),
        )

    def _names_us(self, text: str) -> bool:
        return self._named is not None and self._named.search(text) is not None


def _author(value: Part) -> Author:
    """Who wrote it, by the present field or the older ones; without an id when Meta does not say."""
    sender = value.part_or_none("from")
    if sender is not None:
        return Author(sender.id("id"), None, sender.label("name"))
    return Author(value.id_or_none("sender_id") or "", None, value.label("sender_name"))


def _attached(value: Part) -> int:
    photos = value.value.get("photos")
    if isinstance(photos, list):
        return len(photos)
    return sum(1 for name in _MEDIA if value.has(name))


def _same_post(parent_id: str, post_id: str | None) -> bool:
    """Whether the parent is the post itself, whose id comes with or without the Page's before it."""
    return post_id is None or parent_id == post_id or post_id.endswith(f"_{parent_id}")


def _naming(names: Collection[str]) -> re.Pattern[str] | None:
    """Finds any of the names in a text, as a word of its own or behind an @, in any case."""
    wanted = [re.escape(name.strip().removeprefix("@")) for name in names if name.strip("@ ")]
    return re.compile(rf"(?<!\w)@?(?:{'|'.join(wanted)})(?!\w)", re.IGNORECASE) if wanted else None


def _safe(word: str) -> str:
    """A word of Meta's, for a reason that is logged; anything else is not repeated."""
    return word if _NAME.fullmatch(word) else "(unknown)"
