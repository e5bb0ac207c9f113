"""Weekends, long weekends, Easter and seasons, without a word of Spanish."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from dateutil.easter import easter

DAY = timedelta(days=1)
_SATURDAY = 5
_SOUTH = frozenset({"AR", "BO", "CL", "PE", "PY", "UY"})
_SEASON_STARTS = ((3, 21), (6, 21), (9, 23), (12, 21))
_SEASONS = ("primavera", "verano", "otono", "invierno")


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return min(
        month_end(year, month + 1),
        date(year, month + 1, min(day.day, 28)) + DAY * max(0, day.day - 28),
    )


def monday(day: date) -> date:
    """The Monday of the day's week."""
    return day - DAY * day.weekday()


def weekend(saturday: date) -> tuple[date, date]:
    """Friday to Sunday around a Saturday."""
    return saturday - DAY, saturday + DAY


def saturdays(year: int, month: int) -> list[date]:
    """All Saturdays of a month."""
    first = date(year, month, 1)
    start = first + DAY * ((_SATURDAY - first.weekday()) % 7)
    return [day for day in (start + 7 * DAY * week for week in range(5)) if day.month == month]


def next_easter(after: date, offset: int) -> date:
    """The first day on or after `after` that lies `offset` days from an Easter Sunday."""
    found = (easter(year) + DAY * offset for year in range(after.year, after.year + 3))
    return next(day for day in found if day >= after)


def season(name: str, country: str, today: date) -> tuple[date, date]:
    """First and last day of the season that runs or comes next: "verano" by hemisphere."""
    at = _SEASONS.index(name)
    at = (at + 2) % 4 if country in _SOUTH else at
    spans = []
    for year in (today.year - 1, today.year, today.year + 1):
        start = date(year, *_SEASON_STARTS[at])
        spans.append((start, add_months(start, 3) - DAY))
    return next(span for span in spans if span[1] > today)


@lru_cache(maxsize=256)
def bank_holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    """Bank holidays of a year; none for a country that the library does not know."""
    import holidays  # costs a tenth of a second, and only bridges need it

    try:
        return frozenset(holidays.country_holidays(country, subdiv=region, years=year))
    except NotImplementedError:
        return holidays_of_country(country, year) if region else frozenset()


def holidays_of_country(country: str, year: int) -> frozenset[date]:
    """The national ones, where the region is unknown to the library."""
    return bank_holidays(country, None, year)


class LongWeekend(NamedTuple):
    """Three or more free days around a bank holiday."""

    first: date
    last: date
    holiday: date
    bridged: bool
    """A working day within it was taken off."""


@lru_cache(maxsize=256)
def long_weekends(country: str, region: str | None, year: int) -> tuple[LongWeekend, ...]:
    """The long weekends of a year in order; one with two holidays stands there for each.

    One working day between free days is taken off as well, as people do, before and after.
    """
    holidays = frozenset().union(
        *(bank_holidays(country, region, near) for near in (year - 1, year, year + 1))
    )
    runs = (long_weekend(day, holidays) for day in holidays if day.year == year)
    return tuple(sorted(run for run in runs if run))


def long_weekend(day: date, holidays: frozenset[date]) -> LongWeekend | None:
    """The free days around a holiday, if they are three or more."""

    def free(other: date) -> bool:
        return other == day or other in holidays or other.weekday() >= _SATURDAY

    def end(step: timedelta) -> tuple[date, bool]:
        last, bridged = day, False
        while True:
            if free(last + step):
                last += step
            elif not bridged and free(last + 2 * step):
                last, bridged = last + 2 * step, True
            else:
                return last, bridged

    (first, before), (last, after) = end(-DAY), end(DAY)
    long = (last - first).days >= 2
    return LongWeekend(first, last, day, before or after) if long else None
