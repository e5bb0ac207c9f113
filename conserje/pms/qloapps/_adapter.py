"""The port `Pms` on a QloApps webservice.

Reading is `_hotel`'s, changing what stands `_changes`'; booking and cancelling are here.
"""

import asyncio
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timezone

import aiohttp

from conserje.contact import InvalidContact, check_name_part, parse_email, parse_phone
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
from conserje.pms._model import Booking, BookingRequest, Guest, Occupancy, Offer, RoomType
from conserje.pms.qloapps._bodies import new_booking, xml
from conserje.pms.qloapps._changes import Changes
from conserje.pms.qloapps._hotel import CANCELLED, REFUNDED, HotelRecords
from conserje.pms.qloapps._records import CreatedId, Order, RoomBooking, money, parse
from conserje.pms.qloapps._webservice import Answer, Webservice

_REFUSED_BOOKING = 404
"""The code of every error that `bookings` reports of its own accord, with status 400."""
_NO_SUCH_PAIR = "no booking of this hotel has this reference and this e-mail"
_MARKER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{3,63}")
_REFERENCE_LENGTH = 32
_PHONE = re.compile(r"\+?[0-9. ()-]{5,32}")


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


class QloApps:
    """One hotel of a QloApps; implements `conserje.pms.Pms`.

    One instance per hotel and process: bookings and changes of an instance wait for one
    another, since QloApps gives the last room to two requests that arrive together. What other
    processes and the hotel's website do is caught after the create or the change.

    `session` should come from `new_session`; without one, one is made, for `close` to close.
    `now` tells the hotel's time: by its date, stays are past. `country` (ISO 3166) is where
    phone numbers without a country's code are dialled.
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
        country: str = "ES",
        now: Callable[[], datetime] = _utc_now,
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
        self._hotel = HotelRecords(self._web, hotel_id, language, retry_pauses)
        self._changes = Changes(self._hotel, self._today)
        self._country = country
        self._now = now
        self._one_at_a_time = asyncio.Lock()

    async def close(self) -> None:
        await self._web.close()

    def _today(self) -> date:
        return self._now().date()

    # Reading

    async def room_types(self) -> Sequence[RoomType]:
        """The hotel's active room types, by id."""
        return await self._hotel.room_types()

    async def offers(
        self, check_in: date, check_out: date, rooms: Sequence[Occupancy]
    ) -> Sequence[Offer]:
        """By total, then id."""
        availability, room_types = await asyncio.gather(
            self._hotel.availability(check_in, check_out, rooms), self.room_types()
        )
        offers = (
            Offer(
                room_type,
                money(quote.total_price_with_tax),
                availability.currency,
                quote.rooms_free,
            )
            for room_type in room_types
            if (quote := availability.quote(room_type.id))
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
        for order in await self._hotel.orders(filter_reference=wanted):
            customer = await self._hotel.customer(order)
            rooms = await self._hotel.rooms_here(order.id)
            if rooms and customer.email.casefold() == address.casefold():
                return await self._hotel.booking(order, rooms, customer)
        raise BookingNotFound(_NO_SUCH_PAIR)

    async def find_by_marker(self, marker: str) -> Booking | None:
        """Of several, a live one, else the newest. Raises `ValueError` as `book` does."""
        _check_marker(marker)
        orders = await self._hotel.orders(filter_source=marker)
        found = [(order, await self._hotel.rooms_here(order.id)) for order in orders]
        here = [
            (any(room.lives for room in rooms), order, rooms) for order, rooms in found if rooms
        ]
        if not here:
            return None
        _, order, rooms = max(here, key=lambda each: (each[0], each[1].id))
        return await self._hotel.booking(order, rooms)

    async def find_by_guest(
        self, *, email: str | None = None, phone: str | None = None
    ) -> Sequence[Booking]:
        dialled = self._dialled(phone) if phone else None
        if not (email or dialled):
            return []
        upcoming = await self._hotel.upcoming_rooms(self._today())
        owners = await self._ids_by_email(email) if email else set()
        if dialled:
            owners |= await self._ids_by_phone(dialled, {room.id_customer for room in upcoming})
        orders = sorted({room.id_order for room in upcoming if room.id_customer in owners})
        found = [await self._owned(order_id, owners) for order_id in orders]
        bookings = [booking for booking in found if booking]
        return sorted(bookings, key=lambda booking: (booking.check_in, int(booking.id)))

    def _dialled(self, phone: str) -> str | None:
        """In E.164; None for what is no phone number."""
        try:
            return parse_phone(phone, self._country)
        except InvalidContact:
            return None

    async def _ids_by_email(self, email: str) -> set[int]:
        """Of customers; one address may belong to several."""
        try:
            address = parse_email(email)
        except InvalidContact:
            return set()
        return {customer.id for customer in await self._hotel.customers_with_email(address)}

    async def _ids_by_phone(self, phone: str, ids: Collection[int]) -> set[int]:
        """Which of these customers have this number; it cannot be filtered by: it is as typed."""
        customers = await self._hotel.customers(ids)
        return {customer.id for customer in customers if self._dialled(customer.phone) == phone}

    async def _owned(self, order_id: int, owners: Collection[int]) -> Booking | None:
        """None where it is not theirs, or does not stand any more."""
        try:
            order, rooms = await self._hotel.read(order_id)
        except BookingNotFound:
            return None
        if order.id_customer not in owners or order.current_state in (CANCELLED, REFUNDED):
            return None
        booking = await self._hotel.booking(order, rooms)
        return booking if booking.status == "confirmed" else None

    async def change_offers(
        self, booking: Booking, check_in: date, check_out: date, rooms: Sequence[Occupancy]
    ) -> Sequence[Offer]:
        """By total, then id."""
        return await self._changes.offers(booking, check_in, check_out, rooms)

    # Booking and changing

    async def book(self, request: BookingRequest) -> Booking:
        """A `request.marker` that has a live booking already gets that one: a request that is
        delivered twice books once. Raises `ValueError` for a marker that is no letters, digits
        and hyphens.
        """
        _check_guest(request.guest)
        _check_marker(request.marker)
        async with self._one_at_a_time:
            earlier = await self._hotel.orders(filter_source=request.marker)
            living = await self._living(earlier)
            if living is None:
                living = await self._create(request, {order.id for order in earlier})
            return await self._settle(living, request)

    async def settle(self, request: BookingRequest) -> Booking:
        """Raises `ValueError` as `book` does."""
        _check_marker(request.marker)
        async with self._one_at_a_time:
            living = await self._living(await self._hotel.orders(filter_source=request.marker))
            if living is None:
                raise BookingNotFound("no live booking has this marker")
            return await self._settle(living, request)

    async def _living(self, orders: Iterable[Order]) -> int | None:
        """The first order that holds a room."""
        for order in orders:
            if any(room.lives for room in await self._hotel.rooms_here(order.id)):
                return order.id
        return None

    async def change(self, booking: Booking, wanted: BookingRequest) -> Booking:
        async with self._one_at_a_time:
            return await self._changes.change(booking, wanted)

    async def cancel(self, booking: Booking) -> Booking:
        order, rooms = await self._hotel.read(int(booking.id))
        if order.reference != booking.reference:
            raise BookingNotFound("the booking has another reference")
        if not any(room.lives for room in rooms):
            return await self._hotel.booking(order, rooms)
        answered = await self._send_cancellation(order.id)
        try:
            order, rooms = await self._hotel.persistently(lambda: self._hotel.read(order.id))
            if _is_cancelled(order, rooms):
                return await self._hotel.booking(order, rooms)
        except (PmsDown, NotAuthorised, AnswerNotUnderstood, BookingNotFound) as error:
            raise Uncertain("a cancellation could not be read back", booking.marker) from error
        if not answered:
            raise Uncertain("a cancellation got no answer", booking.marker)
        raise AnswerNotUnderstood("QloApps did not carry out a cancellation")

    async def _create(self, request: BookingRequest, known: Collection[int]) -> int:
        """Sends the booking once; the id of the order that came of it."""
        shop = await self._hotel.shop()
        room_type = await self._hotel.room_type_row(request.room_type_id)
        body = new_booking(
            self._hotel.hotel_id, shop.language, room_type.id_tax_rules_group, request
        )
        answer = await self._hotel.sent("bookings", body)
        if answer and (order_id := _created_id(answer)) is not None:
            return order_id
        found = await self._search(request.marker, known, patiently=answer is None)
        if found is not None:
            return found
        if answer is None:
            raise Uncertain("a create got no answer and left no booking yet", request.marker)
        raise await self._reason(answer, request)

    async def _search(self, marker: str, known: Collection[int], patiently: bool) -> int | None:
        """The order that a create without a clean answer has made; None when there is none.

        `patiently`: the create may still be at work, so it is looked for several times.
        Raises `Uncertain` where it could not be looked for.
        """
        failure: PmsDown | None = None
        for pause in (0.0, *self._hotel.pauses):
            await asyncio.sleep(pause)
            try:
                orders = await self._hotel.orders(filter_source=marker)
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
            found = await self._hotel.availability(
                request.check_in, request.check_out, request.rooms
            )
            quote = found.quote(request.room_type_id)
            if quote is None or quote.rooms_free < len(request.rooms):
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
            return await self._hotel.persistently(lambda: self._judge(order_id, request))
        except (PmsDown, NotAuthorised, AnswerNotUnderstood, BookingNotFound) as error:
            raise Uncertain("a booking could not be read back", request.marker) from error

    async def _judge(self, order_id: int, request: BookingRequest) -> Booking:
        order, rooms = await self._hotel.read(order_id)
        whole = len(rooms) >= len(request.rooms) and any(room.lives for room in rooms)
        overbooked = any(room.is_back_order for room in rooms)
        if whole and not overbooked and not await self._hotel.taken_before(rooms):
            return await self._hotel.booking(order, rooms)
        if any(room.lives for room in rooms):
            await self._send_cancellation(order.id)
            order, rooms = await self._hotel.read(order.id)
            if not _is_cancelled(order, rooms):
                raise AnswerNotUnderstood("QloApps did not take back an overbooking")
        raise RoomUnavailable("another booking had the last room first")

    async def _send_cancellation(self, order_id: int) -> bool:
        """Whether an answer came; whether it worked has to be read.

        Raises `PmsDown` or `NotAuthorised` where nothing can have been done.
        """
        entry = f"<id_order_state>{CANCELLED}</id_order_state><id_order>{order_id}</id_order>"
        answer = await self._hotel.sent(
            "order_histories", xml(f"<order_history>{entry}</order_history>")
        )
        return answer is not None


def _is_cancelled(order: Order, rooms: Sequence[RoomBooking]) -> bool:
    return order.current_state == CANCELLED and not any(room.lives for room in rooms)


def _check_marker(marker: str) -> None:
    if not _MARKER.fullmatch(marker):
        raise ValueError("marker: letters, digits and hyphens, 4 to 64")


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
