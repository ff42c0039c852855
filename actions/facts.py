"""What every action knows: the council, its hours, the directory and the words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from actions.wording import Wording, load_wording
from bot.council import Council, load_council
from bot.directory import Directory, load_directory
from bot.hours import OfficeHours
from bot.languages import Languages, load_languages


@dataclass(frozen=True)
class Facts:
    """Read once when the server starts; nothing in it changes."""

    council: Council
    hours: OfficeHours
    directory: Directory
    wording: Wording
    languages: Languages


def load_facts(root: Path) -> Facts:
    """Read council.yml, domain.yml and the files of data/ below `root`; raises ConfigError."""
    council = load_council(root / "council.yml")
    domain = root / "domain.yml"
    directory = load_directory(council, root / "data" / "directory.yml", domain)
    languages = load_languages(root / "data" / "languages.yml")
    return Facts(council, OfficeHours.of(council), directory, load_wording(domain), languages)
