"""What X's refusals mean for the caller: when to try again, when never, when the whole account is refused."""

from __future__ import annotations

import re
from typing import Any

from bot.channels.base import ChannelDown, NeverSend, OutcomeUnknown, SendFailed, TryAgain
from bot.channels.calls import Answer

DUPLICATE = "403/duplicate"
"""`OutcomeUnknown.code` when X says that it has this very text already."""

_PROBLEM = re.compile(r"[a-z0-9-]{1,60}", re.ASCII)
_REFUSED_HERE = (
    ("duplicate content", DUPLICATE),
    ("have not been mentioned or otherwise engaged", "403/not_summoned"),
    ("permission to dm", "403/no_dm_permission"),
    ("deleted or not visible", "403/post_gone"),
)
"""(what stands in the detail, our code); details from platforms/README.md and X's own error pages."""
_ACCOUNT_CODES = frozenset({32, 64, 89, 99, 135, 215, 261, 326, 416})
"""v1.1 codes about the credentials, the app or the account, not about this call (X, Response codes and errors)."""
_ACCOUNT_PROBLEMS = frozenset(
    {
        "client-forbidden",
        "oauth1-permissions",
        "unsupported-authentication",
        "usage-capped",
        "client-disconnected",
    }
)
"""Ends of problem types that concern the app (docs.x.com, Errors)."""


def refusal(answer: Answer, wait_seconds: float | None) -> SendFailed:
    """The failure that a refused call is; `wait_seconds` is what the headers say, if they do.

    Its text never quotes X, because some errors repeat what was sent.
    """
    status, document = answer.status, answer.document
    problem, codes = _problem(document), _codes(document)
    if problem in _ACCOUNT_PROBLEMS or codes & _ACCOUNT_CODES or status in (401, 402):
        return ChannelDown(
            f"X refuses the account or app: {_named(status, problem, codes)}",
            f"{status}/{problem}".rstrip("/"),
        )
    if status == 429 or 88 in codes:
        return TryAgain("X: too many calls for now", "429", wait_seconds)
    if status >= 500 or status < 400:
        return TryAgain(f"X has trouble: HTTP {status}", str(status), wait_seconds)
    if status == 403:
        return _forbidden(document, problem, codes)
    return NeverSend(
        f"X refuses this message: {_named(status, problem, codes)}", f"{status}/{problem}".rstrip("/")
    )


def _forbidden(document: dict[str, Any], problem: str, codes: set[int]) -> SendFailed:
    detail = str(document.get("detail", "")) + " ".join(
        str(each.get("message", "")) for each in _errors(document)
    )
    code = next((code for words, code in _REFUSED_HERE if words in detail.lower()), "403")
    if code == DUPLICATE or 187 in codes:
        # The same reply has been accepted before: most likely by an attempt of ours whose answer was lost.
        return OutcomeUnknown("X has this very text already", DUPLICATE)
    return NeverSend(f"X does not allow this message: {code} {_named(403, problem, codes)}", code)


def _problem(document: dict[str, Any]) -> str:
    """The last part of the problem's type, empty for none."""
    kind = document.get("type")
    last = kind.rpartition("/")[2] if isinstance(kind, str) else ""
    return last if _PROBLEM.fullmatch(last) else ""


def _codes(document: dict[str, Any]) -> set[int]:
    return {each["code"] for each in _errors(document) if isinstance(each.get("code"), int)}


def _errors(document: dict[str, Any]) -> list[dict[str, Any]]:
    errors = document.get("errors")
    return [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []


def _named(status: int, problem: str, codes: set[int]) -> str:
    named = [f"HTTP {status}", problem, *(f"code {code}" for code in sorted(codes))]
    return ", ".join(each for each in named if each)
