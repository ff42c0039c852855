"""Where each purpose leads, and how it is named in a choice; from data/directory.yml."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote, urlencode, urljoin, urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from bot.council import ConfigError, Council, Handle, HttpsUrl, Phone
from bot.yamlfile import Document, read_yaml

REPORTING_URL_SETTING = "SIGNPOST_REPORTING_URL"
PHONE: TypeAdapter[str] = TypeAdapter(Phone)

Title = Annotated[str, Field(min_length=2, max_length=70)]
Note = Annotated[str, Field(min_length=2, max_length=160)]
Page = Annotated[str, Field(pattern=r"^(https://\S+|/\S*)$")]
"""An https address, or a path on the council's own website."""
Number = Annotated[str, Field(min_length=2)]
"""A phone number, or the name of one of the council's own: `main`, `out_of_hours`."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UrgentPhone(_Part):
    """Whom to phone about a report that cannot wait; `label` completes "If …, call …"."""

    label: Note
    number: Number


class Emergency(_Part):
    """A partner's number for what cannot wait; `when` completes "Call … if …"."""

    number: Phone
    when: Note


class Contact(_Part):
    """One of those to call, or to text, in a matter of safety; `when` completes "…: 999, if …"."""

    who: Title
    number: Phone | None = None
    when: Note
    page: Page | None = None
    text: Annotated[str, Field(pattern=r"^[^{}]{3,60}$")] | None = None

    @model_validator(mode="after")
    def must_be_reachable(self) -> Contact:
        if (self.number is None) == (self.text is None):
            raise ValueError("must have either number or text")
        return self


class Report(_Part):
    """A report in the online reporting tool; `title` completes "You can report …"."""

    kind: Literal["report"]
    title: Title
    category: Title
    group: Title | None = None
    ask_for: tuple[Title, ...] = Field(min_length=1, max_length=4)
    note: Note | None = None
    urgent_phone: UrgentPhone | None = None


class Service(_Part):
    """A service of the council; `title` completes "This page is about …"."""

    kind: Literal["service"]
    title: Title
    page: Page
    phone: Number | None = None
    hours: Note | None = None
    note: Note | None = None
    urgent_phone: UrgentPhone | None = None


class Partner(_Part):
    """Someone other than the council; `title` completes "… is for …", `why` is a whole sentence.

    `council_partner` names an entry of council.yml's `partners`, which then gives who and how to reach them.
    """

    kind: Literal["partner"]
    title: Title
    why: Note
    council_partner: str | None = None
    who: str = ""
    phone: Phone | None = None
    page: Page = ""
    x: Handle | None = None
    facebook: str | None = None
    note: Note | None = None
    emergency: Emergency | None = None

    @model_validator(mode="after")
    def must_say_who_and_where(self) -> Partner:
        if not self.council_partner and not (self.who and self.page):
            raise ValueError("must have who and page, or council_partner")
        return self


BehaviourName = Literal[
    "tracking", "hand_over", "safety", "small_talk", "opt_out", "about", "policy", "unclear", "out_of_scope"
]
Urgency = Literal["normal", "high", "urgent"]


class Behaviour(_Part):
    """Something the bot does itself."""

    kind: Literal["behaviour"]
    behaviour: BehaviourName
    queue: Literal["complaints", "person", "safety", "unclear"] | None = None
    urgency: Urgency = "normal"
    contacts: tuple[Contact, ...] = ()

    @model_validator(mode="after")
    def must_have_what_the_behaviour_needs(self) -> Behaviour:
        if self.behaviour in ("hand_over", "safety", "unclear") and self.queue is None:
            raise ValueError(f"{self.behaviour} must name a queue")
        if self.behaviour == "safety" and len(self.contacts) < 1:
            raise ValueError("safety must name contacts")
        return self


class Choice(_Part):
    """How a purpose is put when the bot asks which of two or three is meant.

    `label` goes on a button (Messenger takes 20 characters) and stands before `clause`, which says in plain words
    what it covers.
    """

    label: Annotated[str, Field(pattern=r"^[^{}:]{2,20}$")]
    clause: Annotated[str, Field(pattern=r"^[^{}]{8,80}$")]


