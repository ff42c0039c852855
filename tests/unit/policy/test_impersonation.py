"""Impersonation: names like the council's, and texts that claim to be it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council import load_council
from bot.policy.findings import Context, Finding
from bot.policy.impersonation import Impersonation
from bot.policy.reading import read

ROOT = Path(__file__).resolve().parents[3]
COUNCIL = load_council(ROOT / "council.yml")


@cache
def check() -> Impersonation:
    return Impersonation.from_files(ROOT, COUNCIL)


def findings(text: str = "hello", handle: str = "", name: str = "") -> list[Finding]:
    return check().check(read(text), Context(author_handle=handle, display_name=name))


@pytest.mark.parametrize(
    "handle",
    [
        "MarlstowCouncl",
        "MarIstowCouncil",
        "Marlst0wCouncil",
        "MarlstowCounci1",
        "MarlstowvCouncil",
        "MarlstovvCouncil",
        "Marlstow_Council",
        "@MarlstowCouncil_",
        "MarlstowCouncilUK",
        "MarlstowCouncil24",
        "MarlstwoCouncil",
        "MarlstowRefunds",
        "marlstowbilling",
        "Marlstow_Help",
    ],
)
def test_a_handle_like_the_councils_is_found(handle: str) -> None:
    assert [(each.clause, each.check, each.start, each.end) for each in findings(handle=handle)] == [
        ("impersonation", "impersonation.name", 0, 0)
    ]


@pytest.mark.parametrize(
    "name",
    [
        "City of Marlstow Council",
        "Маrlstow Соuncil",
        "Marlstow Councíl",
        "M a r l s t o w C o u n c i l",
        "Marlstow Council Support",
        "Marlstow Council | Official ✅",
        "Marlstow Housing Team",
        "Marlstow Parking Fines",
        "Marlstow Customer Care",
        "Council Tax Refund Team",
        "Sarah - Marlstow Council",
        "Chief Executive, Marlstow Council",
    ],
)
def test_a_display_name_like_the_councils_is_found(name: str) -> None:
    assert [each.check for each in findings(handle="xq_71", name=name)] == ["impersonation.name"]


@pytest.mark.parametrize(
    "name",
    [
        "MarlstowMum",
        "Marlstow FC fan",
        "Marlstow Residents Assoc.",
        "Marlstow Council Tenants",
        "NotMarlstowCouncil",
        "Fed up with Marlstow Council",
        "Marlstow Council Watch",
        "Unofficial Marlstow Council",
        "Marlstow Taxpayers",
        "Marlstow Care Home",
        "Marlstow Support Group",
        "Marlstow Litter Pickers",
        "Councillor Jane Hill",
        "Marlow Council",
        "Leeds City Council",
        "Marlbrook Parish Council",
        "council_estate_lad",
        "Billing Brook",
        "Helpful Harry",
        "",
        "   ",
        "☃☃☃",
    ],
)
def test_a_resident_with_the_towns_name_is_not_found(name: str) -> None:
    assert findings(handle=name) == []
    assert findings(name=name) == []


@pytest.mark.parametrize("handle", ["MarlstowCouncil", "marlstowcouncil", "@MarlstowCouncil"])
def test_the_councils_own_handles_are_never_found(handle: str) -> None:
    text = "We are Marlstow Council. Send us your bank details to claim your refund."
    assert findings(text, handle=handle, name="City of Marlstow Council") == []


@given(st.data())
def test_one_slip_of_the_pen_in_the_councils_handle_is_found(data: st.DataObject) -> None:
    handle = COUNCIL.handles.x
    place = data.draw(st.integers(0, len(handle) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789_"))
    before, after = handle[:place], handle[place + 1 :]
    written = data.draw(
        st.sampled_from([before + after, before + letter + handle[place:], before + letter + after])
    )
    found = findings(handle=written)
    assert bool(found) == (written.lower() != handle.lower())


@pytest.mark.parametrize(
    "text",
    [
        "This is Marlstow Council. You are owed a council tax refund, reply with your bank details.",
        "We are the council tax team. Send us your sort code and account number to get your rebate",
        "Marlstow Council here: read us the 6 digit code that we just texted you to get your energy payment",
        "I'm an officer at the council. To keep your flat pay the £200 deposit to me by bank transfer",
        "Final notice from the City of Marlstow Council: pay the fine now at the link below to avoid court",
        "I work for the council's blue badge team, to speed it up I need your card number",
    ],
)
def test_a_text_that_claims_to_be_the_council_and_asks_for_money_or_codes_is_found(text: str) -> None:
    (finding,) = findings(text, handle="dave_1980", name="Dave")
    assert finding.check == "impersonation.demand"
    assert 0 <= finding.start < finding.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "Someone rang saying they're the council and asked for my bank details. Is it real?",
        "I sent my bank details to the council three weeks ago and still no refund",
        "Got a text saying my council tax refund is ready, click the link. Is this you?",
        "Do you need my sort code again for the refund?",
        "Beware, a page that calls itself Marlstow Council is asking people for card details",
        "How do I change the bank details for my direct debit?",
        "The form wants a code and it never came",
    ],
)
def test_who_tells_of_such_a_message_is_not_found(text: str) -> None:
    assert findings(text, handle="dave_1980", name="Dave") == []


@given(st.text(max_size=200), st.text(max_size=40), st.text(max_size=40))
def test_nothing_that_is_written_breaks_the_check(text: str, handle: str, name: str) -> None:
    for finding in findings(text, handle, name):
        assert 0 <= finding.start <= finding.end <= len(text)
