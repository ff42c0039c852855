"""Meta's webhook bodies for a Page: messages, echoes, receipts and comments."""

from __future__ import annotations

from datetime import datetime

from sandbox.clock import milliseconds
from sandbox.config import SandboxConfig
from sandbox.documents import Document
from sandbox.meta.page import Comment, Message

INBOX_APP_ID = 263902037430900
"""The app that Meta's own inbox sends as."""


class PageEvents:
    """Builds webhook bodies, each with one entry and one update."""

    def __init__(self, config: SandboxConfig) -> None:
        self._config = config

    def message(self, message: Message, quick_reply: str | None = None, *, standby: bool = False) -> Document:
        """A person's message. Under `standby` when another app owns the thread."""
        body: Document = {"mid": message.mid, "text": message.text}
        if quick_reply is not None:
            body["quick_reply"] = {"payload": quick_reply}
        if message.attachments:
            body["attachments"] = [
                {"type": "image", "payload": {"url": each}} for each in message.attachments
            ]
            if not message.text:
                del body["text"]
        return self._messaging(message, {"message": body}, "standby" if standby else "messaging")

    def echo(self, message: Message) -> Document:
        """A message of the Page: through our app, with its metadata, or through Meta's inbox, without."""
        app_id = INBOX_APP_ID if message.kind == "colleague" else self._config.meta_app_id
        body: Document = {"is_echo": True, "app_id": app_id, "mid": message.mid, "text": message.text}
        if message.metadata is not None:
            body["metadata"] = message.metadata
        return self._messaging(message, {"message": body})

    def unsent(self, message: Message) -> Document:
        """A message that the person has taken back."""
        return self._messaging(message, {"message": {"mid": message.mid, "is_deleted": True}})

    def edited(self, message: Message) -> Document:
        """A message that the person has changed."""
        edit = {"mid": message.mid, "text": message.text, "num_edit": 1}
        return self._messaging(message, {"message_edit": edit})

    def delivered(self, message: Message) -> Document:
        """The Page's message has reached the person."""
        receipt = {"mids": [message.mid], "watermark": milliseconds(message.at)}
        return self._messaging(message, {"delivery": receipt}, reverse=True)

    def read(self, message: Message) -> Document:
        """The person has read the Page's message."""
        return self._messaging(message, {"read": {"watermark": milliseconds(message.at)}}, reverse=True)

    def comment(self, comment: Comment, verb: str, moment: datetime) -> Document:
        """A change to a comment or visitor's post: add, edited, remove, hide or unhide."""
        value: Document = {
            "from": {"id": comment.author_id, "name": comment.author_name},
            "post_id": comment.post_id,
            "item": "post" if comment.parent_id is None else "comment",
            "verb": verb,
            "created_time": int(comment.at.timestamp()),
        }
        if comment.parent_id is None:
            value["published"] = 1
        else:
            value |= {"comment_id": comment.id, "parent_id": comment.parent_id}
            number = comment.post_id.rpartition("_")[2]
            value["post"] = {
                "permalink_url": f"https://www.facebook.com/{self._config.meta_page_id}_{number}"
            }
        if verb == "edited":
            value["edited_time"] = int(moment.timestamp())
        if verb in ("hide", "unhide"):
            value["is_hidden"] = comment.hidden
        if verb != "remove":
            value["message"] = comment.text
        return self._change("feed", value, moment)

    def mention(self, comment: Comment, moment: datetime) -> Document:
        """The Page was mentioned in a comment somewhere else; who wrote it has to be asked."""
        value = {
            "message": comment.text,
            "post_id": comment.post_id,
            "comment_id": comment.id,
            "item": "comment",
            "verb": "add",
        }
        return self._change("mention", value, moment)

    def _messaging(
        self, message: Message, content: Document, under: str = "messaging", *, reverse: bool = False
    ) -> Document:
        page, person = {"id": self._config.meta_page_id}, {"id": message.psid}
        from_page = message.from_page and not reverse
        update = {
            "sender": page if from_page else person,
            "recipient": person if from_page else page,
            "timestamp": milliseconds(message.at),
            **content,
        }
        entry = {"id": self._config.meta_page_id, "time": milliseconds(message.at), under: [update]}
        return {"object": "page", "entry": [entry]}

    def _change(self, name: str, value: Document, moment: datetime) -> Document:
        entry = {
            "id": self._config.meta_page_id,
            "time": int(moment.timestamp()),
            "changes": [{"field": name, "value": value}],
        }
        return {"object": "page", "entry": [entry]}
