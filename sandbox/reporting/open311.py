"""The reporting tool's Open311 server: GeoReport v2, read-only, in the dialects met in the field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from xml.etree.ElementTree import Element, SubElement, tostring

from aiohttp import web

from sandbox.calls import Exchange, Operation
from sandbox.documents import Document, answer
from sandbox.faults import ApiFault
from sandbox.limits import Allowance
from sandbox.reporting.reports import CATEGORIES, Category, Report, Reports

_READ = Operation("open311.read")  # Not `reads`: there is nothing else that a fault could meet.
_FORMATS = "{format:json|xml}"
_MOST = 1000

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Open311Dialect:
    """The server's words for faults; it has no limits of its own."""

    def fault(self, fault: ApiFault, allowances: list[Allowance]) -> web.Response:
        """The answer to a call that meets the fault."""
        if fault is ApiFault.RATE_LIMITED:
            response = answer([{"code": 429, "description": "Too many requests."}], 429)
            response.headers["Retry-After"] = "5"
            return response
        if fault is ApiFault.HTML_503:
            page = "<!DOCTYPE html><html><body><h1>Down for maintenance</h1></body></html>"
            return web.Response(text=page, status=503, content_type="text/html")
        if fault is ApiFault.REVOKED_TOKEN:
            return answer([{"code": 403, "description": "The key was refused."}], 403)
        return answer([{"code": 500, "description": "Internal error."}], 500)

    def limited(self, allowances: list[Allowance]) -> web.Response:
        """Never needed: nothing is limited."""
        return self.fault(ApiFault.RATE_LIMITED, allowances)

    def headers(self, allowances: list[Allowance]) -> dict[str, str]:
        """None."""
        return {}


class Open311Api:
    """The handlers of the Open311 server."""

    def __init__(self, reports: Reports, exchange: Exchange) -> None:
        self._reports = reports
        self._exchange = exchange

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """All calls, under the prefix."""
        return [
            web.get(f"{prefix}/services.{_FORMATS}", self._call(self._services)),
            web.get(f"{prefix}/services/{{code}}.{_FORMATS}", self._call(self._definition)),
            web.get(f"{prefix}/requests.{_FORMATS}", self._call(self._requests)),
            web.get(f"{prefix}/requests/{{id}}.{_FORMATS}", self._call(self._request)),
            web.get(f"{prefix}/tokens/{{token}}.{_FORMATS}", self._call(self._token)),
            web.post(f"{prefix}/requests.{_FORMATS}", self._call(self._read_only)),
        ]

    def _call(self, handler: Handler) -> Handler:
        """The handler behind the faults, the format and the jurisdiction."""

        async def perform(request: web.Request) -> web.Response:
            if request.match_info["format"] == "json" and self._reports.dialect == "xml":
                return web.Response(status=404, text="Not found: this server speaks XML only.")
            refusal = self._wrong_jurisdiction(request)
            return refusal if refusal is not None else await handler(request)

        async def call(request: web.Request) -> web.Response:
            return await self._exchange.conduct(request, _READ, lambda: perform(request))

        return call

    def _wrong_jurisdiction(self, request: web.Request) -> web.Response | None:
        given = request.query.get("jurisdiction_id")
        if given is None and self._reports.needs_jurisdiction:
            return self._failure(request, 400, "jurisdiction_id was not provided.")
        if given is not None and self._reports.needs_jurisdiction and given != self._reports.jurisdiction:
            return self._failure(request, 404, "jurisdiction_id provided was not found.")
        return None

    async def _services(self, request: web.Request) -> web.Response:
        described = [_describe_service(each) for each in CATEGORIES.values()]
        return self._answer(request, "services", "service", described)

    async def _definition(self, request: web.Request) -> web.Response:
        code = request.match_info["code"]
        if code not in CATEGORIES:
            return self._failure(request, 404, "service_code provided was not found.")
        if request.match_info["format"] == "json":
            return answer({"service_code": code, "attributes": []})
        root = Element("service_definition")
        SubElement(root, "service_code").text = code
        SubElement(root, "attributes")
        return _xml(root)

    async def _requests(self, request: web.Request) -> web.Response:
        wanted = {
            each.strip() for each in request.query.get("service_request_id", "").split(",") if each.strip()
        }
        code, status = request.query.get("service_code"), request.query.get("status")
        found = [
            each
            for each in self._reports.everything()
            if not each.hidden
            and (not wanted or each.id in wanted)
            and (code is None or each.category.code == code)
            and (status is None or each.open311_status in status.split(","))
        ]
        return self._answer(
            request, "service_requests", "request", [self._describe(each) for each in found[:_MOST]]
        )

    async def _request(self, request: web.Request) -> web.Response:
        report = self._reports.find(request.match_info["id"])
        if report is None and self._reports.dialect != "fixmystreet":
            return self._failure(request, 404, "service_request_id provided was not found.")
        return self._answer(
            request, "service_requests", "request", [self._describe(report)] if report else []
        )

    async def _token(self, request: web.Request) -> web.Response:
        report = self._reports.by_token(request.match_info["token"])
        if report is None and self._reports.dialect != "fixmystreet":
            return self._failure(request, 404, "token provided was not found.")
        found = [{"service_request_id": report.id, "token": report.token}] if report else []
        return self._answer(request, "service_requests", "request", found)

    async def _read_only(self, request: web.Request) -> web.Response:
        return self._failure(request, 403, "This server takes no requests: report on the site.")

    def _describe(self, report: Report) -> Document:
        """A report in GeoReport's fields; FixMyStreet adds the title and leaves out what it has not."""
        described: Document = {
            "service_request_id": report.id,
            "status": report.open311_status,
            "status_notes": report.open311_notes,
            "service_name": report.category.name,
            "service_code": report.category.code,
            "description": report.detail or report.title,
            "agency_responsible": None,
            "service_notice": None,
            "requested_datetime": report.created_at.isoformat(timespec="seconds"),
            "updated_datetime": report.updated_at.isoformat(timespec="seconds"),
            "expected_datetime": None,
            "address": report.place or None,
            "address_id": None,
            "zipcode": None,
            "lat": report.latitude,
            "long": report.longitude,
            "media_url": None,
        }
        if self._reports.dialect != "fixmystreet":
            return described
        named = {"title": report.title, "detail": report.detail, "interface_used": "Web interface"}
        return {name: value for name, value in described.items() if value is not None} | named

    def _answer(
        self, request: web.Request, plural: str, singular: str, items: list[Document]
    ) -> web.Response:
        if request.match_info["format"] == "json":
            return answer({plural: items} if self._reports.dialect == "fixmystreet" else items)
        root = Element(plural)
        for item in items:
            _add(SubElement(root, singular), item)
        return _xml(root)

    def _failure(self, request: web.Request, status: int, description: str) -> web.Response:
        if request.match_info["format"] == "json":
            return answer([{"code": status, "description": description}], status)
        root = Element("errors")
        _add(SubElement(root, "error"), {"code": status, "description": description})
        return _xml(root, status)


def _describe_service(category: Category) -> Document:
    return {
        "service_code": category.code,
        "service_name": category.name,
        "description": category.description,
        "metadata": False,
        "type": "realtime",
        "keywords": "",
        "group": category.group,
    }


def _add(element: Element, fields: Document) -> None:
    for name, value in fields.items():
        text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
        SubElement(element, name).text = "".join(
            each for each in text if each.isprintable() or each in "\n\t"
        )


def _xml(root: Element, status: int = 200) -> web.Response:
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return web.Response(body=body, status=status, content_type="text/xml", charset="utf-8")
