"""The rooms of a booking as stays, and how QloApps can be brought to hold other ones.

Pure: what is known of the booking and of free rooms comes in, what to send comes out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from conserje.pms._errors import ChangeRefused
from conserje.pms._model import BookedRoom, Occupancy
from conserje.pms.qloapps._bodies import Line
from conserje.pms.qloapps._records import Order, Quote, RoomBooking, money


@dataclass(frozen=True)
class Shape:
    """What a guest asks for: rooms of one type for the same nights."""

    room_type_id: str
    check_in: date
    check_out: date
    rooms: tuple[Occupancy, ...]

    def same_rooms(self, other: "Shape") -> bool:
        return Counter(map(_in_order, self.rooms)) == Counter(map(_in_order, other.rooms))

    def same_nights(self, other: "Shape") -> bool:
        mine, others = self._type_and_nights, other._type_and_nights
        return mine == others

    def same(self, other: "Shape") -> bool:
        return self.same_nights(other) and self.same_rooms(other)

    @property
    def _type_and_nights(self) -> tuple[str, date, date]:
        return self.room_type_id, self.check_in, self.check_out


@dataclass(frozen=True)
class Stay:
    """One room's guests over nights that adjoin: one row, or more where nights were added."""

    rows: tuple[RoomBooking, ...]

    @property
    def check_in(self) -> date:
        return self.rows[0].date_from.date()

    @property
    def check_out(self) -> date:
        return self.rows[-1].date_to.date()

    @property
    def occupancy(self) -> Occupancy:
        return self.rows[0].occupancy

    def booked_room(self) -> BookedRoom:
        first = self.rows[0]
        return BookedRoom(
            room_type_id=str(first.id_product),
            room_type_name=first.room_type_name,
            adults=self.occupancy.adults,
            children=len(self.occupancy.child_ages),
            check_in=self.check_in,
            check_out=self.check_out,
            child_ages=self.occupancy.child_ages,
        )


def stays(rows: Sequence[RoomBooking]) -> list[Stay]:
    """In the order in which their first rows were booked."""
    found: list[list[RoomBooking]] = []
    for row in sorted(rows, key=lambda row: (row.date_from, row.id)):
        ended = [stay for stay in found if _goes_on(stay[-1], row)]
        if ended:
            # Of several, the one in the same room.
            max(ended, key=lambda stay: stay[-1].id_room == row.id_room).append(row)
        else:
            found.append([row])
    return sorted((Stay(tuple(each)) for each in found), key=lambda stay: stay.rows[0].id)


def _goes_on(earlier: RoomBooking, later: RoomBooking) -> bool:
    return (
        earlier.date_to == later.date_from
        and earlier.id_product == later.id_product
        and _in_order(earlier.occupancy) == _in_order(later.occupancy)
    )


def _in_order(occupancy: Occupancy) -> Occupancy:
    return Occupancy(occupancy.adults, tuple(sorted(occupancy.child_ages)))


@dataclass(frozen=True)
class Held:
    """An own booking that may be changed, as it is now."""

    order: Order
    rows: tuple[RoomBooking, ...]
    stays: tuple[Stay, ...]
    shape: Shape
    begun: bool
    """Since then its guests keep their rooms."""
    bare: bool
    """Nothing but rooms was sold: QloApps would drop the rest."""

    @property
    def total(self) -> Decimal:
        return money(self.order.total_paid_tax_incl)

    def added_nights(self, check_in: date, check_out: date) -> list[tuple[date, date]]:
        """The nights asked beyond the present ones, where both adjoin or overlap."""
        mine = self.shape
        if check_in > mine.check_out or check_out < mine.check_in:
            return []
        before = [(check_in, min(check_out, mine.check_in))] if check_in < mine.check_in else []
        after = [(max(check_in, mine.check_out), check_out)] if check_out > mine.check_out else []
        return before + after


def shape_of(found: Sequence[Stay]) -> Shape | None:
    """None for rooms of several types or for different nights."""
    kinds = {(stay.rows[0].id_product, stay.check_in, stay.check_out) for stay in found}
    if len(kinds) != 1:
        return None
    ((room_type_id, check_in, check_out),) = kinds
    rooms = tuple(stay.occupancy for stay in found)
    return Shape(str(room_type_id), check_in, check_out, rooms)


@dataclass(frozen=True)
class Plan:
    """How a booking gets its wanted shape: by a new list of rooms, or by other guests only."""

    total: Decimal
    """What it costs then."""
    rooms_free: int
    lines: tuple[Line, ...] = ()
    guests: tuple[tuple[RoomBooking, Occupancy], ...] = ()


