"""The sandbox's web server: everything on one port, for this machine only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from aiohttp import web

from sandbox.config import SandboxConfig
from sandbox.control import ControlApi
from sandbox.page.serve import ResidentPage
from sandbox.reporting.pages import ReportingPages
from sandbox.town import Town

TOWN = web.AppKey("town", Town)
"""Where tests find the sandbox behind an application."""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_LARGEST_BODY = 8 * 1024 * 1024


def create_app(config: SandboxConfig) -> web.Application:
    """The sandbox as an application, complete: deliveries start and stop with it."""
    town = Town(config)
    app = web.Application(middlewares=[_from_here_only, _with_policy], client_max_size=_LARGEST_BODY)
    app[TOWN] = town
    app.add_routes(town.x_api.routes("/x"))
    app.add_routes(town.meta_api.routes("/graph"))
    app.add_routes(town.open311.routes("/report/open311/v2"))
    app.add_routes(ReportingPages(town.reports).routes("/report"))
    app.add_routes(ControlApi(town).routes())
    app.add_routes(ResidentPage().routes())
    app.on_startup.append(town.start)
    app.on_shutdown.append(town.let_go)
    app.on_cleanup.append(town.stop)
    return app


@web.middleware
async def _from_here_only(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Keep other sites in the visitor's browser from steering the sandbox, by rebinding or by posting."""
    if not _is_local(request.host):
        raise web.HTTPForbidden(text="The sandbox answers on this machine only.")
    origin = request.headers.get("Origin")
    foreign = origin is not None and origin != f"{request.scheme}://{request.host}"
    if request.method not in ("GET", "HEAD") and foreign:
        raise web.HTTPForbidden(text="This call must come from the sandbox's own pages.")
    return await handler(request)


@web.middleware
async def _with_policy(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Put the security headers on every answer, errors too."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        _harden(error)
        raise
    if not response.prepared:
        _harden(response)
    return response


def _harden(response: web.StreamResponse) -> None:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"


def _is_local(host: str) -> bool:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.strip("[]")
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
