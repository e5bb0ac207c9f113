"""From the wish for a room to the booking: asks only for what is still missing."""

import asyncio
import re
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from actions._turn import Button, HotelAction, Turn, button
from actions.answers import tell_amenities, tell_the_rest
from actions.choice import rooms_by_word, without_questions
from actions.handover import offer_human
from conserje import spanish
from conserje.pms import Occupancy, Offer
from conserje.stay_request import (
    AdultMissing,
    Quote,
    StayRequest,
    nearby_stays,
    suitable,
)
from conserje.text import plain

NEARBY_DAYS = 7
NEARBY_SHOWN = 3
STAY_PROBLEMS = {
    "impossible_date": "utter_impossible_date",
    "past": "utter_past_date",
    "reversed": "utter_reversed_dates",
    "too_long": "utter_stay_too_long",
    "too_far": "utter_stay_too_far",
}
CONTACT_PROBLEMS = {
    "guest_name": "utter_bad_name",
    "guest_email": "utter_bad_email",
    "guest_phone": "utter_bad_phone",
}


class Book(HotelAction):
    """Starts or carries on a booking."""

    def name(self) -> str:
        return "action_book"

    async def act(self, turn: Turn) -> None:
        tell_amenities(turn)  # "para dos del 10 al 12, ¿tienen piscina?"
        tell_the_rest(turn)
        await continue_booking(turn)


async def continue_booking(turn: Turn) -> None:
    """Says what is wrong with what was said, or asks for the next thing that is missing."""
    turn.set(task="booking")
    if not (settled_problem(turn) and _settled_dates(turn) and _settled_party(turn)):
        return
    offers = await _offers(turn)
    if offers is None:
        return
    chosen = _chosen(turn, offers)
    if chosen is None or not _settled_contact(turn):
        return
    _summarise(turn, chosen)


def _ask(turn: Turn, awaiting: str, response: str, **values: Any) -> bool:
    if turn.get("awaiting") == awaiting and turn.get("heard") and not turn.get("problem"):
        turn.say("utter_noted")  # what was told was something else
    turn.set(awaiting=awaiting)
    turn.say(response, **values)
    return False


def settled_problem(turn: Turn) -> bool:
    problem = turn.get("problem")
    if not problem:
        return True
    field, reason = problem["field"], problem["reason"]
    if field in CONTACT_PROBLEMS:
        return _ask(turn, field, CONTACT_PROBLEMS[field])
    if reason == "unlike":
        turn.say("utter_rooms_unlike")
        offer_human(turn)
        return False
    if reason == "vague":
        return _ask(turn, "dates", "utter_ask_exact_dates")
    limits = turn.hotel.limits
    asked_check_out = turn.get("awaiting") == "check_out" and turn.stay.check_in
    turn.say(
        STAY_PROBLEMS[reason], max_nights=limits.max_nights, max_months=limits.max_months_ahead
    )
    if reason == "reversed" and asked_check_out:
        return _settled_dates(turn)
    buttons = candidates(turn, problem.get("candidates"))
    return _ask(turn, "dates", "utter_ask_dates", buttons=buttons)


def _settled_dates(turn: Turn) -> bool:
    if buttons := candidates(turn, turn.get("stay_candidates")):
        return _ask(turn, "dates", "utter_ask_which_dates", buttons=buttons)
    stay = turn.stay
    if stay.check_in and stay.check_out:
        return True
    if stay.check_in:
        said = spanish.day(stay.check_in, year=stay.check_in.year != turn.today.year)
        return _ask(turn, "check_out", "utter_ask_check_out", check_in_text=said)
    if stay.check_out:
        return _ask(turn, "dates", "utter_ask_check_in")
    return _ask(turn, "dates", "utter_ask_dates")


def candidates(turn: Turn, readings: list[tuple[str, str | None]] | None) -> list[Button]:
    return [_candidate(turn, *reading) for reading in (readings or [])[:3]]


def _candidate(turn: Turn, check_in: str, check_out: str | None) -> Button:
    start = date.fromisoformat(check_in)
    if check_out is None:
        said = spanish.day(start, year=start.year != turn.today.year)
        return button(f"El {spanish.short_day(start)}", f"Llegada el {said}")
    return _stay_button(start, date.fromisoformat(check_out))


