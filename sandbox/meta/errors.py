"""The Graph API's error bodies."""

from __future__ import annotations

from aiohttp import web

from sandbox.documents import Document, answer
from sandbox.identifiers import trace_id

HTML_503 = (
    "<!DOCTYPE html><html><head><title>Error</title></head>"
    "<body><h1>Sorry, something went wrong.</h1><p>We're working on it.</p></body></html>"
)


def failure(
    code: int, message: str, subcode: int | None = None, *, status: int = 400, kind: str = ""
) -> web.Response:
    """An error in the Graph API's envelope."""
    error: Document = {
        "message": message,
        "type": kind or "OAuthException",
        "code": code,
        **({"error_subcode": subcode} if subcode is not None else {}),
        "fbtrace_id": trace_id(),
    }
    return answer({"error": error}, status)


def outside_window() -> web.Response:
    """10/2018278: the 24 hours, or 7 days, since the person's last message are over."""
    return failure(
        10,
        "(#10) This message is sent outside of allowed window. Learn more about the new policy here: "
        "https://developers.facebook.com/docs/messenger-platform/policy-overview",
        2018278,
    )


def invalid_token() -> web.Response:
    """190: the token is wrong or revoked."""
    return failure(190, "Invalid OAuth access token.")


def no_token() -> web.Response:
    """104: the call carries no token."""
    return failure(104, "An access token is required to request this resource.")


def no_permission() -> web.Response:
    """10 without a subcode: the app may not do this."""
    return failure(10, "(#10) Application does not have permission for this action")


def no_such_person() -> web.Response:
    """100/2018001: nobody with that page-scoped id."""
    return failure(100, "(#100) No matching user found", 2018001)


def unavailable() -> web.Response:
    """551/1545041: the person has blocked the Page, or is gone."""
    return failure(551, "(#551) This person isn't available right now.", 1545041)


def invalid_parameter(message: str) -> web.Response:
    """100: a parameter is missing or wrong."""
    return failure(100, f"(#100) {message}")


def no_such_object(object_id: str) -> web.Response:
    """100/33: no object with that id, or none that the app may see."""
    return failure(
        100,
        f"Unsupported request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation.",
        33,
        kind="GraphMethodException",
    )


def rate_limited() -> web.Response:
    """613: too many calls."""
    return failure(613, "(#613) Calls to this api have exceeded the rate limit.")


def temporary() -> web.Response:
    """2: try again, with HTTP 500."""
    return failure(2, "An unexpected error has occurred. Please retry your request later.", status=500)


def already_answered() -> web.Response:
    """10900: a comment has its one private reply."""
    return failure(10900, "(#10900) Activity already replied to")


def too_late_for_private_reply() -> web.Response:
    """10903: a comment is more than seven days old."""
    return failure(10903, "(#10903) This user cant reply to this activity")
