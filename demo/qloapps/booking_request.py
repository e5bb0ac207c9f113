"""A booking as a client sends it, read with the original's peculiarities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from demo.qloapps.availability import parse_date
from demo.qloapps.errors import booking_error
from demo.qloapps.resources import Row
from demo.qloapps.state import State
from demo.qloapps.wire import Node, items, node, whole_number

PAYMENT_TYPES = {"online": "1", "pay at hotel": "2", "remote": "3"}
ADDRESS_FIELDS = ("address", "city", "zip", "state_code", "country_code")


@dataclass(frozen=True)
class ServiceRequest:
    service: Row
    quantity: int


@dataclass(frozen=True)
class RoomRequest:
    """One room of a stay; prices without tax and for the whole stay."""

    id_room: str
    adults: int
    child_ages: list[int]
    children: int
    price: Decimal | None
    tax_group: str
    total_tax: Decimal | None
    services: list[ServiceRequest]
    facilities: list[Row]


@dataclass(frozen=True)
class StayRequest:
    """Rooms of one type for the same nights."""

    room_type: Row
    checkin: date
    checkout: date
    rooms: list[RoomRequest]
    without_tax_key: int


@dataclass(frozen=True)
class Guest:
    first_name: str
    last_name: str
    email: str
    phone: str
    id_customer: str
    address: Node | None


@dataclass(frozen=True)
class BookingRequest:
    """A booking to create or the new shape of one."""

    number: str
    id_hotel: str
    source: str
    id_language: str
    status: str
    payment_status: str
    paid: Decimal
    quoted_total: Decimal | None
    payment_type: str
    payment_method: str
    transaction_id: str
    remark: str
    guest: Guest
    stays: list[StayRequest]


def read_booking(state: State, content: Node, host: str) -> BookingRequest:
    """Check everything but the guest's e-mail, name and phone, which kill PHP later.

    Raises ServiceError with status 400.
    """
    if not state.rows("currencies", iso_code=_text(content, "currency")):
        raise booking_error("Please provide valid currency.")
    if not state.rows("hotels", id=_text(content, "id_property")):
        raise booking_error("Please provide a valid id_property.")
    linked = node(content.get("associations"))
    guest = _read_guest(state, node(linked.get("customer_detail")))
    status = _text(content, "booking_status")
    if status not in ("", "1", "2", "3", "4"):
        raise booking_error("Invalid booking status.")
    payment, price = node(linked.get("payment_detail")), node(linked.get("price_details"))
    kind = _text(payment, "payment_type")
    if kind and kind not in PAYMENT_TYPES:
        raise booking_error("Invalid payment type.")
    stays = items(linked.get("room_types"), "room_type")
    return BookingRequest(
        number=_text(content, "id"),
        id_hotel=_text(content, "id_property"),
        source=_text(content, "source") or host,
        id_language=_text(content, "id_language") or "1",
        status=status,
        payment_status=_text(content, "payment_status"),
        paid=_decimal(price, "total_paid") or Decimal(0),
        quoted_total=_decimal(price, "total_price_with_tax"),
        payment_type=PAYMENT_TYPES.get(kind, "1"),
        payment_method=_text(payment, "payment_method"),
        transaction_id=_text(payment, "transaction_id"),
        remark=_text(content, "remark"),
        guest=guest,
        stays=[_read_stay(state, node(stay)) for stay in stays],
    )


def _text(content: Node, name: str) -> str:
    value = content.get(name)
    return "" if value is None or isinstance(value, (dict, list)) else str(value).strip()


def _decimal(content: Node, name: str) -> Decimal | None:
    try:
        return Decimal(_text(content, name))
    except InvalidOperation:
        return None


def _read_guest(state: State, detail: Node) -> Guest:
    if not detail:
        raise booking_error("Customer details not found.")
    for name, words in (
        ("firstname", "first name"),
        ("lastname", "last name"),
        ("email", "email"),
        ("phone", "phone number"),
    ):
        if not _text(detail, name):
            raise booking_error(f"Please provide a valid {words}.")
    known = _text(detail, "id_customer")
    if known and not state.rows("customers", id=known):
        raise booking_error("Please provide a valid id_customer.")
    return Guest(
        first_name=_text(detail, "firstname"),
        last_name=_text(detail, "lastname"),
        email=_text(detail, "email"),
        phone=_text(detail, "phone"),
        id_customer=known,
        address=_read_address(state, detail),
    )


def _read_address(state: State, detail: Node) -> Node | None:
    """One part of an address makes the others required. Spain wants post code and province."""
    address = {name: _text(detail, name) for name in ADDRESS_FIELDS}
    if not any(address.values()):
        return None
    if not address["address"]:
        raise booking_error("Address is required.")
    if not address["city"]:
        raise booking_error("City is required.")
    countries = state.rows("countries", iso_code=address["country_code"])
    if not countries:
        raise booking_error("Please provide a valid country code.")
    if not re.fullmatch(r"\d{5}", address["zip"]):
        raise booking_error(
            "The Zip/Postal code you have entered is invalid. It must follow this format: 00000"
        )
    provinces = state.rows("states", iso_code=address["state_code"])
    if not provinces:
        raise booking_error("State code is required for the given country.")
    return {**address, "id_country": countries[0]["id"], "id_state": provinces[0]["id"]}


def _read_stay(state: State, content: Node) -> StayRequest:
    room_type = state.row("room_types", _text(content, "id_room_type"))
    if room_type is None:
        raise booking_error("Invalid room type in the request")
    checkin, checkout = (
        parse_date(content.get("checkin_date")),
        parse_date(content.get("checkout_date")),
    )
    if checkin is None:
        raise booking_error("Invalid check in date in the request")
    if checkout is None:
        raise booking_error("Invalid check out date in the request")
    if checkout < checkin:
        raise booking_error("Invalid check in and check out dates in the request")
    listed = [node(room) for room in items(content.get("rooms"), "room")]
    count = max(1, whole_number(_text(content, "number_of_rooms") or len(listed)))
    if listed and len(listed) != count:
        raise booking_error("Room count does not matches with the number of rooms")
    rooms = [_read_room(state, room_type, room) for room in listed]
    return StayRequest(
        room_type=room_type,
        checkin=checkin,
        checkout=checkout,
        rooms=rooms or [_base_room(state, room_type)] * count,
        without_tax_key=sum(
            1 for room in listed if not {"id_tax_rules_group", "total_tax"} & set(room)
        ),
    )


def _base_room(state: State, room_type: Row) -> RoomRequest:
    """Without `rooms` the base occupancy of the type is stored."""
    base = state.one("hotel_room_types", id_product=room_type["id"])
    return RoomRequest(
        id_room="",
        adults=int(base["adults"]),
        child_ages=[],
        children=int(base["children"]),
        price=None,
        tax_group=str(room_type["id_tax_rules_group"]),
        total_tax=None,
        services=[],
        facilities=[],
    )


def _read_room(state: State, room_type: Row, content: Node) -> RoomRequest:
    """`adult` is read, `adults` is not; children without ages are lost."""
    base = _base_room(state, room_type)
    ages = [whole_number(age) for age in items(content.get("child_ages"), "child_age")]
    return RoomRequest(
        id_room=_text(content, "id_room"),
        adults=whole_number(_text(content, "adult") or base.adults),
        child_ages=ages,
        children=whole_number(_text(content, "child")) if ages else 0,
        price=_decimal(content, "unit_price_without_tax"),
        tax_group=_text(content, "id_tax_rules_group") or base.tax_group,
        total_tax=_decimal(content, "total_tax"),
        services=[
            _read_service(state, room_type, node(service))
            for service in items(content.get("services"), "service")
        ],
        facilities=[
            _read_facility(state, node(facility))
            for facility in items(content.get("facilities"), "facility")
        ],
    )


def _read_service(state: State, room_type: Row, content: Node) -> ServiceRequest:
    linked = [entry["id"] for entry in room_type["associations"].get("services", [])]
    number = _text(content, "id_service")
    if number not in linked:
        raise booking_error("Service is not linked with the requested room type.")
    quantity = max(1, whole_number(_text(content, "quantity")))
    return ServiceRequest(state.one("services", id=number), quantity)


def _read_facility(state: State, content: Node) -> Any:
    facility = state.row("extra_demands", _text(content, "id_facility"))
    if facility is None:
        raise booking_error("Facility not found.")
    return facility
