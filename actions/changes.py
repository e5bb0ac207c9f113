"""Changing a booking that there is: its dates, guests or room type."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from actions._turn import HotelAction, Turn
from actions.booking import (
    candidates,
    continue_booking,
    forget_stay,
    new_summary,
    quote_of,
    remembered,
    room_buttons,
    room_name,
    settled_problem,
    until,
)
from actions.choice import rooms_by_word
from actions.existing import details, found
from actions.handover import offer_human
from conserje import spanish
from conserje.pms import Booking, ChangeRefused, Occupancy, Offer
from conserje.stay_request import AdultMissing, StayRequest, suitable
from conserje.text import plain

_SAYS_DATES = re.compile(r"\b(fechas?|dias?|noches?|semanas?|entrada|salida|llegada|estancia)\b")
_SAYS_PARTY = re.compile(r"\b(personas?|huespedes|gente|adultos?|ninos?|acompanantes?)\b")
_SAYS_ROOM = re.compile(r"\b(habitacion(es)?|cuartos?|tipo|apartamento|estudio|suite)\b")


_WISHES = (
    "check_in",
    "check_out",
    "nights",
    "stay_candidates",
    "shift",
    "adults",
    "children",
    "rooms",
    "party_shift",
    "room_wish",
    "room_type",
)
"""The slots that hold what a guest wants otherwise."""


class ModifyBooking(HotelAction):
    """While a room is being chosen, a correction; afterwards, a change of what was booked."""

    def name(self) -> str:
        return "action_modify_booking"

    async def act(self, turn: Turn) -> None:
        if turn.get("task") != "booking":
            await modify_booking(turn)
        elif turn.get("heard"):
            await continue_booking(turn)
        else:
            turn.set(awaiting="change")
            turn.say("utter_what_to_change")


async def modify_booking(turn: Turn) -> None:
    """Shows how the booking would look, and asks for the yes or for what is missing."""
    turn.set(task="modify")
    booking = await found(turn)
    if booking is None or not settled_problem(turn):
        return
    if refused := _never(turn, booking):
        _over(turn)
        say_not_allowed(turn, refused)
        return
    wanted = _wanted(turn, booking)
    if wanted is None:
        await _ask_what(turn, booking)
        return
    if _settled(turn, wanted):
        await _propose(turn, booking, wanted)


async def _ask_what(turn: Turn, booking: Booking) -> None:
    """For the value of what the guest names ("las fechas"), else for what it is about."""
    said = plain(turn.text)
    if _SAYS_DATES.search(said):
        turn.set(awaiting="dates")
        turn.say("utter_ask_new_dates")
    elif _SAYS_PARTY.search(said):
        turn.set(awaiting="party")
        turn.say("utter_ask_new_party")
    elif _SAYS_ROOM.search(said):
        rooms = [room.occupancy for room in booking.rooms]
        offers = await turn.pms.change_offers(booking, booking.check_in, booking.check_out, rooms)
        own = booking.rooms[0].room_type_id
        _say_not_free(
            turn, booking, [one for one in offers if one.room_type.id != own], None, rooms
        )
    else:
        turn.set(awaiting="change")
        turn.say("utter_what_to_change_of_booking", **details(turn, booking))


def _never(turn: Turn, booking: Booking) -> str | None:
    """Why nothing of this booking can be changed here."""
    if booking.status != "confirmed":
        return "cancelled"
    if booking.check_out <= turn.today:
        return "past"
    alike = {room.room_type_id for room in booking.rooms}
    spans = {(room.check_in, room.check_out) for room in booking.rooms}
    party = _party_of(booking)
    evenly = Counter(party.in_rooms(len(booking.rooms)))
    if len(alike) > 1 or len(spans) > 1 or evenly != Counter(r.occupancy for r in booking.rooms):
        return "not_possible"  # one room of several, or other guests in each, is for the desk
    return None


def _party_of(booking: Booking) -> StayRequest:
    ages = tuple(age for room in booking.rooms for age in room.child_ages)
    return StayRequest(
        check_in=booking.check_in,
        check_out=booking.check_out,
        adults=sum(room.adults for room in booking.rooms),
        children=len(ages),
        child_ages=ages,
        rooms=len(booking.rooms),
    )


def _wanted(turn: Turn, booking: Booking) -> StayRequest | None:
    """The booking's stay with what the guest wants otherwise; None while that is nothing."""
    kept = _party_of(booking)
    if not any(turn.get(slot) for slot in _WISHES):
        return None
    check_in, check_out = _dates(turn, booking)
    said = turn.stay
    wanted = replace(kept, check_in=check_in, check_out=check_out)
    if said.adults is not None:
        wanted = replace(
            wanted, adults=said.adults, children=said.children, child_ages=said.child_ages
        )
    elif said.children:
        wanted = replace(wanted, children=said.children, child_ages=said.child_ages)
    if turn.get("rooms"):
        wanted = replace(wanted, rooms=said.rooms)
    if turn.get("party_shift"):
        wanted = wanted.with_more(*turn.get("party_shift"))
    # From here on, corrections are to what is being proposed.
    turn.set(
        check_in=check_in.isoformat(),
        check_out=check_out.isoformat(),
        nights=None,
        shift=None,
        party_shift=None,
        adults=wanted.adults,
        children=wanted.children,
        child_ages=list(wanted.child_ages),
        rooms=wanted.rooms,
    )
    return wanted