NEVER_ASKED_ABOUT: frozenset[BehaviourName] = frozenset(
    {"small_talk", "opt_out", "policy", "unclear", "out_of_scope"}
)
"""Behaviours that no resident is asked to choose; bot/nlu/decide.py leaves their intents out."""

Destination = Annotated[Report | Service | Partner | Behaviour, Field(discriminator="kind")]


class _File(_Part):
    partner_domains: frozenset[Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]]
    destinations: dict[str, Destination]
    choices: dict[str, Choice]


class Directory:
    """Every purpose's destination, with the council's own facts filled in."""

    def __init__(
        self,
        council: Council,
        destinations: Mapping[str, Report | Service | Partner | Behaviour],
        choices: Mapping[str, Choice],
    ) -> None:
        self.council = council
        self.destinations = dict(destinations)
        self.choices = dict(choices)

    def __getitem__(self, intent: str) -> Report | Service | Partner | Behaviour:
        """The destination of an intent; raises KeyError when there is none of that name."""
        return self.destinations[intent]

    def get(self, intent: str) -> Report | Service | Partner | Behaviour | None:
        """The destination of an intent, or None when there is none of that name."""
        return self.destinations.get(intent)

    def __contains__(self, intent: object) -> bool:
        return intent in self.destinations

    @property
    def reporting_url(self) -> str:
        """The reporting tool's address without a slash at its end; the environment's before council.yml's."""
        return (os.environ.get(REPORTING_URL_SETTING) or self.council.reporting_tool.url).rstrip("/")

    def report_link(
        self,
        intent: str,
        postcode: str | None = None,
        latlon: tuple[float, float] | None = None,
        place: str | None = None,
    ) -> str:
        """The reporting tool's form for this kind of report, at the place when one is known.

        As FixMyStreet reads it: `/around` looks up a place (`pc` takes a postcode or a street) and keeps
        `filter_category`; without a place `/around` throws the category away, so the front page takes it.
        Raises KeyError for an intent that is not a report.
        """
        destination = self.destinations[intent]
        if not isinstance(destination, Report):
            raise KeyError(intent)
        query: dict[str, str] = {}
        if latlon is not None:
            query = {"latitude": f"{latlon[0]:.6f}", "longitude": f"{latlon[1]:.6f}"}
        elif postcode or place:
            query = {"pc": postcode or place or ""}
        path = "/around" if query else "" if urlsplit(self.reporting_url).path else "/"
        query["filter_category"] = destination.category
        if destination.group:
            query["filter_group"] = destination.group
        return f"{self.reporting_url}{path}?{urlencode(query)}"

    def status_link(self, code: str) -> str:
        """The page of one report in the reporting tool."""
        path = self.council.reporting_tool.report_path.replace("{code}", quote(code, safe=""))
        return self.reporting_url + path

    def page(self, intent: str) -> str | None:
        """Where this purpose leads, as one address: None for what the bot does itself."""
        destination = self.destinations[intent]
        if isinstance(destination, Report):
            return self.report_link(intent)
        return None if isinstance(destination, Behaviour) else destination.page


def read_intents(path: Path = Path("domain.yml")) -> tuple[str, ...]:
    """The names under `intents:` of domain.yml; raises ConfigError."""
    document = read_yaml(path)
    listed = document.root.get("intents")
    if not isinstance(listed, list) or not listed:
        raise document.error(("intents",), "must list the intents")
    names = tuple(str(next(iter(item))) if isinstance(item, dict) else str(item) for item in listed)
    return tuple(name for name in names if name != "nlu_fallback")  # the fallback's own, which is no purpose


def load_directory(
    council: Council, path: Path = Path("data/directory.yml"), domain: Path = Path("domain.yml")
) -> Directory:
    """Read data/directory.yml and check it against domain.yml's intents; raises ConfigError."""
    document = read_yaml(path, unnamed=("destinations",))
    file = document.checked(_File)
    intents = read_intents(domain)
    for intent in file.destinations:
        if intent not in intents:
            raise document.error(("destinations", intent), f"is no intent of {domain}")
    for intent in intents:
        if intent not in file.destinations:
            raise document.error(("destinations",), f"has no destination for the intent {intent} of {domain}")
    resolver = _Resolver(document, council, file.partner_domains)
    resolved = {intent: resolver.resolved(intent, each) for intent, each in file.destinations.items()}
    _check_choices(document, file)
    return Directory(council, resolved, file.choices)


