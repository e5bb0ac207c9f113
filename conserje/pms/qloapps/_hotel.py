"""What the webservice holds of one hotel, and the little that is sent to it unasked."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from conserje.pms._errors import (
    AnswerNotUnderstood,
    BookingNotFound,
    PmsDown,
    RoomUnavailable,
)
from conserje.pms._model import Booking, BookingStatus, Occupancy, RoomType
from conserje.pms.qloapps._bodies import xml
from conserje.pms.qloapps._records import (
    Availability,
    BookingExtras,
    Currency,
    Customer,
    Language,
    Order,
    Overlap,
    RoomBooking,
    RoomTypeLimits,
    RoomTypeRow,
    UpcomingRoom,
    display,
    money,
    parse,
    parse_rows,
)
from conserje.pms.qloapps._stays import stays
from conserje.pms.qloapps._webservice import Answer, BrokenOff, Webservice

CANCELLED, REFUNDED = 4, 5
"""Order states."""
_GATEWAY_ERRORS = (502, 504)
_SHOP_SECONDS = 600.0
_IDS_A_REQUEST = 100

T = TypeVar("T")


@dataclass(frozen=True)
class Shop:
    """What the whole shop has in common."""

    language: int
    currencies: dict[int, str]
    """ISO 4217, by id."""
    read_at: float

    def currency(self, order: Order) -> str:
        """Raises `AnswerNotUnderstood`."""
        if order.id_currency not in self.currencies:
            raise AnswerNotUnderstood("an order in an unknown currency")
        return self.currencies[order.id_currency]


class HotelRecords:
    """Every method may raise `PmsDown`, `NotAuthorised`, `AnswerNotUnderstood`."""

    def __init__(
        self, web: Webservice, hotel_id: int, language: str, pauses: Sequence[float]
    ) -> None:
        self.web = web
        self.hotel_id = hotel_id
        self.pauses = tuple(pauses)
        self._language = language
        self._shop_read: Shop | None = None

    # The shop and its rooms

    async def shop(self) -> Shop:
        shop = self._shop_read
        if shop is None or time.monotonic() - shop.read_at > _SHOP_SECONDS:
            shop = self._shop_read = await self._read_shop()
        return shop

    async def _read_shop(self) -> Shop:
        languages, currencies = await asyncio.gather(
            self.web.rows("languages", "languages", display=display(Language)),
            self.web.rows("currencies", "currencies", display=display(Currency)),
        )
        active = [row for row in parse_rows(Language, languages) if row.active]
        if not active:
            raise AnswerNotUnderstood("the shop has no language")
        # The first one is the shop's own.
        chosen = min(active, key=lambda row: (row.iso_code.lower() != self._language, row.id))
        by_id = {row.id: row.iso_code for row in parse_rows(Currency, currencies)}
        return Shop(chosen.id, by_id, time.monotonic())

    async def room_types(self) -> list[RoomType]:
        """The hotel's active room types, by id."""
        shop = await self.shop()
        limits, rows = await asyncio.gather(self._limits(), self._room_type_rows(shop))
        bookable = (
            RoomType(str(row.id), row.name, own.max_adults, own.max_children, own.max_guests)
            for row in rows
            if row.active and (own := limits.get(row.id))
        )
        return sorted(bookable, key=lambda room_type: int(room_type.id))

    async def _limits(self) -> dict[int, RoomTypeLimits]:
        """By room type, of this hotel."""
        rows = await self.web.rows(
            "hotel_room_types",
            "hotel_room_types",
            filter_id_hotel=str(self.hotel_id),
            display="full",
        )
        return {row.id_product: row for row in parse_rows(RoomTypeLimits, rows)}

    async def _room_type_rows(self, shop: Shop) -> list[RoomTypeRow]:
        """Of all hotels: `room_types` cannot be filtered by hotel.

        Never with display=full, which one type with an extra demand turns into a 500.
        """
        rows = await self.web.rows(
            "room_types", "room_types", display=display(RoomTypeRow), language=str(shop.language)
        )
        return parse_rows(RoomTypeRow, rows)

    async def room_type_row(self, room_type_id: str) -> RoomTypeRow:
        """Raises `RoomUnavailable` too, for one that does not exist."""
        for row in await self._room_type_rows(await self.shop()):
            if str(row.id) == room_type_id:
                return row
        raise RoomUnavailable(f"room type {room_type_id} does not exist")

    async def availability(
        self,
        check_in: date,
        check_out: date,
        rooms: Sequence[Occupancy],
        room_type_id: str | None = None,
    ) -> Availability:
        """Of all room types, or of one."""
        occupancies = "".join(
            f"<room_occupancy><adults>{room.adults}</adults>"
            f"<children>{len(room.child_ages)}</children></room_occupancy>"
            for room in rooms
        )
        one = f"<id_room_type>{int(room_type_id)}</id_room_type>" if room_type_id else ""
        answer = await self.web.ask(
            "hotel_ari",
            xml(
                f"<hotel_ari><id_hotel>{self.hotel_id}</id_hotel>{one}"
                f"<date_from>{check_in.isoformat()}</date_from>"
                f"<date_to>{check_out.isoformat()}</date_to>"
                f"<associations><room_occupancies>{occupancies}</room_occupancies></associations>"
                "</hotel_ari>"
            ),
        )
        availability = parse(Availability, answer.root("hotel_ari"))
        if availability.room_types is None and not room_type_id:
            raise AnswerNotUnderstood(f"hotel {self.hotel_id} is unknown or switched off")
        return availability

    # Bookings

    async def orders(self, **filters: str) -> list[Order]:
        rows = await self.web.rows("orders", "orders", display=display(Order), **filters)
        return parse_rows(Order, rows)

    async def rooms_of(self, order_id: int) -> list[RoomBooking]:
        """The rows of an order, of whatever hotel."""
        rows = await self.web.rows(
            "room_bookings", "bookings", filter_id_order=str(order_id), display="full"
        )
        return parse_rows(RoomBooking, rows)

    async def rooms_here(self, order_id: int) -> list[RoomBooking]:
        """The rows of an order of this hotel; none if any is another hotel's."""
        rooms = await self.rooms_of(order_id)
        return rooms if all(room.id_hotel == self.hotel_id for room in rooms) else []

    async def read(self, order_id: int) -> tuple[Order, list[RoomBooking]]:
        """Raises `BookingNotFound` too."""
        orders, rooms = await asyncio.gather(
            self.orders(filter_id=str(order_id)), self.rooms_here(order_id)
        )
        if not orders or not rooms:
            raise BookingNotFound("no such booking at this hotel")
        return orders[0], rooms

    async def has_extras(self, order_id: int) -> bool:
        """Whether services, facilities or discounts hang on it."""
        found = await self.web.one(f"bookings/{order_id}", "booking")
        return parse(BookingExtras, found).associations.any

    async def customer(self, order: Order) -> Customer:
        found = await self.customers([order.id_customer])
        if not found:
            raise AnswerNotUnderstood("an order without its customer")
        return found[0]

    async def customers(self, ids: Iterable[int]) -> list[Customer]:
        found = []
        wanted = sorted(set(ids))
        for at in range(0, len(wanted), _IDS_A_REQUEST):
            some = wanted[at : at + _IDS_A_REQUEST]
            found += await self._customers(filter_id=_any_of(some))
        return found

    async def customers_with_email(self, email: str) -> list[Customer]:
        found = await self._customers(filter_email=email)
        # A filter has its own ideas of some characters that an address may have.
        return [each for each in found if each.email.casefold() == email.casefold()]

    async def _customers(self, **filters: str) -> list[Customer]:
        # Never display=full: it hands out the hash of the password.
        rows = await self.web.rows("customers", "customers", display=display(Customer), **filters)
        return parse_rows(Customer, rows)

    async def upcoming_rooms(self, today: date) -> list[UpcomingRoom]:
        """The live rooms of this hotel whose stay is not over before `today`."""
        yesterday = today - timedelta(days=1)
        rows = await self.web.rows(
            "room_bookings",
            "bookings",
            filter_id_hotel=str(self.hotel_id),
            filter_date_to=f">[{yesterday.isoformat()}]",
            filter_is_cancelled="0",
            filter_is_refunded="0",
            date="1",
            display=display(UpcomingRoom),
        )
        return parse_rows(UpcomingRoom, rows)

    async def taken_before(self, rooms: Sequence[RoomBooking]) -> bool:
        """Whether an older live booking of another order overlaps with one of `rooms`.

        Older by the number of the room booking: rows are numbered as they are stored, so of
        two requests the one stored second is sure to see the first.
        """
        for room in rooms:
            rows = await self.web.rows(
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

    async def booking(
        self, order: Order, rooms: Sequence[RoomBooking], customer: Customer | None = None
    ) -> Booking:
        shop = await self.shop()
        customer = customer or await self.customer(order)
        held = [room for room in rooms if room.lives] or rooms
        return Booking(
            id=str(order.id),
            reference=order.reference,
            status=_status(rooms),
            check_in=min(room.date_from for room in held).date(),
            check_out=max(room.date_to for room in held).date(),
            rooms=tuple(stay.booked_room() for stay in stays(held)),
            total=money(order.total_paid_tax_incl),
            currency=shop.currency(order),
            paid=money(order.total_paid_real),
            guest_name=f"{customer.firstname} {customer.lastname}",
            email=customer.email,
            marker=order.source or "",
        )

    # Sending

    async def sent(
        self, resource: str, body: Mapping[str, Any] | str, method: str = "POST"
    ) -> Answer | None:
        """The answer; None where it was broken off and QloApps may still be at it.

        Raises `PmsDown` or `NotAuthorised` where nothing can have been done.
        """
        try:
            answer = await self.web.send(resource, body, method)
        except BrokenOff:
            return None
        answer.raise_if_turned_away()
        return None if answer.status in _GATEWAY_ERRORS else answer

    async def persistently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Tries again after each pause while the PMS is down."""
        for pause in self.pauses:
            try:
                return await attempt()
            except PmsDown:  # noqa: PERF203 - the loop is for the error
                await asyncio.sleep(pause)
        return await attempt()


def _any_of(ids: Sequence[int]) -> str:
    return f"[{'|'.join(map(str, ids))}]"


def _status(rooms: Sequence[RoomBooking]) -> BookingStatus:
    """By the rooms: an order's state does not change when its room was overbooked."""
    if any(room.lives and not room.is_back_order for room in rooms):
        return "confirmed"
    if any(room.is_back_order for room in rooms):
        return "not_booked"
    return "cancelled" if any(room.is_cancelled for room in rooms) else "refunded"
