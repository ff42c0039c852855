"""The tables. What must never happen is a constraint here, not only an `if` elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC. SQLite has no zones, so both databases store UTC and give UTC back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite gives automatic numbers only to columns that are called INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """All tables; names of constraints are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        str: Text,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


class Account(Base):
    """One of the council's accounts on a platform."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        CheckConstraint("state IN ('working', 'down')", name="state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    external_id: Mapped[str] = mapped_column(String(255))
    handle: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(String(16), default="working")
    state_detail: Mapped[str] = mapped_column(default="")
    state_since: Mapped[datetime]


class Person(Base):
    """Somebody who wrote, as one platform knows them."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("account_id", "external_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    external_id: Mapped[str] = mapped_column(String(255))
    handle: Mapped[str | None]
    name: Mapped[str | None]
    automated: Mapped[bool] = mapped_column(default=False)
    opted_out_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]


class Conversation(Base):
    """One person's private messages with an account, or their part of one public thread.

    `owner` says who may answer: the bot; nobody until a person comes (`queue`: handed over, not yet taken); staff here;
    or the platform's own inbox. `slots` is what the conversation carries from turn to turn, exactly as Rasa gave it
    back; `slots_at` is when it did.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("account_id", "visibility", "thread", "person_id"),
        CheckConstraint("visibility IN ('private', 'public')", name="visibility"),
        CheckConstraint("owner IN ('bot', 'queue', 'staff', 'platform')", name="owner"),
        Index("ix_conversations_thread", "account_id", "visibility", "thread"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    visibility: Mapped[str] = mapped_column(String(16))
    thread: Mapped[str] = mapped_column(String(255))
    owner: Mapped[str] = mapped_column(String(16), default="bot")
    owner_since: Mapped[datetime]
    slots: Mapped[dict[str, Any]] = mapped_column(default=dict)
    slots_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    last_received_at: Mapped[datetime | None]


class Message(Base):
    """Everything that was said, in the order in which it arrived; `id` is the arrival number.

    A deletion that arrives before its message leaves a row with `deleted_at` and no text, so that the message, when it
    comes, is a duplicate. For messages received, `finished_at` is set once the turn has ended in a reply, a recorded
    decision not to reply, or a person's queue.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        CheckConstraint("author IN ('resident', 'bot', 'staff', 'platform', 'nobody')", name="author"),
        Index(
            "uq_messages_delivery",
            "account_id",
            "delivery_id",
            unique=True,
            sqlite_where=text("delivery_id IS NOT NULL"),
            postgresql_where=text("delivery_id IS NOT NULL"),
        ),
        Index(
            "ix_messages_unfinished",
            "id",
            sqlite_where=text("finished_at IS NULL AND direction = 'in'"),
            postgresql_where=text("finished_at IS NULL AND direction = 'in'"),
        ),
        Index("ix_messages_conversation", "conversation_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    external_id: Mapped[str] = mapped_column(String(255))
    delivery_id: Mapped[str | None] = mapped_column(String(255))
    direction: Mapped[str] = mapped_column(String(8))
    author: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(default="")
    reply_to: Mapped[str | None] = mapped_column(String(255))
    quick_reply: Mapped[str | None]
    attachments: Mapped[int] = mapped_column(default=0)
    summoned: Mapped[bool] = mapped_column(default=True)
    readable: Mapped[bool] = mapped_column(default=True)
    standby: Mapped[bool] = mapped_column(default=False)
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Decision(Base):
    """What was decided about one message received, and why. One message, one decision."""

    __tablename__ = "decisions"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(default="")
    clause: Mapped[str | None] = mapped_column(String(64))
    intent: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float | None]
    ranking: Mapped[list[Any]] = mapped_column(default=list)
    purposes: Mapped[list[Any]] = mapped_column(default=list)
    entities: Mapped[list[Any]] = mapped_column(default=list)
    responses: Mapped[list[Any]] = mapped_column(default=list)
    model: Mapped[str | None]
    helped: Mapped[bool | None]
    decided_at: Mapped[datetime]


class Finding(Base):
    """Something in a message that a clause of the policy speaks of."""

    __tablename__ = "findings"
    __table_args__ = (
        CheckConstraint("severity IN ('note', 'flag', 'hide')", name="severity"),
        Index("ix_findings_message", "message_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    clause: Mapped[str] = mapped_column(String(64))
    severity: Mapped[str] = mapped_column(String(16))
    evidence: Mapped[str] = mapped_column(default="")
    found_by: Mapped[str] = mapped_column(String(64))
    found_at: Mapped[datetime]


class Reply(Base):
    """One text to send. A row is the recorded intent to send; a message gets at most one of each kind from the bot."""

    __tablename__ = "replies"
    __table_args__ = (
        UniqueConstraint("token"),
        CheckConstraint("state IN ('planned', 'sending', 'sent', 'failed', 'withheld')", name="state"),
        CheckConstraint("kind IN ('direct', 'public_reply', 'private_reply')", name="kind"),
        CheckConstraint("author IN ('bot', 'staff')", name="author"),
        Index(
            "uq_replies_bot_once",
            "message_id",
            "kind",
            unique=True,
            sqlite_where=text("author = 'bot'"),
            postgresql_where=text("author = 'bot'"),
        ),
        Index("ix_replies_conversation", "conversation_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    author: Mapped[str] = mapped_column(String(16), default="bot")
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    quick_replies: Mapped[list[Any]] = mapped_column(default=list)
    in_reply_to: Mapped[str | None] = mapped_column(String(255))
    token: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default="planned")
    attempts: Mapped[int] = mapped_column(default=0)
    external_id: Mapped[str | None] = mapped_column(String(255))
    error: Mapped[str | None]
    error_code: Mapped[str | None] = mapped_column(String(64))
    planned_at: Mapped[datetime]
    first_attempt_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class Case(Base):
    """A conversation that needs a person. At most one is open for a conversation."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("urgency IN ('normal', 'high', 'urgent')", name="urgency"),
        Index(
            "uq_cases_one_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_cases_due", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    queue: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str]
    urgency: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default="open")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    last_message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))


class AuditEntry(Base):
    """Who did what to which record. Rows are only ever added: triggers refuse changes and deletions."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(128))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[int | None] = mapped_column(Id)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
