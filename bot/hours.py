"""Office hours and working days: when people are there, when they are back, and when an answer is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

from bot.council import Council

SUBDIVISIONS = {"England": "ENG", "Scotland": "SCT", "Wales": "WLS", "Northern Ireland": "NIR"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST_CLOSURE_DAYS = 60
"""A council that is closed longer than this has wrong office hours; the search stops with an error."""


class NeverOpenError(Exception):
    """The office hours leave no opening within LONGEST_CLOSURE_DAYS."""


@dataclass(frozen=True)
class Opening:
    """When people are back: the instant, in the council's time zone, and how many days away that is."""

    at: datetime
    days_away: int


class OfficeHours:
    """The hours of one council. Every function takes aware datetimes and raises ValueError for a naive one.

    The end of office hours is no longer open: at 17:00 sharp people have gone.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        weekly: Mapping[int, tuple[time, time]],
        region: str = "England",
        closed_days: frozenset[date] = frozenset(),
    ) -> None:
        self.zone = zone
        self._weekly = dict(weekly)
        self._closed_days = closed_days
        self._bank_holidays = holidays.country_holidays("GB", subdiv=SUBDIVISIONS[region])

    @classmethod
    def of(cls, council: Council) -> OfficeHours:
        """The hours that council.yml states."""
        weekly = {WEEKDAYS.index(day): hours for day, hours in council.office_hours.items()}
        return cls(council.zone, weekly, council.region, council.extra_closed_days)

    def is_working_day(self, day: date) -> bool:
        """Whether the offices open at all on that day."""
        return (
            day.weekday() in self._weekly and day not in self._closed_days and day not in self._bank_holidays
        )

    def is_open(self, at: datetime) -> bool:
        """Whether people are there at that instant."""
        local = self._local(at)
        span = self._span(local.date())
        return span is not None and span[0] <= at < span[1]

    def closing(self, at: datetime) -> datetime:
        """When the offices close on that day, in local time; raises ValueError when people are not there."""
        span = self._span(self._local(at).date())
        if span is None or not span[0] <= at < span[1]:
            raise ValueError("the offices are closed")
        return span[1].astimezone(self.zone)

    def next_opening(self, at: datetime) -> datetime:
        """The first opening after that instant, in local time; in office hours the next working day's."""
        for opens, _ in self._spans(self._local(at).date()):
            if opens > at:
                return opens.astimezone(self.zone)
        raise NeverOpenError("no opening ahead")

    def when_people_are_back(self, at: datetime) -> Opening | None:
        """None when people are there now; else when they are back, for words such as "tomorrow at 9am"."""
        if self.is_open(at):
            return None
        opening = self.next_opening(at)
        return Opening(opening, (opening.date() - self._local(at).date()).days)

    def due(self, at: datetime) -> datetime:
        """One working day on, counted in office hours: Tuesday 11:00 gives Wednesday 11:00.

        What comes in outside office hours counts from the next opening: Saturday gives Tuesday 09:00. On a
        day with other hours than the day before, the time is kept within them.
        """
        start = self._local(at) if self.is_open(at) else self.next_opening(at)
        for opens, closes in self._spans(start.date() + timedelta(days=1)):
            same_time = datetime.combine(
                opens.astimezone(self.zone).date(), start.time(), self.zone
            ).astimezone(UTC)
            return min(max(opens, same_time), closes).astimezone(self.zone)
        raise NeverOpenError("no working day ahead")

    def add_working_time(self, at: datetime, amount: timedelta) -> datetime:
        """The instant at which that much office time has passed since `at`; the amount is not negative."""
        if amount < timedelta():
            raise ValueError("working time can only be added")
        self._local(at)
        start = at.astimezone(UTC)
        day, left = self._local(at).date(), amount
        while True:
            for opens, closes in self._spans(day):
                begins = max(opens, start)
                if begins < closes:
                    if left <= closes - begins:
                        return (begins + left).astimezone(self.zone)
                    left -= closes - begins
                day = opens.astimezone(self.zone).date() + timedelta(days=1)
                break

    def working_seconds_between(self, start: datetime, end: datetime) -> float:
        """Seconds of office time from `start` to `end`; negative when `end` comes first."""
        if end < start:
            return -self.working_seconds_between(end, start)
        day, last = self._local(start).date(), self._local(end).date()
        total = 0.0
        while day <= last:
            if span := self._span(day):
                overlap = min(span[1], end.astimezone(UTC)) - max(span[0], start.astimezone(UTC))
                total += max(0.0, overlap.total_seconds())
            day += timedelta(days=1)
        return total

    def _local(self, at: datetime) -> datetime:
        if at.tzinfo is None or at.utcoffset() is None:
            raise ValueError("a time without an offset means nothing here")
        return at.astimezone(self.zone)

    def _span(self, day: date) -> tuple[datetime, datetime] | None:
        # In UTC: Python subtracts two times of one zone by the clock on the wall, wrongly at a clock change.
        if not self.is_working_day(day):
            return None
        opens, closes = self._weekly[day.weekday()]
        return (
            datetime.combine(day, opens, self.zone).astimezone(UTC),
            datetime.combine(day, closes, self.zone).astimezone(UTC),
        )

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        closed = 0
        while closed < LONGEST_CLOSURE_DAYS:
            if span := self._span(day):
                closed = 0
                yield span
            else:
                closed += 1
            day += timedelta(days=1)
        raise NeverOpenError(f"closed for {LONGEST_CLOSURE_DAYS} days on end from {day}")


def clock_time(at: datetime) -> str:
    """A time of day as GOV.UK writes it: 9am, 5:30pm, midday, midnight."""
    if (at.hour, at.minute) in ((0, 0), (12, 0)):
        return "midnight" if at.hour == 0 else "midday"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def calendar_date(day: date) -> str:
    """A date as GOV.UK writes it: 9 November 2026."""
    return f"{day.day} {day:%B %Y}"
