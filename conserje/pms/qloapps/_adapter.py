"""The port `Pms` on a QloApps webservice."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import aiohttp

from conserje.contact import InvalidContact, check_name_part, parse_email
from conserje.pms._errors import (
    AnswerNotUnderstood,
    BookingNotFound,
    GuestDataRejected,
    NotAuthorised,
    PmsDown,
    PmsError,
    RoomUnavailable,
    Uncertain,
)
from conserje.pms._model import (
    BookedRoom,
    Booking,
    BookingRequest,
    BookingStatus,
    Guest,
    Occupancy,
    Offer,
    RoomType,
)
from conserje.pms.qloapps._records import (
    Availability,
    CreatedId,
    Currency,
    Customer,
    Language,
    Order,
    Overlap,
    RoomBooking,
    RoomTypeLimits,
    RoomTypeRow,
    display,
    money,
    parse,
    parse_rows,
)
from conserje.pms.qloapps._webservice import Answer, BrokenOff, Webservice

_CANCELLED = 4
"""The order state."""
_REFUSED_BOOKING = 404
"""The code of every error that `bookings` reports of its own accord, with status 400."""
_GATEWAY_ERRORS = (502, 504)
_NO_SUCH_PAIR = "no booking of this hotel has this reference and this e-mail"
_SHOP_SECONDS = 600.0
_MARKER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{3,63}")
_REFERENCE_LENGTH = 32
_PHONE = re.compile(r"\+?[0-9. ()-]{5,32}")

T = TypeVar("T")


@dataclass(frozen=True)
class _Shop:
    """What the whole shop has in common."""

    language: int
    currencies: dict[int, str]
    """ISO 4217, by id."""
    read_at: float


class QloApps:
    """One hotel of a QloApps; implements `conserje.pms.Pms`.

    One instance per hotel and process: bookings of an instance wait for one another, since
    QloApps gives the last room to two requests that arrive together. What other processes
    and the hotel's website do is caught after the create.

    `session` should come from `new_session`; without one, one is made, for `close` to close.
    Times are in seconds. `retry_pauses` are the waits between looking again for a booking
    whose create was broken off, and between attempts to read back a change.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        hotel_id: int,
        *,
        session: aiohttp.ClientSession | None = None,
        language: str = "es",
        connect_timeout: float = 3.0,
        read_timeout: float = 8.0,
        create_timeout: float = 20.0,
        retry_pauses: Sequence[float] = (0.5, 2.0),
    ) -> None:
        self._web = Webservice(
            base_url,
            key,
            session=session,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            write_timeout=create_timeout,
        )
        self._hotel_id = hotel_id
        self._language = language
        self._pauses = tuple(retry_pauses)
        self._one_at_a_time = asyncio.Lock()
        self._shop_read: _Shop | None = None

    async def close(self) -> None:
        await self._web.close()

    # Reading

    async def room_types(self) -> Sequence[RoomType]:
        """The hotel's active room types, by id."""
        shop = await self._shop()
        limits, rows = await asyncio.gather(self._limits(), self._room_type_rows(shop))
        bookable = (
            RoomType(str(row.id), row.name, own.max_adults, own.max_children, own.max_guests)
            for row in rows
            if row.active and (own := limits.get(row.id))
        )
        return sorted(bookable, key=lambda room_type: int(room_type.id))

    async def offers(
        self, check_in: date, check_out: date, rooms: Sequence[Occupancy]
    ) -> Sequence[Offer]:
        """By total, then id."""
        availability, room_types = await asyncio.gather(
            self._availability(check_in, check_out, rooms), self.room_types()
        )
        by_id = {int(room_type.id): room_type for room_type in room_types}
        offers = (
            Offer(
                by_id[quote.id_room_type],
                money(quote.total_price_with_tax),
                availability.currency,
                quote.rooms_free,
            )
            for quote in availability.room_types or ()
            if quote.id_room_type in by_id
        )
        return sorted(offers, key=lambda offer: (offer.total, int(offer.room_type.id)))

    async def find(self, reference: str, email: str) -> Booking:
        wanted = re.sub(r"[^A-Z0-9]", "", reference.upper())
        try:
            address = parse_email(email)
        except InvalidContact:
            raise BookingNotFound(_NO_SUCH_PAIR) from None
        if not 0 < len(wanted) <= _REFERENCE_LENGTH:
            raise BookingNotFound(_NO_SUCH_PAIR)
        for order in await self._orders(filter_reference=wanted):
            customer = await self._customer(order)
            rooms = await self._rooms_here(order.id)
            if rooms and customer.email.casefold() == address.casefold():
                return await self._booking(order, rooms, customer)
        raise BookingNotFound(_NO_SUCH_PAIR)

    # Booking

    async def book(self, request: BookingRequest) -> Booking:
        """A `request.marker` that has a live booking already gets that one: a request that is
        delivered twice books once. Raises `ValueError` for a marker that is no letters, digits
        and hyphens.
        """
        _check_guest(request.guest)
        if not _MARKER.fullmatch(request.marker):
            raise ValueError("marker: letters, digits and hyphens, 4 to 64")
        async with self._one_at_a_time:
            earlier = await self._orders(filter_source=request.marker)
            for order in earlier:
                if any(room.lives for room in await self._rooms_here(order.id)):
                    return await self._settle(order.id, request)
            order_id = await self._create(request, {order.id for order in earlier})
            return await self._settle(order_id, request)

    async def cancel(self, booking: Booking) -> Booking:
        order, rooms = await self._read(int(booking.id))
        if order.reference != booking.reference:
            raise BookingNotFound("the booking has another reference")
        if not any(room.lives for room in rooms):
            return await self._booking(order, rooms)
        answered = await self._send_cancellation(order.id)
        try:
            order, rooms = await self._persistently(lambda: self._read(order.id))
            if _is_cancelled(order, rooms):
                return await self._booking(order, rooms)
        except (PmsDown, NotAuthorised, AnswerNotUnderstood, BookingNotFound) as error:
            raise Uncertain("a cancellation could not be read back", booking.marker) from error
        if not answered:
            raise Uncertain("a cancellation got no answer", booking.marker)
        raise AnswerNotUnderstood("QloApps did not carry out a cancellation")

    async def _create(self, request: BookingRequest, known: Collection[int]) -> int:
        """Sends the booking once; the id of the order that came of it."""
        shop = await self._shop()
        room_type = await self._room_type_row(request.room_type_id, shop)
        body = _booking_body(self._hotel_id, shop, room_type, request)
        answer = await self._sent("bookings", body)
        if answer and (order_id := _created_id(answer)) is not None:
            return order_id
        found = await self._search(request.marker, known, patiently=answer is None)
        if found is not None:
            return found
        if answer is None:
            raise Uncertain("a create got no answer and left no booking yet", request.marker)
        raise await self._reason(answer, request)

    async def _sent(self, resource: str, body: Mapping[str, Any] | str) -> Answer | None:
        """The answer; None where it was broken off and QloApps may still be at it.

        Raises `PmsDown` or `NotAuthorised` where nothing can have been done.
        """
        try:
            answer = await self._web.send(resource, body)
        except BrokenOff:
            return None
        answer.raise_if_turned_away()
        return None if answer.status in _GATEWAY_ERRORS else answer

    async def _search(self, marker: str, known: Collection[int], patiently: bool) -> int | None:
        """The order that a create without a clean answer has made; None when there is none.

        `patiently`: the create may still be at work, so it is looked for several times.
        Raises `Uncertain` where it could not be looked for.
        """
        failure: PmsDown | None = None
        for pause in (0.0, *self._pauses):
            await asyncio.sleep(pause)
            try:
                orders = await self._orders(filter_source=marker)
            except PmsDown as error:
                failure = error
                continue
            except (NotAuthorised, AnswerNotUnderstood) as error:
                raise Uncertain("a booking could not be looked for", marker) from error
            failure = None
            found = [order.id for order in orders if order.id not in known]
            if found or not patiently:
                return found[0] if found else None
        if failure:
            raise Uncertain("a booking could not be looked for", marker) from failure
        return None

    async def _reason(self, answer: Answer, request: BookingRequest) -> PmsError:
        """Why a create that was answered has booked nothing."""
        if answer.status == 400:
            # The texts are translated and all codes are alike, so availability has to tell.
            if await self._rooms_free(request) < len(request.rooms):
                return RoomUnavailable(f"room type {request.room_type_id} is not free")
            if set(answer.errors) == {_REFUSED_BOOKING}:
                return GuestDataRejected("unknown", "refused")
        error_text = answer.status == 200 and answer.media_type == "text/html"
        if error_text or (answer.status == 500 and answer.empty):
            # What QloApps does with guest data that it cannot store.
            return GuestDataRejected("unknown", "refused")
        if answer.status in (200, 201):
            return Uncertain("booked, by the answer, but there is no booking", request.marker)
        if answer.status >= 500:
            return PmsDown(f"QloApps could not book: {answer}")
        return AnswerNotUnderstood(f"a create was refused: {answer}")

    async def _settle(self, order_id: int, request: BookingRequest) -> Booking:
        """Reads back an order that was made; raises `RoomUnavailable` when it holds no room."""
        try:
            return await self._persistently(lambda: self._judge(order_id, request))
        except (PmsDown, NotAuthorised, AnswerNotUnderstood, BookingNotFound) as error:
            raise Uncertain("a booking could not be read back", request.marker) from error

    async def _judge(self, order_id: int, request: BookingRequest) -> Booking:
        order, rooms = await self._read(order_id)
        whole = len(rooms) >= len(request.rooms) and any(room.lives for room in rooms)
        overbooked = any(room.is_back_order for room in rooms)
        if whole and not overbooked and not await self._taken_before(rooms):
            return await self._booking(order, rooms)
        if any(room.lives for room in rooms):
            await self._send_cancellation(order.id)
            order, rooms = await self._read(order.id)
            if not _is_cancelled(order, rooms):
                raise AnswerNotUnderstood("QloApps did not take back an overbooking")
        raise RoomUnavailable("another booking had the last room first")

    async def _taken_before(self, rooms: Sequence[RoomBooking]) -> bool:
        """Whether an older live booking of another order overlaps with one of `rooms`.

        Older by the number of the room booking: rows are numbered as they are stored, so of
        two requests the one stored second is sure to see the first.
        """
        for room in rooms:
            rows = await self._web.rows(
                "room_bookings",
                "bookings",
                filter_id_room=str(room.id_room),
                filter_date_from=f"<[{room.date_to:%Y-%m-%d}]",
                filter_date_to=f">[{room.date_from:%Y-%m-%d}]",
                filter_is_cancelled="0",
                filter_is_refunded="0",
                date="1",
                display=display(Overlap),
            )
            if any(
                other.id < room.id and other.id_order != room.id_order and not other.is_back_order
                for other in parse_rows(Overlap, rows)
            ):
                return True
        return False

    async def _send_cancellation(self, order_id: int) -> bool:
        """Whether an answer came; whether it worked has to be read.

        Raises `PmsDown` or `NotAuthorised` where nothing can have been done.
        """
        xml = f"<id_order_state>{_CANCELLED}</id_order_state><id_order>{order_id}</id_order>"
        answer = await self._sent("order_histories", _xml(f"<order_history>{xml}</order_history>"))
        return answer is not None

    async def _persistently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Tries again after each pause while the PMS is down."""
        for pause in self._pauses:
            try:
                return await attempt()
            except PmsDown:  # noqa: PERF203 - the loop is for the error
                await asyncio.sleep(pause)
        return await attempt()

    # What the webservice holds

    async def _shop(self) -> _Shop:
        shop = self._shop_read
        if shop is None or time.monotonic() - shop.read_at > _SHOP_SECONDS:
            shop = self._shop_read = await self._read_shop()
        return shop

    async def _read_shop(self) -> _Shop:
        languages, currencies = await asyncio.gather(
            self._web.rows("languages", "languages", display=display(Language)),
            self._web.rows("currencies", "currencies", display=display(Currency)),
        )
        active = [row for row in parse_rows(Language, languages) if row.active]
        if not active:
            raise AnswerNotUnderstood("the shop has no language")
        # The first one is the shop's own.
        chosen = min(active, key=lambda row: (row.iso_code.lower() != self._language, row.id))
        by_id = {row.id: row.iso_code for row in parse_rows(Currency, currencies)}
        return _Shop(chosen.id, by_id, time.monotonic())

    async def _limits(self) -> dict[int, RoomTypeLimits]:
        """By room type, of this hotel."""
        rows = await self._web.rows(
            "hotel_room_types",
            "hotel_room_types",
            filter_id_hotel=str(self._hotel_id),
            display="full",
        )
        return {row.id_product: row for row in parse_rows(RoomTypeLimits, rows)}

    async def _room_type_rows(self, shop: _Shop) -> list[RoomTypeRow]:
        """Of all hotels: `room_types` cannot be filtered by hotel.

        Never with display=full, which one type with an extra demand turns into a 500.
        """
        rows = await self._web.rows(
            "room_types", "room_types", display=display(RoomTypeRow), language=str(shop.language)
        )
        return parse_rows(RoomTypeRow, rows)

    async def _room_type_row(self, room_type_id: str, shop: _Shop) -> RoomTypeRow:
        for row in await self._room_type_rows(shop):
            if str(row.id) == room_type_id:
                return row
        raise RoomUnavailable(f"room type {room_type_id} does not exist")

    async def _availability(
        self, check_in: date, check_out: date, rooms: Sequence[Occupancy]
    ) -> Availability:
        occupancies = "".join(
            f"<room_occupancy><adults>{room.adults}</adults>"
            f"<children>{len(room.child_ages)}</children></room_occupancy>"
            for room in rooms
        )
        answer = await self._web.ask(
            "hotel_ari",
            _xml(
                f"<hotel_ari><id_hotel>{self._hotel_id}</id_hotel>"
                f"<date_from>{check_in.isoformat()}</date_from>"
                f"<date_to>{check_out.isoformat()}</date_to>"
                f"<associations><room_occupancies>{occupancies}</room_occupancies></associations>"
                "</hotel_ari>"
            ),
        )
        availability = parse(Availability, answer.root("hotel_ari"))
        if availability.room_types is None:
            raise AnswerNotUnderstood(f"hotel {self._hotel_id} is unknown or switched off")
        return availability

    async def _rooms_free(self, request: BookingRequest) -> int:
        """Of the room type asked; 0 where the hotel does not have it."""
        quotes = await self._availability(request.check_in, request.check_out, request.rooms)
        for quote in quotes.room_types or ():
            if str(quote.id_room_type) == request.room_type_id:
                return quote.rooms_free
        return 0

    async def _orders(self, **filters: str) -> list[Order]:
        rows = await self._web.rows("orders", "orders", display=display(Order), **filters)
        return parse_rows(Order, rows)

    async def _rooms_here(self, order_id: int) -> list[RoomBooking]:
        """The rooms of an order of this hotel; none if any is another hotel's."""
        rows = await self._web.rows(
            "room_bookings", "bookings", filter_id_order=str(order_id), display="full"
        )
        rooms = parse_rows(RoomBooking, rows)
        return rooms if all(room.id_hotel == self._hotel_id for room in rooms) else []

    async def _read(self, order_id: int) -> tuple[Order, list[RoomBooking]]:
        orders, rooms = await asyncio.gather(
            self._orders(filter_id=str(order_id)), self._rooms_here(order_id)
        )
        if not orders or not rooms:
            raise BookingNotFound("no such booking at this hotel")
        return orders[0], rooms

    async def _customer(self, order: Order) -> Customer:
        # Never display=full: it hands out the hash of the password.
        rows = await self._web.rows(
            "customers", "customers", filter_id=str(order.id_customer), display=display(Customer)
        )
        if not rows:
            raise AnswerNotUnderstood("an order without its customer")
        return parse(Customer, rows[0])

    async def _booking(
        self, order: Order, rooms: Sequence[RoomBooking], customer: Customer | None = None
    ) -> Booking:
        shop = await self._shop()
        if order.id_currency not in shop.currencies:
            raise AnswerNotUnderstood("an order in an unknown currency")
        customer = customer or await self._customer(order)
        held = [room for room in rooms if room.lives] or rooms
        return Booking(
            id=str(order.id),
            reference=order.reference,
            status=_status(rooms),
            check_in=min(room.date_from for room in held).date(),
            check_out=max(room.date_to for room in held).date(),
            rooms=tuple(_booked_room(room) for room in held),
            total=money(order.total_paid_tax_incl),
            currency=shop.currencies[order.id_currency],
            paid=money(order.total_paid_real),
            guest_name=f"{customer.firstname} {customer.lastname}",
            email=customer.email,
            marker=order.source or "",
        )


