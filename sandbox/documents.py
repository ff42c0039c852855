"""JSON documents: reading them from requests, with an error that says what is wrong."""

import json
from typing import Any

from aiohttp import web

Document = dict[str, Any]
"""A JSON object as it goes over the wire. It stays at the edges; inside, there are dataclasses."""


class MalformedDocument(ValueError):
    """The body or a field of it is not what the call takes. The message is fit to be shown to the caller."""


def dump(document: object) -> bytes:
    """The document as compact UTF-8 JSON; the very bytes that get signed and sent."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def answer(document: object, status: int = 200) -> web.Response:
    """A JSON response."""
    return web.Response(body=dump(document), status=status, content_type="application/json", charset="utf-8")


def parse_object(raw: bytes | str) -> Document:
    """The JSON object in `raw`; an empty body is an empty object.

    Raises MalformedDocument if it is not JSON, or not an object.
    """
    if not raw.strip():
        return {}
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise MalformedDocument("The body is not valid JSON.") from error
    if not isinstance(document, dict):
        raise MalformedDocument("The body must be a JSON object.")
    return document


async def read_object(request: web.Request) -> Document:
    """The JSON object in the body of the request. Raises MalformedDocument."""
    return parse_object(await request.read())


def text_field(document: Document, name: str, default: str | None = None) -> str:
    """The string under `name`, or the default. Raises MalformedDocument if there is neither."""
    value = document.get(name, default)
    if value is None:
        raise MalformedDocument(f"'{name}' is missing.")
    if not isinstance(value, str):
        raise MalformedDocument(f"'{name}' must be a string.")
    return value


def optional_text(document: Document, name: str) -> str | None:
    """The string under `name`, or None. Raises MalformedDocument if it is something else."""
    return None if document.get(name) is None else text_field(document, name)


def flag(document: Document, name: str, default: bool = False) -> bool:
    """The boolean under `name`. Raises MalformedDocument if it is something else."""
    value = document.get(name, default)
    if not isinstance(value, bool):
        raise MalformedDocument(f"'{name}' must be true or false.")
    return value
