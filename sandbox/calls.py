"""A call to a look-alike's API: faults, limits and the journal around the call itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from sandbox.faults import ApiFault, Faults
from sandbox.journal import Journal
from sandbox.limits import Allowance, Limits

Perform = Callable[[], Awaitable[web.Response]]

_POLL_SECONDS = 0.05


class Dialect(Protocol):
    """How a platform words its errors and its limits."""

    def fault(self, fault: ApiFault, allowances: list[Allowance]) -> web.Response:
        """The answer to a call that meets the fault. Never asked of the time-outs."""
        ...

    def limited(self, allowances: list[Allowance]) -> web.Response:
        """The answer to a call that is over a limit."""
        ...

    def headers(self, allowances: list[Allowance]) -> dict[str, str]:
        """The headers that tell how the limits stand."""
        ...


@dataclass(frozen=True)
class Operation:
    """What kind of call it is."""

    name: str
    """Its name among the limits."""
    reads: bool = False
    conversation: bool = False
    """Whether it writes to one person in private, where a window may be closed."""


class Exchange:
    """Answers the calls of one platform's API."""

    def __init__(
        self,
        platform: str,
        dialect: Dialect,
        faults: Faults,
        limits: Limits,
        journal: Journal,
        hang_seconds: float,
    ) -> None:
        self._platform = platform
        self._dialect = dialect
        self._faults = faults
        self._limits = limits
        self._journal = journal
        self._hang_seconds = hang_seconds
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Let go of every call that is kept waiting."""
        self._stopping.set()

    async def conduct(self, request: web.Request, operation: Operation, perform: Perform) -> web.Response:
        """Perform the call, unless a fault or a limit is in its way.

        A call that meets a time-out fault, performed or not, is kept until the caller hangs up.
        """
        fault = self._faults.meet(self._platform, reads=operation.reads, conversation=operation.conversation)
        if fault is ApiFault.TIMEOUT_PERFORMED:
            await perform()
        if fault in (ApiFault.TIMEOUT_PERFORMED, ApiFault.TIMEOUT_NOT_PERFORMED):
            self._journal.record_call(self._platform, request.method, request.path, None, fault)
            return await self._hang(request)
        allowances = self._limits.take(operation.name)
        if fault is not None:
            response = self._dialect.fault(fault, allowances)
        elif any(each.exceeded for each in allowances):
            response = self._dialect.limited(allowances)
        else:
            response = await perform()
        for name, value in self._dialect.headers(allowances).items():
            response.headers.setdefault(name, value)
        self._journal.record_call(self._platform, request.method, request.path, response.status, fault)
        return response

    def refuse(self, request: web.Request, response: web.Response) -> web.Response:
        """Note a call that was refused before it came to faults and limits."""
        self._journal.record_call(self._platform, request.method, request.path, response.status, None)
        return response

    async def _hang(self, request: web.Request) -> web.Response:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._hang_seconds
        while loop.time() < until and not self._stopping.is_set():
            if request.transport is None or request.transport.is_closing():
                break
            await asyncio.sleep(_POLL_SECONDS)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=504)
