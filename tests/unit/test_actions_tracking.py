"""Tracking: codes asked for once, looked up politely, told in plain words; nothing of it in public."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from actions.open311 import Open311, ReportStatus, StatusUnavailableError
from actions.tracking import ActionCheckReport
from tests.unit.rehearsal import OUT_OF_HOURS, Played, facts, play

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST: dict[str, Any] = {
    "service_request_id": 1234567,
    "status": "closed",
    "status_notes": "Repaired.",
    "service_name": "Potholes",
    "description": "outside Mrs Zebedee's house, ring 07700 900123",
    "address": "12 Secret Street",
    "requested_datetime": "2026-11-03T10:00:00+00:00",
    "updated_datetime": "2026-11-09T23:30:00+00:00",
}
XML = """<?xml version="1.0" encoding="utf-8"?>
<service_requests><request><service_request_id>1234567</service_request_id><status>open</status>
<status_notes/><service_name>Potholes</service_name>
<requested_datetime>2026-11-03T10:00:00+00:00</requested_datetime></request></service_requests>"""


def served(handler: Handler, **options: Any) -> tuple[ReportStatus | None, list[web.Request]]:
    """What the client makes of a server that answers as `handler` does, and the requests that reached it."""
    seen: list[web.Request] = []

    async def record(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        return await handler(request)

    async def ask() -> ReportStatus | None:
        application = web.Application()
        application.router.add_get("/{tail:.*}", record)
        async with TestServer(application) as server:
            return await Open311(f"{server.make_url('/')}open311/v2", **options).report("1234567")

    return asyncio.run(ask()), seen


def answering(body: Any, status: int = 200, kind: str = "application/json") -> Handler:
    async def handler(request: web.Request) -> web.Response:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(text=text, status=status, content_type=kind)

    return handler


def by_form(json_answer: Handler, xml_answer: Handler) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return await (json_answer if request.path.endswith(".json") else xml_answer)(request)

    return handler


@pytest.mark.parametrize(
    "body",
    [
        [REQUEST],
        {"service_requests": [REQUEST]},
        {"service_requests": {"request": [REQUEST]}},
        {"service_requests": [{"request": REQUEST}]},
        REQUEST,
        [{**REQUEST, "service_request_id": "1234567"}],
        [{**REQUEST, "service_request_id": 7}, REQUEST],
    ],
    ids=["plain", "wrapped", "wrapped twice", "wrapped each", "alone", "text id", "among others"],
)
def test_should_read_every_shape_of_json(body: Any) -> None:
    report, seen = served(answering(body))
    assert report is not None
    assert (report.code, report.status, report.category, report.notes) == (
        "1234567",
        "closed",
        "Potholes",
        "Repaired.",
    )
    assert [request.path for request in seen] == ["/open311/v2/requests/1234567.json"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"service_requests": []},
        [{**REQUEST, "service_request_id": 7}],
        [{"code": 404, "description": "no"}],
    ],
)
def test_should_know_that_there_is_no_such_report(body: Any) -> None:
    assert served(answering(body))[0] is None


def test_should_take_404_for_an_unknown_report() -> None:
    report, seen = served(answering([{"code": 404, "description": "not found"}], status=404))
    assert report is None and len(seen) == 1
    assert served(answering("<errors/>", status=404, kind="text/xml"))[0] is None


@pytest.mark.parametrize("status", [404, 406, 415])
def test_should_ask_for_xml_when_the_server_has_no_json(status: int) -> None:
    handler = by_form(answering("no", status, "text/plain"), answering(XML, kind="text/xml"))
    report, seen = served(handler)
    assert report is not None and (report.status, report.notes) == ("open", "")
    assert [request.path[-4:] for request in seen] == ["json", ".xml"]


@pytest.mark.parametrize("body", [XML, '[{"service_code": 006}]', "null", '"text"', "[" * 100_000])
def test_should_ask_for_xml_when_the_answer_is_no_json_of_use(body: str) -> None:
    handler = by_form(answering(body), answering(XML, kind="text/xml"))
    assert served(handler)[0] is not None


BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><requests>&b;</requests>'


@pytest.mark.parametrize("body", ["<broken", BOMB, "not xml at all"])
def test_should_not_trust_xml(body: str) -> None:
    with pytest.raises(StatusUnavailableError):
        served(by_form(answering("no", 406), answering(body, kind="text/xml")))


@pytest.mark.parametrize("status", [400, 403, 429, 500, 502, 503])
def test_should_not_take_an_error_for_an_unknown_report(status: int) -> None:
    with pytest.raises(StatusUnavailableError):
        served(answering([{"code": status, "description": "no"}], status=status))


def test_should_wait_no_longer_than_it_may() -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(1)
        return web.json_response([REQUEST])

    with pytest.raises(StatusUnavailableError):
        served(slow, timeout_seconds=0.1)


def test_should_not_read_without_end() -> None:
    with pytest.raises(StatusUnavailableError):
        served(answering("[" + " " * 1_100_000 + "]"))


def test_should_say_so_when_nobody_listens() -> None:
    with pytest.raises(StatusUnavailableError):
        asyncio.run(Open311("http://127.0.0.1:9/nothing").report("1234567"))


def test_should_name_the_jurisdiction_only_when_there_is_one() -> None:
    assert served(answering([REQUEST]), jurisdiction="marlstow.example")[1][0].query_string == (
        "jurisdiction_id=marlstow.example"
    )
    assert served(answering([REQUEST]))[1][0].query_string == ""


# What the resident reads ---------------------------------------------------------------------------------


class Server(Open311):
    """An Open311 server that says what it is told to."""

    def __init__(self, answer: ReportStatus | Exception | None) -> None:
        super().__init__("http://nowhere.example")
        self.answer = answer
        self.asked: list[str] = []

    async def report(self, code: str) -> ReportStatus | None:
        self.asked.append(code)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def report(**changed: Any) -> ReportStatus:
    found = served(answering([{**REQUEST, **changed}]))[0]
    assert found is not None
    return found


def track(server: Server | None, **turn: Any) -> Played:
    slots = {"disclosed": True, **turn.pop("slots", {})}
    return play("check_report", with_action=ActionCheckReport(facts(), server), slots=slots, **turn)


def test_should_tell_it_in_plain_words_with_dates() -> None:
    played = track(Server(report()), entities={"tracking_code": "1234567"})
    assert played.text == (
        "Your report 1234567 (Potholes): reported on 3 November 2026, marked as closed on 9 November 2026.\n\n"
        'The team wrote: "Repaired."\n\nMore about it here:\nhttps://report.marlstow.example/report/1234567'
    )
    assert played.outcome == "tracked"
    assert (played.slots["tracking_code"], played.slots["awaiting"]) == ("1234567", "none")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("open", "reported on 3 November 2026, not finished yet (last updated on 9 November 2026)."),
        ("", "reported on 3 November 2026, not finished yet (last updated on 9 November 2026)."),
        ("Fixed - Council", "marked as fixed on 9 November 2026."),
        ("In Progress", "work is under way (last updated on 9 November 2026)."),
        ("duplicate", "closed on 9 November 2026 because it had been reported already."),
        ("Sent to depot", 'marked as "Sent to depot" on 9 November 2026.'),
    ],
)
def test_should_have_words_for_every_state(status: str, words: str) -> None:
    text = track(Server(report(status=status)), entities={"tracking_code": "1234567"}).text or ""
    assert words in text


def test_should_say_local_dates() -> None:
    summer = report(requested_datetime="2026-07-01T23:30:00+00:00", status="open")
    assert "2 July 2026" in (track(Server(summer), entities={"tracking_code": "1234567"}).text or "")


def test_should_do_without_what_the_server_leaves_out() -> None:
    bare = report(service_name=None, status_notes=None, requested_datetime="soon", updated_datetime=None)
    text = track(Server(bare), entities={"tracking_code": "1234567"}).text or ""
    assert text.startswith("Your report 1234567: marked as closed.\n")


def test_should_never_repeat_what_the_reporter_wrote() -> None:
    text = track(Server(report()), entities={"tracking_code": "1234567"}).text or ""
    assert not any(each in text for each in ("Zebedee", "07700", "Secret Street"))


def test_should_clean_and_cut_what_third_parties_wrote() -> None:
    nasty = "{tracking_code} 0[x] \u202egnp.exe\u0007 " + "very long note " * 60
    text = track(Server(report(status_notes=nasty)), entities={"tracking_code": "1234567"}).text or ""
    assert "{" not in text and "[" not in text and "\u202e" not in text and "\u0007" not in text
    assert len(text) < 500


def test_should_ask_for_the_code_once_and_then_give_up_kindly() -> None:
    server = Server(None)
    asked = track(server)
    assert (asked.outcome, asked.slots["awaiting"], asked.slots["code_asked"]) == (
        "asked_for_code",
        "tracking_code",
        True,
    )
    given_up = track(server, slots=asked.slots, text="I do not know it")
    assert given_up.response == "utter_no_code"
    assert given_up.slots["awaiting"] == "person"
    assert "https://report.marlstow.example" in (given_up.text or "")
    assert server.asked == []
    assert play("affirm", slots=given_up.slots).outcome == "handed_over"


def test_should_take_the_code_that_follows() -> None:
    server = Server(report())
    asked = track(server)
    for said in ("#1234567", "FMS 1234567", "FMS1234567"):
        assert track(server, slots=asked.slots, entities={"tracking_code": said}).outcome == "tracked"
    assert track(server, slots=asked.slots, text="it is 1234567, thanks").outcome == "tracked"
    assert server.asked == ["1234567"] * 4


def test_should_remember_the_code_of_an_earlier_message() -> None:
    server = Server(report())
    track(server, slots={"tracking_code": "1234567"})
    assert server.asked == ["1234567"]


@pytest.mark.parametrize("code", ["12", "../../admin", "1234567890123", "abc", "FMS-12"])
def test_should_never_send_a_malformed_code_to_the_server(code: str) -> None:
    server = Server(report())
    first = track(server, entities={"tracking_code": code})
    assert first.response == "utter_ask_code_again"
    assert code not in (first.text or "").replace("1234567", "")
    second = track(server, slots=first.slots, entities={"tracking_code": code})
    assert second.response == "utter_no_code"
    assert server.asked == []


def test_should_say_when_there_is_no_such_report() -> None:
    played = track(Server(None), entities={"tracking_code": "7654321"})
    assert "I cannot find a report with the code 7654321." in (played.text or "")
    assert played.slots["awaiting"] == "person"


def test_should_point_to_the_page_when_the_server_is_down_or_not_set_up() -> None:
    for server in (Server(StatusUnavailableError()), None):
        played = track(server, entities={"tracking_code": "1234567"})
        assert "https://report.marlstow.example/report/1234567" in (played.text or "")
        assert played.outcome == "tracked" and played.slots["awaiting"] == "person"


def test_should_say_nothing_of_a_report_in_public() -> None:
    server = Server(report())
    played = track(server, public=True, entities={"tracking_code": "1234567"}, now=OUT_OF_HOURS)
    assert server.asked == []
    assert played.response == "utter_check_report_public"
    for text in (played.text, played.private_text):
        assert text and "closed" not in text and "Potholes" not in text
    assert "1234567" not in (played.text or "")
    assert played.slots["tracking_code"] is None


def test_should_answer_the_other_purpose_too() -> None:
    played = track(
        Server(report()), entities={"tracking_code": "1234567"}, purposes=["check_report", "ask_bin_day"]
    )
    assert "/bins/collection-days" in (played.text or "")


def test_should_not_answer_a_purpose_that_a_bare_code_was_taken_for() -> None:
    asked = {"awaiting": "tracking_code", "disclosed": True}
    played = play(
        "report_pothole",
        with_action=ActionCheckReport(facts(), Server(report())),
        slots=asked,
        entities={"tracking_code": "1234567"},
    )
    assert played.response == "utter_status"
    assert "filter_category" not in (played.text or "")


def test_should_take_any_number_for_a_code_only_when_it_asked_for_one() -> None:
    server = Server(report())
    assert track(server, text="my number is 07700 900123, any news?").outcome == "asked_for_code"
    assert server.asked == []
    assert track(server, text="12345", slots={"awaiting": "tracking_code"}).outcome == "tracked"
    assert server.asked == ["12345"]
