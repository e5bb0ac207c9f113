"""A booking as the webservice shows it: without reference, state or cancellation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from demo.qloapps.orders import room_bookings
from demo.qloapps.pricing import number
from demo.qloapps.render import View, cdata, document
from demo.qloapps.resources import Row
from demo.qloapps.state import State
from demo.qloapps.wire import Node

_ENTRY = {
    "cart_rules": "cart_rule",
    "remarks": "remark",
    "room_types": "room_type",
    "rooms": "room",
    "services": "service",
    "facilities": "facility",
}


def booking_json(state: State, order: Row) -> Node:
    """The content of `booking`."""
    customer = state.one("customers", id=order["id_customer"])
    rooms = room_bookings(state, order)
    without = Decimal(order["total_paid_tax_excl"])
    return {
        "id": order["id"],
        "id_property": int(rooms[0]["id_hotel"]) if rooms else 0,
        "currency": "EUR",
        "source": order["source"],
        "booking_date": order["date_add"],
        "id_language": int(order["id_lang"]),
        "associations": {
            "customer_detail": {
                "id_customer": customer["id"],
                **{name: customer[name] for name in ("firstname", "lastname", "email", "phone")},
            },
            "price_details": {
                "total_paid": number(Decimal(order["total_paid_real"])),
                "total_price_without_tax": number(without),
                "total_tax": number(Decimal(order["total_paid_tax_incl"]) - without),
            },
            "cart_rules": [],
            "remarks": order["_remarks"],
            "room_types": _stays(rooms),
        },
    }


def _stays(rooms: list[Row]) -> list[Node]:
    """The rooms grouped by type and dates."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for room in rooms:
        key = (room["id_product"], room["date_from"], room["date_to"])
        groups.setdefault(key, []).append(room)
    return [
        {
            "id_room_type": int(type_id),
            "checkin_date": first,
            "checkout_date": last,
            "total_tax": number(sum((_tax(room) for room in group), Decimal(0))),
            "number_of_rooms": len(group),
            "name": group[0]["room_type_name"],
            "rooms": [_room(room) for room in group],
        }
        for (type_id, first, last), group in groups.items()
    ]


def _tax(room: Row) -> Decimal:
    return Decimal(room["total_price_tax_incl"]) - Decimal(room["total_price_tax_excl"])


def _room(room: Row) -> Node:
    shown = {
        "id_room": int(room["id_room"]),
        "id_hotel_booking": int(room["id"]),
        "adults": int(room["adults"]),
        "child": int(room["children"]),
        "unit_price_without_tax": number(Decimal(room["total_price_tax_excl"])),
        "total_tax": number(_tax(room)),
    }
    extras = {"services": room["_services"], "facilities": room["_facilities"]}
    return shown | {name: entries for name, entries in extras.items() if entries}


def booking_xml(state: State, order: Row) -> str:
    return document(_element("booking", booking_json(state, order)) + "\n")


def booking_ids(state: State) -> list[int]:
    """All bookings, in the order of their customers."""
    orders = sorted(state.tables["orders"], key=lambda row: (int(row["id_customer"]), row["id"]))
    return [order["id"] for order in orders]


def booking_ids_xml(state: State, view: View) -> str:
    entries = "".join(
        f'<booking {view.link("bookings", one)} id="{one}"/>\n' for one in booking_ids(state)
    )
    return document(f"<bookings>\n{entries}</bookings>\n")


def _element(name: str, value: Any) -> str:
    """An element as the original writes it; an empty list becomes 0."""
    if isinstance(value, dict):
        return f"<{name}>{''.join(_element(key, one) for key, one in value.items())}</{name}>"
    if isinstance(value, list) and value:
        entries = "".join(_element(_ENTRY[name], one) for one in value)
        return f"<{name}>{entries}</{name}>"
    return f"<{name}>{cdata(0 if value == [] else value)}</{name}>\n"
