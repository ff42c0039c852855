"""How much X still lets us do, as it says itself with every answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.channels.base import Limits

_WINDOWS = (("x-rate-limit", 900.0), ("x-user-limit-24hour", 86_400.0), ("x-app-limit-24hour", 86_400.0))
"""Prefixes of the headers, with the length of their window in seconds (docs.x.com, Rate limits): no wait is longer."""


@dataclass(frozen=True, slots=True)
class Window:
    """One window as last told. `opens` is when it starts anew, on the machine's monotonic clock."""

    limit: int
    remaining: int
    resets_at: datetime
    opens: float

    def wait(self) -> float:
        """Seconds until a call is let through; 0 when one is now."""
        return max(0.0, self.opens - time.monotonic()) if self.remaining <= 0 else 0.0


class XLimits:
    """The windows of every endpoint. `now` gives the epoch seconds that X goes by."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._windows: dict[tuple[str, str], Window] = {}

    def note(self, endpoint: str, headers: Mapping[str, str]) -> None:
        """Remember what the headers of an answer say."""
        for prefix, longest in _WINDOWS:
            limit, remaining, reset = (_number(headers.get(f"{prefix}-{name}")) for name in _NAMES)
            if limit is None or remaining is None or reset is None:
                continue
            wait = min(max(reset - self._now(), 0.0), longest)
            resets_at = datetime.fromtimestamp(reset, UTC)
            self._windows[endpoint, prefix] = Window(limit, remaining, resets_at, time.monotonic() + wait)

    def wait(self, endpoint: str) -> float:
        """Seconds until X lets a call of the endpoint through; 0 when it does now, as far as is known."""
        return max((window.wait() for window in self._of(endpoint)), default=0.0)

    def last(self, endpoint: str) -> Limits:
        """The window with the least left, as last told."""
        tightest = min(self._of(endpoint), key=lambda window: window.remaining, default=None)
        if tightest is None:
            return Limits()
        return Limits(tightest.limit, tightest.remaining, tightest.resets_at)

    def _of(self, endpoint: str) -> list[Window]:
        return [window for (name, _), window in self._windows.items() if name == endpoint]


_NAMES = ("limit", "remaining", "reset")
_LARGEST = 10**11


def _number(value: str | None) -> int | None:
    if value is None or not value.strip().isdecimal() or len(value) > 12:
        return None
    number = int(value)
    return number if number < _LARGEST else None
