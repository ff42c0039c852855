"""The sandbox's time: real, fixed for a rehearsal, or moved on by hand to see windows close."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the time that the look-alikes go by.

    A fixed clock stands still, except for `advance`. Rate limits and token lifetimes go by `running`, which
    passes even so: a client that waits for a window to open must find it open.
    """

    def __init__(self, fixed: datetime | None = None) -> None:
        self._fixed = fixed
        self._advanced = timedelta()
        self._started = time.monotonic()

    def now(self) -> datetime:
        """The time in UTC: what messages are stamped with and message windows are measured on."""
        return (self._fixed or datetime.now(UTC)).astimezone(UTC) + self._advanced

    def running(self) -> float:
        """Epoch seconds that always pass, starting from the fixed time if there is one."""
        if self._fixed is None:
            return time.time() + self._advanced.total_seconds()
        passed = time.monotonic() - self._started
        return self._fixed.timestamp() + passed + self._advanced.total_seconds()

    def advance(self, seconds: float) -> datetime:
        """Move the time on; returns the new time."""
        self._advanced += timedelta(seconds=seconds)
        return self.now()

    def reset(self) -> None:
        """Undo every `advance`."""
        self._advanced = timedelta()


def iso(moment: datetime) -> str:
    """The moment as X writes it: `2026-08-12T18:05:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def graph_time(moment: datetime) -> str:
    """The moment as the Graph API writes it: `2026-08-12T18:05:00+0000`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def milliseconds(moment: datetime) -> int:
    """The moment in epoch milliseconds."""
    return int(moment.timestamp() * 1000)
