"""What the hotel says of itself: only its own facts, never an invented one."""

import re
from contextlib import suppress
from datetime import timedelta

from actions._turn import HotelAction, Turn
from actions.handover import offer_human
from conserje import spanish
from conserje.pms import Occupancy, PmsError, RoomType
from conserje.stay_request import suitable
from conserje.text import plain

_POLICIES = {
    "pets": r"mascotas?|perr\w+|gat[oa]s?|animal\w*|pet",
    "smoking": r"fum\w+|cigarr\w+|tabaco|vape\w*|puro",
    "children": r"nin[oa]s?|menor\w*|bebes?|hij[oa]s?|edad|chic[oa]s?|guaguas?|famili\w+",
    "visitors": r"visit\w+|invitad\w+|amig[oa]s?|acompan\w+|traer a",
    "outside_food": r"comida|bebidas?|alcohol|comer|cerveza|cocinar|pedir",
    "cancellation": r"cancel\w+|anul\w+|reembols\w+|devol\w+|devuelv\w+|penaliza\w+|no (puedo )?ir",
    "general": r"silencio|ruido|fiesta\w*|documento|dni|pasaporte|norma\w*|regla\w*|horario",
}


class Answer(HotelAction):
    """Answers a question about the hotel from `hotels/*.yml`."""

    def name(self) -> str:
        return "action_answer"

    async def act(self, turn: Turn) -> None:
        answers = {
            "ask_checkin_checkout_time": _hours,
            "ask_amenities": _amenities,
            "ask_location": _location,
            "ask_policies": _policies,
            "ask_payment": _payment,
            "ask_recommendations": _recommendations,
        }
        if turn.intent == "ask_room_info":
            await _rooms(turn)
        elif turn.intent == "ask_price":
            await _price_hint(turn)
        else:
            answers[turn.intent](turn)


def _tell(turn: Turn, answer: str | None) -> None:
    if answer:
        turn.say("utter_fact", answer=answer)
    else:
        turn.say("utter_fact_unknown")
        _offer_human_unless_busy(turn)


def _offer_human_unless_busy(turn: Turn) -> None:
    if not turn.get("task"):
        offer_human(turn)


def _hours(turn: Turn) -> None:
    turn.say("utter_checkin_checkout")
    if turn.hotel.arrival.notes:
        turn.say("utter_fact", answer=turn.hotel.arrival.notes)


def _location(turn: Turn) -> None:
    place = turn.hotel.place
    turn.say("utter_location")
    more = [place.directions, place.nearby, place.maps_url]
    if any(more):
        turn.say("utter_fact", answer="\n".join(line for line in more if line))


def _payment(turn: Turn) -> None:
    _tell(turn, turn.hotel.payment.answer)


def _recommendations(turn: Turn) -> None:
    _tell(turn, turn.hotel.place.recommendations or turn.hotel.place.nearby)


def _amenities(turn: Turn) -> None:
    asked = list(dict.fromkeys(str(value) for value in turn.entities("amenity")))
    known = turn.hotel.amenities
    if not asked:
        asked = [name for name in known if plain(name) in plain(turn.text)]
    if not asked:
        there = [name for name, amenity in known.items() if amenity.available]
        turn.say("utter_amenities", amenities=spanish.enumeration(there))
        return
    by_plain = {plain(name): amenity for name, amenity in known.items()}
    for name in asked:
        amenity = by_plain.get(plain(name))
        if amenity:
            turn.say("utter_fact", answer=amenity.answer)
        else:
            turn.say("utter_amenity_unknown", amenity=name)
            _offer_human_unless_busy(turn)


def _policies(turn: Turn) -> None:
    said = plain(turn.text)
    topics = [
        topic for topic, words in _POLICIES.items() if re.search(rf"\b({words})\b", said)
    ]
    policies = turn.hotel.policies
    if topics:
        for topic in topics[:2]:
            _tell(turn, getattr(policies, topic))
    else:
        _tell(turn, "\n".join(text for text in policies.dict().values() if text))


async def _rooms(turn: Turn) -> None:
    types: dict[str, RoomType] = {}
    with suppress(PmsError):  # without the PMS, its capacities are left out and the rest is told
        types = {room_type.id: room_type for room_type in await turn.pms.room_types()}
    lines = [
        f"• {room.name}"
        + (f": {room.description}" if room.description else "")
        + (f" (hasta {types[room_id].max_guests} personas)" if room_id in types else "")
        for room_id, room in turn.hotel.rooms.items()
    ]
    turn.say("utter_rooms", lines="\n".join(lines))


async def _price_hint(turn: Turn) -> None:
    """Tomorrow's price for two, as a first idea; the dates are asked next."""
    if not turn.get("task"):
        turn.set(task="booking")
    stay = turn.stay
    if stay.check_in and stay.check_out:
        return
    night = turn.today + timedelta(1)
    couple = (Occupancy(2),)
    offers = suitable(await turn.pms.offers(night, night + timedelta(1), couple), couple)
    if offers:
        price = spanish.money(offers[0].total, offers[0].currency)
        turn.say("utter_price_hint", day=spanish.day(night), price=price)
    else:
        turn.say("utter_price_depends")
