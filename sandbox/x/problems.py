"""X's error bodies, as its API gives them."""

from __future__ import annotations

from aiohttp import web

from sandbox.documents import Document, answer

NOT_PERMITTED_TO_DM = "You do not have permission to DM one or more participants."
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
NOT_SUMMONED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by "
    "the author of the post you are replying to."
)
GONE = "You attempted to reply to a Tweet that is deleted or not visible to you."

HTML_503 = (
    "<!DOCTYPE html><html><head><title>X / Over capacity</title></head>"
    "<body><h1>503 Service Unavailable</h1>"
    "<p>Something went wrong on our side. Try again later.</p></body></html>"
)


def plain(status: int, title: str, detail: str) -> web.Response:
    """A problem without a type of its own."""
    return _problem({"detail": detail, "type": "about:blank", "title": title, "status": status}, status)


def unauthorized() -> web.Response:
    """401: the token or the signature is wrong."""
    return plain(401, "Unauthorized", "Unauthorized")


def forbidden(detail: str) -> web.Response:
    """403: permitted in principle, but not this."""
    return plain(403, "Forbidden", detail)


def too_many_requests() -> web.Response:
    """429: a window is used up."""
    return plain(429, "Too Many Requests", "Too Many Requests")


def server_error() -> web.Response:
    """500."""
    return plain(500, "Internal Server Error", "Internal Server Error")


def invalid(parameter: str, message: str, value: str = "") -> web.Response:
    """400: a parameter is not what it should be."""
    document = {
        "errors": [{"parameters": {parameter: [value]}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.x.com/2/problems/invalid-request",
        "status": 400,
    }
    return _problem(document, 400)


def not_found(kind: str, value: str) -> web.Response:
    """A post or user that is not there: X answers 200 with the problem in `errors`."""
    problem = {
        "value": value,
        "detail": f"Could not find {kind} with id: [{value}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": "id",
        "resource_id": value,
        "type": "https://api.x.com/2/problems/resource-not-found",
    }
    return answer({"errors": [problem]})


def _problem(document: Document, status: int) -> web.Response:
    response = answer(document, status)
    response.content_type = "application/problem+json"
    return response
