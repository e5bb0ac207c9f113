"""What is sent to the webservice."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from conserje.pms._model import BookingRequest, Occupancy
from conserje.pms.qloapps._records import Customer

_XLINK = "http://www.w3.org/1999/xlink"


@dataclass(frozen=True)
class Line:
    """Rooms of one type for the same nights; a booking has one or more of them."""

    room_type_id: int
    check_in: date
    check_out: date
    rooms: tuple[tuple[Occupancy, int | None], ...]
    """Who sleeps in it, and which room it shall be; None: QloApps chooses."""


def new_booking(
    hotel_id: int, language: int, tax_rules_group: int, request: BookingRequest
) -> dict[str, Any]:
    guest = request.guest
    line = Line(
        int(request.room_type_id),
        request.check_in,
        request.check_out,
        tuple((room, None) for room in request.rooms),
    )
    return {
        "booking": {
            "id_property": hotel_id,
            "currency": request.currency,
            "booking_status": 1,
            "payment_status": 3,
            "source": request.marker,
            "id_language": language,
            "associations": {
                "customer_detail": {
                    "firstname": guest.first_name,
                    "lastname": guest.last_name,
                    "email": guest.email,
                    "phone": guest.phone,
                },
                "price_details": _price(request.total),
                "room_types": [_line(line, tax_rules_group)],
            },
        }
    }


def changed_booking(
    hotel_id: int,
    order_id: int,
    customer: Customer,
    lines: Sequence[Line],
    tax_rules_group: int,
    total: Decimal,
    currency: str,
) -> dict[str, Any]:
    """The complete new list of rooms of an order.

    Without `booking_status`, which would turn a paid order into an unpaid one.
    """
    return {
        "booking": {
            # The id of the address is ignored: this one counts.
            "id": order_id,
            "id_property": hotel_id,
            "currency": currency,
            "associations": {
                # QloApps overwrites the guest with it, so it is what the guest is already.
                # The id, for two guests may have one e-mail address.
                "customer_detail": {
                    "id_customer": customer.id,
                    "firstname": customer.firstname,
                    "lastname": customer.lastname,
                    "email": customer.email,
                    "phone": customer.phone,
                },
                "price_details": _price(total),
                "room_types": [_line(line, tax_rules_group) for line in lines],
            },
        }
    }


def _price(total: Decimal) -> dict[str, Any]:
    """Services that QloApps adds by itself are in the quote, but without this not booked."""
    return {"total_price_with_tax": float(total)}


def _line(line: Line, tax_rules_group: int) -> dict[str, Any]:
    return {
        "id_room_type": line.room_type_id,
        "checkin_date": line.check_in.isoformat(),
        "checkout_date": line.check_out.isoformat(),
        "number_of_rooms": len(line.rooms),
        "rooms": [_room(guests, number, tax_rules_group) for guests, number in line.rooms],
    }


def _room(guests: Occupancy, number: int | None, tax_rules_group: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        # 1.6.1 reads `adult`; its schema and 1.7.0 say `adults`.
        "adult": guests.adults,
        "adults": guests.adults,
        "child": len(guests.child_ages),
        # Without it the booking is stored and the answer is a 500.
        "id_tax_rules_group": tax_rules_group,
    }
    if guests.child_ages:
        # Children without ages are stored as none.
        body["child_ages"] = list(guests.child_ages)
    if number is not None:
        body["id_room"] = number
    return body


def with_guests(document: ElementTree.Element, guests: Occupancy) -> str:
    """A document of `room_bookings/{id}` with other guests in it."""
    ages = ",".join(map(str, guests.child_ages))
    values = {
        "adults": str(guests.adults),
        "children": str(len(guests.child_ages)),
        "child_ages": f"[{ages}]",
    }
    for name, value in values.items():
        for element in document.iter(name):
            element.text = value
    ElementTree.register_namespace("xlink", _XLINK)
    return ElementTree.tostring(document, encoding="unicode")


def xml(inner: str) -> str:
    """`inner` is made of numbers and dates only, so nothing needs escaping."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><qloapps xmlns:xlink="{_XLINK}">{inner}</qloapps>'
    )
