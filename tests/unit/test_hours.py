"""Office hours: weekends, bank holidays, clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council import load_council
from bot.hours import NeverOpenError, OfficeHours, calendar_date, clock_time

LONDON = ZoneInfo("Europe/London")
NINE_TO_FIVE = {day: (time(9), time(17)) for day in range(5)}
HOURS = OfficeHours(LONDON, NINE_TO_FIVE)
DAY_SECONDS = 8 * 3600

FIRST, LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2030, 12, 31, tzinfo=UTC)
moments = st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("came", "due"),
    [
        ("2026-11-24T11:00", "2026-11-25T11:00"),  # Tuesday to Wednesday
        ("2026-11-27T16:00", "2026-11-30T16:00"),  # Friday to Monday
        ("2026-11-28T12:00", "2026-12-01T09:00"),  # Saturday counts from Monday's opening
        ("2026-11-29T23:59", "2026-12-01T09:00"),  # Sunday too
        ("2026-11-24T17:00", "2026-11-26T09:00"),  # at closing time it is too late for today
        ("2026-11-24T16:59", "2026-11-25T16:59"),
        ("2026-11-24T08:59", "2026-11-25T09:00"),  # before opening counts from opening
        ("2026-11-24T09:00", "2026-11-25T09:00"),
        (
            "2026-12-24T12:00",
            "2026-12-29T12:00",
        ),  # Christmas Day; Boxing Day is a Saturday, so Monday 28 is given
        ("2026-12-25T12:00", "2026-12-30T09:00"),
        ("2026-04-02T12:00", "2026-04-07T12:00"),  # Good Friday, Easter Monday
        ("2026-03-27T12:00", "2026-03-30T12:00"),  # the clocks go forward between
        ("2026-10-23T12:00", "2026-10-26T12:00"),  # and back
        ("2026-03-29T01:30", "2026-03-31T09:00"),  # an hour that does not exist
        ("2026-10-25T01:30", "2026-10-27T09:00"),  # an hour that exists twice
    ],
)
def test_should_be_due_one_working_day_on(came: str, due: str) -> None:
    assert HOURS.due(at(came)) == at(due)


def test_should_keep_extra_closed_days() -> None:
    closed = OfficeHours(LONDON, NINE_TO_FIVE, closed_days=frozenset({date(2026, 11, 25)}))
    assert closed.due(at("2026-11-24T11:00")) == at("2026-11-26T11:00")


def test_should_know_each_regions_own_holidays() -> None:
    st_andrews = at("2026-11-30T11:00")
    assert HOURS.is_open(st_andrews)
    assert not OfficeHours(LONDON, NINE_TO_FIVE, "Scotland").is_open(st_andrews)
    battle_of_the_boyne = at("2027-07-12T11:00")
    assert not OfficeHours(LONDON, NINE_TO_FIVE, "Northern Ireland").is_open(battle_of_the_boyne)
    assert OfficeHours(LONDON, NINE_TO_FIVE, "Wales").is_open(battle_of_the_boyne)


def test_should_keep_the_time_within_a_shorter_day() -> None:
    short_friday = OfficeHours(LONDON, {**NINE_TO_FIVE, 4: (time(10), time(15))})
    assert short_friday.due(at("2026-11-26T16:30")) == at("2026-11-27T15:00")
    assert short_friday.due(at("2026-11-26T09:15")) == at("2026-11-27T10:00")


def test_should_count_local_time_whatever_zone_is_asked_in() -> None:
    summer = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)  # 09:30 in London
    assert HOURS.is_open(summer)
    assert not HOURS.is_open(datetime(2026, 7, 1, 16, 0, tzinfo=UTC))
    tokyo = summer.astimezone(timezone(timedelta(hours=9)))
    assert HOURS.due(tokyo) == HOURS.due(summer)


def test_should_say_when_people_are_back() -> None:
    assert HOURS.when_people_are_back(at("2026-11-24T11:00")) is None
    early = HOURS.when_people_are_back(at("2026-11-24T07:00"))
    assert early is not None and (early.at, early.days_away) == (at("2026-11-24T09:00"), 0)
    evening = HOURS.when_people_are_back(at("2026-11-24T18:00"))
    assert evening is not None and (evening.at, evening.days_away) == (at("2026-11-25T09:00"), 1)
    weekend = HOURS.when_people_are_back(at("2026-11-28T20:15"))
    assert weekend is not None and (weekend.at, weekend.days_away) == (at("2026-11-30T09:00"), 2)


def test_should_open_next_on_the_next_working_day_while_it_is_open() -> None:
    assert HOURS.next_opening(at("2026-11-24T09:00")) == at("2026-11-25T09:00")
    assert HOURS.next_opening(at("2026-11-24T08:59")) == at("2026-11-24T09:00")


def test_should_close_today_only_while_it_is_open() -> None:
    assert HOURS.closing(at("2026-11-24T09:00")) == at("2026-11-24T17:00")
    with pytest.raises(ValueError, match="closed"):
        HOURS.closing(at("2026-11-24T17:00"))


NAIVE = at("2026-11-24T11:00").replace(tzinfo=None)


@pytest.mark.parametrize(
    "call",
    [
        HOURS.is_open,
        HOURS.due,
        HOURS.next_opening,
        HOURS.closing,
        HOURS.when_people_are_back,
        lambda naive: HOURS.add_working_time(naive, timedelta(hours=1)),
        lambda naive: HOURS.working_seconds_between(naive, naive),
    ],
)
def test_should_refuse_a_naive_time(call: object) -> None:
    with pytest.raises(ValueError, match="offset"):
        call(NAIVE)  # type: ignore[operator]


def test_should_not_search_for_ever_when_it_never_opens() -> None:
    never = OfficeHours(LONDON, {})
    for call in (never.due, never.next_opening):
        with pytest.raises(NeverOpenError):
            call(at("2026-11-24T11:00"))
    with pytest.raises(NeverOpenError):
        never.add_working_time(at("2026-11-24T11:00"), timedelta(hours=1))


def test_should_refuse_to_take_working_time_away() -> None:
    with pytest.raises(ValueError, match="added"):
        HOURS.add_working_time(at("2026-11-24T11:00"), timedelta(seconds=-1))


def test_should_count_working_time_over_a_weekend_and_a_clock_change() -> None:
    assert HOURS.working_seconds_between(at("2026-03-27T16:00"), at("2026-03-30T10:00")) == 2 * 3600
    assert HOURS.add_working_time(at("2026-03-27T16:00"), timedelta(hours=2)) == at("2026-03-30T10:00")


@given(moments)
def test_should_be_due_when_somebody_is_there_and_never_in_the_past(moment: datetime) -> None:
    due = HOURS.due(moment)
    assert due > moment
    assert HOURS.is_working_day(due.date())
    assert time(9) <= due.time() <= time(17)


@given(moments, moments)
def test_should_never_be_due_earlier_for_what_came_later(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    assert HOURS.due(first) <= HOURS.due(second)


@given(moments)
def test_should_be_due_after_exactly_one_day_of_office_time(moment: datetime) -> None:
    assert HOURS.working_seconds_between(moment, HOURS.due(moment)) == pytest.approx(DAY_SECONDS)


@given(moments, st.integers(0, 40 * 3600))
def test_should_find_again_the_working_time_that_was_added(moment: datetime, seconds: int) -> None:
    later = HOURS.add_working_time(moment, timedelta(seconds=seconds))
    assert HOURS.working_seconds_between(moment, later) == pytest.approx(seconds)
    assert later >= moment


@given(moments, moments, moments)
def test_should_add_up_working_time(one: datetime, two: datetime, three: datetime) -> None:
    a, b, c = sorted((one, two, three))
    whole = HOURS.working_seconds_between(a, c)
    assert whole == pytest.approx(HOURS.working_seconds_between(a, b) + HOURS.working_seconds_between(b, c))
    assert HOURS.working_seconds_between(c, a) == -whole


@given(moments)
def test_should_open_next_at_an_opening(moment: datetime) -> None:
    opening = HOURS.next_opening(moment)
    assert opening > moment
    assert HOURS.is_open(opening)
    assert not HOURS.is_open(opening - timedelta(seconds=1))


def test_should_read_its_hours_from_the_council() -> None:
    council = load_council(Path(__file__).parents[2] / "council.yml")
    hours = OfficeHours.of(council)
    assert hours.is_open(at("2026-11-24T11:00"))
    assert hours.due(at("2026-12-23T12:00")) == at(
        "2027-01-04T12:00"
    )  # closed between Christmas and New Year


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ("09:00", "9am"),
        ("09:05", "9:05am"),
        ("12:00", "midday"),
        ("17:30", "5:30pm"),
        ("00:00", "midnight"),
        ("12:30", "12:30pm"),
    ],
)
def test_should_write_times_as_govuk_does(clock: str, words: str) -> None:
    assert clock_time(at(f"2026-11-24T{clock}")) == words


def test_should_write_dates_as_govuk_does() -> None:
    assert calendar_date(date(2026, 11, 9)) == "9 November 2026"
