"""The audit trail: who did what to which record. It only grows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.tables import AuditEntry


async def record(
    session: AsyncSession,
    now: datetime,
    actor: str,
    action: str,
    subject: str,
    subject_id: int | None = None,
    **detail: Any,
) -> None:
    """Add one entry. `detail` holds codes and numbers, never residents' words."""
    session.add(
        AuditEntry(at=now, actor=actor, action=action, subject=subject, subject_id=subject_id, detail=detail)
    )
    await session.flush()
