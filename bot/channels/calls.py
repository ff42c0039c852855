"""Calls of a platform's API over HTTP, with the one thing that matters about a failure: did the request leave?"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Literal
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from bot.channels.base import OutcomeUnknown, TryAgain

TOTAL_SECONDS = 10.0
CONNECT_SECONDS = 3.0
LARGEST_ANSWER_BYTES = 1024 * 1024

Method = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform answered. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the call did what it should."""
        return 200 <= self.status < 300

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object in the body, empty when it holds none (an HTML error page, for example)."""
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}


class Caller:
    """Calls one platform over kept connections. `base_url` may hold a path; what is called comes below it."""

    def __init__(self, platform: str, base_url: str, *, total_seconds: float = TOTAL_SECONDS) -> None:
        self._platform = platform
        self._base = base_url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(
            total=total_seconds, connect=min(CONNECT_SECONDS, total_seconds)
        )
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make connections possible; must be called in the loop that calls are made in."""
        if self._session is not None:
            return
        tracing = aiohttp.TraceConfig()
        tracing.on_request_headers_sent.append(_note_that_it_left)
        self._session = aiohttp.ClientSession(
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[tracing],
            headers={"User-Agent": "Signpost"},
        )

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def url(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """The full address, encoded as it goes over the wire: what OAuth signs must be exactly that."""
        return self._base + path + (f"?{urlencode(query, quote_via=quote)}" if query else "")

    async def call(
        self,
        method: Method,
        url: str,
        *,
        headers: Mapping[str, str],
        document: Mapping[str, object] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make the call, with a JSON document or a form as its body; any answer of the platform's is returned.

        Raises TryAgain when there is no answer and nothing can have happened (it did not leave, or it only reads),
        OutcomeUnknown when there is no answer to a request that left.
        """
        if self._session is None:
            raise RuntimeError(f"the {self._platform} channel is not initialized")
        left = SimpleNamespace(left=False)
        try:
            async with self._session.request(
                method,
                URL(url, encoded=True),
                headers=headers,
                json=document,
                data=form,
                allow_redirects=False,
                trace_request_ctx=left,
            ) as response:
                body = await _limited(response)
                names = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, names, body)
        except (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError) as error:
            # `from None`, and the type only: what these errors say may hold addresses with people's ids.
            what = f"{self._platform} did not answer: {type(error).__name__}"
            if method == "GET" or not left.left:
                raise TryAgain(what, "no_answer") from None
            raise OutcomeUnknown(what, "no_answer") from None


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    """The body, or its beginning when somebody sends a flood."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        body += chunk
        if len(body) > LARGEST_ANSWER_BYTES:
            response.close()
            break
    return bytes(body)


async def _note_that_it_left(
    _session: aiohttp.ClientSession, context: SimpleNamespace, _params: aiohttp.TraceRequestHeadersSentParams
) -> None:
    context.trace_request_ctx.left = True


def segment(value: str) -> str:
    """An id as one segment of a path, whatever is in it."""
    return quote(value, safe="")
