"""data/policy.yml: that every clause is there in words, and that what is wrong is named with its line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from bot.council import ConfigError
from bot.environments import ROOT
from bot.policy.findings import Clause, Finding, Severity
from bot.policy.policy import CHECKS, Policy, load_policy

FILE = ROOT / "data" / "policy.yml"


@cache
def policy() -> Policy:
    return load_policy(FILE)


def test_every_clause_of_the_outside_contract_is_there() -> None:
    assert [name for name, _ in policy().in_order()] == list(get_args(Clause))
    assert set(CHECKS) == set(get_args(Clause))


def test_residents_are_told_each_clause_in_plain_words() -> None:
    for name, clause in policy().in_order():
        assert clause.wording.endswith("."), name
        words = clause.wording.lower()
        assert not any(word in words for word in ("must not", "shall", "prohibited", "hereby", "utilise")), (
            name
        )
        assert clause.reminder != clause.wording, name


def test_a_reminder_fits_a_post_beside_a_name() -> None:
    assert all(len(clause.reminder) <= 240 for _, clause in policy().in_order())


def test_the_bot_is_not_silenced_by_swearing() -> None:
    finding = Finding("civility", "note", "civility.swearing", 0, 4)
    assert policy().does(finding).severity == "note"
    assert not policy().does(finding).withhold_answer


def test_what_only_people_can_judge_is_only_flagged() -> None:
    clauses: tuple[Clause, ...] = ("defamation", "copyright")
    for clause in clauses:
        assert policy().does(Finding(clause, "hide", f"{clause}.any", 0, 1)).severity == "flag"


@pytest.mark.parametrize(
    ("visibility", "check", "found", "severity"),
    [
        ("public", "civility.slur", "hide", "hide"),
        ("private", "civility.slur", "hide", "flag"),
        ("private", "civility.swearing", "note", "note"),
        ("public", "civility.swearing", "hide", "note"),
        ("public", "personal_information.card", "hide", "hide"),
        ("public", "personal_information.phone", "flag", "flag"),
    ],
)
def test_the_policy_decides_how_grave_a_finding_is(
    visibility: str, check: str, found: Severity, severity: Severity
) -> None:
    clause: Clause = "civility" if check.startswith("civility") else "personal_information"
    judged = policy().judged(Finding(clause, found, check, 0, 1), visibility)  # type: ignore[arg-type]
    assert judged is not None
    assert judged.severity == severity


def test_a_clause_on_public_posts_says_nothing_of_private_messages() -> None:
    finding = Finding("personal_information", "flag", "personal_information.phone", 0, 1)
    assert policy().judged(finding, "private") is None


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("title: Civility", "titel: Civility", "civility: titel: is not a name that is known here"),
        (
            "swearing_from_grade: 2",
            "swearing_from_grade: 7",
            "swearing_from_grade: Input should be less than or equal",
        ),
        (
            "civility.abuse: {severity: flag",
            "civility.abuse: {severity: shout",
            "civility.abuse: severity: Input",
        ),
        (
            "      civility.abuse:",
            "      civility.abus:",
            "civility.abus: is no check of this clause; there are: civi",
        ),
        (
            "    reminder: Our pages are",
            "    remind_er: Our pages are",
            "advertising: remind_er: is not a name",
        ),
        ("applies_to: [public, private]", "applies_to: [public, public]", "applies_to: names one twice"),
        (
            "remind_at_most_every_days: 7",
            "remind_at_most_every_days: 0",
            "remind_at_most_every_days: Input should be",
        ),
        ("\n  relevance:\n", "\n  relevant:\n", "relevant: is not a name that is known here"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "policy.yml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    line = path.read_text(encoding="utf-8").split(after.strip("\n"))[0].count("\n") + 1
    with pytest.raises(ConfigError) as wrong:
        load_policy(path)
    assert complaint in str(wrong.value)
    assert wrong.value.line == line


def test_a_clause_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "policy.yml"
    text = FILE.read_text(encoding="utf-8")
    path.write_text(text[: text.index("  relevance:")], encoding="utf-8")
    with pytest.raises(ConfigError, match="relevance: is missing"):
        load_policy(path)