def _stay_button(check_in: date, check_out: date) -> Button:
    return button(
        f"Del {spanish.short_day(check_in)} al {spanish.short_day(check_out)}",
        f"Del {check_in:%d/%m/%Y} al {check_out:%d/%m/%Y}",
    )


def _settled_party(turn: Turn) -> bool:
    stay = turn.stay
    if stay.adults is None:
        split = turn.heard("party") and turn.message.get("party")
        return _ask(turn, "party", "utter_ask_party_split" if split else "utter_ask_party")
    if stay.ages_missing:
        one = stay.children == 1
        return _ask(turn, "child_ages", "utter_ask_child_age" if one else "utter_ask_child_ages")
    return True


async def _offers(turn: Turn) -> list[Offer] | None:
    """What is free for the stay; None when it had to say why nothing is."""
    stay = turn.stay
    check_in, check_out = stay.dates
    party = spanish.party(stay.adults or 0, stay.child_ages)
    most = turn.hotel.limits.max_rooms
    fewest = stay.fewest_rooms(await turn.pms.room_types(), most)
    if stay.rooms > most or fewest is None:
        turn.say("utter_too_many_rooms", max_rooms=most)
        offer_human(turn)
        return None
    if fewest > stay.rooms:
        response = "utter_party_too_big" if stay.rooms == 1 else "utter_rooms_too_few"
        turn.set(awaiting="rooms")
        turn.say(
            response,
            party=party,
            rooms_text=spanish.rooms(fewest),
            asked_rooms_text=spanish.rooms(stay.rooms),
            buttons=[button(f"Sí, {spanish.rooms(fewest)}"), button("No, somos menos")],
        )
        return None
    try:
        occupancies = stay.in_rooms(stay.rooms)
    except AdultMissing:
        _ask(turn, "party", "utter_party_without_adult")
        return None
    offers = await turn.pms.offers(check_in, check_out, occupancies)
    good = suitable(offers, occupancies)
    if not good:
        await _say_full(turn, occupancies, party, any(offer.rooms_free for offer in offers))
        return None
    if turn.get("room_wish"):
        _heed_wish(turn, offers, good, party)
    return good


async def _say_full(
    turn: Turn, occupancies: Sequence[Occupancy], party: str, some_free: bool
) -> None:
    stay = turn.stay
    check_in, check_out = stay.dates
    said = spanish.stay(check_in, check_out, turn.today)
    if some_free and len(occupancies) > 1:
        turn.say("utter_more_rooms_than_free", rooms_text=spanish.rooms(stay.rooms), stay=said)
    else:
        turn.say("utter_no_rooms", stay=said, party=party)
    nearest = await _nearest(turn, occupancies)
    turn.set(awaiting="dates", offers=None)
    if not nearest:
        turn.say("utter_no_nearest_dates")
        return
    lines = [
        f"• {spanish.stay(check_in, check_out, turn.today)}, desde {_price(offer)}"
        for check_in, check_out, offer in nearest
    ]
    turn.say(
        "utter_nearest_dates",
        lines="\n".join(lines),
        buttons=[_stay_button(check_in, check_out) for check_in, check_out, _ in nearest],
    )


async def _nearest(turn: Turn, occupancies: Sequence[Occupancy]) -> list[tuple[date, date, Offer]]:
    """The nearest stays of the same length with a room, with their cheapest offer, by date."""
    stay = turn.stay
    check_in, check_out = stay.dates
    wanted = nearby_stays(check_in, check_out, turn.today, NEARBY_DAYS)
    found: list[tuple[date, date, Offer]] = []
    for some in (wanted[start : start + 4] for start in range(0, len(wanted), 4)):
        answers = await asyncio.gather(
            *(turn.pms.offers(check_in, check_out, occupancies) for check_in, check_out in some)
        )
        for (check_in, check_out), offers in zip(some, answers, strict=True):
            good = suitable(offers, occupancies)
            if good:
                found.append((check_in, check_out, good[0]))
        if len(found) >= NEARBY_SHOWN:
            break
    return sorted(found[:NEARBY_SHOWN])


