"""Making and changing bookings, races included."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from demo.qloapps.availability import blocking, free_rooms
from demo.qloapps.booking_request import BookingRequest, RoomRequest, StayRequest, read_booking
from demo.qloapps.errors import (
    BOOKINGS_PHP,
    NOTICE_CODE,
    Complaint,
    ServiceError,
    booking_error,
    notice,
    warning,
)
from demo.qloapps.guests import find_guest, keep_guest
from demo.qloapps.orders import (
    CANCELLED,
    NO_TIME,
    REFUNDED,
    add_detail,
    change_state,
    count_up,
    new_order,
    pay,
    room_bookings,
)
from demo.qloapps.pricing import (
    PER_NIGHT,
    automatic_services,
    money,
    number,
    service_price,
    stay_price,
    tax_rate,
)
from demo.qloapps.resources import Row
from demo.qloapps.state import State
from demo.qloapps.wire import Node

STATE_OF_STATUS = {"1": "1", "2": "2", "3": CANCELLED, "4": REFUNDED}
DEMANDS_PHP = "/var/www/qlo/modules/hotelreservationsystem/classes/HotelBookingDemands.php"
INVOICE_PHP = "/var/www/qlo/classes/pdf/HTMLTemplateInvoice.php"


@dataclass
class Chosen:
    """A room picked for a stay, with its prices for the whole stay."""

    stay: StayRequest
    wish: RoomRequest
    room: Row
    without: Decimal
    total: Decimal


async def create_booking(state: State, content: Node, host: str) -> Row:
    """Book, and return the order.

    The check of the rooms and the write are apart in time, so parallel requests race.
    Raises ServiceError or PhpDied; with status 500 the booking may stand all the same.
    """
    if "id" in content:
        raise booking_error("id is forbidden when adding a new resource")
    request = read_booking(state, content, host)
    if not request.stays:
        raise booking_error("Requested room(s) not available.")
    chosen = _choose(state, request, request.stays, "Requested room(s) not available.")
    find_guest(state, request.guest)
    cart = state.next_number("carts")
    customer = keep_guest(state, request.guest)
    await asyncio.sleep(state.settings.write_delay_seconds)
    order = new_order(state, request, customer, cart)
    listed = _store(state, order, chosen, cart)
    order["advance_paid_amount"] = money(listed)
    complaints = _raise_to_quote(state, order, request, listed)
    part_only = pay(state, order, request)
    complaints += _notices(request.stays, part_only)
    _complain(state, complaints)
    return order


async def change_booking(state: State, content: Node, host: str) -> Row:
    """Give a booking a new list of rooms, a new state or both, and return the order.

    The id of the body counts. Raises ServiceError or PhpDied.
    """
    if not content.get("id"):
        raise booking_error("id is required with PUT requests.")
    request = read_booking(state, content, host)
    order = state.row("orders", request.number)
    if order is None:
        raise booking_error("Booking not found.")
    if find_guest(state, request.guest) is None:
        raise booking_error("Customer not found.")
    if not request.stays:
        raise booking_error("Rooms not found in the request.")
    kept, new_stays = _match(room_bookings(state, order), request.stays)
    chosen = _choose(state, request, new_stays, "Requested room(s) not available")
    keep_guest(state, request.guest)
    if chosen:
        await asyncio.sleep(state.settings.write_delay_seconds)
    gone = [row for row in room_bookings(state, order) if row["id"] not in kept]
    state.delete("room_bookings", gone)
    listed = Decimal(0)
    if chosen:
        listed = _store(state, order, chosen, state.next_number("carts"), changing=True)
    count_up(state, order)
    complaints = []
    if chosen or gone:
        standing = (row for row in room_bookings(state, order) if row["id"] in kept)
        listed += sum((_with_extras(row) for row in standing), Decimal(0))
        complaints = _raise_to_quote(state, order, request, listed)
    wanted = STATE_OF_STATUS.get(request.status)
    if wanted and wanted != order["current_state"]:
        change_state(state, order, wanted)
    _complain(state, complaints + _notices(new_stays, part_only=False))
    return order


def _match(old: list[Row], stays: list[StayRequest]) -> tuple[set[str], list[StayRequest]]:
    """The rooms that stay (same type and dates) and what is asked for beyond them."""
    kept: set[str] = set()
    new = []
    for stay in stays:
        missing = []
        for wish in stay.rooms:
            same = [row for row in old if row["id"] not in kept and _same_stay(row, stay)]
            if same:
                kept.add(same[0]["id"])
            else:
                missing.append(wish)
        if missing:
            new.append(StayRequest(**{**stay.__dict__, "rooms": missing}))
    return kept, new


def _same_stay(booking: Row, stay: StayRequest) -> bool:
    return bool(
        booking["id_product"] == str(stay.room_type["id"])
        and booking["date_from"][:10] == stay.checkin.isoformat()
        and booking["date_to"][:10] == stay.checkout.isoformat()
    )


def _choose(
    state: State, request: BookingRequest, stays: Iterable[StayRequest], refusal: str
) -> list[Chosen]:
    chosen: list[Chosen] = []
    for stay in stays:
        type_id = stay.room_type["id"]
        free = free_rooms(state, request.id_hotel, type_id, stay.checkin, stay.checkout)
        for wish in stay.rooms:
            usable = [
                room
                for room in free
                if (not wish.id_room or room["id"] == wish.id_room)
                and not any(_takes(one, room, stay.checkin, stay.checkout) for one in chosen)
            ]
            if not usable:
                raise booking_error(refusal)
            chosen.append(_priced(state, stay, wish, usable[0]))
    return chosen


def _takes(chosen: Chosen, room: Row, first: date, last: date) -> bool:
    stay = chosen.stay
    return bool(chosen.room["id"] == room["id"] and stay.checkin < last and first < stay.checkout)


def _priced(state: State, stay: StayRequest, wish: RoomRequest, room: Row) -> Chosen:
    """A room without the services that hotel_ari adds to the price."""
    without = wish.price
    if without is None:
        without = stay_price(state, stay.room_type, stay.checkin, stay.checkout)
    tax = without * tax_rate(state, wish.tax_group)
    if wish.total_tax is not None:
        # The original applies the difference to the real tax with the wrong sign.
        tax += tax - wish.total_tax
    return Chosen(stay, wish, room, without, without + tax)


def _store(
    state: State, order: Row, chosen: list[Chosen], cart: int, changing: bool = False
) -> Decimal:
    """Write the rooms; returns their list price with tax, services and facilities included."""
    listed = Decimal(0)
    details: dict[tuple[Any, ...], Row] = {}
    for one in chosen:
        key = (one.stay.room_type["id"], one.stay.checkin, one.stay.checkout)
        if key not in details:
            same = [other for other in chosen if other.stay == one.stay]
            details[key] = _add_room_detail(state, order, one, same, changing)
        booking = _add_room_booking(state, order, one, cart, details[key])
        _add_extras(state, order, one, booking)
        _add_cart_booking(state, order, booking, cart)
        listed += _with_extras(booking)
    count_up(state, order)
    return listed


def _with_extras(booking: Row) -> Decimal:
    return Decimal(booking["total_price_tax_incl"]) + Decimal(booking["_extras_incl"])


def _length(one: Chosen) -> int:
    return (one.stay.checkout - one.stay.checkin).days


def _add_room_detail(
    state: State, order: Row, one: Chosen, same: list[Chosen], changing: bool
) -> Row:
    if changing and automatic_services(state, one.stay.room_type):
        # A changed booking gets a line for the automatic service first and loses it again.
        state.next_number("order_details")
    without = sum((other.without for other in same), Decimal(0))
    total = sum((other.total for other in same), Decimal(0))
    quantity = _length(one) * len(same)
    return add_detail(state, order, one.stay.room_type, quantity, without, total)


def _add_room_booking(state: State, order: Row, one: Chosen, cart: int, detail: Row) -> Row:
    hotel = state.one("hotels", id=one.room["id_hotel"])
    now = state.now()
    booking = {
        "id_product": str(one.stay.room_type["id"]),
        "id_hotel": one.room["id_hotel"],
        "id_order": str(order["id"]),
        "id_order_detail": str(detail["id"]),
        "id_cart": str(cart),
        "id_room": one.room["id"],
        "id_customer": order["id_customer"],
        "booking_type": "1",
        "id_status": "1",
        "comment": "",
        "check_in": NO_TIME,
        "check_out": NO_TIME,
        "date_from": f"{one.stay.checkin} 00:00:00",
        "date_to": f"{one.stay.checkout} 00:00:00",
        "total_price_tax_excl": money(one.without),
        "total_price_tax_incl": money(one.total),
        "total_paid_amount": money(one.total),
        **_overbooking(state, one),
        "room_num": one.room["room_num"],
        "room_type_name": one.stay.room_type["name"]["1"],
        "hotel_name": hotel["hotel_name"]["1"],
        "city": hotel["city"],
        "state": state.one("states", id=hotel["id_state"])["name"],
        "country": state.one("countries", id=hotel["id_country"])["name"]["1"],
        "zipcode": hotel["zipcode"],
        "phone": hotel["phone"],
        "email": hotel["email"],
        "check_in_time": hotel["check_in"],
        "check_out_time": hotel["check_out"],
        "adults": str(one.wish.adults),
        "children": str(one.wish.children),
        "child_ages": str(one.wish.child_ages).replace(" ", ""),
        "date_add": now,
        "date_upd": now,
        "associations": {},
        "_services": [],
        "_facilities": [],
        "_extras_excl": "0",
        "_extras_incl": "0",
    }
    return state.insert("room_bookings", booking)


def _overbooking(state: State, one: Chosen) -> Row:
    """The marks of a room that another request took between the check and this write.

    Mostly the later booking is put on back order and cancelled, while its order says nothing;
    sometimes nobody notices and both live.
    """
    taken = blocking(state, one.room, one.stay.checkin, one.stay.checkout)
    settings = state.settings
    noticed = bool(taken) and state.chance.random() >= settings.double_booking_share
    cancelled = "1" if noticed and settings.overbooking_action == 1 else "0"
    return {
        "is_refunded": cancelled,
        "is_cancelled": cancelled,
        "is_back_order": "1" if noticed else "0",
    }


def _add_extras(state: State, order: Row, one: Chosen, booking: Row) -> None:
    """Services and facilities: counted in the total; automatic services are not listed."""
    length = _length(one)
    without, total = Decimal(0), Decimal(0)
    for wish in one.wish.services:
        service, quantity = wish.service, wish.quantity
        unit, rate = service_price(service, length), tax_rate(state, service["id_tax_rules_group"])
        price = unit * quantity
        without, total = without + price, total + price * (1 + rate)
        per_night = service["price_calculation_method"] == PER_NIGHT
        lines = quantity * length if per_night else quantity
        add_detail(state, order, service, lines, price, price * (1 + rate))
        if service["auto_add_to_cart"] != "1":
            booking["_services"].append(
                {
                    "id_service": int(service["id"]),
                    "name": service["name"]["1"],
                    "quantity": quantity,
                    "unit_price_without_tax": number(unit),
                    "total_price_without_tax": number(price),
                    "total_tax": number(price * rate),
                    "per_night": int(per_night),
                    "price_mode": 2,
                }
            )
    for facility in one.wish.facilities:
        unit, rate = Decimal(facility["price"]), tax_rate(state, facility["id_tax_rules_group"])
        per_night = facility["price_calc_method"] == "1"
        price = unit * length if per_night else unit
        without, total = without + price, total + price * (1 + rate)
        booking["_facilities"].append(
            {
                "name": facility["name"]["1"],
                "quantity": 1,
                "unit_price_without_tax": number(unit),
                "total_tax": number(unit * rate),
                "per_night": int(per_night),
            }
        )
    booking["_extras_excl"], booking["_extras_incl"] = money(without), money(total)


def _add_cart_booking(state: State, order: Row, booking: Row, cart: int) -> None:
    nights = date.fromisoformat(booking["date_to"][:10]) - date.fromisoformat(
        booking["date_from"][:10]
    )
    copied = ("id_hotel", "id_product", "id_room")
    state.insert(
        "cart_bookings",
        {
            **{name: booking[name] for name in copied},
            "id_cart": str(cart),
            "id_guest": order["id_customer"],
            "id_order": str(order["id"]),
            "id_customer": order["id_customer"],
            "id_currency": "1",
            "quantity": str(nights.days),
            "booking_type": "1",
            "comment": "",
            "is_refunded": "0",
            "is_back_order": "0",
            "date_from": booking["date_from"],
            "date_to": booking["date_to"],
            "adults": booking["adults"],
            "children": booking["children"],
            "child_ages": booking["child_ages"],
            "extra_demands": "[]",
            "date_add": booking["date_add"],
            "date_upd": booking["date_upd"],
        },
    )


def _raise_to_quote(
    state: State, order: Row, request: BookingRequest, listed: Decimal
) -> list[Complaint]:
    """Spread what a quoted total is above the list price over the rooms.

    A total below the list price is no discount: PHP complains and the full price stands.
    """
    if request.quoted_total is None:
        return []
    more = request.quoted_total - listed
    if more < 0:
        return [warning("Division by zero", BOOKINGS_PHP, 986)]
    rooms = room_bookings(state, order)
    whole = sum((Decimal(room["total_price_tax_incl"]) for room in rooms), Decimal(0))
    for room in rooms:
        total = Decimal(room["total_price_tax_incl"])
        raised = total + more * total / whole
        without = Decimal(room["total_price_tax_excl"]) * raised / total
        room["total_price_tax_excl"] = money(without)
        room["total_price_tax_incl"] = room["total_paid_amount"] = money(raised)
    count_up(state, order)
    return []


def _notices(stays: list[StayRequest], part_only: bool) -> list[Complaint]:
    """What turns an answer into 500 although the booking was stored."""
    complaints = []
    for stay in stays:
        missing = notice("Undefined index: total_tax", BOOKINGS_PHP, 504)
        complaints += [missing] * stay.without_tax_key
        for room in stay.rooms:
            unknown = notice("Undefined variable: totalAmount", DEMANDS_PHP, 207)
            complaints += [unknown] * len(room.facilities)
    if part_only:
        text = "Trying to get property 'show_full_date' of non-object"
        complaints.append(notice(text, INVOICE_PHP, 476))
    return complaints


def _complain(state: State, complaints: list[Complaint]) -> None:
    if not state.settings.notices:
        complaints = [one for one in complaints if one.code != NOTICE_CODE]
    if complaints:
        raise ServiceError(500, *complaints)
