"""All that is particular to one council, from council.yml."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from bot.yamlfile import ConfigError, read_yaml

__all__ = [
    "ConfigError",
    "Council",
    "CouncilPhone",
    "Handle",
    "HelpInLanguages",
    "HttpsUrl",
    "LocalPartner",
    "Phone",
    "ReportingTool",
    "load_council",
]

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Region = Literal["England", "Scotland", "Wales", "Northern Ireland"]

SHORT_NUMBERS = frozenset({"999", "112", "101", "105", "111", "119", "159", "116123", "116000", "18000"})
"""UK numbers that are dialled as they stand (Ofcom, National Telephone Numbering Plan)."""


LONGEST_CODE = 40


def _https(value: str) -> str:
    parts = urlsplit(value)
    if (
        parts.scheme != "https"
        or not parts.hostname
        or "." not in parts.hostname
        or re.search(r"[\s{}]", value)
    ):
        raise ValueError(f"must be an https address, not {value!r}")
    return value


def _phone(value: str) -> str:
    digits = value.replace(" ", "").removeprefix("18001")  # 18001 is Relay UK's prefix for text phones
    if not re.fullmatch(r"[0-9 ]+", value) or "  " in value or value != value.strip():
        raise ValueError(f"must be a phone number of digits and single spaces, not {value!r}")
    if digits not in SHORT_NUMBERS and not re.fullmatch(r"0[1-9]\d{8,9}|0800\d{4}", digits):
        raise ValueError(f"is not a UK phone number: {value!r}")
    return value


def _handle(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_]{1,15}", value):
        raise ValueError(f"must be an X handle without @ (letters, digits, _; 15 at most), not {value!r}")
    return value


HttpsUrl = Annotated[str, AfterValidator(_https)]
Phone = Annotated[str, AfterValidator(_phone)]
Handle = Annotated[str, AfterValidator(_handle)]
Text = Annotated[str, Field(min_length=1, max_length=160)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CouncilPhone(_Part):
    """The council's phone numbers."""

    main: Phone
    out_of_hours: Phone
    textphone: Phone | None = None


class Handles(_Part):
    """The council's own accounts, without @."""

    x: Handle
    facebook: str = Field(pattern=r"^[A-Za-z0-9.]{5,50}$")


class ReportingTool(_Part):
    """The online reporting tool that takes reports and gives tracking codes."""

    name: Text
    url: HttpsUrl
    report_path: str = Field("/report/{code}", pattern=r"^/[^{}\s]*\{code\}[^{}\s]*$")
    code_pattern: str = "[0-9]{5,9}"
    code_example: str = "1234567"

    @field_validator("code_pattern")
    @classmethod
    def pattern_must_compile(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from None
        return value

    @model_validator(mode="after")
    def example_must_be_a_code(self) -> ReportingTool:
        if not self.is_code(self.code_example):
            raise ValueError("code_example does not match code_pattern")
        return self

    def is_code(self, value: str) -> bool:
        """Whether the text could be a tracking code of this tool; nothing else may reach its server."""
        return len(value) <= LONGEST_CODE and re.fullmatch(self.code_pattern, value) is not None


class Complaints(_Part):
    """Where the complaints procedure stands."""

    page: HttpsUrl


class HelpInLanguages(_Part):
    """Where residents get help in other languages than English, and whether a person also gets their message."""

    page: HttpsUrl
    phone: Phone
    hand_over: bool = True


class LocalPartner(_Part):
    """A partner that differs from place to place, such as the water company."""

    name: Text
    phone: Phone
    page: HttpsUrl
    x: Handle | None = None
    facebook: str | None = None


class Council(_Part):
    """One council: who it is, when people are there, where its places are."""

    name: Text
    short_name: Text
    region: Region
    time_zone: str
    website: HttpsUrl
    office_hours: dict[Weekday, tuple[time, time]] = Field(min_length=1)
    extra_closed_days: frozenset[date] = frozenset()
    polling_days: frozenset[date] = frozenset()
    phone: CouncilPhone
    email: str | None = Field(None, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    address: Text
    handles: Handles
    reporting_tool: ReportingTool
    complaints: Complaints
    languages: HelpInLanguages
    partners: dict[str, LocalPartner] = {}
    wards: tuple[Text, ...] = Field(min_length=1)
    areas: tuple[Text, ...] = ()
    postcodes: tuple[Annotated[str, Field(pattern=r"^[A-Z]{1,2}\d[A-Z\d]?$")], ...] = Field(min_length=1)

    @field_validator("time_zone")
    @classmethod
    def time_zone_must_exist(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"is no time zone: {value!r}") from None
        return value

    @field_validator("office_hours")
    @classmethod
    def days_must_open_before_they_close(
        cls, value: dict[Weekday, tuple[time, time]]
    ) -> dict[Weekday, tuple[time, time]]:
        for day, (opens, closes) in value.items():
            if opens.tzinfo or closes.tzinfo or opens >= closes:
                raise ValueError(f'{day} must open before it closes, in local time, as in ["09:00", "17:00"]')
        return value

    @field_validator("wards", "areas", "postcodes")
    @classmethod
    def names_must_differ(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        seen: set[str] = set()
        for name in value:
            if name.casefold() in seen:
                raise ValueError(f"names {name!r} twice")
            seen.add(name.casefold())
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The council's own time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def area_name(self) -> str:
        """What residents call the place: the short name without the word Council."""
        return self.short_name.removesuffix(" Council")

    @property
    def domain(self) -> str:
        """The council's domain without `www.`; pages of services must stand on it or below it."""
        return (urlsplit(self.website).hostname or "").removeprefix("www.")


def load_council(path: Path = Path("council.yml")) -> Council:
    """Read and check council.yml; raises ConfigError with file and line."""
    return read_yaml(path).checked(Council)
