"""Reports' status from an Open311 GeoReport v2 server: plain JSON, FixMyStreet's wrapped JSON, or XML."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import aiohttp
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 2.0
"""For one look-up, whatever it takes: the resident waits."""
LARGEST_ANSWER = 1_000_000
"""Bytes; an answer about one report is a few hundred."""
TRY_XML_AFTER = frozenset({404, 406, 415})
"""GeoReport v2 makes XML mandatory and JSON optional: a server without JSON answers one of these."""


class StatusUnavailableError(Exception):
    """The server cannot be asked now; the resident is told so, and nothing is retried in this turn."""


@dataclass(frozen=True)
class ReportStatus:
    """What the server says of one report. The texts are third parties' and not yet fit to show."""

    code: str
    status: str
    category: str
    notes: str
    requested: datetime | None
    updated: datetime | None


class Open311:
    """A client for one server; `jurisdiction` is sent when the server needs it."""

    def __init__(self, url: str, jurisdiction: str = "", timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._url = url.rstrip("/")
        self._jurisdiction = jurisdiction
        self._timeout = timeout_seconds

    async def report(self, code: str) -> ReportStatus | None:
        """The report with this code, or None when the server knows none. Raises StatusUnavailableError."""
        try:
            async with asyncio.timeout(self._timeout), aiohttp.ClientSession() as session:
                found = await self._found(session, code)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            logger.warning("open311 cannot be reached: %s", type(error).__name__)
            raise StatusUnavailableError from None
        return _chosen(found, code)

    async def _found(self, session: aiohttp.ClientSession, code: str) -> list[Mapping[str, Any]]:
        status, body = await self._get(session, code, "json")
        if status == 200 or status in TRY_XML_AFTER:
            answer = _json(body)
            if answer is not None:
                return [] if status == 404 else list(_requests(answer))
            status, body = await self._get(session, code, "xml")
            if status == 404:
                return []
            if status == 200:
                return _xml(body)
        logger.warning("open311 answers with status %s", status)
        raise StatusUnavailableError

    async def _get(self, session: aiohttp.ClientSession, code: str, form: str) -> tuple[int, bytes]:
        address = f"{self._url}/requests/{quote(code, safe='')}.{form}"
        parameters = {"jurisdiction_id": self._jurisdiction} if self._jurisdiction else {}
        async with session.get(
            address, params=parameters, headers={"Accept": f"application/{form}"}
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_chunked(65_536):
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    logger.warning("open311 answers with more than %s bytes", LARGEST_ANSWER)
                    raise StatusUnavailableError
            return response.status, bytes(body)


def _json(body: bytes) -> Any:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, list | dict) else None


def _requests(answer: Any) -> Iterator[Mapping[str, Any]]:
    # A list, one request alone, or either inside FixMyStreet's wrappers.
    if isinstance(answer, list):
        for each in answer:
            yield from _requests(each)
    elif isinstance(answer, Mapping):
        for wrapper in ("service_requests", "requests", "request"):
            if wrapper in answer:
                yield from _requests(answer[wrapper])
                return
        if "status" in answer:
            yield answer


def _xml(body: bytes) -> list[Mapping[str, Any]]:
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError):
        logger.warning("open311 answers with neither JSON nor XML")
        raise StatusUnavailableError from None
    return [{field.tag: field.text for field in request} for request in root.iter("request")]


def _chosen(found: list[Mapping[str, Any]], code: str) -> ReportStatus | None:
    for each in found:
        number = each.get("service_request_id")
        if (number is None and len(found) == 1) or str(number) == code:
            return ReportStatus(
                code=code,
                status=_string(each.get("detailed_status")) or _string(each.get("status")),
                category=_string(each.get("service_name")),
                notes=_string(each.get("status_notes")),
                requested=_time(each.get("requested_datetime")),
                updated=_time(each.get("updated_datetime")),
            )
    return None


def _string(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(_string(value))
    except ValueError:
        return None
