"""Changing a booking that stands: nothing half-changed, and nothing believed unread."""

import asyncio
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from conserje.pms._errors import (
    AnswerNotUnderstood,
    BookingNotFound,
    ChangeRefused,
    NotAuthorised,
    PmsDown,
    PmsError,
    Uncertain,
)
from conserje.pms._model import Booking, BookingRequest, Occupancy, Offer
from conserje.pms.qloapps._bodies import Line, changed_booking, with_guests
from conserje.pms.qloapps._hotel import CANCELLED, REFUNDED, HotelRecords
from conserje.pms.qloapps._records import Order, RoomBooking, money
from conserje.pms.qloapps._stays import (
    AddedNights,
    Held,
    Plan,
    Shape,
    plan,
    present_lines,
    shape_of,
    stays,
)
from conserje.pms.qloapps._webservice import Answer, BrokenOff

_LEFT = 3
"""The `id_status` of a room whose guests have checked out."""
_ALLOTTED = 1
_UNREADABLE = (PmsDown, NotAuthorised, AnswerNotUnderstood, BookingNotFound)


@dataclass(frozen=True)
class _Found:
    """A booking read back."""

    order: Order
    rooms: tuple[RoomBooking, ...]

    def holds(self, shape: Shape, total: Decimal) -> bool:
        """Whether it is this, wholly and alive."""
        found = shape_of(stays(self.rooms))
        return (
            found is not None
            and found.same(shape)
            and all(room.lives and not room.is_back_order for room in self.rooms)
            and self.order.current_state not in (CANCELLED, REFUNDED)
            and money(self.order.total_paid_tax_incl) == total
        )

    def is_as(self, held: Held) -> bool:
        """Whether no row of it has changed."""
        earlier = sorted(held.rows, key=lambda room: room.id)
        return (
            sorted(self.rooms, key=lambda room: room.id) == earlier
            and self.order.current_state == held.order.current_state
            and money(self.order.total_paid_tax_incl) == held.total
        )


