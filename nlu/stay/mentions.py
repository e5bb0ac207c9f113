"""What a guest said about a stay or a party: the results of the parsers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

Problem = Literal["impossible_date", "past", "reversed", "vague", "too_long"]
Reading = tuple[date, "date | None"]


@dataclass(frozen=True)
class Span:
    """A piece of the guest's text, `text[start:end]`, that an entity stands for."""

    start: int
    end: int
    entity: str
    value: str | int

    def to_dict(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "entity": self.entity, "value": self.value}


@dataclass(frozen=True)
class StayContext:
    """What is known when the message arrives."""

    now: datetime
    """Aware, in the hotel's zone."""
    check_in: date | None = None
    check_out: date | None = None
    nights: int | None = None
    awaiting: str | None = None
    """What the guest was just asked: "dates", "check_in", "check_out", "nights", "party" …"""
    country: str = "ES"
    region: str | None = None
    """Subdivision code of the `holidays` library, for bank holidays."""


@dataclass(frozen=True)
class StayMention:
    """What one message says about the dates; what it does not say is None.

    `nights` is the number said, or the difference of both ends. With several `candidates`,
    `check_in` and `check_out` are None and the guest is to be asked which one. With a `problem`
    nothing is to be booked: "vague" has the `period` it falls in (None where even that is open),
    "past" may have one candidate, the next such stay to come, to be offered.
    """

    check_in: date | None = None
    check_out: date | None = None
    nights: int | None = None
    candidates: tuple[Reading, ...] = ()
    problem: Problem | None = None
    period: tuple[date, date] | None = None
    spans: tuple[Span, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: dates as ISO strings."""
        return {
            "check_in": _iso(self.check_in),
            "check_out": _iso(self.check_out),
            "nights": self.nights,
            "candidates": [[_iso(start), _iso(end)] for start, end in self.candidates],
            "problem": self.problem,
            "period": [day.isoformat() for day in self.period] if self.period else None,
            "spans": [span.to_dict() for span in self.spans],
        }


@dataclass(frozen=True)
class PartyMention:
    """Who comes, as far as one message says it; what it does not say is None or empty.

    `people` is the total, where it can be told. `children` counts all minors, `babies` those of
    them who are babies. `child_ages` are whole years, 0 for a baby whose age is not said; it is
    complete when its length is `children`. People whose age is not said are adults, except in
    "familia de cinco": `people` 5 and `adults` None, to be asked.

    `more_adults` and `more_children` are changes to the party that is known, negative when fewer
    come: "una persona más", "quita al niño"; the ages of children who join are in `child_ages`.
    """

    people: int | None = None
    adults: int | None = None
    children: int | None = None
    child_ages: tuple[int, ...] = ()
    babies: int | None = None
    rooms: int | None = None
    more_adults: int = 0
    more_children: int = 0
    spans: tuple[Span, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "people": self.people,
            "adults": self.adults,
            "children": self.children,
            "child_ages": list(self.child_ages),
            "babies": self.babies,
            "rooms": self.rooms,
            "more_adults": self.more_adults,
            "more_children": self.more_children,
            "spans": [span.to_dict() for span in self.spans],
        }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
