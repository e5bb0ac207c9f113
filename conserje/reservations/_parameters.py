"""What is kept of an intended change, as JSON: enough to carry on after a crash."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import parse_obj_as

from conserje.pms import Booking, BookingRequest


def create_parameters(request: BookingRequest, valid_until: datetime) -> dict[str, Any]:
    """`request` without its marker: that is the ledger's to give."""
    return _json({"request": {**asdict(request), "marker": ""}, "valid_until": valid_until})


def change_parameters(
    booking: Booking, request: BookingRequest, valid_until: datetime
) -> dict[str, Any]:
    """`booking` is as it was before."""
    return _json(
        {"booking": asdict(booking), "request": asdict(request), "valid_until": valid_until}
    )


def cancel_parameters(booking: Booking) -> dict[str, Any]:
    return _json({"booking": asdict(booking)})


def request_of(parameters: Mapping[str, Any], marker: str) -> BookingRequest:
    return parse_obj_as(BookingRequest, {**parameters["request"], "marker": marker})


def booking_of(parameters: Mapping[str, Any]) -> Booking:
    """The booking as it was when the guest said yes to its change."""
    return parse_obj_as(Booking, parameters["booking"])


def as_wanted(booking: Booking, request: BookingRequest) -> bool:
    """Whether dates, room type and guests are those of the request."""
    rooms = Counter((room.room_type_id, room.adults, room.children) for room in booking.rooms)
    wanted = Counter(
        (request.room_type_id, room.adults, len(room.child_ages)) for room in request.rooms
    )
    return rooms == wanted and all(
        (room.check_in, room.check_out) == (request.check_in, request.check_out)
        for room in booking.rooms
    )


def _json(fields: Mapping[str, Any]) -> dict[str, Any]:
    # Dates and decimals as text.
    plain: dict[str, Any] = json.loads(json.dumps(fields, default=str))
    return plain
