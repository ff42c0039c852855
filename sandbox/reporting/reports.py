"""Reports in the reporting tool: their categories, tracking codes and progress."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sandbox.clock import Clock, iso
from sandbox.config import SandboxConfig
from sandbox.conversation import Impossible
from sandbox.documents import Document, MalformedDocument
from sandbox.journal import Feed

DIALECTS = ("plain", "fixmystreet", "xml")
STATUSES = ("open", "in progress", "fixed", "closed")


@dataclass(frozen=True)
class Category:
    """A kind of problem that can be reported."""

    code: str
    name: str
    group: str
    description: str


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")


CATEGORIES: Mapping[str, Category] = {
    _slug(name): Category(_slug(name), name, group, description)
    for group, kinds in {
        "Waste and litter": (
            ("Fly-tipping", "Dumped rubbish, furniture, rubble or bags"),
            ("Street cleaning", "Litter, glass or leaves in a street"),
            ("Litter bins", "A public bin that is full, damaged or missing"),
            ("Dog fouling", "Dog mess in a public place"),
            ("Needles and drug litter", "Syringes and other drug litter"),
            ("Dead animals", "A dead animal in a road or public place"),
            ("Missed bin", "A household collection that did not come"),
        ),
        "Streets": (
            ("Graffiti", "Writing or painting on walls and street furniture"),
            ("Flyposting", "Posters and stickers put up without leave"),
            ("Abandoned vehicles", "A vehicle left for good or burnt out"),
            ("Abandoned bikes and scooters", "A bike or scooter left in the way"),
            ("Obstructions", "Skips, scaffolding or boards in the way"),
            ("Parking enforcement", "A vehicle parked where it must not be"),
        ),
        "Roads and pavements": (
            ("Potholes", "A hole or defect in the road surface"),
            ("Pavements", "Broken slabs, kerbs and trip hazards"),
            ("Street lighting", "A lamp that is out, flickering or damaged"),
            ("Traffic lights and signs", "Lights, signs, bollards and road markings"),
            ("Drains and flooding", "A gully that takes no water, or standing water"),
        ),
        "Parks and green spaces": (
            ("Trees and hedges", "Overgrown, fallen or dangerous trees"),
            ("Parks and play areas", "Damage to play areas, benches and pitches"),
            ("Public toilets", "A toilet that is dirty, shut or broken"),
        ),
        "Neighbourhood": (
            ("Noise", "Parties, building work, alarms"),
            ("Smoke and air pollution", "Bonfires, fumes and smells"),
            ("Pests", "Rats, mice, wasps and bed bugs"),
            ("Antisocial behaviour", "Nuisance by people or groups"),
            ("Stray dogs", "A lost, found or loose dog"),
            ("Planning breach", "Building work without permission"),
            ("Food hygiene", "A dirty kitchen, or illness after a meal"),
        ),
    }.items()
    for name, description in kinds
}
"""By code. The names are those by which the council's directory links to its reporting tool."""


def category_named(wanted: str) -> Category | None:
    """The category with that name or code, in whatever case."""
    return CATEGORIES.get(_slug(wanted.strip()))


@dataclass(frozen=True)
class Report:
    """A report as its page shows it."""

    id: str
    """The tracking code: seven digits."""
    token: str
    category: Category
    title: str
    detail: str
    place: str
    latitude: float | None
    longitude: float | None
    created_at: datetime
    updated_at: datetime
    status: str = "open"
    notes: str = ""
    hidden: bool = False

    @property
    def open311_status(self) -> str:
        """GeoReport knows only open and closed."""
        return "open" if self.status in ("open", "in progress") else "closed"

    @property
    def open311_notes(self) -> str | None:
        """What was noted, or what the status says that open and closed can't."""
        if self.notes:
            return self.notes
        return {"in progress": "In progress.", "fixed": "Fixed."}.get(self.status)

    def as_document(self) -> Document:
        """The report for the control API."""
        return {
            "id": self.id,
            "service_code": self.category.code,
            "title": self.title,
            "detail": self.detail,
            "place": self.place,
            "status": self.status,
            "status_notes": self.notes,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "hidden": self.hidden,
        }


class Reports:
    """All reports, and how their Open311 server speaks."""

    def __init__(self, config: SandboxConfig, clock: Clock, feed: Feed) -> None:
        self._config = config
        self._clock = clock
        self._feed = feed
        self.dialect = config.open311_dialect
        self.jurisdiction = config.open311_jurisdiction
        self.needs_jurisdiction = config.open311_needs_jurisdiction
        self._reports: dict[str, Report] = {}
        self._next = config.first_report or 2_000_000 + secrets.randbelow(7_000_000)

    def reset(self) -> None:
        """No reports, and the dialect that the sandbox was started with; codes go on, to stay unique."""
        self._reports.clear()
        self.dialect = self._config.open311_dialect
        self.needs_jurisdiction = self._config.open311_needs_jurisdiction

    def create(
        self,
        code: str,
        title: str,
        detail: str,
        place: str,
        latitude: float | None = None,
        longitude: float | None = None,
    ) -> Report:
        """A new report in a category there is."""
        now = self._clock.now()
        number, self._next = self._next, self._next + 1
        report = Report(
            id=str(number),
            token=secrets.token_hex(6),
            category=CATEGORIES[code],
            title=title,
            detail=detail,
            place=place,
            latitude=latitude,
            longitude=longitude,
            created_at=now,
            updated_at=now,
        )
        self._reports[report.id] = report
        self._feed.tell({"type": "report", "id": report.id})
        return report

    def find(self, report_id: str) -> Report | None:
        """The report, unless it is unknown or hidden."""
        report = self._reports.get(report_id)
        return None if report is None or report.hidden else report

    def by_token(self, token: str) -> Report | None:
        """The report that a token stands for."""
        return next((each for each in self._reports.values() if each.token == token), None)

    def everything(self) -> list[Report]:
        """All reports, hidden ones too, newest first."""
        return list(reversed(self._reports.values()))

    def change(
        self,
        report_id: str,
        *,
        status: str | None = None,
        notes: str | None = None,
        hidden: bool | None = None,
    ) -> Report:
        """Set what is not None. Raises Impossible if the report or the status does not exist."""
        report = self._reports.get(report_id)
        if report is None:
            raise Impossible(f"There is no report {report_id}.")
        if status is not None and status not in STATUSES:
            raise Impossible(f"'status' must be one of {', '.join(STATUSES)}.")
        self._reports[report_id] = replace(
            report,
            status=report.status if status is None else status,
            notes=report.notes if notes is None else notes,
            hidden=report.hidden if hidden is None else hidden,
            updated_at=self._clock.now(),
        )
        self._feed.tell({"type": "report", "id": report_id})
        return self._reports[report_id]

    def as_document(self) -> Document:
        """How the Open311 server speaks."""
        return {"dialect": self.dialect, "needs_jurisdiction": self.needs_jurisdiction}

    def configure(self, document: Document) -> None:
        """Change how the Open311 server speaks. Raises MalformedDocument."""
        dialect = document.get("dialect", self.dialect)
        needs = document.get("needs_jurisdiction", self.needs_jurisdiction)
        if (
            dialect not in DIALECTS
            or not isinstance(needs, bool)
            or not set(document) <= set(self.as_document())
        ):
            raise MalformedDocument(
                f"'dialect' must be one of {', '.join(DIALECTS)}, 'needs_jurisdiction' true or false."
            )
        self.dialect, self.needs_jurisdiction = dialect, needs
