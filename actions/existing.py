"""Looking up and cancelling a booking that there is."""

import logging
from collections import Counter
from typing import Any

from actions._turn import HotelAction, Turn, button
from actions.booking import continue_booking, stop
from actions.handover import hand_over, offer_human
from conserje import spanish
from conserje.metrics import BOOKINGS
from conserje.pms import BookedRoom, Booking, BookingNotFound, Uncertain

logger = logging.getLogger(__name__)

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
    booking = await _found(turn)
    if booking is None:
        return
    turn.set(task=None, awaiting=None)
    cancellable = booking.status == "confirmed" and booking.check_in > turn.today
    turn.say(
        "utter_booking_details",
        status=STATUS[booking.status],
        buttons=[button("Cancelar la reserva", "Quiero cancelar mi reserva")]
        if cancellable
        else [],
        **_said(turn, booking),
    )


async def cancel_booking(turn: Turn) -> None:
    """Shows what would be cancelled and the policy, and asks for the yes."""
    turn.set(task="cancel")
    booking = await _found(turn)
    if booking is None:
        return
    if booking.status != "confirmed":
        turn.set(task=None, awaiting=None)
        turn.say("utter_already_cancelled", reference=booking.reference)
    elif booking.check_in < turn.today:
        turn.set(task=None, awaiting=None)
        turn.say("utter_stay_is_over")
    else:
        turn.set(awaiting="cancellation_confirmation")
        turn.say("utter_ask_cancellation_confirmation", **_said(turn, booking))


async def _found(turn: Turn) -> Booking | None:
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
    known = {"reference": booking.reference, "status": booking.status}
    turn.set(booking=known, booking_email=email, failed_lookups=0)
    return booking


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


def _said(turn: Turn, booking: Booking) -> dict[str, Any]:
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
    adults = spanish.count(sum(room.adults for room in rooms), "adulto", "adultos")
    children = sum(room.children for room in rooms)
    return f"{adults} y {spanish.count(children, 'niño', 'niños')}" if children else adults


class ConfirmCancellation(HotelAction):
    """The guest said yes: finds the booking again, cancels, and reads back."""

    def name(self) -> str:
        return "action_confirm_cancellation"

    async def act(self, turn: Turn) -> None:
        turn.set(awaiting=None)
        booking = await _found(turn)
        if booking is None:
            return
        turn.set(task=None)
        if booking.status != "confirmed":
            turn.say("utter_already_cancelled", reference=booking.reference)
            return
        try:
            cancelled = await turn.pms.cancel(booking)
        except Uncertain as error:
            logger.error("%s: cancelling %s is uncertain", turn.hotel.id, error.marker)
            BOOKINGS.labels(turn.hotel.id, "cancel_uncertain").inc()
            turn.say("utter_cancellation_uncertain")
            hand_over(turn, reason="cancellation_uncertain")
            return
        BOOKINGS.labels(turn.hotel.id, "cancelled").inc()
        turn.set(booking={"reference": cancelled.reference, "status": cancelled.status})
        turn.say("utter_cancelled", reference=cancelled.reference)


class ModifyBooking(HotelAction):
    """While a room is being chosen, a correction; afterwards, for the desk."""

    def name(self) -> str:
        return "action_modify_booking"

    async def act(self, turn: Turn) -> None:
        if turn.get("task") == "booking" and turn.get("heard"):
            await continue_booking(turn)
        elif turn.get("task") == "booking":
            turn.set(awaiting="change")
            turn.say("utter_what_to_change")
        else:
            turn.say("utter_modify_by_person")
            offer_human(turn)
