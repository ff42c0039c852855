"""Contact details that are public: the council's own and those of partners it lists. They are nobody's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel

from bot.council import Council
from bot.directory import load_directory
from bot.yamlfile import read_yaml

_NUMBER_FIELDS = frozenset({"phone", "number", "main", "out_of_hours", "textphone"})
_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})\b")
PUBLIC_BODIES = ("gov.uk", "nhs.uk", "nhs.net", "police.uk", "parliament.uk", "gov.scot", "gov.wales")


@dataclass(frozen=True)
class PublicContacts:
    """What may be said by anybody.

    Attributes:
        phones: digits without the leading 0 or 44.
        emails: in small letters.
        postcodes: in capitals without the space.
        domains: whose shared mailboxes ("housing@", "info@") are public.
        streets: names of streets in small letters, so that one of few words is known with a house number before it.
        districts: first halves of the council's own postcodes, in capitals.
    """

    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    postcodes: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset(PUBLIC_BODIES)
    streets: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, council: Council, destinations: Iterable[BaseModel] = (), streets: Iterable[str] = ()
    ) -> PublicContacts:
        """The council's own, with its partners', those of the directory's destinations and the names of its streets."""
        listed = (council.phone, *council.partners.values(), council.languages, *destinations)
        phones = {national_digits(number) for each in listed for number in _numbers(each.model_dump())}
        pages = (council.website, *(partner.page for partner in council.partners.values()))
        hosts = {(urlsplit(page).hostname or "").removeprefix("www.") for page in pages}
        return cls(
            phones=frozenset(phones - {""}),
            emails=frozenset({council.email.lower()} if council.email else ()),
            postcodes=frozenset("".join(found) for found in _POSTCODE.findall(council.address)),
            domains=frozenset({*PUBLIC_BODIES, *hosts}),
            streets=frozenset(street.casefold() for street in streets),
            districts=frozenset(council.postcodes),
        )


def national_digits(number: str) -> str:
    """The digits of a phone number without what comes before the area code: 0, 44 or 0044, or Relay UK's 18001."""
    digits = "".join(letter for letter in number if letter.isdecimal())
    digits = digits.removeprefix("18001") if len(digits) > 12 else digits
    for prefix in ("0044", "44"):
        if digits.startswith(prefix) and len(digits) - len(prefix) >= 9:
            digits = digits.removeprefix(prefix)
            break
    return digits.removeprefix("0")


def _numbers(part: object) -> Iterator[str]:
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name in _NUMBER_FIELDS and isinstance(value, str):
                yield value
            else:
                yield from _numbers(value)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _numbers(each)


def public_contacts(root: Path, council: Council) -> PublicContacts:
    """What council.yml and data/ below `root` list; raises ConfigError."""
    directory = load_directory(council, root / "data" / "directory.yml", root / "domain.yml")
    places = read_yaml(root / "data" / "places" / "streets.yml").checked(_Streets)
    return PublicContacts.of(council, directory.destinations.values(), places.streets)


class _Streets(BaseModel):
    streets: tuple[str, ...]
