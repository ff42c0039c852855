"""The arguments of a Graph API call: from the query, a JSON body or a form, with nested JSON in strings."""

from __future__ import annotations

from aiohttp import web

from sandbox.documents import Document, MalformedDocument, parse_object

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def read_arguments(request: web.Request) -> Document:
    """Everything the call carries, under one roof; the body wins over the query. Raises MalformedDocument."""
    given: Document = dict(request.query)
    if not request.can_read_body:
        return given
    if request.content_type in _FORMS:
        form = await request.post()
        return given | {name: value for name, value in form.items() if isinstance(value, str)}
    return given | parse_object(await request.read())


def access_token(request: web.Request, arguments: Document) -> str | None:
    """The token that the call carries: as an argument, or in the Authorization header."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "oauth"):
        return rest.strip()
    token = arguments.get("access_token")
    return token if isinstance(token, str) else None


def nested(arguments: Document, name: str) -> Document:
    """The object under `name`, in a form as JSON in a string; empty if missing. Raises MalformedDocument."""
    value = arguments.get(name, {})
    if isinstance(value, str):
        value = parse_object(value)
    if not isinstance(value, dict):
        raise MalformedDocument(f"param {name} must be an object.")
    return value


def truth(arguments: Document, name: str) -> bool:
    """The boolean under `name`, which may be a word or a digit. Raises MalformedDocument."""
    value = arguments.get(name)
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "1"):
        return True
    if str(value).lower() in ("false", "0"):
        return False
    raise MalformedDocument(f"param {name} must be a boolean.")


def asked_fields(value: str) -> dict[str, str]:
    """The names in a `fields` argument, each with what its braces hold: `id,messages{id,from}`."""
    fields: dict[str, str] = {}
    depth, name, inner = 0, "", ""
    for character in value + ",":
        if character == "{":
            depth += 1
        if depth == 0 and character == ",":
            if name.strip():
                fields[name.strip().partition(".")[0]] = inner[1:-1]
            name, inner = "", ""
        elif depth == 0:
            name += character
        else:
            inner += character
        if character == "}":
            depth -= 1
    return fields
