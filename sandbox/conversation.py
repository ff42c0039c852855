"""A conversation as the resident sees it, in the same form for every platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.clock import iso
from sandbox.documents import Document


class Impossible(ValueError):
    """What the resident wants to do can't be done on the platform; the message says why."""


@dataclass(frozen=True)
class QuickReply:
    """A button under a message."""

    title: str
    payload: str


@dataclass(frozen=True)
class Line:
    """One message in a conversation."""

    author: str
    """resident, council or somebody (else, in public)."""
    author_name: str
    text: str
    at: datetime
    id: str
    visibility: str
    kind: str
    """dm, post, message, comment, private_reply or colleague."""
    thread: str
    in_reply_to: str | None = None
    quick_replies: tuple[QuickReply, ...] = ()
    attachments: tuple[str, ...] = ()
    hidden: bool = False
    deleted: bool = False

    def as_document(self) -> Document:
        """The line for the control API and the page."""
        return {
            "from": self.author,
            "name": self.author_name,
            "text": self.text,
            "at": iso(self.at),
            "id": self.id,
            "visibility": self.visibility,
            "kind": self.kind,
            "thread": self.thread,
            "in_reply_to": self.in_reply_to,
            "quick_replies": [vars(each) for each in self.quick_replies],
            "attachments": list(self.attachments),
            "hidden": self.hidden,
            "deleted": self.deleted,
        }


@dataclass(frozen=True)
class Said:
    """What came of a resident's writing: the platform's ids of it."""

    message_id: str
    thread: str
