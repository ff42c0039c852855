"""Elections: the period opens by itself, posts that take sides are found, and nothing of the kind goes out."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council import Region, load_council
from bot.policy.elections import (
    SIX_WEEKS,
    Elections,
    in_election_period,
    latest_notice,
    pre_election_period,
)
from bot.policy.findings import Context, Finding
from bot.policy.reading import read
from bot.yamlfile import ConfigError, read_yaml

ROOT = Path(__file__).parents[3]
IN_PERIOD, OUTSIDE = Context(election_period=True), Context()


@cache
def elections() -> Elections:
    return Elections.from_files(ROOT)


def findings(text: str, context: Context = IN_PERIOD) -> list[Finding]:
    return elections().check(read(text), context)


# --- the period ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("polling_day", "notice"),
    [
        (date(2024, 5, 2), date(2024, 3, 26)),  # Good Friday and Easter Monday lie in between
        (date(2025, 5, 1), date(2025, 3, 25)),
        (date(2027, 5, 6), date(2027, 3, 31)),  # so does the bank holiday of May
    ],
)
def test_the_notice_of_election_is_out_25_working_days_before_the_poll(
    polling_day: date, notice: date
) -> None:
    assert latest_notice(polling_day) == notice


def test_six_weeks_before_the_poll_the_period_begins() -> None:
    assert pre_election_period(date(2027, 5, 6)) == (date(2027, 3, 25), date(2027, 5, 6))


def test_christmas_is_not_counted_for_the_notice() -> None:
    assert latest_notice(date(2027, 1, 7)) == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        (date(2027, 3, 24), False),
        (date(2027, 3, 25), True),
        (date(2027, 5, 6), True),
        (date(2027, 5, 7), False),
    ],
)
def test_the_period_ends_with_polling_day(day: date, inside: bool) -> None:
    assert in_election_period(day, [date(2027, 5, 6)]) is inside


def test_a_by_election_opens_a_period_of_its_own() -> None:
    polls = frozenset({date(2027, 5, 6), date(2026, 11, 26)})
    assert in_election_period(date(2026, 10, 20), polls)
    assert not in_election_period(date(2026, 12, 1), polls)


def test_without_polling_days_there_is_no_period() -> None:
    assert not in_election_period(date(2027, 5, 6), [])


@given(st.dates(date(2024, 1, 1), date(2035, 12, 31)), st.sampled_from(get_args(Region)))
def test_every_period_has_six_weeks_at_least_and_holds_the_notice(polling_day: date, region: Region) -> None:
    first, last = pre_election_period(polling_day, region)
    assert last == polling_day
    assert SIX_WEEKS <= last - first <= timedelta(weeks=8)
    assert first <= latest_notice(polling_day, region)


def test_the_polling_days_stand_in_council_yml() -> None:
    assert date(2027, 5, 6) in load_council(ROOT / "council.yml").polling_days


# --- posts -----------------------------------------------------------------------------------------------------------

POLITICAL = [
    "vote Labour on Thursday",
    "Vote for Yusra Kettlewell, she gets things done",
    "the Tories have wrecked this city",
    "dont vote for that lot again",
    "VOTE THEM OUT",
    "Lib Dems are the only ones who listen",
    "never trust Reform UK with your money",
    "the Greens will ruin the high street, remember that when you vote",
    "Plaid Cymru would never have allowed this",
    "Conservative councillors sold us out",
    "Reform will sort this place out come May",
    "back our candidate for Abbey ward",
    "Cllr Ollerenshaw is a liar and must resign",
    "the Prime Minister must resign",
    "this government is destroying the country",
    "proud to be out canvassing for the Green Party today",
    "put your cross next to Rosalind Amankwah",
    "Marlstow First have delivered more in a year than the rest in ten",
    "anyone but the tories",
    "L𝗂b Dems lied about the pool",
    "I'm voting Reform and so is my whole street",
    "who are you all voting for in May",
    "kick this lot out in May!! useless Labour council",
    "re-elect Declan Fairbrass",
]
NOT_POLITICAL = [
    "my green bin was not emptied",
    "the green man at the crossing is out",
    "what are the labour costs in this quote",
    "the rota needs reform, nobody knows who works Sundays",
    "my wife was in labour and the lift was broken",
    "independent living team please ring me back",
    "the Alliance Street lamp is out",
    "how do i register to vote",
    "where is my polling station for Abbey",
    "can I vote by post, I'm away that week",
    "who is my councillor",
    "Cllr Ollerenshaw helped with the drain, can you give me her surgery times",
    "my councillor said you would ring about the damp",
    "do I need photo ID to vote",
    "the council is useless, third week without a bin collection",
    "the conservative estimate for my roof is two grand",
    "is Halyard Green open on bank holidays",
    "someone has sprayed VOTE NOBODY on the underpass wall",
    "a Labour poster is cable tied to the school railings",
    "when do the election results come out",
    "I oppose the parking charges, where do I say so",
    "reform school on Mill Lane has a broken fence",
]


@pytest.mark.parametrize("text", POLITICAL)
def test_a_post_that_takes_sides_is_flagged_in_the_period(text: str) -> None:
    [found] = findings(text)
    assert (found.clause, found.severity) == ("party_political", "flag")
    assert found.check.startswith("elections.")
    assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize("text", POLITICAL)
def test_outside_the_period_it_is_only_noted(text: str) -> None:
    assert [found.severity for found in findings(text, OUTSIDE)] == ["note"]


@pytest.mark.parametrize("text", NOT_POLITICAL)
def test_an_ordinary_matter_is_no_politics_in_the_period_either(text: str) -> None:
    assert findings(text) == []


@given(st.text(max_size=300))
def test_any_text_at_all_is_read(text: str) -> None:
    for found in findings(text):
        assert 0 <= found.start <= found.end <= len(text)


# --- what goes out ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Thanks to the Labour Party for the new playground.", "a party"),
        ("Gareth Ollerenshaw opened the fair today.", "a candidate"),
        ("Please vote for change on 6 May.", "a call to vote"),
        ("The administration is proud of 500 new homes.", "a campaign"),
        ("The Canal Basin scheme is a great success.", "a matter in dispute, with praise or blame"),
        ("Marlstow First was at the meeting.", "a party"),
    ],
)
def test_what_may_not_go_out_is_named(text: str, what: str) -> None:
    problems = elections().outgoing_problems(text)
    assert what in [problem.what for problem in problems]
    assert all(text[problem.start : problem.end].strip() for problem in problems)


@pytest.mark.parametrize(
    "text",
    [
        "You can register to vote until midnight on 20 April.",
        "Polling stations are open from 7am to 10pm. Bring photo ID.",
        "Your green bin is emptied on Tuesday.",
        "The Canal Basin plans are on show at the library until Friday.",
        "Find your councillor and their surgery times on this page.",
    ],
)
def test_services_and_how_to_vote_go_out_as_ever(text: str) -> None:
    assert elections().outgoing_problems(text) == ()


def test_every_word_that_the_bot_says_may_go_out_before_an_election() -> None:
    responses = read_yaml(ROOT / "domain.yml").root["responses"]
    for name, [variant] in responses.items():
        assert elections().outgoing_problems(variant["text"]) == (), name


def test_a_broken_list_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "policy"
    folder.mkdir(parents=True)
    for name in ("parties.yml", "candidates.yml", "elections.yml"):
        text = (ROOT / "data" / "policy" / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace("candidates:", "candidats:"), encoding="utf-8")
    with pytest.raises(ConfigError, match="candidats"):
        Elections.from_files(tmp_path)
