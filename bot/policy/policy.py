"""The council's policy from data/policy.yml: its clauses, and what happens when a check finds one broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.policy.adverts import AdvertLimits
from bot.policy.civility import GROUNDS, CivilityLimits
from bot.policy.copied import CopiedLimits
from bot.policy.defamation import DefamationLimits
from bot.policy.findings import Clause, Finding, PersonalKind, Visibility
from bot.policy.impersonation import ImpersonationWeights
from bot.policy.relevance import RelevanceLimits
from bot.policy.repeats import RepeatLimits
from bot.yamlfile import read_yaml

FILE = Path("data") / "policy.yml"

CHECKS: Mapping[Clause, frozenset[str] | None] = {
    "civility": frozenset(f"civility.{ground}" for ground in GROUNDS),
    "personal_information": frozenset(f"personal_information.{kind}" for kind in get_args(PersonalKind)),
    "spam": frozenset({"repeats.same_person", "repeats.copied", "repeats.campaign"}),
    "advertising": frozenset({"adverts.scam", "adverts.offer"}),
    "impersonation": frozenset({"impersonation.name", "impersonation.demand"}),
    "copyright": frozenset(
        f"copied.{kind}" for kind in ("article", "song", "terms", "chain", "review", "other")
    ),
    "defamation": frozenset({"defamation.act", "defamation.label", "defamation.told"}),
    "party_political": frozenset(
        f"elections.{name}"
        for name in ("party", "candidate", "politician", "call", "campaign", "label", "dispute")
    ),
    "relevance": None,
}
"""What each clause's checks can find, by the names that their findings carry (`Finding.check`); None where its
data name them."""

Wording = Annotated[str, Field(min_length=20, max_length=400)]
Reminder = Annotated[str, Field(min_length=20, max_length=240)]
"""Short enough for one post on X beside a greeting."""
CheckName = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Does(_Part):
    """What happens when a check finds something.

    Attributes:
        severity: `as_found` leaves it to the check, which tells graver cases from lighter ones.
        remind: the person gets the clause's reminder.
        withhold_answer: no automated answer is sent, but to danger and to reports.
    """

    severity: Literal["note", "flag", "hide", "as_found"]
    remind: bool
    withhold_answer: bool


class ClausePolicy(_Part):
    """One clause; what each part means stands at the head of data/policy.yml."""

    title: Annotated[str, Field(min_length=3, max_length=60)]
    wording: Wording
    reminder: Reminder
    applies_to: tuple[Visibility, ...] = Field(min_length=1)
    does: Does
    checks: dict[CheckName, Does] = {}

    @field_validator("applies_to")
    @classmethod
    def visibilities_must_differ(cls, value: tuple[Visibility, ...]) -> tuple[Visibility, ...]:
        if len(set(value)) != len(value):
            raise ValueError("names one twice")
        return value


class CivilityPolicy(ClausePolicy):
    """The clause on civility."""

    thresholds: CivilityLimits = CivilityLimits.model_validate({})


class SpamPolicy(ClausePolicy):
    """The clause on repeats."""

    thresholds: RepeatLimits = RepeatLimits.model_validate({})


class AdvertisingPolicy(ClausePolicy):
    """The clause on adverts."""

    thresholds: AdvertLimits = AdvertLimits.model_validate({})


class ImpersonationPolicy(ClausePolicy):
    """The clause on impersonation."""

    thresholds: ImpersonationWeights = ImpersonationWeights.model_validate({})


class CopyrightPolicy(ClausePolicy):
    """The clause on copied content."""

    thresholds: CopiedLimits = CopiedLimits.model_validate({})


class DefamationPolicy(ClausePolicy):
    """The clause on defamation."""

    thresholds: DefamationLimits = DefamationLimits.model_validate({})


class RelevancePolicy(ClausePolicy):
    """The clause on relevance."""

    thresholds: RelevanceLimits = RelevanceLimits.model_validate({})


class Clauses(_Part):
    """All clauses; each must be there, since a policy that lost one would be none."""

    civility: CivilityPolicy
    personal_information: ClausePolicy
    spam: SpamPolicy
    advertising: AdvertisingPolicy
    impersonation: ImpersonationPolicy
    copyright: CopyrightPolicy
    defamation: DefamationPolicy
    party_political: ClausePolicy
    relevance: RelevancePolicy


class Policy(_Part):
    """data/policy.yml."""

    remind_at_most_every_days: int = Field(ge=1, le=365)
    clauses: Clauses

    def clause(self, name: Clause) -> ClausePolicy:
        """One clause."""
        clause: ClausePolicy = getattr(self.clauses, name)
        return clause

    def in_order(self) -> Iterator[tuple[Clause, ClausePolicy]]:
        """Every clause with its name."""
        return ((name, self.clause(name)) for name in get_args(Clause))

    def does(self, finding: Finding) -> Does:
        """What happens for a finding."""
        clause = self.clause(finding.clause)
        return clause.checks.get(finding.check, clause.does)

    def judged(self, finding: Finding, visibility: Visibility) -> Finding | None:
        """The finding with the severity that the policy gives it; None if the clause does not apply there.

        In private there is nothing to take from view, so that what would be hidden is flagged.
        """
        if visibility not in self.clause(finding.clause).applies_to:
            return None
        severity = self.does(finding).severity
        graded = finding.severity if severity == "as_found" else severity
        if visibility == "private" and graded == "hide":
            graded = "flag"
        return replace(finding, severity=graded)


def load_policy(path: Path = FILE) -> Policy:
    """Read and check the policy; raises ConfigError with file and line."""
    document = read_yaml(path, unnamed=("clauses",))
    policy = document.checked(Policy)
    for name, clause in policy.in_order():
        for check in clause.checks:
            named = CHECKS[name]
            if named is not None and check not in named:
                known = ", ".join(sorted(named))
                raise document.error(
                    ("clauses", name, "checks", check), f"is no check of this clause; there are: {known}"
                )
    return policy