def _status(rooms: Sequence[RoomBooking]) -> BookingStatus:
    """By the rooms: an order's state does not change when its room was overbooked."""
    if any(room.lives and not room.is_back_order for room in rooms):
        return "confirmed"
    if any(room.is_back_order for room in rooms):
        return "not_booked"
    return "cancelled" if any(room.is_cancelled for room in rooms) else "refunded"


def _is_cancelled(order: Order, rooms: Sequence[RoomBooking]) -> bool:
    return order.current_state == _CANCELLED and not any(room.lives for room in rooms)


def _booked_room(room: RoomBooking) -> BookedRoom:
    return BookedRoom(
        room_type_id=str(room.id_product),
        room_type_name=room.room_type_name,
        adults=room.adults,
        children=room.children,
        check_in=room.date_from.date(),
        check_out=room.date_to.date(),
    )


def _check_guest(guest: Guest) -> None:
    """What QloApps would answer with a dead PHP is refused here."""
    try:
        check_name_part(guest.first_name)
        check_name_part(guest.last_name)
        email = parse_email(guest.email)
    except InvalidContact as error:
        raise GuestDataRejected(error.field, error.reason) from None
    if email != guest.email.lower():
        raise GuestDataRejected("email", "not_an_email")
    if not _PHONE.fullmatch(guest.phone):
        raise GuestDataRejected("phone", "not_a_phone")


