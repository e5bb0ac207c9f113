"""Single days as guests name them, and the dates they stand for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from nlu.stay.calendar import DAY, add_months, monday, month_end, next_easter
from nlu.stay.mentions import Problem, Reading

MAX_NIGHTS = 180
"""Longer is "too_long"; when only a guessed year makes it so long, the ends are reversed."""
_MAX_USUAL = 31
_MAX_CROSSING = 20
"""Nights up to which "del 25 al 5" crosses the month; beyond, the ends are reversed."""


class NotBookable(Exception):
    """The words name no stay that can be booked: `readings` may offer what was likely meant."""

    def __init__(
        self,
        problem: Problem,
        readings: tuple[Reading, ...] = (),
        period: tuple[date, date] | None = None,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.readings = readings
        self.period = period


@dataclass(frozen=True)
class Point:
    """A day as it was named; only what was said is set."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None
    nth: int | None = None
    """Which weekday of the month, from 1, or -1 for the last."""
    month_shift: int | None = None
    """"del mes que viene" is 1."""
    year_shift: int | None = None
    days: int | None = None
    """Days from today: "pasado mañana" is 2."""
    months: int | None = None
    """Months from today: "dentro de un mes" is 1."""
    weeks: int | None = None
    """Calendar weeks from this one: "de la semana que viene" is 1."""
    which: str | None = None
    """"this", "next" ("próximo", "que viene"), "other", or a week later: "after" ("en ocho"),
    "after next"."""
    easter: int | None = None
    """Days from Easter Sunday."""
    numeric: bool = False
    """Said as "8/7", which to some guests is a month and a day."""
    festival: str | None = None
    """Name of a feast that says more or less than its day, such as "nochevieja"."""

    @property
    def bare_day(self) -> bool:
        """Only the day of the month was said."""
        return self == Point(day=self.day)

    @property
    def bare_weekday(self) -> bool:
        """Only the weekday was said."""
        return self == Point(weekday=self.weekday)


def dates(point: Point, today: date, floor: date, *, alone: bool = False) -> tuple[date, ...]:
    """The dates, on or after `floor`, that a point may mean; several when guests would differ.

    `alone`: no other end was said with it, so that today's own day or weekday may mean either.
    Raises NotBookable for days that do not exist or are past.
    """
    if point.days is not None:
        return (_not_past(today + DAY * point.days, today),)
    if point.months is not None:
        return (add_months(today, point.months),)
    if point.easter is not None:
        return (next_easter(_year_start(point, today, floor), point.easter),)
    if point.nth is not None:
        return (_nth_weekday(point, point.nth, today, floor),)
    if point.day is None:
        return _weekdays(point, today, floor)
    found = _calendar_day(point, point.day, today, floor)
    if point.weekday is not None and found.weekday() != point.weekday:
        return _mismatched(point, point.weekday, found, floor)
    if alone and found == today and point.bare_day:
        return found, _next_day_of_month(point.day, today + DAY)
    return (found,)


def _not_past(day: date, today: date) -> date:
    if day < today:
        raise NotBookable("past")
    return day


def _year_start(point: Point, today: date, floor: date) -> date:
    year = _year(point, today)
    return max(floor, date(year, 1, 1)) if year else floor


def _year(point: Point, today: date) -> int | None:
    return today.year + point.year_shift if point.year_shift is not None else point.year


def _date(year: int, month: int, day: int) -> date:
    if not (1 <= month <= 12 and 1 <= day <= month_end(year, month).day):
        raise NotBookable("impossible_date")
    return date(year, month, day)


def _calendar_day(point: Point, day: int, today: date, floor: date) -> date:
    if point.month_shift is not None:
        month = add_months(today.replace(day=1), point.month_shift)
        return _not_past(_date(month.year, month.month, day), today)
    year = _year(point, today)
    if point.month is None:
        return _next_day_of_month(day, floor)
    if year is not None:
        return _not_past(_date(year, point.month, day), today)
    if not 1 <= point.month <= 12:
        raise NotBookable("impossible_date")
    over = (point.month, day) < (floor.month, floor.day)
    return _date(floor.year + over, point.month, day)


def _next_day_of_month(day: int, floor: date) -> date:
    if not 1 <= day <= 31:
        raise NotBookable("impossible_date")
    month = floor.replace(day=1)
    while month_end(month.year, month.month).day < day or month.replace(day=day) < floor:
        month = add_months(month, 1)
    return month.replace(day=day)


def _nth_weekday(point: Point, nth: int, today: date, floor: date) -> date:
    weekday = point.weekday or 0
    if point.month_shift is not None:
        firsts = [add_months(today.replace(day=1), point.month_shift)]
    else:
        year = _year(point, today) or floor.year
        firsts = [date(near, point.month or floor.month, 1) for near in (year, year + 1)]
    for first in firsts:
        days = [first + DAY * ((weekday - first.weekday()) % 7 + 7 * week) for week in range(5)]
        days = [day for day in days if day.month == first.month]
        if nth <= len(days):
            day = days[nth] if nth < 0 else days[nth - 1]
            if day >= floor:
                return day
    raise NotBookable("impossible_date")


