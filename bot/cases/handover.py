"""Handing a conversation to people: the case with its reason, urgency and due time, and the bot's silence."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.hours import OfficeHours
from bot.store import audit, cases, conversations


async def hand_over(
    session: AsyncSession,
    hours: OfficeHours,
    *,
    conversation_id: int,
    message_id: int,
    queue: str,
    reason: str,
    urgency: str,
    received_at: datetime,
    now: datetime,
    about_message_id: int | None = None,
) -> int:
    """Open a case, or join the open one and make it more urgent; the bot is silent in the conversation from here on.

    The case is due one working day after the message came, counted in office hours; an urgent one is due at once.
    `about_message_id` is the earlier message that it is about, with which a new case then begins. Returns the case's
    number.
    """
    due_at = now if urgency == "urgent" else hours.due(received_at)
    case_id = await cases.open_case(
        session,
        conversation_id=conversation_id,
        message_id=about_message_id or message_id,
        last_message_id=message_id,
        queue=queue,
        reason=reason,
        urgency=urgency,
        opened_at=now,
        due_at=due_at,
    )
    if case_id is not None:
        await audit.record(
            session, now, "bot", "case opened", "case", case_id, queue=queue, reason=reason, urgency=urgency
        )
    else:
        standing = await cases.open_of(session, conversation_id)
        if standing is None:
            raise RuntimeError(f"conversation {conversation_id} neither has nor takes an open case")
        case_id = standing.id
        await cases.join(session, case_id, message_id)
        if cases.URGENCIES.index(urgency) > cases.URGENCIES.index(standing.urgency):
            await cases.raise_to(session, case_id, urgency, queue, reason, min(due_at, standing.due_at))
            await audit.record(
                session,
                now,
                "bot",
                "case raised",
                "case",
                case_id,
                queue=queue,
                reason=reason,
                urgency=urgency,
            )
    conversation = await conversations.get(session, conversation_id)
    if conversation.owner == "bot":
        await conversations.set_owner(session, conversation_id, "queue", now)
    return case_id


async def tell_staff(
    session: AsyncSession,
    hours: OfficeHours,
    *,
    conversation_id: int,
    message_id: int,
    received_at: datetime,
    now: datetime,
) -> None:
    """A message came into a conversation that people own: it joins their case, which is opened if there is none."""
    case = await cases.open_of(session, conversation_id)
    if case is not None:
        await cases.join(session, case.id, message_id)
        return
    await hand_over(
        session,
        hours,
        conversation_id=conversation_id,
        message_id=message_id,
        queue="inbox",
        reason="wrote in a conversation that a colleague answers",
        urgency="normal",
        received_at=received_at,
        now=now,
    )


async def close(session: AsyncSession, case_id: int, actor: str, now: datetime) -> bool:
    """Close a case and give its conversation back to the bot; false when there is no such open case."""
    case = await cases.get(session, case_id)
    if case is None or not await cases.close(session, case_id, now):
        return False
    await conversations.set_owner(session, case.conversation_id, "bot", now)
    # The next automated answer after a person must say again that it is automated.
    conversation = await conversations.get(session, case.conversation_id)
    asked = {"awaiting": "none", "unclear_count": 0.0, "choices": None, "asked_about": None}
    kept = {**conversation.slots, "disclosed": False, **asked}
    await conversations.keep_slots(session, case.conversation_id, kept, now)
    await audit.record(session, now, actor, "case closed", "case", case_id)
    return True
