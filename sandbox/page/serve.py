"""Serving the resident's page: three files from this folder, and nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

_HERE = Path(__file__).parent
_FILES = {
    "/": ("resident.html", "text/html"),
    "/sandbox/page/resident.css": ("resident.css", "text/css"),
    "/sandbox/page/resident.js": ("resident.js", "text/javascript"),
}


class ResidentPage:
    """The page and what belongs to it."""

    def routes(self) -> list[web.RouteDef]:
        """The page is at the root."""
        return [web.get(address, _file(*given)) for address, given in _FILES.items()]


def _file(name: str, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(request: web.Request) -> web.Response:
        text = (_HERE / name).read_text(encoding="utf-8")
        return web.Response(
            text=text, content_type=kind, charset="utf-8", headers={"Cache-Control": "no-cache"}
        )

    return serve
