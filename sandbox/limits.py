"""Rate limits: how many calls of each kind fit in a window, and the headers that tell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.clock import Clock

Windows = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Allowance:
    """What one window of an operation has left after a call."""

    limit: int
    seconds: float
    remaining: int
    reset: int
    """Epoch seconds at which the window starts anew, rounded up."""
    exceeded: bool


class Limits:
    """Counts calls in fixed windows that start with the first call, as X's do; without limits, nothing."""

    def __init__(self, clock: Clock, windows: Mapping[str, Windows] | None) -> None:
        self._clock = clock
        self._given = windows
        self.windows: Mapping[str, Windows] | None = windows
        self._counts: dict[tuple[str, float], tuple[float, int]] = {}

    def take(self, operation: str) -> list[Allowance]:
        """Count one call, and tell how each window stands. A call over a limit uses up nothing."""
        if self.windows is None:
            return []
        now = self._clock.running()
        standing = []
        for limit, seconds in self.windows.get(operation, ()):
            started, used = self._counts.get((operation, seconds), (now, 0))
            if now >= started + seconds:
                started, used = now, 0
            standing.append((limit, seconds, started, used))
        exceeded = any(used >= limit for limit, _, _, used in standing)
        return [self._count(operation, *each, exceeded) for each in standing]

    def _count(
        self, operation: str, limit: int, seconds: float, started: float, used: int, refused: bool
    ) -> Allowance:
        over = used >= limit
        used = used if refused else used + 1
        self._counts[operation, seconds] = (started, used)
        return Allowance(limit, seconds, max(0, limit - used), math.ceil(started + seconds), over)

    def change(self, windows: Mapping[str, Windows] | None) -> None:
        """Other limits from now on, with fresh windows; None is none at all."""
        self.windows = windows
        self._counts.clear()

    def reset(self) -> None:
        """The limits that the sandbox was started with, with fresh windows."""
        self.change(self._given)


def headers(allowances: list[Allowance]) -> dict[str, str]:
    """X's headers for how the windows stand; the day's window has names of its own."""
    told = {}
    for each in allowances:
        prefix = "x-user-limit-24hour" if each.seconds >= 86_400 else "x-rate-limit"
        told[f"{prefix}-limit"] = str(each.limit)
        told[f"{prefix}-remaining"] = str(each.remaining)
        told[f"{prefix}-reset"] = str(each.reset)
    return told