def _heed_wish(turn: Turn, offers: Sequence[Offer], good: Sequence[Offer], party: str) -> None:
    """Takes the room that the guest asked for by a word, or says why it cannot be had."""
    wish = turn.get("room_wish")
    stay = turn.stay
    check_in, check_out = stay.dates
    turn.set(room_wish=None)
    meant = rooms_by_word(plain(wish), [offer.room_type.id for offer in offers], turn.hotel)
    free = [offer.room_type.id for offer in good if offer.room_type.id in meant]
    only_asked = plain(wish) in plain(turn.text) and plain(wish) not in plain(
        without_questions(turn.text)
    )
    if len(free) == 1 and not only_asked:
        turn.set(room_type=free[0])
    elif not meant:
        turn.say("utter_wish_unknown", wish=wish)
    elif not free:
        asked = next(offer for offer in offers if offer.room_type.id in meant)
        if asked.rooms_free >= stay.rooms:
            turn.say("utter_wish_too_small", room=room_name(turn, asked), party=party)
        else:
            said = spanish.stay(check_in, check_out, turn.today)
            turn.say("utter_wish_full", room=room_name(turn, asked), stay=said)


def room_name(turn: Turn, offer: Offer) -> str:
    """What the hotel calls the room type before guests."""
    known = turn.hotel.rooms.get(offer.room_type.id)
    return known.name if known else offer.room_type.name


def _chosen(turn: Turn, offers: list[Offer]) -> Quote | None:
    """The quote of the room chosen; None when the offers were shown instead."""
    stay = turn.stay
    check_in, check_out = stay.dates
    chosen = turn.get("room_type")
    offer = next((offer for offer in offers if offer.room_type.id == chosen), None)
    if offer is None:
        if chosen:
            turn.set(room_type=None)
            if name := turn.hotel.rooms.get(chosen):
                said = spanish.stay(check_in, check_out, turn.today)
                turn.say("utter_wish_full", room=name.name, stay=said)
        _show(turn, offers)
        return None
    quote = quote_of(turn, stay, offer)
    if turn.get("offers") is None:
        turn.set(offers=remembered(turn, offers))
        if _missing_contact(turn):  # otherwise the summary says it all
            turn.say("utter_room_chosen", **_said(turn, quote))
    return quote


def _show(turn: Turn, offers: list[Offer]) -> None:
    stay = turn.stay
    check_in, check_out = stay.dates
    before, now = turn.get("offers"), remembered(turn, offers)
    turn.set(offers=now, awaiting="room_type")
    if len(offers) == 1:
        buttons = [button("Sí, resérvala"), button("No, otras fechas")]
    else:
        buttons = room_buttons(now)
    if before == now:
        if turn.get("heard"):
            turn.say("utter_noted")
        turn.say("utter_which_room", buttons=buttons)
        return
    turn.say(
        "utter_offers" if len(offers) > 1 else "utter_single_offer",
        stay=spanish.stay(check_in, check_out, turn.today),
        party=spanish.party(stay.adults or 0, stay.child_ages),
        rooms_suffix=f" en {spanish.rooms(stay.rooms)}" if stay.rooms > 1 else "",
        lines="\n".join(_line(turn, offer) for offer in offers),
        buttons=buttons,
    )


def remembered(turn: Turn, offers: list[Offer]) -> list[dict[str, Any]]:
    """The offers as the slot keeps them: what the guest saw, and the words that mean one alone."""
    rooms = turn.hotel.rooms
    words = {
        offer.room_type.id: [plain(word) for word in rooms[offer.room_type.id].synonyms]
        for offer in offers
        if offer.room_type.id in rooms
    }
    often = Counter(word for own in words.values() for word in own)
    return [
        {
            "words": [word for word in words.get(offer.room_type.id, []) if often[word] == 1],
            "id": offer.room_type.id,
            "name": room_name(turn, offer),
            "total": str(offer.total),
            "currency": offer.currency,
        }
        for offer in offers
    ]


