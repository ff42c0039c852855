"""The residents of the sandbox: a name, and the ids that each platform knows them by."""

import hashlib
import re
from dataclasses import dataclass, replace

_NOT_IN_A_HANDLE = re.compile(r"[^A-Za-z0-9_]")


@dataclass(frozen=True)
class Person:
    """Somebody who writes to the council. The ids follow from the name, so they outlive a restart."""

    name: str
    handle: str
    x_id: str
    psid: str
    """Page-scoped id, on messages and comments alike."""
    automated: bool = False
    """Carries X's "Automated" label: another bot."""
    blocked: bool = False
    """Has blocked the council: nothing can be sent to them on Facebook, and no direct message on X."""


class People:
    """Everybody who was met so far, found by name or by any id."""

    def __init__(self) -> None:
        self._by_name: dict[str, Person] = {}
        self._name_of: dict[str, str] = {}

    def called(self, name: str) -> Person:
        """The person of that name, who is made up if new."""
        name = " ".join(name.split()) or "Somebody"
        if name not in self._by_name:
            self._keep(_invent(name, taken={each.handle.lower() for each in self._by_name.values()}))
        return self._by_name[name]

    def known_as(self, platform_id: str) -> Person | None:
        """The person with that X id, page-scoped id or handle."""
        name = self._name_of.get(platform_id.lower())
        return self._by_name[name] if name is not None else None

    def change(self, name: str, *, automated: bool | None = None, blocked: bool | None = None) -> Person:
        """Set what is not None; returns the person as now known."""
        person = self.called(name)
        changed = replace(
            person,
            automated=person.automated if automated is None else automated,
            blocked=person.blocked if blocked is None else blocked,
        )
        self._keep(changed)
        return changed

    def everyone(self) -> list[Person]:
        """All, in the order in which they were met."""
        return list(self._by_name.values())

    def _keep(self, person: Person) -> None:
        self._by_name[person.name] = person
        for key in (person.x_id, person.psid, person.handle.lower()):
            self._name_of[key] = person.name


def _invent(name: str, taken: set[str]) -> Person:
    digest = hashlib.sha256(name.encode()).digest()
    number = int.from_bytes(digest[:8])
    stem = _NOT_IN_A_HANDLE.sub("", name)[:12] or "resident"
    handle = stem if stem.lower() not in taken else f"{stem}{number % 1000:03}"
    return Person(
        name=name,
        handle=handle,
        x_id=str(1_600_000_000_000_000_000 + number % 100_000_000_000_000_000),
        psid=str(3_000_000_000_000_000 + number % 6_000_000_000_000_000),
    )
