"""The intents by family: in the order, and under the comments, of the list in domain.yml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bot.nlu.decide import FALLBACK

_HEADING = re.compile(r"\s+#\s*(?P<name>.+)")
_ITEM = re.compile(r"\s*-\s+(?P<name>\w+)")
_NEXT_PART = re.compile(r"\w")


class DomainUnreadable(ValueError):
    """domain.yml has no list of intents; the message says so in one sentence."""


@dataclass(frozen=True)
class Family:
    """Intents that belong together, and what the comment above them calls them."""

    name: str
    intents: tuple[str, ...]


def read_families(path: Path) -> tuple[Family, ...]:
    """The families of a domain's intents, but for the fallback's, which nobody means.

    Read line by line, since a YAML reader gives no comments. Raises `DomainUnreadable`.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DomainUnreadable(f"{path} cannot be read: {error}") from error
    found: list[tuple[str, list[str]]] = []
    inside = False
    for line in lines:
        if line.rstrip() == "intents:":
            inside = True
        elif inside and _NEXT_PART.match(line):
            break
        elif inside and (heading := _HEADING.fullmatch(line)):
            found.append((heading["name"].strip(), []))
        elif inside and (item := _ITEM.match(line)) and item["name"] != FALLBACK:
            if not found:
                found.append(("intents", []))
            found[-1][1].append(item["name"])
    families = tuple(Family(name, tuple(intents)) for name, intents in found if intents)
    if not families:
        raise DomainUnreadable(f"{path} lists no intents")
    return families
