"""Replies: planned, claimed for sending, sent or failed. The row is the recorded intent to send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from bot.store import messages
from bot.store.statements import Insert, insert, table
from bot.store.tables import Account, Conversation, Person, Reply, UtcDateTime


async def plan(session: AsyncSession, **values: Any) -> int | None:
    """Record the intent to send; None when this message has a bot reply of that kind already."""
    made = await session.execute(insert(session, Reply, _unless_planned), values | {"attempts": 0})
    number: int | None = made.scalar_one_or_none()
    return number


def _unless_planned(statement: Insert) -> ReturningInsert[Any]:
    return statement.on_conflict_do_nothing().returning(table(Reply).c.id)


async def get(session: AsyncSession, reply_id: int) -> Reply:
    """The reply of that number; raises NoResultFound."""
    return (await session.execute(select(Reply).where(Reply.id == reply_id))).scalar_one()


async def with_its_belongings(
    session: AsyncSession, reply_id: int
) -> tuple[Reply, Conversation, Person, Account]:
    """A reply, and to whom it goes, where; raises NoResultFound."""
    row = await session.execute(_WITH_ITS_BELONGINGS, {"reply": reply_id})
    reply, conversation, person, account = row.one()
    return reply, conversation, person, account


_WITH_ITS_BELONGINGS = (
    select(Reply, Conversation, Person, Account)
    .join(Conversation, Conversation.id == Reply.conversation_id)
    .join(Person, Person.id == Conversation.person_id)
    .join(Account, Account.id == Conversation.account_id)
    .where(Reply.id == bindparam("reply"))
)


async def of_message(session: AsyncSession, message_id: int) -> Sequence[Reply]:
    """The bot's replies to a message, in the order planned."""
    return list(
        await session.scalars(
            select(Reply).where(Reply.message_id == message_id, Reply.author == "bot").order_by(Reply.id)
        )
    )


async def claim(session: AsyncSession, reply_id: int, now: datetime) -> bool:
    """Move a planned reply to `sending`, if its conversation is still the bot's; only the claimer may send it.

    A reply that hands the conversation over is sent although the conversation is no longer the bot's own: `queue` is
    still nobody's but the bot's to acknowledge.
    """
    claimed = await session.execute(_CLAIM, {"reply": reply_id, "now": now})
    return claimed.first() is not None


_OWNED = (
    select(table(Conversation).c.id)
    .where(
        table(Conversation).c.id == table(Reply).c.conversation_id,
        table(Conversation).c.owner.in_(("bot", "queue")),
    )
    .exists()
)
_CLAIM = (
    update(table(Reply))
    .where(table(Reply).c.id == bindparam("reply"), table(Reply).c.state == "planned", _OWNED)
    .values(
        state="sending",
        attempts=table(Reply).c.attempts + 1,
        first_attempt_at=func.coalesce(
            table(Reply).c.first_attempt_at, bindparam("now", type_=UtcDateTime())
        ),
    )
    .returning(table(Reply).c.id)
)


async def release(session: AsyncSession, reply_id: int, error: str, code: str) -> None:
    """It was surely not sent: back to `planned`, to be tried again."""
    await session.execute(
        update(Reply)
        .where(Reply.id == reply_id, Reply.state == "sending")
        .values(state="planned", error=error, error_code=code)
    )


async def mark_sent(
    session: AsyncSession, reply: Reply, external_id: str, account_id: int, now: datetime
) -> bool:
    """It was sent: the reply knows its id and the thread shows it. False when that was recorded already."""
    changed = await session.execute(_SENT, {"reply": reply.id, "external_id": external_id, "sent_at": now})
    await messages.add(
        session,
        account_id=account_id,
        conversation_id=reply.conversation_id,
        external_id=external_id,
        direction="out",
        author=reply.author,
        text=reply.text,
        reply_to=reply.in_reply_to,
        sent_at=now,
        received_at=now,
    )
    return changed.first() is not None


_SENT = (
    update(table(Reply))
    .where(table(Reply).c.id == bindparam("reply"), table(Reply).c.state != "sent")
    .values(
        state="sent",
        external_id=bindparam("external_id"),
        sent_at=bindparam("sent_at", type_=UtcDateTime()),
        error=None,
        error_code=None,
    )
    .returning(table(Reply).c.id)
)


async def mark_failed(session: AsyncSession, reply_id: int, error: str, code: str) -> None:
    """It will not be sent."""
    await session.execute(
        update(Reply)
        .where(Reply.id == reply_id, Reply.state.in_(("planned", "sending")))
        .values(state="failed", error=error, error_code=code)
    )


async def withhold(session: AsyncSession, reply_id: int, reason: str) -> None:
    """A person took over before it left: it is not sent."""
    await session.execute(
        update(Reply)
        .where(Reply.id == reply_id, Reply.state == "planned")
        .values(state="withheld", error=reason)
    )


async def by_token(session: AsyncSession, token: str) -> Reply | None:
    """The reply that carries this mark."""
    return (await session.execute(select(Reply).where(Reply.token == token))).scalar_one_or_none()


async def in_flight_with_text(
    session: AsyncSession, conversation_ids: Sequence[int], text: str
) -> Reply | None:
    """A reply with that very text that is being sent, or was sent, in one of these conversations."""
    rows = await session.scalars(
        select(Reply)
        .where(
            Reply.conversation_id.in_(conversation_ids),
            Reply.state.in_(("sending", "sent")),
            Reply.text == text,
        )
        .order_by(Reply.id.desc())
    )
    return rows.first()


async def automated_in_thread(session: AsyncSession, account_id: int, thread: str) -> bool:
    """Whether the bot has answered, or is about to, anybody in this public thread."""
    row = await session.execute(
        select(Reply.id)
        .join(Conversation, Conversation.id == Reply.conversation_id)
        .where(
            Conversation.account_id == account_id,
            Conversation.visibility == "public",
            Conversation.thread == thread,
            Reply.author == "bot",
            Reply.kind == "public_reply",
            Reply.state.in_(("planned", "sending", "sent")),
        )
        .limit(1)
    )
    return row.first() is not None
