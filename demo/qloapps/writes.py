"""Writing to the generic resources: POST, PUT and DELETE, read from XML only."""

from __future__ import annotations

import hashlib
from typing import Any

from demo.qloapps.errors import Complaint, NotFound, PhpDied, ServiceError
from demo.qloapps.guests import new_customer, valid_email
from demo.qloapps.orders import change_state
from demo.qloapps.resources import Field, Resource, Row
from demo.qloapps.state import State
from demo.qloapps.wire import Node, parse_generic

CREATABLE = {"addresses", "customers", "feature_prices", "hotel_rooms", "order_histories"}
CHANGEABLE = {
    "addresses",
    "customers",
    "feature_prices",
    "hotel_room_types",
    "hotel_rooms",
    "hotels",
    "room_bookings",
    "room_types",
}
DELETABLE = {"feature_prices", "orders"}
_SET_BY_SERVER = {
    "addresses": {"date_add", "date_upd"},
    "customers": {
        "date_add",
        "date_upd",
        "id_lang",
        "id_shop",
        "id_shop_group",
        "last_passwd_gen",
        "passwd",
        "secure_key",
    },
    "feature_prices": {"date_add", "date_upd"},
    "hotel_rooms": {"date_add", "date_upd", "id_hotel"},
}


def create(state: State, resource: Resource, body: str) -> Row:
    """Store a new object; returns it as the answer shows it, with the given fields filled.

    Raises ServiceError, and PhpDied for an order or a state that does not exist.
    """
    given = parse_generic(body)
    _check(resource, given)
    if resource.name == "order_histories":
        return _create_history(state, given)
    known = {name: value for name, value in given.items() if name in resource.names}
    stored = state.insert(resource.name, {**_defaults(state, resource, known), **known})
    if resource.name == "customers":
        digest = hashlib.md5(given["passwd"].encode(), usedforsecurity=False)
        stored["passwd"] = digest.hexdigest()
    shown = {"id", *known, *_SET_BY_SERVER[resource.name]}
    answer = {name: stored[name] if name in shown else "" for name in resource.names}
    return {**answer, "id": str(stored["id"])}


def _check(resource: Resource, given: Node) -> None:
    for field in resource.fields:
        if field.read_only and field.name in given:
            text = f'parameter "{field.name}" not writable. Please remove this attribute of this'
            raise ServiceError(400, Complaint(93, f"{text} XML"))
    for field in resource.fields:
        if field.required and not given.get(field.name):
            raise ServiceError(400, Complaint(41, f'parameter "{field.name}" required'))
        if field.format == "isEmail" and not valid_email(str(given[field.name])):
            text = f"Property {resource.one.title()}->{field.name} is not valid"
            raise ServiceError(400, Complaint(85, f'Validation error: "{text}"'))


def _create_history(state: State, given: Node) -> Row:
    order = state.row("orders", given["id_order"])
    if order is None:
        raise PhpDied(200, "Invalid new order status")
    entry = change_state(state, order, str(given["id_order_state"]))
    return {
        **entry,
        "id": str(entry["id"]),
        "id_employee": "",
        "id_order_state": int(entry["id_order_state"]),
    }


def _defaults(state: State, resource: Resource, given: Node) -> Row:
    if resource.name == "customers":
        return new_customer(state)
    row = {field.name: _default(state, field) for field in resource.fields}
    row["associations"] = {}
    if resource.name == "hotel_rooms":
        limits = state.rows("hotel_room_types", id_product=given["id_product"])
        row["id_hotel"] = limits[0]["id_hotel"] if limits else "0"
    return row


def _default(state: State, field: Field) -> Any:
    if field.name in ("date_add", "date_upd"):
        return state.now()
    if field.format in ("isPrice", "isFloat"):
        return "0.000000"
    if field.name.startswith("id_") or field.format in ("isBool", "isUnsignedInt"):
        return "0"
    return ""


def change(state: State, resource: Resource, body: str) -> Row:
    """Overwrite the given fields of the object that the body names, without any check.

    Raises ServiceError without an id, NotFound for an unknown one.
    """
    given = parse_generic(body)
    if not given.get("id"):
        raise ServiceError(400, Complaint(90, "id is required when modifying a resource"))
    row = state.row(resource.name, given["id"])
    if row is None:
        raise NotFound
    writable = [field.name for field in resource.fields if not field.read_only]
    row.update({name: given[name] for name in writable if name in given})
    row["date_upd"] = state.now()
    return row


def delete(state: State, resource: Resource, row: Row) -> None:
    """Remove one object and nothing that hangs on it: the rooms of an order stay taken."""
    state.delete(resource.name, [row])