def _dates(turn: Turn, booking: Booking) -> tuple[date, date]:
    """A stay that is given one new end keeps the other, or its length."""
    said = turn.stay
    days = booking.check_out - booking.check_in
    check_in, check_out = said.check_in, said.check_out
    if check_in is None and check_out is not None:
        check_in = booking.check_in if booking.check_in < check_out else check_out - days
    elif check_in is None:
        check_in = booking.check_in
        days = timedelta(turn.get("nights") or days.days)
    if check_out is None:
        keeps = turn.get("keeps_departure") and check_in < booking.check_out
        check_out = booking.check_out if keeps else check_in + days
    arrival, departure = turn.get("shift") or (0, 0)
    return check_in + timedelta(arrival), check_out + timedelta(departure)


def _settled(turn: Turn, wanted: StayRequest) -> bool:
    """Whether the wish can be asked of the PMS; else says what is missing or wrong in it."""
    check_in, check_out = wanted.dates
    if buttons := candidates(turn, turn.get("stay_candidates")):
        turn.set(awaiting="dates")
        turn.say("utter_ask_which_dates", buttons=buttons)
        return False
    if check_out <= check_in:
        turn.set(awaiting="dates", check_in=None, check_out=None)
        turn.say("utter_reversed_dates")
        turn.say("utter_ask_dates")
        return False
    if wanted.ages_missing:
        turn.set(awaiting="child_ages")
        one = wanted.children == 1
        turn.say("utter_ask_child_age" if one else "utter_ask_child_ages")
        return False
    return True


async def _propose(turn: Turn, booking: Booking, wanted: StayRequest) -> None:
    try:
        rooms = wanted.in_rooms(wanted.rooms)
    except AdultMissing:
        turn.set(awaiting="party")
        turn.say("utter_party_without_adult")
        return
    try:
        offers = await turn.pms.change_offers(booking, *wanted.dates, rooms)
    except ChangeRefused as error:
        _over(turn)
        say_not_allowed(turn, error.reason)
        return
    room_type = _room_type(turn, booking, offers)
    offer = next((one for one in offers if one.room_type.id == room_type), None)
    if _is_as_it_was(booking, wanted, room_type):
        turn.set(awaiting="change")
        turn.say("utter_change_nothing", **details(turn, booking))
    elif offer is None or offer not in suitable(offers, rooms):
        _say_not_free(turn, booking, offers, offer, rooms)
    else:
        _summarise(turn, booking, wanted, offer)


