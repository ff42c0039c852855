"""The sandbox's own API: what the page, tests and benchmarks do and see."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.clock import iso
from sandbox.config import DOCUMENTED_LIMITS
from sandbox.conversation import Impossible, Said
from sandbox.documents import (
    Document,
    MalformedDocument,
    answer,
    dump,
    flag,
    optional_text,
    read_object,
    text_field,
)
from sandbox.faults import ApiFault
from sandbox.journal import as_documents, wall_clock
from sandbox.limits import Windows
from sandbox.people import Person
from sandbox.reporting.reports import CATEGORIES
from sandbox.town import PRIVATE, PUBLIC, Town

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SAY_FIELDS = {
    "platform",
    "visibility",
    "person",
    "text",
    "in_reply_to",
    "quick_reply",
    "attachments",
    "mention",
    "quotes",
    "encrypted",
    "standby",
    "visitor_post",
    "automated",
}
_KEEP_ALIVE_SECONDS = 15.0


class ControlApi:
    """The handlers under `/sandbox/`."""

    def __init__(self, town: Town) -> None:
        self._town = town

    def routes(self) -> list[web.RouteDef]:
        """All calls."""
        named: list[tuple[str, str, Handler]] = [
            ("GET", "setup", self._setup),
            ("GET", "people", self._people),
            ("POST", "person", self._person),
            ("POST", "say", self._say),
            ("POST", "delete", self._delete),
            ("POST", "edit", self._edit),
            ("POST", "colleague_reply", self._colleague_reply),
            ("POST", "revoke", self._revoke),
            ("GET", "conversation", self._conversation),
            ("GET", "sent", self._sent),
            ("GET", "calls", self._calls),
            ("GET", "deliveries", self._deliveries),
            ("POST", "raw", self._raw),
            ("GET", "faults", self._faults),
            ("PUT", "faults", self._set_faults),
            ("GET", "limits", self._limits),
            ("PUT", "limits", self._set_limits),
            ("POST", "advance_clock", self._advance_clock),
            ("GET", "open311", self._open311),
            ("PUT", "open311", self._set_open311),
            ("GET", "reports", self._reports),
            ("POST", "report", self._report),
            ("PUT", "report", self._change_report),
            ("POST", "check_webhook", self._check_webhook),
            ("POST", "reset", self._reset),
            ("GET", "events", self._events),
        ]
        return [
            web.route(method, f"/sandbox/{name}", _clear_errors(handler)) for method, name, handler in named
        ]

    # What residents and colleagues do

    async def _say(self, request: web.Request) -> web.Response:
        """Write as a resident; `messages`, a list of the same, are written before any is delivered."""
        document = await read_object(request)
        if "messages" not in document:
            return answer(self._write(document))
        messages = document["messages"]
        if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
            raise MalformedDocument("'messages' must be a list of objects.")
        return answer({"messages": [self._write(each) for each in messages]})

    def _write(self, document: Document) -> Document:
        if unknown := set(document) - _SAY_FIELDS:
            raise MalformedDocument(f"There is no '{min(unknown)}' in what can be said.")
        person = self._town.people.called(text_field(document, "person"))
        if "automated" in document:
            person = self._town.people.change(person.name, automated=flag(document, "automated"))
        visibility = text_field(document, "visibility", PRIVATE)
        if visibility not in (PRIVATE, PUBLIC):
            raise MalformedDocument("'visibility' must be private or public.")
        self._town.network(document.get("platform"))
        on_x = document["platform"] == "x"
        writers = {
            (True, PRIVATE): self._write_dm,
            (True, PUBLIC): self._write_post,
            (False, PRIVATE): self._write_message,
            (False, PUBLIC): self._write_comment,
        }
        moment, monotonic = wall_clock(), time.monotonic()
        said = writers[on_x, visibility](person, document)
        return {"message_id": said.message_id, "thread": said.thread, "at": moment, "monotonic": monotonic}

    def _write_dm(self, person: Person, document: Document) -> Said:
        attachments = _attachments(document)
        text = _written(document, attachments)
        return self._town.x.message(
            person, text, encrypted=flag(document, "encrypted"), attachments=attachments
        )

    def _write_post(self, person: Person, document: Document) -> Said:
        reply_to = optional_text(document, "in_reply_to")
        return self._town.x.post(
            person,
            _written(document),
            mention=flag(document, "mention", default=reply_to is None and document.get("quotes") is None),
            reply_to=reply_to,
            quotes=optional_text(document, "quotes"),
        )

    def _write_message(self, person: Person, document: Document) -> Said:
        attachments = _attachments(document)
        return self._town.facebook.message(
            person,
            _written(document, attachments),
            quick_reply=optional_text(document, "quick_reply"),
            attachments=attachments,
            standby=flag(document, "standby"),
        )

    def _write_comment(self, person: Person, document: Document) -> Said:
        return self._town.facebook.comment(
            person,
            _written(document),
            reply_to=optional_text(document, "in_reply_to"),
            visitor_post=flag(document, "visitor_post"),
            elsewhere=flag(document, "mention"),
        )

    async def _delete(self, request: web.Request) -> web.Response:
        """Take a post, comment or message of a resident back."""
        document = await read_object(request)
        self._town.network(document.get("platform")).delete(text_field(document, "message_id"))
        return answer({"deleted": True})

    async def _edit(self, request: web.Request) -> web.Response:
        """Change a comment or message of a resident; Facebook only."""
        document = await read_object(request)
        if document.get("platform") != "facebook":
            raise MalformedDocument("Only on Facebook can a message be changed.")
        self._town.facebook.edit(text_field(document, "message_id"), text_field(document, "text"))
        return answer({"edited": True})

    async def _colleague_reply(self, request: web.Request) -> web.Response:
        """Answer as a member of staff in the platform's own inbox, past the service."""
        document = await read_object(request)
        self._town.network(document.get("platform"))
        person = self._town.people.called(text_field(document, "person"))
        text, visibility = text_field(document, "text"), text_field(document, "visibility", PRIVATE)
        reply_to = optional_text(document, "in_reply_to")
        if document["platform"] == "x" and visibility == PRIVATE:
            identifier = self._town.x.account_messages(person.x_id, text, colleague=True).id
        elif document["platform"] == "x":
            parent = self._town.x.posts.find(reply_to or "")
            identifier = self._town.x.account_posts(text, parent, colleague=True).id
        elif visibility == PRIVATE:
            identifier = self._town.facebook.colleague_messages(person, text).mid
        else:
            under = self._town.facebook.page.find(reply_to or "")
            identifier = self._town.facebook.page_comments(text, under, None, colleague=True).id
        return answer({"message_id": identifier})

    async def _person(self, request: web.Request) -> web.Response:
        """Meet a person, or say that they are a bot or have blocked the council."""
        document = await read_object(request)
        person = self._town.people.change(
            text_field(document, "person"),
            automated=flag(document, "automated") if "automated" in document else None,
            blocked=flag(document, "blocked") if "blocked" in document else None,
        )
        return answer(vars(person))

    async def _people(self, request: web.Request) -> web.Response:
        return answer([vars(each) for each in self._town.people.everyone()])

    async def _revoke(self, request: web.Request) -> web.Response:
        """X tells that the account has thrown the app out, and from then on refuses its token."""
        await read_object(request)
        self._town.x.revoke()
        self._town.faults.change({"x": {"api": {"fault": ApiFault.REVOKED_TOKEN}}})
        return answer({"revoked": True})

    # What there is to see

    async def _setup(self, request: web.Request) -> web.Response:
        """What the page shows around the conversation. No secrets."""
        config = self._town.config
        return answer(
            {
                "council": config.council_name,
                "handle": config.x_handle,
                "service_url": config.service_url,
                "now": iso(self._town.clock.now()),
                "clock_fixed": config.now is not None,
                "people": [each.name for each in self._town.people.everyone()],
                "webhooks": {
                    each.platform: {"url": each.url, "check": each.check, "pending": each.pending()}
                    for each in (self._town.x.courier, self._town.facebook.courier)
                },
                "faults": self._town.faults.as_document(),
                "limited": self._town.limits.windows is not None,
                "open311": self._town.reports.as_document(),
                "x_user_id": config.x_user_id,
                "page_id": config.meta_page_id,
                "page_post": self._town.facebook.page.standing_post,
            }
        )

    async def _conversation(self, request: web.Request) -> web.Response:
        query = request.query
        person = self._town.people.called(text_field(dict(query), "person"))
        visibility = query.get("visibility", PRIVATE)
        if visibility not in (PRIVATE, PUBLIC):
            raise MalformedDocument("'visibility' must be private or public.")
        lines = self._town.network(query.get("platform")).conversation(visibility, person)
        return answer([each.as_document() for each in lines])

    async def _sent(self, request: web.Request) -> web.Response:
        return answer(as_documents(self._town.journal.sent, _after(request)))

    async def _calls(self, request: web.Request) -> web.Response:
        return answer(as_documents(self._town.journal.calls, _after(request)))

    async def _deliveries(self, request: web.Request) -> web.Response:
        platform = request.query.get("platform")
        couriers = (
            [self._town.courier(platform)]
            if platform
            else [self._town.x.courier, self._town.facebook.courier]
        )
        after, bodies, state = _after(request), "bodies" in request.query, request.query.get("state")
        found = [each for courier in couriers for each in courier.log]
        return answer(
            [
                each.as_document(bodies)
                for each in found
                if each.number > after and (state is None or each.state == state)
            ]
        )

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: one for each change, to look again."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        await response.write(b": hello\n\n")
        with self._town.feed.listen() as queue:
            while True:
                try:
                    news = await asyncio.wait_for(queue.get(), _KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                if news is None:
                    return response
                await response.write(b"data: " + dump(news) + b"\n\n")

    # Webhooks, faults, limits, time

    async def _raw(self, request: web.Request) -> web.Response:
        """Deliver any body: text as it is, anything else as JSON; signed rightly unless `sign` is false."""
        document = await read_object(request)
        if "body" not in document:
            raise MalformedDocument("'body' is missing.")
        body = document["body"]
        raw = body.encode() if isinstance(body, str) else dump(body)
        self._town.courier(document.get("platform")).submit_raw(raw, flag(document, "sign", default=True))
        return answer({"submitted": len(raw)})

    async def _check_webhook(self, request: web.Request) -> web.Response:
        """Make the challenge check now."""
        document = await read_object(request)
        return answer({"check": await self._town.courier(document.get("platform")).challenge_now()})

    async def _faults(self, request: web.Request) -> web.Response:
        return answer(self._town.faults.as_document())

    async def _set_faults(self, request: web.Request) -> web.Response:
        self._town.faults.change(await read_object(request))
        self._town.feed.tell({"type": "faults"})
        return answer(self._town.faults.as_document())

    async def _limits(self, request: web.Request) -> web.Response:
        return answer({"limits": self._town.limits.windows})

    async def _set_limits(self, request: web.Request) -> web.Response:
        """`{"limits": "documented"}`, `{"limits": "off"}`, or operation to a list of [calls, seconds]."""
        wanted = (await read_object(request)).get("limits")
        if wanted == "documented":
            self._town.limits.change(DOCUMENTED_LIMITS)
        elif wanted == "off":
            self._town.limits.change(None)
        else:
            self._town.limits.change({**(self._town.limits.windows or {}), **_windows(wanted)})
        return answer({"limits": self._town.limits.windows})

    async def _advance_clock(self, request: web.Request) -> web.Response:
        """Move the sandbox's time on by `seconds`, `hours` and `days`."""
        document = await read_object(request)
        units = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
        if not document or not set(document) <= set(units):
            raise MalformedDocument(f"Give {', '.join(units)}.")
        if not all(
            isinstance(each, int | float) and not isinstance(each, bool) for each in document.values()
        ):
            raise MalformedDocument("The time to advance by must be a number.")
        now = self._town.clock.advance(sum(value * units[name] for name, value in document.items()))
        self._town.feed.tell({"type": "clock"})
        return answer({"now": iso(now)})

    async def _reset(self, request: web.Request) -> web.Response:
        await request.read()
        self._town.reset()
        return answer({"reset": True})

    # The reporting tool

    async def _open311(self, request: web.Request) -> web.Response:
        return answer(self._town.reports.as_document())

    async def _set_open311(self, request: web.Request) -> web.Response:
        self._town.reports.configure(await read_object(request))
        return answer(self._town.reports.as_document())

    async def _reports(self, request: web.Request) -> web.Response:
        return answer([each.as_document() for each in self._town.reports.everything()])

    async def _report(self, request: web.Request) -> web.Response:
        """Report something as a resident would on the page."""
        document = await read_object(request)
        code = text_field(document, "service_code", "fly-tipping")
        if code not in CATEGORIES:
            raise MalformedDocument(f"There is no category {code!r}.")
        report = self._town.reports.create(
            code,
            text_field(document, "title", "Untitled"),
            text_field(document, "detail", ""),
            text_field(document, "place", ""),
        )
        return answer(report.as_document())

    async def _change_report(self, request: web.Request) -> web.Response:
        """Change a report's `status`, `status_notes` or `hidden`."""
        document = await read_object(request)
        report = self._town.reports.change(
            text_field(document, "id"),
            status=optional_text(document, "status"),
            notes=optional_text(document, "status_notes"),
            hidden=flag(document, "hidden") if "hidden" in document else None,
        )
        return answer(report.as_document())


def _clear_errors(handler: Handler) -> Handler:
    """The handler, with what it refuses put as a 400 with one sentence."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except (MalformedDocument, Impossible) as error:
            return answer({"error": str(error)}, 400)

    return handle


def _written(document: Document, attachments: tuple[str, ...] = ()) -> str:
    text = text_field(document, "text", "" if attachments else None)
    if not text.strip() and not attachments:
        raise MalformedDocument("'text' is empty.")
    return text


def _attachments(document: Document) -> tuple[str, ...]:
    """Addresses of pictures: each an address, or an object with `url`."""
    given = document.get("attachments") or []
    if not isinstance(given, list):
        raise MalformedDocument("'attachments' must be a list.")
    addresses = [each.get("url") if isinstance(each, dict) else each for each in given]
    if not all(isinstance(each, str) for each in addresses):
        raise MalformedDocument("'attachments' must be a list of addresses.")
    return tuple(str(each) for each in addresses)


def _windows(wanted: object) -> dict[str, Windows]:
    if not isinstance(wanted, dict) or not set(wanted) <= set(DOCUMENTED_LIMITS):
        raise MalformedDocument(
            f"'limits' must be documented, off, or name some of {', '.join(DOCUMENTED_LIMITS)}."
        )
    try:
        return {
            name: tuple((int(calls), float(seconds)) for calls, seconds in given)
            for name, given in wanted.items()
        }
    except (TypeError, ValueError) as error:
        raise MalformedDocument("Each limit is a list of [calls, seconds].") from error


def _after(request: web.Request) -> int:
    after = request.query.get("after", "0")
    if not after.isdecimal():
        raise MalformedDocument("'after' must be a number.")
    return int(after)
