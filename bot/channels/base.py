"""What every platform looks like to the rest of the service: events in, messages out, and how each can fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ChannelName(StrEnum):
    """The platforms that Signpost knows."""

    X = "x"
    FACEBOOK = "facebook"


class Visibility(StrEnum):
    """Who can read a conversation."""

    PRIVATE = "private"
    PUBLIC = "public"


class SendKind(StrEnum):
    """How an outgoing text travels."""

    DIRECT = "direct"
    """A direct message in a private conversation."""
    PUBLIC_REPLY = "public_reply"
    """A public reply to a post or comment."""
    PRIVATE_REPLY = "private_reply"
    """A private message that answers a public comment (Facebook: once per comment, within 7 days)."""


# --- what comes in ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Author:
    """A person (or program) on a platform.

    `automated` is true when the platform itself labels the account as automated.
    """

    external_id: str
    handle: str | None = None
    name: str | None = None
    automated: bool = False


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """Somebody wrote to us, or about us.

    `thread` names the conversation on the platform: for private messages the author's id, for public posts the root
    post's id. `delivery_id` is the platform's id of the delivery itself, when it has one. `summoned` is false when the
    platform's rules would not let a program answer. `readable` is false for encrypted messages. `standby` is true
    when another application or a colleague owns the thread on the platform. `reply_to` is the external id of what it
    answers; `quick_reply` the payload of a tapped button.
    """

    external_id: str
    author: Author
    visibility: Visibility
    thread: str
    text: str
    sent_at: datetime
    delivery_id: str | None = None
    reply_to: str | None = None
    quick_reply: str | None = None
    attachments: int = 0
    summoned: bool = True
    readable: bool = True
    standby: bool = False


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """The author changed a text that we may have stored."""

    external_id: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """The author (or the platform) took a message away."""

    external_id: str


@dataclass(frozen=True, slots=True)
class EchoReceived:
    """Something was said in our account's name: by us, by a colleague in the platform's own inbox, or another app.

    `token` is the mark that we put on our own sends, when the platform carries it back. `other_app` is true when the
    platform itself says that the send was not ours (another app's id). A platform that carries no mark leaves both
    unset and the service compares with its own record of sends.
    """

    external_id: str
    visibility: Visibility
    thread: str
    text: str
    sent_at: datetime
    recipient_id: str | None = None
    token: str | None = None
    other_app: bool = False


@dataclass(frozen=True, slots=True)
class ThreadTaken:
    """The platform says who may write in a private thread from now on."""

    thread: str
    by_us: bool


@dataclass(frozen=True, slots=True)
class AccessRevoked:
    """The account's permission was withdrawn: nothing can be sent until it is connected again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that asks nothing of us (delivery and read receipts, reactions, typing, our own posts)."""

    reason: str


Event = (
    MessageReceived | MessageEdited | MessageDeleted | EchoReceived | ThreadTaken | AccessRevoked | Ignored
)


# --- what goes out ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A button under a private message; platforms without buttons leave it out."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text to send.

    `recipient_id` is the person's id on the platform and `recipient_handle` their handle. `in_reply_to` is the external
    id of the post or comment that is answered (public and private replies). `token` is our mark of this very send.
    `first_attempt_at` is when it was first tried: looking for a send whose outcome is unknown starts there.
    """

    kind: SendKind
    text: str
    token: str
    recipient_id: str
    thread: str
    in_reply_to: str | None = None
    quick_replies: Sequence[QuickReply] = ()
    recipient_handle: str | None = None
    first_attempt_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it and calls it `external_id`."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What the platform last said about how much may still be sent; None = it has not said."""

    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the account works: `ok`, and one sentence for people."""

    ok: bool
    detail: str
    limits: Mapping[SendKind, Limits] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Challenge:
    """The answer to a platform's question whether the webhook is ours."""

    body: str
    content_type: str
    status: int = 200


# --- how it fails: named by what the caller should do -----------------------------------------------------------------


class ChannelError(Exception):
    """Something went wrong with a platform."""


class BadSignature(ChannelError):
    """The delivery is not from the platform: answer 401, store nothing."""


class MalformedDelivery(ChannelError):
    """The body is not what the platform sends: answer 400 with `str(error)`, store nothing."""


class SendFailed(ChannelError):
    """A send did not succeed. `code` is the platform's own, for the record."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class TryAgain(SendFailed):
    """It was not sent, and may be sent later; not before `after_seconds` when the platform said so."""

    def __init__(self, message: str, code: str = "", after_seconds: float | None = None) -> None:
        super().__init__(message, code)
        self.after_seconds = after_seconds


class OutcomeUnknown(SendFailed):
    """The connection broke after the request left: it may or may not have been sent. Look before sending again."""


class NeverSend(SendFailed):
    """It cannot be sent, now or later (blocked, window closed, refused): a person must see it."""


class ChannelDown(SendFailed):
    """The account itself is refused (token, permission, restriction): nothing can be sent until people act."""


class Channel(Protocol):
    """One platform account. Everything that differs per platform is behind this."""

    name: ChannelName
    account_id: str
    """Our account's id on the platform."""
    public_reply_needs_summons: bool
    """Whether the platform lets a program reply in public only to who called it (`MessageReceived.summoned`)."""

    def challenge(self, query: Mapping[str, str]) -> Challenge:
        """Answer the platform's GET on the webhook; raises BadSignature or MalformedDelivery."""
        ...

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check the signature of a delivery on its raw bytes; raises BadSignature."""
        ...

    def read(self, body: bytes) -> list[Event]:
        """Turn a delivery into events, in the order given; raises MalformedDelivery and then nothing counts."""
        ...

    async def complete(self, message: MessageReceived) -> MessageReceived:
        """Fetch what the event left out (a mention's author and text); the message itself when nothing is missing."""
        ...

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send one text; raises TryAgain, OutcomeUnknown, NeverSend or ChannelDown."""
        ...

    async def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Look whether a send with unknown outcome arrived; raises TryAgain when it cannot be told yet."""
        ...

    def supports(self, kind: SendKind) -> bool:
        """Whether the platform has this way of sending."""
        ...

    def length(self, text: str, kind: SendKind) -> int:
        """The text's length as the platform counts it."""
        ...

    def limit(self, kind: SendKind) -> int:
        """The longest text that the platform takes, in the units of `length`."""
        ...

    def window_closes(self, last_received_at: datetime) -> datetime | None:
        """When we may no longer answer in private; None = no such window."""
        ...

    async def check(self) -> Health:
        """Ask the platform whether our access works."""
        ...

    async def initialize(self) -> None:
        """Open connections."""
        ...

    async def shutdown(self) -> None:
        """Close connections."""
        ...