def _weekdays(point: Point, today: date, floor: date) -> tuple[date, ...]:
    weekday = point.weekday or 0
    if point.weeks is not None:
        return (_not_past(monday(today) + DAY * (7 * point.weeks + weekday), today),)
    coming = floor + DAY * ((weekday - floor.weekday()) % 7)
    if point.which == "after":
        return (coming + 7 * DAY,)
    if point.which == "other":
        return (coming, coming + 7 * DAY)
    if point.which == "after next":
        next_ones = _weekdays(replace(point, which="next"), today, floor)
        return tuple(day + 7 * DAY for day in next_ones)
    if point.which == "next":
        if coming == today:
            return (coming + 7 * DAY,)
        return (coming, coming + 7 * DAY) if monday(coming) == monday(today) else (coming,)
    return (coming, coming + 7 * DAY) if coming == today else (coming,)


def _mismatched(point: Point, weekday: int, found: date, floor: date) -> tuple[date, ...]:
    """Day and weekday disagree: a coming month where they agree, or both readings."""
    if point.month is None and point.month_shift is None:
        later = found
        for _ in range(2):
            later = _next_day_of_month(found.day, later + DAY)
            if later.weekday() == weekday:
                return (later,)
    near = found + DAY * ((weekday - found.weekday() + 3) % 7 - 3)
    return tuple(sorted({found, near if near >= floor else near + 7 * DAY}))


def stays(start: Point, end: Point, today: date) -> tuple[Reading, ...]:
    """All readings of a range. Raises NotBookable."""
    start, end = _shared(start, end)
    if start.numeric and end.numeric and (swapped := _month_first(start, end, today)):
        return swapped
    readings: list[tuple[date, date]] = []
    for first in dates(start, today, today):
        for last in _ends(start, end, first, today):
            _check_order(start, end, first, last)
            readings.append((first, last))
    _check_begun(start, *readings[0], today)
    return tuple(readings)


def _month_first(start: Point, end: Point, today: date) -> tuple[Reading, ...]:
    """Both readings of "8/7 a 8/10", where only the month said first makes it a usual stay."""
    try:
        usual = stays(replace(start, numeric=False), replace(end, numeric=False), today)
        turned = stays(_turned(start), _turned(end), today)
    except NotBookable:
        return ()
    lengths = [(last - first).days for first, last in (usual[0], turned[0]) if last]
    return (*usual, *turned) if lengths[0] > _MAX_USUAL >= lengths[1] else ()


def _turned(point: Point) -> Point:
    return replace(point, day=point.month, month=point.day, numeric=False)


def _ends(start: Point, end: Point, first: date, today: date) -> tuple[date, ...]:
    if end.bare_day and end.day is not None and start.day is not None and end.day > start.day:
        return (_date(first.year, first.month, end.day),)
    return dates(end, today, first + DAY)


def _check_order(start: Point, end: Point, first: date, last: date) -> None:
    nights = (last - first).days
    if nights < 1:
        raise NotBookable("reversed")
    crossing = start.day is not None and end.day is not None and end.day <= start.day
    if crossing and nights > _MAX_CROSSING and (end.bare_day or start.festival == "crossed"):
        raise NotBookable("reversed")
    if nights > MAX_NIGHTS:
        said = end.year is not None or end.year_shift is not None
        raise NotBookable("too_long" if said else "reversed")


def _check_begun(start: Point, first: date, last: date, today: date) -> None:
    """The same stay one month or year earlier, if today lies in it, has begun: ask."""
    if start.bare_day:
        back = -1
    elif start.month is not None and start.year is None and start.year_shift is None:
        back = -12
    else:
        return
    earlier = add_months(first, back)
    if earlier < today < earlier + (last - first):
        raise NotBookable("past", ((first, last),))


def nights_from(start: Point, nights: int, today: date) -> tuple[Reading, ...]:
    """Readings of so many nights from a day. Raises NotBookable."""
    if nights > MAX_NIGHTS:
        raise NotBookable("too_long")
    readings = tuple(
        (first, first + DAY * nights) for first in dates(start, today, today, alone=True)
    )
    if not start.bare_day:
        _check_begun(start, *readings[0], today)
    return readings


def _shared(start: Point, end: Point) -> tuple[Point, Point]:
    """What was said once for both ends: month, year, week ("de lunes a viernes que viene")."""
    if start.bare_weekday and end.weekday is not None and (end.which or end.weeks is not None):
        return replace(start, which=end.which, weeks=end.weeks), Point(
            weekday=end.weekday, day=end.day
        )
    if end.day is None or start.day is None:
        return start, end
    if start.month is None and start.month_shift is None:
        return _with_month_of(start, end, crossed=start.day >= end.day), end
    if start.month is not None and end.month is not None and start.year is None:
        back = (start.month, start.day) > (end.month, end.day)
        if end.year is not None:
            return replace(start, year=end.year - back), end
        if end.year_shift is not None:
            return replace(start, year_shift=end.year_shift - back), end
    return start, end


def _with_month_of(start: Point, end: Point, *, crossed: bool) -> Point:
    if end.month_shift is not None:
        return replace(start, month_shift=end.month_shift - crossed)
    if end.month is None:
        return start
    month, year, shift = end.month, end.year, end.year_shift
    if crossed:
        month = month - 1 or 12
        if month == 12:
            year = year - 1 if year is not None else None
            shift = shift - 1 if shift is not None else None
    return replace(
        start,
        month=month,
        year=year,
        year_shift=shift,
        festival="crossed" if crossed else start.festival,
    )
