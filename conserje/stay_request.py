"""What a guest wants to book, while it is being said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from conserje.pms import Occupancy, Offer, RoomType


class AdultMissing(Exception):
    """Some room would hold no adult."""


@dataclass(frozen=True)
class StayRequest:
    check_in: date | None = None
    check_out: date | None = None
    adults: int | None = None
    children: int = 0
    """How many were said to come, ages known or not."""
    child_ages: tuple[int, ...] = ()
    rooms: int = 1

    @property
    def dates(self) -> tuple[date, date]:
        """Check-in and check-out; raises `ValueError` while one is missing."""
        if self.check_in is None or self.check_out is None:
            raise ValueError("the stay's dates are not known yet")
        return self.check_in, self.check_out

    @property
    def ages_missing(self) -> int:
        return max(0, self.children - len(self.child_ages))

    def with_more(self, adults: int, children: int, ages: tuple[int, ...] = ()) -> "StayRequest":
        """So many more, or fewer when negative; `ages` are those of the children who join.

        Whose ages remain when a child leaves is not known, unless all are of one age.
        """
        number = max(0, self.children + children)
        stay = children >= 0 or len(set(self.child_ages)) == 1
        known = (*(self.child_ages if stay else ()), *ages)
        return replace(
            self,
            adults=max(1, (self.adults or 0) + adults),
            children=number,
            child_ages=known[:number],
        )

    def in_rooms(self, rooms: int) -> tuple[Occupancy, ...]:
        """The party spread evenly over `rooms` rooms; raises `AdultMissing`."""
        adults = self.adults or 0
        if adults < rooms:
            raise AdultMissing
        heads = [adults // rooms + (room < adults % rooms) for room in range(rooms)]
        ages: list[list[int]] = [[] for _ in range(rooms)]
        for years in sorted(self.child_ages, reverse=True):
            emptiest = min(range(rooms), key=lambda room: heads[room] + len(ages[room]))
            ages[emptiest].append(years)
        return tuple(
            Occupancy(count, tuple(years)) for count, years in zip(heads, ages, strict=True)
        )

    def fewest_rooms(self, room_types: Iterable[RoomType], most: int) -> int | None:
        """The smallest number of rooms of one type that holds the party, at most `most`."""
        types = list(room_types)
        for rooms in range(1, min(most, self.adults or 0) + 1):
            occupancies = self.in_rooms(rooms)
            if any(takes_all(room_type, occupancies) for room_type in types):
                return rooms
        return None


def takes_all(room_type: RoomType, occupancies: Sequence[Occupancy]) -> bool:
    return all(room_type.takes(occupancy) for occupancy in occupancies)


def suitable(offers: Iterable[Offer], occupancies: Sequence[Occupancy]) -> list[Offer]:
    """The offers that are free for all these rooms and hold the party, in the order given."""
    return [
        offer
        for offer in offers
        if offer.rooms_free >= len(occupancies) and takes_all(offer.room_type, occupancies)
    ]


def nearby_stays(
    check_in: date, check_out: date, today: date, reach: int
) -> list[tuple[date, date]]:
    """Stays of the same length up to `reach` days away, nearest first, none in the past."""
    shifts = [shift for days in range(1, reach + 1) for shift in (days, -days)]
    stays = [(check_in + timedelta(days), check_out + timedelta(days)) for days in shifts]
    return [stay for stay in stays if stay[0] >= today]


@dataclass(frozen=True)
class Quote:
    """What the guest is asked to say yes to."""

    check_in: date
    check_out: date
    adults: int
    child_ages: tuple[int, ...]
    rooms: int
    room_type_id: str
    room_name: str
    total: Decimal
    """Of the whole stay, tax included."""
    currency: str
    valid_until: datetime
    """Aware. After it, the guest is shown the price anew before a yes counts."""

    def to_dict(self) -> dict[str, object]:
        """JSON-ready; money and dates as text."""
        return {
            **vars(self),
            "check_in": self.check_in.isoformat(),
            "check_out": self.check_out.isoformat(),
            "child_ages": list(self.child_ages),
            "total": str(self.total),
            "valid_until": self.valid_until.isoformat(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, object]) -> "Quote":
        """Reads what `to_dict` wrote; raises `KeyError`, `ValueError` or `TypeError` otherwise."""
        return cls(
            check_in=date.fromisoformat(str(data["check_in"])),
            check_out=date.fromisoformat(str(data["check_out"])),
            adults=int(str(data["adults"])),
            child_ages=tuple(int(years) for years in data["child_ages"]),  # type: ignore[attr-defined]
            rooms=int(str(data["rooms"])),
            room_type_id=str(data["room_type_id"]),
            room_name=str(data["room_name"]),
            total=Decimal(str(data["total"])),
            currency=str(data["currency"]),
            valid_until=datetime.fromisoformat(str(data["valid_until"])),
        )
