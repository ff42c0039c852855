"""Adverts: what is offered is found, what neighbours share and ask is not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council import load_council
from bot.policy.adverts import Adverts
from bot.policy.findings import Context, Finding
from bot.policy.reading import read

ROOT = Path(__file__).resolve().parents[3]


@cache
def check() -> Adverts:
    return Adverts.from_files(ROOT, load_council(ROOT / "council.yml"))


def findings(text: str) -> list[Finding]:
    return check().check(read(text), Context())


@pytest.mark.parametrize(
    "text",
    [
        "Gutters cleaned from £35, fully insured, free quotes, message us today",
        "GRAND OPENING of our salon this Saturday, 25% off all cuts, book now",
        "We clear houses and garages, cheaper than the council, call 07700 900123",
        "Loans up to £5,000, no credit check, money in your account today. Apply on whatsapp",
        "My trader turned £300 into £4,000 in a week. Bitcoin does not wait, DM her",
        "Buy 5000 real followers, instant delivery",
        "Be your own boss! Work from home and earn £600 a week, ask me how",
        "Hot singles near you want to chat tonight, click my bio",
        "Congratulations, you have been selected for a £500 voucher. Click the link to claim your prize",
        "My insta was hacked and @cyberfix got it back, hacked account recovery, message him on telegram",
        "Ｆｒｅｅ ｑｕｏｔｅｓ, nо jоb tоo small, саll us now",
    ],
)
def test_what_is_offered_is_found(text: str) -> None:
    assert [finding.clause for finding in findings(text)] == ["advertising"]


@pytest.mark.parametrize(
    "text",
    [
        "Cake sale at the church hall on Saturday in aid of the hospice, everyone welcome",
        "Our ginger cat is missing from Elm Park, please call 07700 900123 if you see him",
        "Is the jobs fair at City Hall on Friday free, and do I need to book?",
        "Can anyone recommend a good plumber near Fernhill?",
        "The roofer took £900 off my mum and never came back, who do I report him to?",
        "Got a text saying I'm owed a council tax rebate with a link, is it a scam?",
        "How much is a bulky waste collection and is there a discount for pensioners?",
        "Somebody has stuck posters for loans all over the bus stop",
        "My bin was not collected again, please call me on 01632 960444",
        "Student discount at the gym?",
        "https://www.marlstow.example/bins says Tuesday but nobody came",
    ],
)
def test_what_neighbours_share_ask_and_report_is_not_found(text: str) -> None:
    assert findings(text) == []


def test_a_fraud_with_a_contact_is_hidden_and_any_other_advert_flagged() -> None:
    assert findings("Double your bitcoin in 7 days, whatsapp 07700 900456")[0].severity == "hide"
    assert findings("Window cleaning from £10, free quotes, 07700 900456")[0].severity == "flag"
    assert findings("Window cleaning from £10, free quotes, 07700 900456")[0].check == "adverts.offer"


def test_the_evidence_reaches_from_the_first_sign_to_the_last() -> None:
    text = "Hello all. No job too small, free quotes, call 07700 900123 today."
    (finding,) = findings(text)
    assert text[finding.start : finding.end] == "No job too small, free quotes, call 07700 900123"


def test_the_councils_own_number_is_no_contact_of_a_seller() -> None:
    own, other = (
        check().signs(read(f"free quotes, call {number}")) for number in ("01632 960100", "01632 960555")
    )
    assert "<reach 2>" in other
    assert "<reach 2>" not in own


@given(st.text(max_size=300))
def test_whatever_is_written_the_evidence_is_in_the_text(text: str) -> None:
    for finding in findings(text):
        assert 0 <= finding.start <= finding.end <= len(text)


@given(st.text(max_size=80))
def test_the_same_message_gives_the_same_findings(text: str) -> None:
    assert findings(text) == findings(text)
