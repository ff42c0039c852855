"""Identifiers in the platforms' own forms. They come from the real time, so two runs never share one."""

import secrets
import time

_SNOWFLAKE_EPOCH_MS = 1_288_834_974_657


class Identifiers:
    """Makes new identifiers, ever larger."""

    def __init__(self) -> None:
        self._last_snowflake = 0
        self._last_number = 0

    def snowflake(self) -> str:
        """An X post or direct-message id: 63 bits, the upper ones a time in milliseconds."""
        computed = (int(time.time() * 1000) - _SNOWFLAKE_EPOCH_MS) << 22
        self._last_snowflake = max(self._last_snowflake + 1, computed)
        return str(self._last_snowflake)

    def number(self) -> str:
        """A number for Facebook posts and comments, which are known by pairs of them."""
        self._last_number = max(self._last_number + 1, int(time.time() * 1000) * 100)
        return str(self._last_number)


def event_uuid() -> str:
    """An id of an X activity event: a signed 64-bit number as a string, so it may be negative."""
    return str(secrets.randbits(64) - (1 << 63))


def message_id() -> str:
    """A Messenger `mid`."""
    return "m_" + secrets.token_urlsafe(48)


def trace_id() -> str:
    """The `fbtrace_id` of a Graph API error."""
    return secrets.token_urlsafe(9)[:11]
