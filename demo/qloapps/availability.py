"""Which rooms are free, and the search of hotel_ari."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from demo.qloapps.errors import Complaint, ServiceError
from demo.qloapps.pricing import nights, number, quoted_price
from demo.qloapps.resources import Row
from demo.qloapps.state import SHOP_TIME, State
from demo.qloapps.wire import Node, items, node, whole_number

IN_SERVICE = "1"


def parse_date(text: object) -> date | None:
    """The day of `YYYY-MM-DD` with or without a time; None for anything else."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)( \d\d:\d\d(:\d\d)?)?", str(text).strip())
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def room_types_of(state: State, hotel: Row) -> list[Row]:
    """The active room types of a hotel, in the order of the recorded answers."""
    ids = [entry["id"] for entry in hotel["associations"].get("room_types", [])]
    found = [row for row in state.tables["room_types"] if str(row["id"]) in ids]
    active = [row for row in found if row["active"] == "1"]
    return sorted(active, key=lambda row: (int(row["position_in_category"]), -row["id"]))


def blocking(state: State, room: Row, first: date, last: date) -> list[Row]:
    """The live bookings of a room that overlap the stay."""
    return [
        booking
        for booking in state.rows("room_bookings", id_room=room["id"], is_refunded="0")
        if booking["date_from"][:10] < last.isoformat()
        and booking["date_to"][:10] > first.isoformat()
    ]


def stay_allowed(state: State, room_type: Row, first: date, last: date) -> bool:
    """Whether the stay is neither too short nor too long for the room type."""
    limits = state.one("hotel_room_types", id_product=room_type["id"])
    length, longest = (last - first).days, int(limits["max_los"])
    return length >= int(limits["min_los"]) and (longest == 0 or length <= longest)


def free_rooms(
    state: State, hotel_id: object, type_id: object, first: date, last: date
) -> list[Row]:
    """The rooms that a booking of this hotel and type could take, lowest id first."""
    hotel, room_type = state.row("hotels", hotel_id), state.row("room_types", type_id)
    if not hotel or hotel["active"] != "1" or not room_type or room_type["active"] != "1":
        return []
    if first >= last or not stay_allowed(state, room_type, first, last):
        return []
    rooms = state.rows("hotel_rooms", id_product=type_id, id_hotel=hotel_id, id_status=IN_SERVICE)
    return [room for room in rooms if not blocking(state, room, first, last)]


@dataclass(frozen=True)
class Search:
    """A search of hotel_ari, checked."""

    id_hotel: str
    id_room_type: str
    first: date
    last: date
    kinds: list[str]
    date_wise: bool
    rooms_wanted: int


@dataclass
class Found:
    """The rooms of one type, by what can be done with them."""

    room_type: Row
    rooms: list[Row]
    unavailable: list[Row] = field(default_factory=list)
    booked: dict[str, list[Row]] = field(default_factory=dict)
    available: list[Row] = field(default_factory=list)
    partial: dict[date, list[Row]] = field(default_factory=dict)


KINDS = ("unavailable", "booked", "available", "partially_available")
_FLAGS = {
    "unavailable": "get_unavailable_rooms",
    "booked": "get_booked_rooms",
    "available": "get_available_rooms",
    "partially_available": "get_partial_available_rooms",
}


def _invalid(text: str) -> ServiceError:
    return ServiceError(400, Complaint(85, f"Validation error: {text}"))


def read_search(request: Node) -> Search:
    """Check a search. Raises ServiceError with status 400."""
    for name in ("id_hotel", "date_from", "date_to"):
        if not request.get(name):
            raise ServiceError(400, Complaint(41, f'parameter "{name}" required'))
    days = {}
    for name in ("date_from", "date_to"):
        day = parse_date(request[name])
        if day is None:
            raise _invalid(f'"The {name} field is invalid."')
        days[name] = day
    if days["date_to"] <= days["date_from"]:
        raise _invalid('"Date to" must be after "date from"')
    occupancies = _read_occupancies(request)
    kinds = [kind for kind in KINDS if request.get(_FLAGS[kind]) == "1"]
    return Search(
        id_hotel=str(request["id_hotel"]),
        id_room_type=str(request.get("id_room_type") or ""),
        first=days["date_from"],
        last=days["date_to"],
        kinds=kinds or ["available"],
        date_wise=request.get("date_wise_breakdown") == "1",
        rooms_wanted=len(occupancies) or 1,
    )


