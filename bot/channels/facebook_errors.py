"""What the Graph API's refusals mean for the caller: when to try again, when never, when the Page is refused."""

from __future__ import annotations

import json
from typing import Any

from bot.channels.base import ChannelDown, NeverSend, OutcomeUnknown, SendFailed, TryAgain
from bot.channels.calls import Answer

# Codes and subcodes are from platforms/README.md and Meta's own tables: developers.facebook.com, Graph API, Handle
# Errors; Messenger Platform, Error Codes.
_NEVER = {
    (10, 2018278): "outside the 24 hours in which a program may answer",
    (10, 2534022): "outside the 24 hours in which a program may answer",
    (10, 2018108): "the person takes no messages from us now",
    (100, 2018001): "there is no such person",
    (100, 33): "it is gone, or not ours to answer",
    (10903, None): "the comment is too old for a private reply",
}
_NEVER_SUBCODES = {1545041: "the person has blocked us or is not there"}
_DOWN_SUBCODES = {1893063: "the Page is restricted for now"}
_DOWN = frozenset({10, 102, 104, 190, 200, 368, 463, 467})
_RATE = frozenset({4, 17, 32, 341, 613, 80001, 80006})
_PASSING = frozenset({1, 2, 1200})
_DONE_BEFORE = {506: "Facebook has this very text already", 10900: "the comment has had its private reply"}

GONE = "100/33"
"""Code of the refusal when an object is not there, or not for us to see."""


def refusal(answer: Answer) -> SendFailed:
    """The failure that a refused call is. Its text never quotes Meta, because some errors repeat what was sent."""
    error = _error(answer)
    code, subcode = _number(error, "code"), _number(error, "error_subcode")
    named = str(answer.status) if code is None else f"{code}/{subcode}" if subcode is not None else str(code)
    if code is None:
        return _without_code(answer, named)
    never = _NEVER.get((code, subcode)) or _NEVER.get((code, None)) or _NEVER_SUBCODES.get(subcode or 0)
    if never is not None:
        return NeverSend(f"Facebook: {never} ({named})", named)
    if subcode in _DOWN_SUBCODES:
        return ChannelDown(f"Facebook: {_DOWN_SUBCODES[subcode]} ({named})", named)
    if code in _DONE_BEFORE:
        return OutcomeUnknown(f"{_DONE_BEFORE[code]} ({named})", named)
    if code in _RATE or answer.status == 429:
        return TryAgain(f"Facebook: too many calls for now ({named})", named, _regain_seconds(answer))
    if code in _PASSING or error.get("is_transient") is True or answer.status >= 500:
        return TryAgain(f"Facebook has trouble ({named})", named)
    if code in _DOWN:
        return ChannelDown(f"Facebook refuses our token or permission ({named})", named)
    return NeverSend(f"Facebook refuses this message ({named})", named)


def _without_code(answer: Answer, named: str) -> SendFailed:
    """An answer that is not the Graph API's own, from something that stands before it."""
    if answer.status in (401, 403):
        return ChannelDown(f"Facebook refuses us: HTTP {named}", named)
    if answer.status == 429 or answer.status >= 500 or answer.status < 400:
        return TryAgain(f"Facebook has trouble: HTTP {named}", named)
    return NeverSend(f"Facebook refuses this message: HTTP {named}", named)


def _error(answer: Answer) -> dict[str, Any]:
    error = answer.document.get("error")
    return error if isinstance(error, dict) else {}


def _number(error: dict[str, Any], name: str) -> int | None:
    value = error.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _regain_seconds(answer: Answer) -> float | None:
    """How long Meta says that calls are refused: minutes, somewhere in a header about the app's or Page's usage."""
    try:
        usage = json.loads(answer.headers.get("x-business-use-case-usage", "{}"))
        minutes = [
            float(each["estimated_time_to_regain_access"])
            for entries in usage.values()
            for each in entries
            if each.get("estimated_time_to_regain_access")
        ]
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return min(max(minutes) * 60, 86_400.0) if minutes else None
