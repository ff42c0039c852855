"""What time it is: the real time, or the one fixed for a rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present as an aware UTC time."""


def clock(fixed: datetime | None = None) -> Clock:
    """The clock of this process; `fixed` (aware) stops it there."""
    if fixed is None:
        return lambda: datetime.now(UTC)
    if fixed.tzinfo is None:
        raise ValueError("a fixed time must carry an offset")
    stopped = fixed.astimezone(UTC)
    return lambda: stopped
