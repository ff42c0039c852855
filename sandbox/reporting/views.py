"""How the reporting tool's pages look: HTML from what they show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from sandbox.reporting.markup import Child, document, element
from sandbox.reporting.reports import CATEGORIES, STATUSES, Category, Report

LONGEST: Mapping[str, int] = {"title": 120, "place": 200, "detail": 2000, "notes": 1000}
"""Characters that a field takes."""


_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='4' fill='%2312543f'/%3E"
    "%3Cpath d='M3 5h7l3 3-3 3H3z' fill='%23ffd84d'/%3E%3C/svg%3E"
)


@dataclass(frozen=True)
class Form:
    """What the visitor has filled in so far, or a link has for them."""

    place: str = ""
    latitude: str = ""
    longitude: str = ""
    category: str = ""
    """Its code."""
    title: str = ""
    detail: str = ""

    def errors(self) -> dict[str, str]:
        """What is missing, by field."""
        return {
            **({} if self.place else {"place": "Say where it is."}),
            **({} if self.category in CATEGORIES else {"category": "Choose the kind of problem."}),
            **({} if self.title else {"title": "Say in a few words what it is."}),
        }


def front(chosen: Category | None, recent: list[Report]) -> str:
    """Where one begins: a place to search for, a tracking code, the categories, the newest reports."""
    heading = f"Report: {chosen.name}" if chosen else "Report a problem in your street"
    kept = element("input", type="hidden", name="filter_category", value=chosen.name) if chosen else None
    return _page(
        heading,
        element("h1", heading),
        _search("around", "pc", "Where is it? A postcode, or a street and area", "Go on", kept),
        _search(
            "find", "code", "Reported already? Your tracking code", "See how it is getting on", quiet=True
        ),
        element("h2", "What can be reported"),
        element("div", (_group(*each, chosen) for each in _groups()), class_="groups"),
        *([element("h2", "Newest reports"), _list_of(recent)] if recent else []),
    )


def around(form: Form, errors: Mapping[str, str]) -> str:
    """The form, with what is known filled in and what is missing said."""
    hidden: list[Child] = []
    if form.latitude and form.longitude:
        hidden = [
            element("p", f"At {form.latitude}, {form.longitude} on the map.", class_="hint"),
            element("input", type="hidden", name="latitude", value=form.latitude),
            element("input", type="hidden", name="longitude", value=form.longitude),
        ]
    hint = "No names, phone numbers or other personal information, please: reports are public."
    return _page(
        "Describe the problem",
        element("h1", "Describe the problem"),
        _errors(errors) if errors else None,
        element(
            "form",
            *_field("place", "Where is it?", form.place),
            *hidden,
            element("label", "What kind of problem is it?", for_="category"),
            _category_choice(form.category),
            *_field("title", "In a few words", form.title),
            element("label", "What should we know?", for_="detail"),
            element("p", hint, class_="hint", id="detail-hint"),
            _area("detail", form.detail, rows="5", described_by="detail-hint"),
            element("button", "Send the report", type="submit"),
            class_="card",
            action="/report/around",
            method="post",
        ),
    )


def report_page(report: Report, new: bool) -> str:
    """A report, how it is getting on, and what the council could do with it."""
    about = f" {report.category.name}, {report.place}" if report.place else f" {report.category.name}"
    facts = [
        ("Tracking code", report.id),
        ("Reported", _spoken(report.created_at)),
        ("Last changed", _spoken(report.updated_at)),
        *([("From the council", report.notes)] if report.notes else []),
    ]
    return _page(
        report.title,
        _thanks(report) if new else None,
        element("h1", report.title),
        element("p", _tag(report), about),
        element(
            "div",
            element("p", report.detail, class_="detail") if report.detail else None,
            element("dl", (part for name, value in facts for part in _fact(name, value))),
            class_="card",
        ),
        _as_the_council(report),
    )


def missing(code: str) -> str:
    """No report has that code."""
    return _page(
        "No such report",
        element("h1", f"There is no report {code}"),
        element("p", "Please check the tracking code. ", element("a", "Back to the start", href="/report/")),
    )


def _page(title: str, *content: Child) -> str:
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{title} – Report It (sandbox)"),
        element("link", rel="icon", href=_ICON),
        element("link", rel="stylesheet", href="/report/report.css"),
    )
    brand = element("a", "Report It ", element("span", "sandbox"), class_="brand", href="/report/")
    links = element(
        "nav",
        element("a", "Report a problem", href="/report/"),
        element("a", "Write to the council", href="/"),
        aria_label="Site",
    )
    note = (
        "A rehearsal of a reporting tool: nothing here reaches a council, and all is forgotten when it stops."
    )
    body = element(
        "body",
        element("a", "Skip to the content", class_="skip", href="#main"),
        element("header", element("div", brand, links, class_="wide"), class_="top"),
        element("main", *content, id="main", class_="wide"),
        element("footer", element("p", note), class_="wide"),
    )
    return document(element("html", head, body, lang="en-GB"))


def _search(
    action: str, name: str, label: str, button: str, kept: Child = None, quiet: bool = False
) -> Element:
    field = element(
        "input", id=name, name=name, type="text", required=True, maxlength="200", autocomplete="off"
    )
    press = element("button", button, type="submit", class_="quiet" if quiet else None)
    return element(
        "form",
        element("label", label, for_=name),
        element("div", field, kept, press, class_="row"),
        class_="card search",
        action=f"/report/{action}",
        method="get",
    )


def _groups() -> list[tuple[str, list[Category]]]:
    return [
        (group, list(kinds)) for group, kinds in groupby(CATEGORIES.values(), key=lambda each: each.group)
    ]


def _group(name: str, kinds: list[Category], chosen: Category | None) -> Element:
    items = (
        element(
            "li",
            element(
                "a",
                each.name,
                href="/report/?" + urlencode({"filter_category": each.name}),
                aria_current="true" if each == chosen else None,
            ),
            element("span", each.description),
        )
        for each in kinds
    )
    return element("section", element("h3", name), element("ul", items), class_="card", aria_label=name)


def _list_of(reports: Iterable[Report]) -> Element:
    items = (
        element(
            "li",
            element("a", each.title, href=f"/report/report/{each.id}"),
            element("span", f"{each.category.name}, {each.place}"),
            _tag(each),
        )
        for each in reports
    )
    return element("ul", items, class_="card recent")


def _tag(report: Report) -> Element:
    return element("strong", report.status.capitalize(), class_=f"tag {report.open311_status}")


def _errors(errors: Mapping[str, str]) -> Element:
    items = (element("li", element("a", message, href=f"#{name}")) for name, message in errors.items())
    return element(
        "div", element("h2", "Something is missing"), element("ul", items), class_="errors", role="alert"
    )


def _field(name: str, label: str, value: str) -> tuple[Element, Element]:
    field = element(
        "input", id=name, name=name, type="text", required=True, maxlength=str(LONGEST[name]), value=value
    )
    return element("label", label, for_=name), field


def _area(name: str, value: str, rows: str, described_by: str | None = None) -> Element:
    most = str(LONGEST[name])
    return element(
        "textarea", value, id=name, name=name, rows=rows, maxlength=most, aria_describedby=described_by
    )


def _category_choice(chosen: str) -> Element:
    groups = (
        element(
            "optgroup",
            (element("option", each.name, value=each.code, selected=each.code == chosen) for each in kinds),
            label=group,
        )
        for group, kinds in _groups()
    )
    first = element("option", "Choose one", value="")
    return element("select", first, groups, id="category", name="category", required=True)


def _thanks(report: Report) -> Element:
    return element(
        "div",
        element("h2", "Thank you. Your report has been sent."),
        element("p", "Tracking code: ", element("strong", report.id)),
        element("p", "Keep it: with it you can ask the council how the report is getting on."),
        class_="done",
        role="status",
    )


def _fact(name: str, value: str) -> tuple[Element, Element]:
    return element("dt", name), element("dd", value, class_="detail")


def _as_the_council(report: Report) -> Element:
    statuses = (element("option", each, selected=each == report.status) for each in STATUSES)
    return element(
        "form",
        element("h2", "Be the council"),
        element("p", "What the street team would do in its own system.", class_="hint"),
        element("label", "Status", for_="status"),
        element("select", statuses, id="status", name="status"),
        element("label", "Note to the public", for_="notes"),
        _area("notes", report.notes, rows="3"),
        element("button", "Change the report", type="submit", class_="quiet"),
        class_="card council",
        action=f"/report/report/{report.id}/status",
        method="post",
    )


def _spoken(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