def _room_type(turn: Turn, booking: Booking, offers: Sequence[Offer]) -> str:
    """The one the guest asks for, else the one that was booked."""
    if wish := turn.get("room_wish"):
        turn.set(room_wish=None)
        meant = rooms_by_word(plain(wish), [offer.room_type.id for offer in offers], turn.hotel)
        others = [one for one in meant if one != booking.rooms[0].room_type_id]
        if len(others) == 1:
            turn.set(room_type=others[0])
        elif not meant:
            turn.say("utter_wish_unknown", wish=wish)
    return str(turn.get("room_type") or booking.rooms[0].room_type_id)


def _is_as_it_was(booking: Booking, wanted: StayRequest, room_type: str) -> bool:
    same_type = {room.room_type_id for room in booking.rooms} == {room_type}
    return same_type and wanted == _party_of(booking)


def _say_not_free(
    turn: Turn,
    booking: Booking,
    offers: Sequence[Offer],
    offer: Offer | None,
    rooms: Sequence[Occupancy],
) -> None:
    """The booking stands as it is; shows what else it could become."""
    wanted = turn.stay if turn.stay.check_in else _party_of(booking)
    said = spanish.stay(*wanted.dates, turn.today)
    if offer is not None and offer.rooms_free >= len(rooms):
        party = spanish.party(turn.stay.adults or 0, turn.stay.child_ages)
        turn.say("utter_wish_too_small", room=room_name(turn, offer), party=party)
    elif offer is not None:
        turn.say("utter_wish_full", room=room_name(turn, offer), stay=said)
    good = suitable(offers, rooms)
    turn.set(room_type=None)
    if not good:
        if any(one.rooms_free >= len(rooms) for one in offers):
            turn.say("utter_refused_not_possible")  # they are free, and too small
        else:
            turn.say("utter_change_none_free", stay=said, reference=booking.reference)
        _over(turn)
        offer_human(turn)
        return
    shown = remembered(turn, good)
    turn.set(awaiting="room_type", offers=shown)
    lines = [f"• {room_name(turn, one)}: {spanish.money(one.total, one.currency)}" for one in good]
    turn.say("utter_change_other_rooms", lines="\n".join(lines), buttons=room_buttons(shown))


def _summarise(turn: Turn, booking: Booking, wanted: StayRequest, offer: Offer) -> None:
    quote = quote_of(turn, wanted, offer)
    turn.set(quote=quote.to_dict(), summary=new_summary(), awaiting="change_confirmation")
    rooms = "" if wanted.rooms == 1 else f" ({spanish.rooms(wanted.rooms)})"
    turn.say(
        "utter_change_summary",
        reference=booking.reference,
        room=quote.room_name + rooms,
        stay=spanish.stay(quote.check_in, quote.check_out, turn.today),
        party=spanish.party(quote.adults, quote.child_ages),
        total=spanish.money(quote.total, quote.currency),
        difference=_difference(quote.total - booking.total, quote.currency),
        before=spanish.money(booking.total, booking.currency),
        until=until(turn, quote),
    )


def _difference(more: Decimal, currency: str) -> str:
    if not more:
        return "lo mismo que ahora"
    return f"{spanish.money(abs(more), currency)} {'más' if more > 0 else 'menos'} que ahora"


def say_not_allowed(turn: Turn, reason: str, *, notice: str | None = None) -> None:
    """Why a booking cannot be changed (or cancelled) like this: it stands as it was."""
    known = {"cancelled", "past", "no_room", "unchanged", "not_possible", "not_found"}
    response = f"utter_refused_{reason if reason in known else 'not_possible'}"
    turn.say(response, notice=notice)
    if response in ("utter_refused_not_possible", "utter_refused_past"):
        offer_human(turn)


def _over(turn: Turn) -> None:
    forget_stay(turn)
    turn.set(task=None, awaiting=None)
