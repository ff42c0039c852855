"""Copied content: what was pasted is flagged, what people write and quote is not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.copied import Copied
from bot.policy.findings import Context, Finding
from bot.policy.reading import read

ROOT = Path(__file__).resolve().parents[3]
ARTICLE = """Councillors back tram line despite protests
By Helen Marsh, Local Democracy Reporter
Published 14 March 2025, 09:12

Councillors have voted by 24 to 19 for a £140m tram line through the old docks. "This is a bad day for the harbour,"
said campaigner Joe Finch. A council spokesperson said that work would begin in the spring. All rights reserved."""
SONG = """Walking down the road tonight
Every window full of light
And I'm calling out your name
Nothing here will be the same
Oh oh oh, come home to me
Oh oh oh, come home to me
Leave the key beneath the stone
I can't do this on my own"""
TERMS = (
    "1.1 By using the Service you agree to these Terms and Conditions. 1.2 The Licensor shall not "
    "be liable for any indirect "
    "or consequential damages. 1.3 This Agreement shall be governed by the laws of England. The "
    "User shall indemnify the Supplier."
)


@cache
def check() -> Copied:
    return Copied.from_files(ROOT)


def findings(text: str) -> list[Finding]:
    return check().check(read(text), Context())


@pytest.mark.parametrize(("text", "kind"), [(ARTICLE, "article"), (SONG, "song"), (TERMS, "terms")])
def test_what_was_pasted_is_flagged_whole(text: str, kind: str) -> None:
    assert findings(text) == [Finding("copyright", "flag", f"copied.{kind}", 0, len(text))]


@pytest.mark.parametrize(
    "text",
    [
        "I have written to you four times about the damp in my flat. My daughter has asthma. On 3 March "
        "I rang and was told that "
        "someone would come. On 9 March nobody came. On 12 March I was told that the job was closed. I "
        "pay my rent, always have, "
        "and this is how I am treated. Please help us before she ends up in hospital.",
        "Your letter says: 'Dear resident, your garden waste subscription has expired. Please renew by "
        "31 March. Yours sincerely, "
        "Customer Services.' But I renewed in February, my reference is 4471. Can you check?",
        "'Council to close three libraries' - the Gazette. Absolutely disgraceful, our kids need these!",
        "Your policy, section 4.2, says that missed bins are collected within two working days. It has "
        "been nine. Which is it?",
        "Large pothole by the petrol station, about 60cm across, on the line that cyclists take. It was "
        "filled in March and has "
        "opened again. Water stands in it so that nobody can see it. Needs a proper repair, reference 4410982.",
    ],
)
def test_what_people_write_of_themselves_quote_and_report_is_not(text: str) -> None:
    assert findings(text) == []


def test_a_line_alone_is_never_copied() -> None:
    assert findings("By Helen Marsh, Local Democracy Reporter. All rights reserved.") == []


@given(st.text(max_size=600))
def test_nothing_that_is_written_breaks_the_check(text: str) -> None:
    for finding in findings(text):
        assert (finding.severity, finding.start, finding.end) == ("flag", 0, len(text))