def room_buttons(offers: list[dict[str, Any]]) -> list[Button]:
    """A button an offer as it is remembered: its name in short, and the stay's total."""
    return [
        button(
            f"{_short(offer['name'])}: "
            + spanish.short_money(Decimal(offer["total"]), offer["currency"]),
            offer["name"],
        )
        for offer in offers
    ]


def _short(name: str) -> str:
    """ "Habitación de Lujo" is "Lujo" on a button: what the room is goes without saying."""
    short = re.sub(r"^Habitación (de )?", "", name)
    return short[:1].upper() + short[1:]


def _line(turn: Turn, offer: Offer) -> str:
    known = turn.hotel.rooms.get(offer.room_type.id)
    about = f" ({known.description})" if known and known.description else ""
    return f"• {room_name(turn, offer)}: {_price(offer)}{about}"


def _price(offer: Offer) -> str:
    return spanish.money(offer.total, offer.currency)


def _rooms_suffix(rooms: int) -> str:
    return "" if rooms == 1 else f" ({spanish.rooms(rooms)})"


def _settled_contact(turn: Turn) -> bool:
    missing = _missing_contact(turn)
    if missing is None:
        return True
    return _ask(turn, missing, f"utter_ask_{missing}", first_name=turn.get("guest_name"))


def _missing_contact(turn: Turn) -> str | None:
    """What is to be asked next of the guest; None when all is known."""
    name = turn.get("guest_name")
    if name and " " not in name:
        return "guest_last_name"
    slots = ("guest_name", "guest_email", "guest_phone")
    return next((slot for slot in slots if not turn.get(slot)), None)


def _summarise(turn: Turn, quote: Quote) -> None:
    turn.set(quote=quote.to_dict(), summary=new_summary(), awaiting="booking_confirmation")
    turn.say(
        "utter_summary",
        name=turn.get("guest_name"),
        email=turn.get("guest_email"),
        phone=turn.get("guest_phone"),
        payment=turn.hotel.payment.at_booking,
        cancellation=turn.hotel.policies.cancellation,
        until=until(turn, quote),
        **_said(turn, quote),
    )


def quote_of(turn: Turn, stay: StayRequest, offer: Offer) -> Quote:
    """Raises `ValueError` while the stay has no dates."""
    check_in, check_out = stay.dates
    return Quote(
        check_in=check_in,
        check_out=check_out,
        adults=stay.adults or 0,
        child_ages=stay.child_ages,
        rooms=stay.rooms,
        room_type_id=offer.room_type.id,
        room_name=room_name(turn, offer),
        total=offer.total,
        currency=offer.currency,
        valid_until=turn.now + timedelta(minutes=turn.hotel.limits.quote_minutes),
    )


def new_summary() -> str:
    """Names a summary that is shown: one yes to it does one thing, however often it arrives."""
    return uuid.uuid4().hex


def until(turn: Turn, quote: Quote) -> str:
    """`las 11:00`, `mañana a las 0:30`."""
    tomorrow = "mañana a " if quote.valid_until.date() != turn.today else ""
    return f"{tomorrow}las {spanish.clock(quote.valid_until)}"


def _said(turn: Turn, quote: Quote) -> dict[str, Any]:
    return {
        "room": quote.room_name,
        "rooms_suffix": _rooms_suffix(quote.rooms),
        "stay": spanish.stay(quote.check_in, quote.check_out, turn.today),
        "party": spanish.party(quote.adults, quote.child_ages),
        "total": spanish.money(quote.total, quote.currency),
    }


def forget_stay(turn: Turn) -> None:
    turn.set(
        check_in=None,
        check_out=None,
        nights=None,
        stay_candidates=None,
        stay_period=None,
        adults=None,
        children=None,
        child_ages=None,
        rooms=None,
        rooms_proposed=None,
        room_wish=None,
        room_type=None,
        offers=None,
        quote=None,
        summary=None,
        keeps_departure=None,
        shift=None,
        party_shift=None,
    )


def stop(turn: Turn) -> None:
    """Drops what is under way."""
    said = {
        "booking": "utter_stopped",
        "modify": "utter_not_changed",
        "cancel": "utter_not_cancelled",
    }
    turn.say(said.get(turn.get("task"), "utter_nothing_to_stop"))
    forget_stay(turn)
    turn.set(task=None, awaiting=None)
