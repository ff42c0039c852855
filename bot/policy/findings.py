"""What screening a message gives: which clauses it touches, what personal data it holds, whether anyone is in danger.

The names of clauses, severities, personal data and dangers are those of the outside contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Clause = Literal[
    "civility",
    "personal_information",
    "spam",
    "advertising",
    "impersonation",
    "copyright",
    "defamation",
    "party_political",
    "relevance",
]
Severity = Literal["note", "flag", "hide"]
PersonalKind = Literal[
    "phone",
    "email",
    "postcode",
    "address",
    "ni_number",
    "nhs_number",
    "vehicle_plate",
    "card",
    "bank",
    "person",
    "dob",
    "council_tax_account",
]
Danger = Literal["emergency_danger", "self_harm", "safeguarding"]
Visibility = Literal["public", "private"]
SEVERITIES: Mapping[Severity, int] = {"note": 0, "flag": 1, "hide": 2}


@dataclass(frozen=True)
class Finding:
    """One clause touched.

    Attributes:
        clause: of the policy.
        severity: `note` is recorded only, `flag` is shown to staff, `hide` is taken from view, reversibly.
        check: which check found it and on what ground, such as `civility.threat`; staff read it.
        start, end: the evidence, in Python characters of the text given; 0, 0 if it is elsewhere (a display name).
    """

    clause: Clause
    severity: Severity
    check: str
    start: int
    end: int


@dataclass(frozen=True)
class PersonalDatum:
    """A piece of personal data: `start` and `end` count Python characters of the text given."""

    start: int
    end: int
    kind: PersonalKind


@dataclass(frozen=True)
class EarlierMessage:
    """A message that came before, for the check of repeats.

    Attributes:
        text: as it was written.
        author: the handle, empty if unknown.
        at: when, with time zone; None where order alone is known, as in a file of messages.
        group: what belongs together, such as a public thread or a line's `group` in a file; empty if nothing.
    """

    text: str
    author: str = ""
    at: datetime | None = None
    group: str = ""


@dataclass(frozen=True)
class Context:
    """What is known beside the text.

    Attributes:
        visibility: whether others can read it; some clauses only apply to what they can.
        author_handle, display_name: as the platform gives them; empty if unknown.
        election_period: whether the six weeks before a poll are running.
        group: see `EarlierMessage`.
        at: when it was written, with time zone; None if unknown.
        earlier: what was screened before, oldest first, no more than the check of repeats looks back.
    """

    visibility: Visibility = "public"
    author_handle: str = ""
    display_name: str = ""
    election_period: bool = False
    group: str = ""
    at: datetime | None = None
    earlier: tuple[EarlierMessage, ...] = field(default=())


@dataclass(frozen=True)
class Screening:
    """All that was found; `findings` with the gravest first."""

    findings: tuple[Finding, ...] = ()
    personal_data: tuple[PersonalDatum, ...] = ()
    danger: Danger | None = None
    danger_evidence: tuple[int, int] = (0, 0)