class Changes:
    """`today`: the hotel's."""

    def __init__(self, hotel: HotelRecords, today: Callable[[], date]) -> None:
        self._hotel = hotel
        self._today = today

    async def offers(
        self, booking: Booking, check_in: date, check_out: date, rooms: Sequence[Occupancy]
    ) -> list[Offer]:
        held = await self._held(booking)
        self._refuse_past(held, check_in, check_out)
        availability, room_types, added = await asyncio.gather(
            self._hotel.availability(check_in, check_out, rooms),
            self._hotel.room_types(),
            self._added(held, check_in, check_out),
        )
        offers = []
        for room_type in room_types:
            quote = availability.quote(room_type.id)
            wanted = Shape(room_type.id, check_in, check_out, tuple(rooms))
            if quote is None or wanted.same(held.shape):
                continue
            total, free = money(quote.total_price_with_tax), 0
            try:
                found = plan(held, wanted, quote, added)
                total, free = found.total, found.rooms_free
            except ChangeRefused:
                pass  # it is shown as full
            offers.append(Offer(room_type, total, availability.currency, free))
        return sorted(offers, key=lambda offer: (offer.total, int(offer.room_type.id)))

    async def change(self, booking: Booking, request: BookingRequest) -> Booking:
        wanted = Shape(request.room_type_id, request.check_in, request.check_out, request.rooms)
        held = await self._held(booking)
        self._refuse_past(held, wanted.check_in, wanted.check_out)
        found = await self._plan(held, wanted)
        currency = (await self._hotel.shop()).currency(held.order)
        # Below its list price QloApps takes the list price; other guests change no price.
        payable = request.total >= found.total if found.lines else request.total == found.total
        if not payable or request.currency != currency:
            raise ChangeRefused("not_possible")
        if found.lines:
            return await self._change_rooms(held, wanted, found, request.total)
        return await self._change_guests(held, wanted, found)

    # Before

    async def _held(self, booking: Booking) -> Held:
        """Raises `ChangeRefused` for a booking that is not to be changed."""
        order, rows = await self._hotel.read(int(booking.id))
        if order.reference != booking.reference:
            raise BookingNotFound("the booking has another reference")
        alive = [row for row in rows if row.lives and not row.is_back_order]
        if not alive or order.current_state in (CANCELLED, REFUNDED):
            raise ChangeRefused("cancelled")
        found = stays(rows)
        shape = shape_of(found)
        if shape is None or len(alive) < len(rows):
            raise ChangeRefused("not_possible")
        if shape.check_out < self._today() or any(row.id_status == _LEFT for row in rows):
            raise ChangeRefused("past")
        return Held(
            order,
            tuple(rows),
            tuple(found),
            shape,
            begun=shape.check_in < self._today() or any(row.id_status != _ALLOTTED for row in rows),
            bare=not await self._hotel.has_extras(order.id),
        )

    def _refuse_past(self, held: Held, check_in: date, check_out: date) -> None:
        """Raises `ValueError` for a stay without nights."""
        if check_out <= check_in:
            raise ValueError("check_out must be after check_in")
        today = self._today()
        if check_out < today or (check_in < today and check_in != held.shape.check_in):
            raise ChangeRefused("past")

    async def _plan(self, held: Held, wanted: Shape) -> Plan:
        availability, added = await asyncio.gather(
            self._hotel.availability(wanted.check_in, wanted.check_out, wanted.rooms),
            self._added(held, wanted.check_in, wanted.check_out),
        )
        return plan(held, wanted, availability.quote(wanted.room_type_id), added)

    async def _added(self, held: Held, check_in: date, check_out: date) -> list[AddedNights]:
        own = held.shape
        found = []
        for first, last in held.added_nights(check_in, check_out):
            answer = await self._hotel.availability(first, last, own.rooms, own.room_type_id)
            found.append(AddedNights(first, last, answer.quote(own.room_type_id)))
        return found

    # Other rooms

    async def _change_rooms(
        self, held: Held, wanted: Shape, found: Plan, total: Decimal
    ) -> Booking:
        answer = await self._send_rooms(held, found.lines, wanted.room_type_id, total)
        read = await self._outcome(held, wanted, total, patiently=answer is None)
        if read.is_as(held):
            raise await self._reason(answer, held, wanted)
        if read.holds(wanted, total) and not await self._taken(held, read):
            return await self._hotel.booking(read.order, read.rooms)
        done = answer is not None or read.holds(wanted, total)
        if done and await self._overbooked(held, read):
            await self._put_back(held)
            raise ChangeRefused("no_room")
        raise Uncertain("a change left something else than wanted", _marker(held))

    async def _send_rooms(
        self, held: Held, lines: Sequence[Line], room_type_id: str, total: Decimal
    ) -> Answer | None:
        room_type, customer, shop = await asyncio.gather(
            self._hotel.room_type_row(room_type_id),
            self._hotel.customer(held.order),
            self._hotel.shop(),
        )
        body = changed_booking(
            self._hotel.hotel_id,
            held.order.id,
            customer,
            lines,
            room_type.id_tax_rules_group,
            total,
            shop.currency(held.order),
        )
        return await self._hotel.sent(f"bookings/{held.order.id}", body, "PUT")

    async def _outcome(self, held: Held, wanted: Shape, total: Decimal, patiently: bool) -> _Found:
        """What became of it.

        `patiently`: QloApps may still be at it, so it is read again until it is as wanted.
        Raises `Uncertain`.
        """
        try:
            read = await self._hotel.persistently(lambda: self._read(held))
            for pause in self._hotel.pauses if patiently else ():
                if read.holds(wanted, total):
                    break
                await asyncio.sleep(pause)
                read = await self._hotel.persistently(lambda: self._read(held))
        except _UNREADABLE as error:
            raise Uncertain("a change could not be read back", _marker(held)) from error
        return read

    async def _read(self, held: Held) -> _Found:
        order, rooms = await self._hotel.read(held.order.id)
        return _Found(order, tuple(rooms))

    async def _reason(self, answer: Answer | None, held: Held, wanted: Shape) -> PmsError:
        """Why a booking is as it was."""
        if answer is None:
            return Uncertain("a change got no answer and has not happened yet", _marker(held))
        if answer.status == 400:
            try:
                await self._plan(held, wanted)
            except ChangeRefused as refused:
                return refused
            return ChangeRefused("not_possible")
        if answer.status >= 500:
            return PmsDown(f"QloApps could not change a booking: {answer}")
        if answer.media_type == "application/json":
            return Uncertain("changed, by the answer, but it is as it was", _marker(held))
        return AnswerNotUnderstood(f"a change was not carried out: {answer}")

    # Other guests

    async def _change_guests(self, held: Held, wanted: Shape, found: Plan) -> Booking:
        """Row by row. What is sent is absolute, so sending it again does no harm."""
        failure, sure = await self._send_all_guests(found)
        read = await self._outcome(held, wanted, held.total, patiently=not sure)
        if read.holds(wanted, held.total):
            return await self._hotel.booking(read.order, read.rooms)
        if read.is_as(held) and sure:
            raise failure or AnswerNotUnderstood("QloApps did not carry out a change of guests")
        raise Uncertain("not all guests of a booking were changed", _marker(held))

    async def _send_all_guests(self, found: Plan) -> tuple[PmsError | None, bool]:
        """What stopped it before the end, and whether every request was answered."""
        broken: list[BrokenOff] = []
        try:
            for row, guests in found.guests:
                attempt = functools.partial(self._send_guests, row, guests, broken)
                await self._hotel.persistently(attempt)
        except _UNREADABLE as error:
            return error, not broken
        return None, not broken

    async def _send_guests(
        self, row: RoomBooking, guests: Occupancy, broken: list[BrokenOff]
    ) -> None:
        """Raises `PmsDown` where trying again may help; adds to `broken` what got no answer."""
        resource = f"room_bookings/{row.id}"
        document = await self._hotel.web.one_as_xml(resource, "booking")
        now = {name: document.findtext(f"booking/{name}") for name in ("is_cancelled", "id_room")}
        if now != {"is_cancelled": "0", "id_room": str(row.id_room)}:
            raise AnswerNotUnderstood("a room was cancelled or moved meanwhile")
        answer = await self._hotel.sent(resource, with_guests(document, guests), "PUT")
        if answer is None:
            broken.append(BrokenOff("a change of guests got no answer"))
            raise broken[-1]
        answer.raise_for_refusal()

    # Overbooked

    async def _taken(self, held: Held, read: _Found) -> bool:
        """Whether a room that came in with the change is somebody else's."""
        earlier = {row.id for row in held.rows}
        try:
            return await self._hotel.persistently(
                lambda: self._hotel.taken_before([r for r in read.rooms if r.id not in earlier])
            )
        except _UNREADABLE as error:
            raise Uncertain("a change could not be checked", _marker(held)) from error

    async def _overbooked(self, held: Held, read: _Found) -> bool:
        if any(room.is_back_order or not room.lives for room in read.rooms):
            return read.order.current_state not in (CANCELLED, REFUNDED)
        return await self._taken(held, read)

    async def _put_back(self, held: Held) -> None:
        """Another booking took the new room at the same moment: back to the old one.

        Raises `Uncertain` unless the booking then holds what it held.
        """
        lines = present_lines(held.rows)
        marker = _marker(held)
        try:
            await self._send_rooms(held, lines, held.shape.room_type_id, held.total)
        except PmsError as error:
            raise Uncertain("an overbooked change could not be taken back", marker) from error
        read = await self._outcome(held, held.shape, held.total, patiently=True)
        if not read.holds(held.shape, held.total) or await self._taken(held, read):
            raise Uncertain("an overbooked change was not taken back", marker)


def _marker(held: Held) -> str:
    return held.order.source or ""
