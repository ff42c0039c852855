"""The sandbox's reporting tool: its pages, its Open311 dialects, and what visitors can't smuggle in."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from sandbox.rehearsal import Answer, Rehearsal, rehearse

OPEN311 = "/report/open311/v2"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def stage() -> AsyncIterator[Rehearsal]:
    async with rehearse(first_report=4_100_001) as rehearsal:
        yield rehearsal


async def post(stage: Rehearsal, path: str, **form: str) -> Answer:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    address = stage.config.address + path
    async with stage.session.post(
        address, data=urlencode(form), headers=headers, allow_redirects=False
    ) as response:
        return Answer(response.status, dict(response.headers), await response.text())


async def report(stage: Rehearsal, **more: str) -> Any:
    return await stage.control("POST", "report", {"title": "Mattress", "place": "Rose Terrace"} | more)


def tags(page: str) -> list[tuple[str, set[str]]]:
    """Every tag of a page with the names of its attributes, as a browser would read it."""
    found: list[tuple[str, set[str]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, {name for name, _ in attrs}))

    Reader().feed(page)
    return found


async def test_category_and_place_from_a_link_are_filled_in(stage: Rehearsal) -> None:
    page = await stage.call("GET", "/report/around?pc=BS1+5TR&filter_category=Fly-tipping")
    assert 'value="BS1 5TR"' in page.text
    assert re.search(r'<option[^>]*value="fly-tipping"[^>]*selected', page.text)
    page = await stage.call("GET", "/report/around?latitude=51.45&longitude=-2.58&filter_category=Potholes")
    assert 'name="latitude" value="51.45"' in page.text
    front = await stage.call("GET", "/report?filter_category=Fly-tipping")
    assert "Report: Fly-tipping" in front.text
    assert 'name="filter_category" value="Fly-tipping"' in front.text


async def test_report_gets_a_tracking_code_of_seven_digits_and_a_page(stage: Rehearsal) -> None:
    sent = await post(stage, "/report/around", place="Rose Terrace", category="fly-tipping", title="Mattress")
    assert sent.status == 303
    assert sent.headers["Location"] == "/report/report/4100001?new=1"
    page = await stage.call("GET", "/report/report/4100001?new=1")
    assert "Tracking code: <strong>4100001</strong>" in page.text
    found = await stage.call("GET", "/report/find?code=4100001")
    assert found.headers["Location"] == "/report/report/4100001"


async def test_form_with_something_missing_is_shown_again_with_what_was_written(stage: Rehearsal) -> None:
    page = await post(stage, "/report/around", place="Rose Terrace", category="nonsense", title="")
    assert page.status == 400
    assert "Choose the kind of problem." in page.text
    assert "Say in a few words what it is." in page.text
    assert 'value="Rose Terrace"' in page.text
    assert await stage.control("GET", "reports") == []


async def test_markup_in_a_report_is_only_text(stage: Rehearsal) -> None:
    quoted = f'" onmouseover="alert(1){SCRIPT}'
    await post(stage, "/report/around", place=quoted, category="graffiti", title=SCRIPT, detail=SCRIPT)
    await post(stage, "/report/report/4100001/status", status="closed", notes=SCRIPT)
    again = await post(stage, "/report/around", place=quoted, category="", title=quoted, detail=SCRIPT)
    missing = await stage.call("GET", "/report/report/%3Cscript%3Ealert(1)")
    front = await stage.call("GET", "/report/")
    own = await stage.call("GET", "/report/report/4100001")
    for page in (again, missing, front, own):
        assert "script" not in {name for name, _ in tags(page.text)}
        assert "onmouseover" not in {attribute for _, given in tags(page.text) for attribute in given}
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "&lt;script&gt;" in own.text


async def test_status_changed_on_the_page_is_what_open311_tells(stage: Rehearsal) -> None:
    await report(stage)
    assert (await _request(stage))["status"] == "open"
    await post(stage, "/report/report/4100001/status", status="in progress", notes="")
    assert (await _request(stage))["status_notes"] == "In progress."
    await post(stage, "/report/report/4100001/status", status="fixed", notes="Taken away on Tuesday.")
    told = await _request(stage)
    assert (told["status"], told["status_notes"]) == ("closed", "Taken away on Tuesday.")
    wrong = await post(stage, "/report/report/4100001/status", status="eaten")
    assert wrong.status == 400


async def _request(stage: Rehearsal) -> Any:
    answer = await stage.call("GET", f"{OPEN311}/requests/4100001.json")
    (found,) = answer.document
    return found


async def test_plain_dialect_lists_and_answers_404_with_a_list_of_errors(stage: Rehearsal) -> None:
    await report(stage)
    request = await _request(stage)
    assert request["service_request_id"] == "4100001"
    assert request["service_code"] == "fly-tipping"
    missing = await stage.call("GET", f"{OPEN311}/requests/9999999.json")
    assert missing.status == 404
    assert missing.document == [{"code": 404, "description": "service_request_id provided was not found."}]
    services = await stage.call("GET", f"{OPEN311}/services.json")
    assert services.document[0]["service_name"] == "Fly-tipping"


async def test_fixmystreet_dialect_wraps_and_answers_unknown_and_hidden_with_nothing(
    stage: Rehearsal,
) -> None:
    await report(stage)
    await stage.control("PUT", "open311", {"dialect": "fixmystreet"})
    found = await stage.call("GET", f"{OPEN311}/requests/4100001.json")
    assert found.document["service_requests"][0]["title"] == "Mattress"
    await stage.control("PUT", "report", {"id": "4100001", "hidden": True})
    for code in ("4100001", "9999999"):
        empty = await stage.call("GET", f"{OPEN311}/requests/{code}.json")
        assert (empty.status, empty.document) == (200, {"service_requests": []})


async def test_xml_dialect_knows_no_json_but_every_dialect_knows_xml(stage: Rehearsal) -> None:
    await report(stage, title=SCRIPT, detail="Fish & chips <wrappers>")
    for dialect in ("plain", "fixmystreet", "xml"):
        await stage.control("PUT", "open311", {"dialect": dialect})
        answer = await stage.call("GET", f"{OPEN311}/requests/4100001.xml")
        assert answer.headers["Content-Type"].startswith("text/xml")
        root = ElementTree.fromstring(answer.text)
        assert root.findtext("request/service_request_id") == "4100001"
        assert root.findtext("request/description") == "Fish & chips <wrappers>"
    assert (await stage.call("GET", f"{OPEN311}/requests/4100001.json")).status == 404
    missing = await stage.call("GET", f"{OPEN311}/requests/1.xml")
    assert missing.status == 404
    assert ElementTree.fromstring(missing.text).findtext("error/code") == "404"


async def test_jurisdiction_is_insisted_on_by_switch(stage: Rehearsal) -> None:
    await report(stage)
    await stage.control("PUT", "open311", {"needs_jurisdiction": True})
    path = f"{OPEN311}/requests/4100001.json"
    assert (await stage.call("GET", path)).status == 400
    assert (await stage.call("GET", f"{path}?jurisdiction_id=elsewhere")).status == 404
    right = await stage.call("GET", f"{path}?jurisdiction_id={stage.config.open311_jurisdiction}")
    assert right.status == 200


async def test_token_leads_to_its_report(stage: Rehearsal) -> None:
    await report(stage)
    token = stage.town.reports.find("4100001").token  # type: ignore[union-attr]
    found = await stage.call("GET", f"{OPEN311}/tokens/{token}.json")
    assert found.document == [{"service_request_id": "4100001", "token": token}]
    assert (await stage.call("GET", f"{OPEN311}/tokens/nothing.json")).status == 404


@pytest.mark.parametrize(("fault", "status"), [("500", 500), ("503_html", 503), ("429", 429)])
async def test_open311_meets_faults(stage: Rehearsal, fault: str, status: int) -> None:
    await report(stage)
    await stage.control("PUT", "faults", {"open311": {"api": {"fault": fault, "calls": 1}}})
    path = f"{OPEN311}/requests/4100001.json"
    assert [(await stage.call("GET", path)).status for _ in range(2)] == [status, 200]
