"""Prices per night and per stay, taxes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from demo.qloapps.resources import Row
from demo.qloapps.state import State

PER_NIGHT = "2"
IN_ROOM_PRICE = "1"


def tax_rate(state: State, group: object) -> Decimal:
    """The rate of a tax rule group, 0.1 for 10 %; 0 for an unknown group."""
    rules = state.rows("tax_rules", id_tax_rules_group=group)
    if not rules:
        return Decimal(0)
    return Decimal(state.one("taxes", id=rules[0]["id_tax"])["rate"]) / 100


def nights(checkin: date, checkout: date) -> list[date]:
    return [checkin + timedelta(days=day) for day in range((checkout - checkin).days)]


def stay_price(state: State, room_type: Row, checkin: date, checkout: date) -> Decimal:
    """A room for the whole stay, without tax and without automatic services."""
    return sum(
        (_night_price(state, room_type, night) for night in nights(checkin, checkout)),
        Decimal(0),
    )


def _night_price(state: State, room_type: Row, night: date) -> Decimal:
    price = Decimal(room_type["price"])
    for rule in state.rows("feature_prices", id_product=room_type["id"], active="1"):
        if rule["date_from"] <= night.isoformat() <= rule["date_to"]:
            change = Decimal(rule["impact_value"])
            if rule["impact_type"] == "1":
                change = Decimal(room_type["price"]) * change / 100
            price += change if rule["impact_way"] == "2" else -change
    return price


def automatic_services(state: State, room_type: Row) -> list[Row]:
    """The services whose price the web site adds to that of the room, per night."""
    linked = [entry["id"] for entry in room_type["associations"].get("services", [])]
    return [
        service
        for service in state.tables["services"]
        if str(service["id"]) in linked
        and service["auto_add_to_cart"] == "1"
        and service["price_addition_type"] == IN_ROOM_PRICE
    ]


def quoted_price(
    state: State, room_type: Row, checkin: date, checkout: date
) -> tuple[Decimal, Decimal]:
    """What hotel_ari says for one room and the stay, without and with tax."""
    without = stay_price(state, room_type, checkin, checkout)
    total = without * (1 + tax_rate(state, room_type["id_tax_rules_group"]))
    for service in automatic_services(state, room_type):
        price = service_price(service, (checkout - checkin).days)
        without += price
        total += price * (1 + tax_rate(state, service["id_tax_rules_group"]))
    return without, total


def service_price(service: Row, stay_nights: int) -> Decimal:
    """One unit of a service for the stay, without tax."""
    price = Decimal(service["price"])
    return price * stay_nights if service["price_calculation_method"] == PER_NIGHT else price


def number(value: Decimal) -> int | float:
    """A number as PHP writes it: 176 when whole, else 9.55."""
    rounded = round(value, 6)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def money(value: Decimal) -> str:
    """A price as the tables hold it: "176.000000"."""
    return f"{value:.6f}"
