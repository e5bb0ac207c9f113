"""What was set up before an exchange was recorded, and set back after it."""

from __future__ import annotations

import json
from typing import Any

# Method, path and body of a request that must succeed.
Step = tuple[str, str, str]


def cancel_body(number: str) -> str:
    inner = f"<id_order_state>4</id_order_state><id_order>{number}</id_order>"
    return f"<qloapps><order_history>{inner}</order_history></qloapps>"


def booking_body(email: str, type_id: int, first: str, last: str, room: int) -> str:
    """A booking of one chosen room of hotel 2."""
    guest = f"<firstname>Eva</firstname><lastname>Marrero</lastname><email>{email}</email>"
    stay = f"<id_room_type>{type_id}</id_room_type><checkin_date>{first}</checkin_date>"
    stay += f"<checkout_date>{last}</checkout_date><number_of_rooms>1</number_of_rooms>"
    wish = f"<id_room>{room}</id_room><adult>2</adult><child>0</child>"
    return (
        "<qloapps><booking><id_property>2</id_property><currency>EUR</currency>"
        "<booking_status>1</booking_status><payment_status>3</payment_status><associations>"
        f"<customer_detail>{guest}<phone>600111222</phone></customer_detail><room_types>"
        f"<room_type>{stay}<rooms><room>{wish}<id_tax_rules_group>2</id_tax_rules_group></room>"
        "</rooms></room_type></room_types></associations></booking></qloapps>"
    )


def _put(resource: str, number: int, element: str, fields: str) -> Step:
    body = f"<qloapps><{element}><id>{number}</id>{fields}</{element}></qloapps>"
    return ("PUT", f"/api/{resource}/{number}", body)


def _set(**values: object) -> Step:
    return ("POST", "/_control/settings", json.dumps(values))


def _book(*wish: Any) -> Step:
    return ("POST", "/api/bookings", booking_body(*wish))


_OUT = _put("hotel_rooms", 24, "room", "<id_status>2</id_status>")
_IN = _put("hotel_rooms", 24, "room", "<id_status>1</id_status>")
# How the shop stood when these were recorded, and how it stood again afterwards.
BEFORE: dict[str, list[Step]] = {
    "availability/search-min-stay-not-met": [
        _put("hotel_room_types", 6, "hotel_room_type", "<min_los>3</min_los>")
    ],
    "availability/search-room-out-of-service": [_OUT],
    "availability/search-room-out-of-service-unavailable-flag": [_OUT],
    "availability/search-inactive-hotel": [_put("hotels", 2, "hotel", "<active>0</active>")],
    "availability/search-partially-available": [
        _book("eva81@example.com", 11, "2027-02-10", "2027-02-12", 22),
        _book("eva82@example.com", 11, "2027-02-08", "2027-02-12", 23),
    ],
    "availability/search-date-wise-booked-count-wrong": [
        _book("eva90@example.com", 12, "2027-05-10", "2027-05-11", 24)
    ],
    "errors/webservice-disabled-xml": [_set(webservice=False)],
    "errors/webservice-disabled-json": [_set(webservice=False)],
    "one_language/hotel-json": [_set(languages=["1"])],
    "notices_off/create-no-tax-key": [_set(notices=False)],
    "room_bookings/overlap-query-json": [
        _book("eva95@example.com", 12, "2027-02-10", "2027-02-14", 24)
    ],
}
AFTER: dict[str, list[Step]] = {
    "availability/search-min-stay-not-met": [
        _put("hotel_room_types", 6, "hotel_room_type", "<min_los>1</min_los>")
    ],
    "availability/search-room-out-of-service": [_IN],
    "availability/search-room-out-of-service-unavailable-flag": [_IN],
    "availability/search-inactive-hotel": [_put("hotels", 2, "hotel", "<active>1</active>")],
    "errors/webservice-disabled-xml": [_set(webservice=True)],
    "errors/webservice-disabled-json": [_set(webservice=True)],
    "one_language/search-xml": [_set(languages=["1", "2"])],
}
# Bookings that stand although their answer, a 500, does not give their number.
CREATED_UNSEEN = {
    "bookings/create-500-but-created-quoted-total-lower": "5",
    "bookings/create-500-but-created-no-tax-key": "21",
    "bookings/create-500-but-created-facility": "22",
    "bookings/create-500-but-created-partial-payment": "23",
    "bookings/create-quoted-total-lower": "34",
}