def _check_choices(document: Document, file: _File) -> None:
    """Every purpose that the bot may ask about has its words, no other has, and no two have the same label."""
    asked_about = {
        intent
        for intent, each in file.destinations.items()
        if not (isinstance(each, Behaviour) and each.behaviour in NEVER_ASKED_ABOUT)
    }
    labels: dict[str, str] = {}
    for intent, choice in file.choices.items():
        if intent not in asked_about:
            raise document.error(("choices", intent), "is nothing that the bot asks about")
        first = labels.setdefault(choice.label.casefold(), intent)
        if first != intent:
            raise document.error(("choices", intent, "label"), f"is the same as that of {first}")
    for intent in file.destinations:
        if intent in asked_about and intent not in file.choices:
            raise document.error(("choices",), f"has no words for {intent}")


class _Resolver:
    """Fills in the council's own facts, and names the line of what cannot be filled in."""

    def __init__(self, document: Document, council: Council, partner_domains: frozenset[str]) -> None:
        self._document = document
        self._council = council
        self._domains = partner_domains | {council.domain}

    def resolved(
        self, intent: str, destination: Report | Service | Partner | Behaviour
    ) -> Report | Service | Partner | Behaviour:
        """The destination with whole addresses and real numbers; raises ConfigError."""
        if isinstance(destination, Report):
            return destination.model_copy(update=self._urgent(intent, destination.urgent_phone))
        if isinstance(destination, Service):
            filled = self._urgent(intent, destination.urgent_phone)
            filled["page"] = self._page(destination.page, intent, "page")
            filled["phone"] = self._number(destination.phone, intent, "phone") if destination.phone else None
            return destination.model_copy(update=filled)
        if isinstance(destination, Partner):
            return destination.model_copy(update=self._partner(intent, destination))
        contacts = tuple(
            contact.model_copy(update={"page": self._page(contact.page, intent, "contacts", index, "page")})
            if contact.page
            else contact
            for index, contact in enumerate(destination.contacts)
        )
        return destination.model_copy(update={"contacts": contacts})

    def _partner(self, intent: str, partner: Partner) -> dict[str, object]:
        if partner.council_partner is None:
            return {"page": self._page(partner.page, intent, "page")}
        local = self._council.partners.get(partner.council_partner)
        if local is None:
            raise self._wrong(
                f"council.yml has no partner {partner.council_partner!r}", intent, "council_partner"
            )
        facts = {"phone": local.phone, "page": local.page, "x": local.x, "facebook": local.facebook}
        return {"who": local.name, **facts}

    def _urgent(self, intent: str, urgent: UrgentPhone | None) -> dict[str, object]:
        if urgent is None:
            return {}
        number = self._number(urgent.number, intent, "urgent_phone", "number")
        return {"urgent_phone": urgent.model_copy(update={"number": number})}

    def _page(self, value: str, *location: str | int) -> str:
        if value.startswith("/"):
            return urljoin(self._council.website, value)
        host = urlsplit(value).hostname or ""
        if not any(host == each or host.endswith(f".{each}") for each in self._domains):
            raise self._wrong(f"{host} is neither the council's domain nor in partner_domains", *location)
        return value

    def _number(self, value: str, *location: str | int) -> str:
        own = {"main": self._council.phone.main, "out_of_hours": self._council.phone.out_of_hours}
        try:
            return own.get(value) or PHONE.validate_python(value)
        except ValidationError:
            raise self._wrong(f"is not a UK phone number: {value!r}", *location) from None

    def _wrong(self, message: str, *location: str | int) -> ConfigError:
        return self._document.error(("destinations", *location), message)


__all__ = [
    "REPORTING_URL_SETTING",
    "Behaviour",
    "Choice",
    "ConfigError",
    "Contact",
    "Destination",
    "Directory",
    "Emergency",
    "HttpsUrl",
    "Partner",
    "Report",
    "Service",
    "UrgentPhone",
    "load_directory",
    "read_intents",
]
