"""Looking up and cancelling a booking that there is."""

from collections import Counter
from typing import Any

from actions._turn import HotelAction, Turn, button
from actions.booking import new_summary, stop
from actions.handover import offer_human
from conserje import spanish
from conserje.pms import BookedRoom, Booking, BookingNotFound

LOOKUPS = 5
"""Wrong pairs in one conversation after which only a person goes on."""

STATUS = {
    "confirmed": "confirmada",
    "cancelled": "cancelada",
    "refunded": "cancelada y devuelta",
    "not_booked": "sin efecto",
}


class CheckBooking(HotelAction):
    def name(self) -> str:
        return "action_check_booking"

    async def act(self, turn: Turn) -> None:
        await check_booking(turn)


class CancelBooking(HotelAction):
    def name(self) -> str:
        return "action_cancel_booking"

    async def act(self, turn: Turn) -> None:
        if turn.get("task") == "booking" and not turn.heard("booking_reference"):
            stop(turn)  # "cancela" while a room is being chosen: nothing was booked yet
            return
        await cancel_booking(turn)


async def check_booking(turn: Turn) -> None:
    """Shows the booking, or asks for what is needed to find it."""
    turn.set(task="check")
    booking = await found(turn)
    if booking is None:
        return
    turn.set(task=None, awaiting=None)
    upcoming = booking.status == "confirmed" and booking.check_in > turn.today
    turn.say(
        "utter_booking_details",
        status=STATUS[booking.status],
        buttons=[
            button("Cambiar la reserva", "Quiero cambiar mi reserva"),
            button("Cancelar la reserva", "Quiero cancelar mi reserva"),
        ]
        if upcoming
        else [],
        **details(turn, booking),
    )


async def cancel_booking(turn: Turn) -> None:
    """Shows what would be cancelled and the policy, and asks for the yes."""
    turn.set(task="cancel")
    booking = await found(turn)
    if booking is None:
        return
    if booking.status != "confirmed":
        turn.set(task=None, awaiting=None, summary=None)
        turn.say("utter_already_cancelled", reference=booking.reference)
    elif booking.check_in < turn.today:
        turn.set(task=None, awaiting=None)
        turn.say("utter_stay_is_over")
    else:
        turn.set(awaiting="cancellation_confirmation", summary=new_summary())
        turn.say("utter_ask_cancellation_confirmation", **details(turn, booking))


async def found(turn: Turn) -> Booking | None:
    """The guest's booking; None when something had to be asked or said first."""
    if (turn.get("failed_lookups") or 0) >= LOOKUPS:
        turn.set(task=None)
        turn.say("utter_booking_not_found_again")
        offer_human(turn)
        return None
    if turn.get("problem"):
        turn.set(awaiting="booking_email")
        turn.say("utter_bad_email")
        return None
    reference = turn.get("booking_reference")
    email = turn.get("booking_email") or turn.get("guest_email")
    for slot, known in (("booking_reference", reference), ("booking_email", email)):
        if not known:
            turn.set(awaiting=slot)
            turn.say(f"utter_ask_{slot}")
            return None
    try:
        booking = await turn.pms.find(reference, email)
    except BookingNotFound:
        _not_found(turn)
        return None
    turn.set(booking=kept(booking), booking_email=email, failed_lookups=0)
    return booking


def kept(booking: Booking) -> dict[str, Any]:
    """What the slot `booking` holds of it: enough for "otra para las mismas fechas"."""
    return {
        "reference": booking.reference,
        "status": booking.status,
        "check_in": booking.check_in.isoformat(),
        "check_out": booking.check_out.isoformat(),
        "room_type": booking.rooms[0].room_type_id if booking.rooms else None,
        "adults": sum(room.adults for room in booking.rooms),
        "child_ages": [age for room in booking.rooms for age in room.child_ages],
    }


def without_reference(turn: Turn) -> None:
    """The guest does not have what a booking is opened with: only a person can go on."""
    turn.set(task=None)
    turn.say("utter_no_reference")
    offer_human(turn)


def _not_found(turn: Turn) -> None:
    failed = (turn.get("failed_lookups") or 0) + 1
    turn.set(failed_lookups=failed, booking=None, booking_reference=None, booking_email=None)
    if failed % 2:
        turn.set(awaiting="booking_reference")
        turn.say("utter_booking_not_found")
    else:
        turn.set(task=None)
        turn.say("utter_booking_not_found_again")
        offer_human(turn)


def details(turn: Turn, booking: Booking) -> dict[str, Any]:
    """What responses say of a booking, by the name between braces."""
    return {
        "reference": booking.reference,
        "name": booking.guest_name,
        "room": _rooms(turn, booking.rooms),
        "stay": spanish.stay(booking.check_in, booking.check_out, turn.today),
        "party": _party(booking.rooms),
        "total": spanish.money(booking.total, booking.currency),
    }


def _rooms(turn: Turn, rooms: tuple[BookedRoom, ...]) -> str:
    """`Habitación General (3 habitaciones)`, `Estudio y Apartamento`."""
    names = Counter(_room(turn, room) for room in rooms)
    said = [
        name if number == 1 else f"{name} ({spanish.rooms(number)})"
        for name, number in names.items()
    ]
    return spanish.enumeration(said)


def _room(turn: Turn, room: BookedRoom) -> str:
    known = turn.hotel.rooms.get(room.room_type_id)
    return known.name if known else room.room_type_name


def _party(rooms: tuple[BookedRoom, ...]) -> str:
    ages = [age for room in rooms for age in room.child_ages]
    if len(ages) == sum(room.children for room in rooms):
        return spanish.party(sum(room.adults for room in rooms), ages)
    adults = spanish.count(sum(room.adults for room in rooms), "adulto", "adultos")
    children = sum(room.children for room in rooms)
    return f"{adults} y {spanish.count(children, 'niño', 'niños')}" if children else adults
