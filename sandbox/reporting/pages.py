"""The reporting tool's pages: the categories, the form, and each report's own page."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from sandbox.conversation import Impossible
from sandbox.reporting import views
from sandbox.reporting.reports import Reports, category_named
from sandbox.reporting.views import LONGEST, Form

_STYLE = Path(__file__).parent / "report.css"
_SHOWN = 10


class ReportingPages:
    """The pages, in FixMyStreet's addresses."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """All pages, under the prefix; links take it to be `/report`."""
        return [
            web.get(prefix, self._front),
            web.get(f"{prefix}/", self._front),
            web.get(f"{prefix}/report.css", self._style),
            web.get(f"{prefix}/around", self._around),
            web.post(f"{prefix}/around", self._send),
            web.get(f"{prefix}/find", self._find),
            web.get(f"{prefix}/report/{{id}}", self._report),
            web.post(f"{prefix}/report/{{id}}/status", self._change),
        ]

    async def _front(self, request: web.Request) -> web.Response:
        """The categories; a link may have chosen one."""
        recent = [each for each in self._reports.everything() if not each.hidden][:_SHOWN]
        chosen = category_named(request.query.get("filter_category", ""))
        return _page(views.front(chosen, recent))

    async def _around(self, request: web.Request) -> web.StreamResponse:
        """The form, with the category and the place that the link names."""
        query = request.query
        latitude, longitude = query.get("latitude", ""), query.get("longitude", "")
        located = _coordinate(latitude) is not None and _coordinate(longitude) is not None
        place = query.get("pc", "").strip()[: LONGEST["place"]]
        if not place and not located:
            raise web.HTTPSeeOther("/report/")
        category = category_named(query.get("filter_category", ""))
        form = Form(
            place=place or f"{latitude}, {longitude}",
            latitude=latitude if located else "",
            longitude=longitude if located else "",
            category=category.code if category else "",
        )
        return _page(views.around(form, {}))

    async def _send(self, request: web.Request) -> web.StreamResponse:
        """Take the report in, or show the form again with what is missing."""
        given = await request.post()
        names = ("place", "latitude", "longitude", "category", "title", "detail")
        form = Form(**{each: _given(given.get(each), LONGEST.get(each, 40)) for each in names})
        if errors := form.errors():
            return _page(views.around(form, errors), 400)
        report = self._reports.create(
            form.category,
            form.title,
            form.detail,
            form.place,
            _coordinate(form.latitude),
            _coordinate(form.longitude),
        )
        raise web.HTTPSeeOther(f"/report/report/{report.id}?new=1")

    async def _find(self, request: web.Request) -> web.StreamResponse:
        code = request.query.get("code", "").strip()
        if not (code.isdecimal() and code.isascii()):
            return _page(views.missing(code[:40]), 404)
        raise web.HTTPSeeOther(f"/report/report/{code}")

    async def _report(self, request: web.Request) -> web.Response:
        report = self._reports.find(request.match_info["id"])
        if report is None:
            return _page(views.missing(request.match_info["id"][:40]), 404)
        return _page(views.report_page(report, new="new" in request.query))

    async def _change(self, request: web.Request) -> web.StreamResponse:
        """What the council's own system does to a report."""
        given, report_id = await request.post(), request.match_info["id"]
        try:
            self._reports.change(
                report_id,
                status=_given(given.get("status"), 20),
                notes=_given(given.get("notes"), LONGEST["notes"]),
            )
        except Impossible as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        raise web.HTTPSeeOther(f"/report/report/{report_id}")

    async def _style(self, request: web.Request) -> web.Response:
        text = _STYLE.read_text(encoding="utf-8")
        return web.Response(text=text, content_type="text/css", charset="utf-8")


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")


def _given(value: object, most: int) -> str:
    return value.strip()[:most] if isinstance(value, str) else ""


def _coordinate(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if -180 <= number <= 180 else None