@dataclass(frozen=True)
class AddedNights:
    check_in: date
    check_out: date
    quote: Quote | None
    """For the own room type and the number of its rooms."""


def plan(held: Held, wanted: Shape, quote: Quote | None, added: Sequence[AddedNights]) -> Plan:
    """`quote` is for the whole of `wanted`, `added` for `Held.added_nights`.

    Raises `ChangeRefused`.
    """
    if wanted.same(held.shape):
        raise ChangeRefused("unchanged")
    if wanted.same_nights(held.shape):
        return _other_guests(held, wanted)
    if not held.bare:
        raise ChangeRefused("not_possible")
    fits = quote is not None and quote.rooms_free >= len(wanted.rooms)
    # QloApps would keep a row with the same type and nights, whoever sleeps there.
    if quote and fits and not held.begun and not _keeps_a_row(held, wanted):
        return _other_rooms(wanted, quote)
    own_type = wanted.room_type_id == held.shape.room_type_id
    meets = wanted.check_in <= held.shape.check_out and held.shape.check_in <= wanted.check_out
    if not (own_type and meets):
        raise ChangeRefused("not_possible" if fits else "no_room")
    if not _own_rooms_free(held, added):
        raise ChangeRefused("no_room")
    if not _only_grows(held, wanted):
        # The own stay is in its own way.
        raise ChangeRefused("not_possible")
    return _longer_stay(held, added)


def _other_guests(held: Held, wanted: Shape) -> Plan:
    if len(wanted.rooms) != len(held.stays):
        raise ChangeRefused("not_possible")
    coming = [_in_order(room) for room in wanted.rooms]
    moving = []
    for stay in held.stays:
        if _in_order(stay.occupancy) in coming:
            coming.remove(_in_order(stay.occupancy))
        else:
            moving.append(stay)
    guests = tuple(
        (row, room) for stay, room in zip(moving, coming, strict=True) for row in stay.rows
    )
    return Plan(held.total, len(held.stays), guests=guests)


def _keeps_a_row(held: Held, wanted: Shape) -> bool:
    asked = (wanted.room_type_id, wanted.check_in, wanted.check_out)
    return asked in {
        (str(row.id_product), row.date_from.date(), row.date_to.date()) for row in held.rows
    }


def _other_rooms(wanted: Shape, quote: Quote) -> Plan:
    line = Line(
        int(wanted.room_type_id),
        wanted.check_in,
        wanted.check_out,
        tuple((room, None) for room in wanted.rooms),
    )
    return Plan(money(quote.total_price_with_tax), quote.rooms_free, lines=(line,))


def _own_rooms_free(held: Held, added: Sequence[AddedNights]) -> bool:
    return all(
        nights.quote is not None and set(_own_rooms(held, nights)) <= nights.quote.free
        for nights in added
    )


def _own_rooms(held: Held, nights: AddedNights) -> list[int]:
    """In which its guests sleep on the side of these nights."""
    before = nights.check_out <= held.shape.check_in
    return [(stay.rows[0] if before else stay.rows[-1]).id_room for stay in held.stays]


def _only_grows(held: Held, wanted: Shape) -> bool:
    begins_as_before = wanted.check_in == held.shape.check_in
    covered = wanted.check_in <= held.shape.check_in and held.shape.check_out <= wanted.check_out
    return covered and wanted.same_rooms(held.shape) and (begins_as_before or not held.begun)


def _longer_stay(held: Held, added: Sequence[AddedNights]) -> Plan:
    total = held.total
    lines = list(present_lines(held.rows))
    for nights in added:
        if nights.quote is None:
            raise ChangeRefused("no_room")
        total += money(nights.quote.total_price_with_tax)
        rooms = zip((stay.occupancy for stay in held.stays), _own_rooms(held, nights), strict=True)
        lines.append(
            Line(int(held.shape.room_type_id), nights.check_in, nights.check_out, tuple(rooms))
        )
    return Plan(total, len(held.stays), lines=tuple(lines))


def present_lines(rows: Sequence[RoomBooking]) -> tuple[Line, ...]:
    """The rooms as they are."""
    by_nights: dict[tuple[int, date, date], list[tuple[Occupancy, int | None]]] = {}
    for row in rows:
        nights = (row.id_product, row.date_from.date(), row.date_to.date())
        by_nights.setdefault(nights, []).append((row.occupancy, None))
    return tuple(Line(*nights, tuple(rooms)) for nights, rooms in by_nights.items())