def _created_id(answer: Answer) -> int | None:
    """The booking's id in a clean answer."""
    try:
        return parse(CreatedId, answer.root("booking")).id
    except (PmsDown, AnswerNotUnderstood):
        return None


def _booking_body(
    hotel_id: int, shop: _Shop, room_type: RoomTypeRow, request: BookingRequest
) -> dict[str, Any]:
    guest = request.guest
    rooms = [_room_body(room, room_type.id_tax_rules_group) for room in request.rooms]
    return {
        "booking": {
            "id_property": hotel_id,
            "currency": request.currency,
            "booking_status": 1,
            "payment_status": 3,
            "source": request.marker,
            "id_language": shop.language,
            "associations": {
                "customer_detail": {
                    "firstname": guest.first_name,
                    "lastname": guest.last_name,
                    "email": guest.email,
                    "phone": guest.phone,
                },
                # Services that QloApps adds by itself are in the quote, but without this
                # not in the booking.
                "price_details": {"total_price_with_tax": float(request.total)},
                "room_types": [
                    {
                        "id_room_type": room_type.id,
                        "checkin_date": request.check_in.isoformat(),
                        "checkout_date": request.check_out.isoformat(),
                        "number_of_rooms": len(rooms),
                        "rooms": rooms,
                    }
                ],
            },
        }
    }


def _room_body(room: Occupancy, tax_rules_group: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        # 1.6.1 reads `adult`; its schema and 1.7.0 say `adults`.
        "adult": room.adults,
        "adults": room.adults,
        "child": len(room.child_ages),
        # Without it the booking is stored and the answer is a 500.
        "id_tax_rules_group": tax_rules_group,
    }
    if room.child_ages:
        # Children without ages are stored as none.
        body["child_ages"] = list(room.child_ages)
    return body


def _xml(inner: str) -> str:
    """`inner` is made of numbers and dates only, so nothing needs escaping."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<qloapps xmlns:xlink="http://www.w3.org/1999/xlink">{inner}</qloapps>'
    )
