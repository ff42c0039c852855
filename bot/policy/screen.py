"""Screening: one message through every check, by the council's policy. Pure: same message, same findings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, get_args

from bot.council import load_council
from bot.policy.adverts import Adverts
from bot.policy.civility import Civility
from bot.policy.contacts import public_contacts
from bot.policy.copied import Copied
from bot.policy.danger import DangerCheck
from bot.policy.defamation import Defamation
from bot.policy.elections import Elections
from bot.policy.findings import SEVERITIES, Clause, Context, Finding, Screening
from bot.policy.impersonation import Impersonation
from bot.policy.personal import PersonalData
from bot.policy.policy import Policy, load_policy
from bot.policy.reading import Reading, read
from bot.policy.relevance import Relevance
from bot.policy.repeats import Repeats

_ORDER = {name: place for place, name in enumerate(get_args(Clause))}


class Check(Protocol):
    """One check of a clause."""

    def check(self, reading: Reading, context: Context) -> list[Finding]:
        """What it finds in a message, each with the severity that it deserves as the check sees it."""


class Screener:
    """All checks, made ready once: making it takes seconds, screening a message milliseconds."""

    def __init__(
        self, policy: Policy, checks: Sequence[Check], personal: PersonalData, danger: DangerCheck
    ) -> None:
        self.policy = policy
        self.personal = personal
        self.danger = danger
        self._checks = tuple(checks)

    @classmethod
    def from_files(cls, root: Path) -> Screener:
        """With council.yml and data/ below `root`; raises ConfigError with file and line."""
        policy = load_policy(root / "data" / "policy.yml")
        council = load_council(root / "council.yml")
        clauses = policy.clauses
        checks: tuple[Check, ...] = (
            Civility.from_files(root, clauses.civility.thresholds),
            Repeats.from_files(root, clauses.spam.thresholds),
            Adverts.from_files(root, council, clauses.advertising.thresholds),
            Impersonation.from_files(root, council, clauses.impersonation.thresholds),
            Copied.from_files(root, clauses.copyright.thresholds),
            Defamation.from_files(root, council, clauses.defamation.thresholds),
            Elections.from_files(root),
            Relevance.from_files(root, council, clauses.relevance.thresholds),
        )
        personal = PersonalData.from_files(root / "data" / "policy", public_contacts(root, council))
        return cls(policy, checks, personal, DangerCheck.from_file(root / "data" / "policy" / "danger.yml"))

    def screen(self, text: str, context: Context | None = None) -> Screening:
        """What the text breaks, what personal data it holds and whether anyone is in danger. Never raises.

        Args:
            text: as it was written.
            context: what is known beside it; public and by nobody if None.
        """
        context = context or Context()
        reading = read(text)
        data = self.personal.find_in(reading)
        found = [each for check in self._checks for each in check.check(reading, context)]
        found += self.personal.judged(data, context)
        judged = (self.policy.judged(each, context.visibility) for each in found)
        danger, start, end = self.danger.find(reading) or (None, 0, 0)
        return Screening(
            findings=tuple(sorted((each for each in judged if each is not None), key=_gravest_first)),
            personal_data=data,
            danger=danger,
            danger_evidence=(start, end),
        )


def _gravest_first(finding: Finding) -> tuple[int, int, int, int, str]:
    return (-SEVERITIES[finding.severity], _ORDER[finding.clause], finding.start, finding.end, finding.check)
