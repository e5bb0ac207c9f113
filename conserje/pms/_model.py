"""What travels between the dialogue and a PMS."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

BookingStatus = Literal["confirmed", "cancelled", "refunded", "not_booked"]
"""`not_booked`: an overbooking that the PMS took back (back-order)."""


@dataclass(frozen=True)
class Occupancy:
    """Who sleeps in one room."""

    adults: int
    child_ages: tuple[int, ...] = ()
    """Years, 0 for a baby; one entry a child."""

    @property
    def guests(self) -> int:
        return self.adults + len(self.child_ages)


@dataclass(frozen=True)
class RoomType:
    id: str
    name: str
    max_adults: int
    max_children: int
    max_guests: int

    def takes(self, occupancy: Occupancy) -> bool:
        """Whether one room of this type may hold these guests."""
        return (
            occupancy.adults <= self.max_adults
            and len(occupancy.child_ages) <= self.max_children
            and occupancy.guests <= self.max_guests
        )


@dataclass(frozen=True)
class Offer:
    """A room type at the dates and occupancies asked, free or not."""

    room_type: RoomType
    total: Decimal
    """The whole stay, all rooms asked, tax included."""
    currency: str
    """ISO 4217."""
    rooms_free: int
    """Rooms of this type that are free for the whole stay."""


@dataclass(frozen=True)
class Guest:
    first_name: str
    last_name: str
    email: str
    phone: str


@dataclass(frozen=True)
class BookingRequest:
    room_type_id: str
    check_in: date
    check_out: date
    rooms: tuple[Occupancy, ...]
    guest: Guest
    total: Decimal
    """The quoted total: what the guest said yes to."""
    currency: str
    marker: str
    """Unique to this intended booking; finds it again after an uncertain answer."""


@dataclass(frozen=True)
class BookedRoom:
    """One room; nights that were added to it are part of it."""

    room_type_id: str
    room_type_name: str
    adults: int
    children: int
    check_in: date
    check_out: date
    child_ages: tuple[int, ...] = ()
    """Years, one entry a child."""

    @property
    def occupancy(self) -> Occupancy:
        return Occupancy(self.adults, self.child_ages)


@dataclass(frozen=True)
class Booking:
    id: str
    """The PMS's own id."""
    reference: str
    """What the guest is told."""
    status: BookingStatus
    check_in: date
    check_out: date
    rooms: tuple[BookedRoom, ...]
    total: Decimal
    currency: str
    paid: Decimal
    guest_name: str
    email: str
    marker: str