def _read_occupancies(request: Node) -> list[Node]:
    listed = node(request.get("associations")).get("room_occupancies")
    occupancies = [node(entry) for entry in items(listed, "room_occupancy")]
    for place, occupancy in enumerate(occupancies, 1):
        for name in ("adults", "children"):
            if occupancy.get(name) in (None, ""):
                raise _invalid(f"Missing information for {name} for Room-{place} occupancy.")
        if whole_number(occupancy["adults"]) < 1:
            raise _invalid(
                f"Invalid value for number of adults for Room-{place} occupancy"
                "(value must be greater than 0)."
            )
    return occupancies


def search(state: State, wanted: Search) -> list[tuple[Search, list[Found] | None]]:
    """What the search finds: one entry, or one per night; None for an unknown hotel or type."""
    if not wanted.date_wise:
        return [(wanted, _find(state, wanted))]
    found = []
    for night in nights(wanted.first, wanted.last):
        values = {**wanted.__dict__, "first": night, "last": night + timedelta(days=1)}
        one = Search(**values)
        found.append((one, _find(state, one)))
    return found


def _find(state: State, wanted: Search) -> list[Found] | None:
    hotel = state.row("hotels", wanted.id_hotel)
    if not hotel or hotel["active"] != "1":
        return None
    types = room_types_of(state, hotel)
    if wanted.id_room_type:
        types = [row for row in types if str(row["id"]) == wanted.id_room_type]
    return [_sort_rooms(state, row, wanted) for row in types] or None


def _sort_rooms(state: State, room_type: Row, wanted: Search) -> Found:
    rooms = state.rows("hotel_rooms", id_product=room_type["id"])
    found = Found(room_type, rooms)
    allowed = stay_allowed(state, room_type, wanted.first, wanted.last)
    for room in rooms:
        if room["id_status"] != IN_SERVICE:
            found.unavailable.append(room)
        elif bookings := blocking(state, room, wanted.first, wanted.last):
            found.booked[room["id"]] = bookings
        elif allowed:
            found.available.append(room)
    if allowed and found.booked:
        found.partial = _partial(state, found, wanted)
    return found


def _partial(state: State, found: Found, wanted: Search) -> dict[date, list[Row]]:
    """Night by night the booked rooms that are free; only when they cover the whole stay."""
    rooms = [room for room in found.rooms if room["id"] in found.booked]
    covered = {}
    for night in nights(wanted.first, wanted.last):
        next_day = night + timedelta(days=1)
        free = [room for room in rooms if not blocking(state, room, night, next_day)]
        if not free:
            return {}
        covered[night] = free
    return covered


def search_json(state: State, results: list[tuple[Search, list[Found] | None]]) -> Any:
    """The answer as JSON: `hotel_ari`, or `hotel_aris` night by night."""
    answers = [_result_json(state, wanted, found) for wanted, found in results]
    return {"hotel_aris": answers} if results[0][0].date_wise else {"hotel_ari": answers[0]}


def _result_json(state: State, wanted: Search, found: list[Found] | None) -> Node:
    answer: Node = head(wanted)
    if found is None:
        return answer
    answer["total_rooms"] = sum(len(one.rooms) for one in found)
    types = [_type_json(state, wanted, one) for one in found]
    if wanted.date_wise:
        return {**answer, "room_types": types, **totals(wanted, found)}
    return {**answer, **totals(wanted, found), "room_types": types}


def head(wanted: Search) -> Node:
    return {
        "id_hotel": wanted.id_hotel,
        "date_from": wanted.first.isoformat(),
        "date_to": wanted.last.isoformat(),
        "currency": "EUR",
    }


