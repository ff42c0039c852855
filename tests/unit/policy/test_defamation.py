"""Defamation: allegations about the named are flagged; opinion, questions and the unnamed are not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council import load_council
from bot.policy.defamation import Defamation
from bot.policy.findings import Context, Finding
from bot.policy.reading import read

ROOT = Path(__file__).resolve().parents[3]


@cache
def check() -> Defamation:
    return Defamation.from_files(ROOT, load_council(ROOT / "council.yml"))


def findings(text: str) -> list[Finding]:
    return check().check(read(text), Context())


@pytest.mark.parametrize(
    "text",
    [
        "Cllr Brown took backhanders from the developer to get that tower through",
        "Kwik Clear Removals conned my nan out of £3,000 and vanished",
        "Avoid Hartley Roofing Ltd. They took £2,400 off my elderly mum and never came back.",
        "The manager at Oakview Care Home steals from the residents",
        "John Pike the landlord keeps everyone's deposits and evicts people illegally",
        "Dr Simon Fell killed my father through negligence and covered it up",
        "@GreenGoRecycling is laundering money",
        "Headteacher Colin Reeve is a paedophile and the school knows",
        "that thief gary holt nicked my bike",
        "smith and sons roofing are crooks who rob pensioners",
    ],
)
def test_an_allegation_about_somebody_named_is_flagged(text: str) -> None:
    assert [(each.clause, each.severity) for each in findings(text)] == [("defamation", "flag")]


@pytest.mark.parametrize(
    "text",
    [
        "The council is corrupt and everyone knows it",
        "Marlstow Council lied to us about the library",
        "Cllr Brown is useless and should resign",
        "My neighbour deals drugs from his flat",
        "Someone stole my bike outside Tesco on Bell Street",
        "Dave Hill was jailed for fraud at the crown court yesterday",
        "Hartley Roofing were slow and dear, I won't use them again",
        "Can Cllr Patel help me with my landlord?",
        "Drug dealing in Priory Wood again, every night",
        "Council tax is daylight robbery",
        "Dumped mattress near Hill Motors on Foundry Lane",
    ],
)
def test_opinion_questions_courts_and_the_unnamed_are_not(text: str) -> None:
    assert findings(text) == []


def test_the_evidence_holds_the_name_and_what_is_alleged() -> None:
    text = "I saw it: Councillor Ahmed takes bribes from Kestrel Homes."
    (finding,) = findings(text)
    assert text[finding.start : finding.end] == "Councillor Ahmed takes bribes"


def test_the_evidence_is_right_behind_letters_that_were_folded() -> None:
    text = "🙄 ﬁrst, Councillor Ahmed takes bribes"
    (finding,) = findings(text)
    assert text[finding.start : finding.end].startswith("Councillor Ahmed")


def test_no_weight_hangs_on_a_name() -> None:
    said = "{} conned my nan out of £3,000 and vanished"
    one, other = (
        check().signs(read(said.format(name))) for name in ("Kwik Clear Removals Ltd", "Pellow Drains Ltd")
    )
    assert one is not None
    assert other is not None
    assert one[0] == other[0]


@given(st.text(max_size=300))
def test_whatever_is_written_the_evidence_is_in_the_text(text: str) -> None:
    for finding in findings(text):
        assert 0 <= finding.start <= finding.end <= len(text)