def totals(wanted: Search, found: list[Found]) -> dict[str, int]:
    """The totals of the kinds asked for.

    Night by night the original counts the free rooms where it says booked.
    """
    available = sum(len(one.available) for one in found)
    booked = sum(len(one.booked) for one in found)
    partial = {room["id"] for one in found for rooms in one.partial.values() for room in rooms}
    counted = {
        "available": ("total_available_rooms", available),
        "unavailable": ("total_unavailable_rooms", sum(len(one.unavailable) for one in found)),
        "partially_available": ("total_partial_available_rooms", len(partial)),
        "booked": ("total_booked_rooms", available if wanted.date_wise else booked),
    }
    return dict(pair for kind, pair in counted.items() if kind in wanted.kinds)


def prices(state: State, wanted: Search, room_type: Row) -> dict[str, int | float]:
    """Average per night of one room, and the stay for all rooms asked for."""
    without, with_tax = quoted_price(state, room_type, wanted.first, wanted.last)
    length = (wanted.last - wanted.first).days
    return {
        "base_price": number(without / length),
        "base_price_with_tax": number(with_tax / length),
        "total_price": number(without * wanted.rooms_wanted),
        "total_price_with_tax": number(with_tax * wanted.rooms_wanted),
    }


def _type_json(state: State, wanted: Search, found: Found) -> Node:
    kinds = ["available", "booked"] if wanted.date_wise else list(KINDS)
    rooms = {kind: _kind_json(state, wanted, found, kind) for kind in kinds if kind in wanted.kinds}
    return {
        "id_room_type": str(found.room_type["id"]),
        **prices(state, wanted, found.room_type),
        "name": found.room_type["name"][state.settings.languages[0]],
        "rooms": rooms,
    }


def _kind_json(state: State, wanted: Search, found: Found, kind: str) -> Any:
    """Rooms by their id; PHP turns an empty list into []."""
    if kind == "partially_available":
        return {
            str(_unix_time(night)): {
                "date_from": night.isoformat(),
                "date_to": (night + timedelta(days=1)).isoformat(),
                "rooms": {room["id"]: _room(room) | _limits(state, room) for room in rooms},
            }
            for night, rooms in found.partial.items()
        } or []
    describe: Callable[[Row], Node] = {
        "unavailable": lambda room: _room(room) | {"detail": [_out_of_service(room)]},
        "booked": lambda room: (
            _room(room) | {"detail": [_booked(booking) for booking in found.booked[room["id"]]]}
        ),
        "available": lambda room: (
            _room(room) | {"room_comment": room["comment"]} | _limits(state, room)
        ),
    }[kind]
    rooms = rooms_of(found, kind)
    if wanted.date_wise:
        brief = {
            room["id"]: {"id_room": room["id"], "room_num": room["room_num"]} for room in rooms
        }
        return brief or []
    return {room["id"]: describe(room) for room in rooms} or []


def rooms_of(found: Found, kind: str) -> list[Row]:
    if kind == "booked":
        return [room for room in found.rooms if room["id"] in found.booked]
    return found.available if kind == "available" else found.unavailable


def _unix_time(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=SHOP_TIME).timestamp())


def _room(room: Row) -> Node:
    return {
        "id_room": room["id"],
        "id_product": room["id_product"],
        "id_hotel": room["id_hotel"],
        "room_num": room["room_num"],
    }


def _limits(state: State, room: Row) -> Node:
    limits = state.one("hotel_room_types", id_product=room["id_product"])
    return {
        "max_adult": limits["max_adults"],
        "max_children": limits["max_children"],
        "max_occupancy": limits["max_guests"],
    }


def _out_of_service(room: Row) -> Node:
    return {
        "id_status": room["id_status"],
        "room_comment": room["comment"],
        "date_from": None,
        "date_to": None,
    }


def _booked(booking: Row) -> Node:
    return {
        "id_htl_booking": booking["id"],
        "date_from": booking["date_from"],
        "date_to": booking["date_to"],
        "id_customer": booking["id_customer"],
        "booking_type": booking["booking_type"],
        "booking_status": booking["id_status"],
        "comment": booking["comment"],
    }
