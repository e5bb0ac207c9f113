"""What the hotel says of itself: only its own facts, never an invented one."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

from actions._turn import HotelAction, Turn
from actions.choice import rooms_by_word
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
_CHEAP = re.compile(r"\b(barat\w*|economic\w*|car[ao]s?|descuent\w*|rebaj\w*|oferta\w*|promo\w*)\b")


_A_NIGHT = re.compile(r"\b(por|cada|la|una) (noche|dia)\b")
_INCLUDED = re.compile(
    r"\b(que|todo|esta\w*|va|viene) (lo que )?inclu\w+|\binclu\w+ (el|la|en el) (precio|tarifa)"
)
_ASKS_HOURS = re.compile(
    r"\b(a que hora|desde que hora|horario)\b.{0,25}"
    r"\b(entr\w+|check.?(in|out)|salid\w+|salir|llegar)\b|"
    r"\bhoras? de (entrada|salida|check)|\bde check.?(in|out)\b"
)
_ASKS_PAYMENT = re.compile(
    r"\b(como|cuando|donde) (se |puedo |hay que |tengo que )*pag\w+|"
    r"\b(se puede|puedo|podemos) pagar\b|\bhay que pagar\b|\b(aceptan|aceptais) tarjetas?\b"
)
_BRINGS_PET = re.compile(r"\b(mascotas?|perr(o|a|ito|ita)s?|gat(o|a|ito|ita)s?)\b")
_SERVICE_HOURS = re.compile(r"\b(a que hora|horarios?|abren?|cierran?)\b")
_TELL_AMENITIES = {
    "ask_checkin_checkout_time",
    "ask_location",
    "ask_policies",
    "ask_payment",
    "ask_recommendations",
}


class Answer(HotelAction):
    """Answers a question about the hotel from `hotels/*.yml`."""

    def name(self) -> str:
        return "action_answer"

    async def act(self, turn: Turn) -> None:
        answers = {
            "ask_checkin_checkout_time": _hours,
            "ask_location": _location,
            "ask_policies": _policies,
            "ask_payment": _payment,
            "ask_recommendations": _recommendations,
        }
        said = plain(turn.text)
        named = rooms_by_word(said, list(turn.hotel.rooms), turn.hotel)  # "¿qué incluye la deluxe?"
        if turn.intent != "ask_policies" and not named and _INCLUDED.search(said):
            _included(turn)
        elif turn.intent == "ask_room_info":
            await _rooms(turn)
        elif turn.intent == "ask_price":
            await _price(turn)
        elif turn.intent == "ask_amenities":
            await _amenities(turn)
        else:
            answers[turn.intent](turn)
        tell_the_rest(turn)


def tell_the_rest(turn: Turn) -> None:
    """What a message asks for beside what its intent says."""
    said = plain(turn.text)
    if turn.intent != "ask_checkin_checkout_time" and _ASKS_HOURS.search(said):
        _hours(turn)
    if turn.intent != "ask_payment" and _ASKS_PAYMENT.search(said):
        _payment(turn)
    if turn.intent != "ask_policies" and _BRINGS_PET.search(said) and turn.hotel.policies.pets:
        _tell(turn, turn.hotel.policies.pets)
    if turn.intent in _TELL_AMENITIES or (
        turn.intent == "request_service" and _SERVICE_HOURS.search(said)
    ):
        known = {plain(name) for name in turn.hotel.amenities}
        beside = [str(name) for name in turn.entities("amenity") if plain(name) in known]
        if beside:
            tell_amenities(turn, beside)


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


def _named_amenities(turn: Turn) -> list[str]:
    """As the entities say, else the hotel's own names that stand in the text."""
    said = plain(turn.text)
    there = [name for name in turn.hotel.amenities if re.search(rf"\b{plain(name)}\b", said)]
    return list(dict.fromkeys(str(value) for value in turn.entities("amenity"))) or there


async def _amenities(turn: Turn) -> None:
    asked = _named_amenities(turn)
    known = turn.hotel.amenities
    if not asked and rooms_by_word(plain(turn.text), list(turn.hotel.rooms), turn.hotel):
        await _rooms(turn)  # "¿Qué incluye la deluxe?"
        return
    if not asked:
        there = [name for name, amenity in known.items() if amenity.available]
        turn.say("utter_amenities", amenities=spanish.enumeration(there))
        return
    tell_amenities(turn, asked)


def tell_amenities(turn: Turn, asked: Sequence[str] = ()) -> None:
    """What the hotel says of the amenities in `asked`, or of those that the message names."""
    by_plain = {plain(name): amenity for name, amenity in turn.hotel.amenities.items()}
    for name in asked or _named_amenities(turn):
        amenity = by_plain.get(plain(name))
        if amenity:
            turn.say("utter_fact", answer=amenity.answer)
        else:
            turn.say("utter_amenity_unknown", amenity=name)
            _offer_human_unless_busy(turn)


def _policies(turn: Turn) -> None:
    said = plain(turn.text)
    topics = [topic for topic, words in _POLICIES.items() if re.search(rf"\b({words})\b", said)]
    policies = turn.hotel.policies
    if topics:
        for topic in topics[:2]:
            _tell(turn, getattr(policies, topic))
    else:
        _tell(turn, "\n".join(text for text in policies.dict().values() if text))


def _included(turn: Turn) -> None:
    """What the price is for, and the breakfast, of which most people think."""
    turn.say("utter_price_includes")
    named = _named_amenities(turn)
    breakfast = [name for name in turn.hotel.amenities if plain(name) == "desayuno"]
    if named or breakfast:
        tell_amenities(turn, named or breakfast)


async def _rooms(turn: Turn) -> None:
    """The room asked about, or all of them."""
    everything = list(turn.hotel.rooms)
    asked = rooms_by_word(plain(turn.text), everything, turn.hotel) or everything
    types: dict[str, RoomType] = {}
    with suppress(PmsError):  # without the PMS, its capacities are left out and the rest is told
        known = await turn.pms.room_types_known()
        types = {room_type.id: room_type for room_type in known.room_types}
        if known.stale:
            turn.say("utter_rooms_stale")
    totals = {
        offer["id"]: f", {spanish.money(Decimal(offer['total']), offer['currency'])}"
        for offer in turn.get("offers") or []
    }
    lines = [
        f"• {room.name}{totals.get(room_id, '')}"
        + (f": {room.description}" if room.description else "")
        + (f" (hasta {types[room_id].max_guests} personas)" if room_id in types else "")
        for room_id, room in turn.hotel.rooms.items()
        if room_id in asked
    ]
    if len(lines) == 1:
        turn.say("utter_fact", answer=lines[0].removeprefix("• "))
    else:
        turn.say("utter_rooms", lines="\n".join(lines))


async def _price(turn: Turn) -> None:
    """The price of what is being talked about; `action_resume` asks what is missing for it."""
    offers, chosen = turn.get("offers") or [], turn.get("room_type")
    said = plain(turn.text)
    named = rooms_by_word(said, [offer["id"] for offer in offers], turn.hotel)
    about = named[0] if len(named) == 1 else chosen
    if turn.entities("amenity"):
        await _amenities(turn)
    elif turn.heard("stay", "party", "room_type"):
        turn.set(task="booking")
    elif offers and _CHEAP.search(said):
        _cheaper(turn, offers, chosen)
    elif picked := [offer for offer in offers if offer["id"] == about]:
        _say_total(turn, "utter_room_total", picked[0])
    elif offers and _A_NIGHT.search(said):
        _say_nights(turn, offers)
    elif offers:
        turn.set(offers=None)  # so that all of them are shown again
    elif not turn.stay.check_in:
        await _price_hint(turn)


def _cheaper(turn: Turn, offers: Sequence[dict[str, str]], chosen: str | None) -> None:
    cheapest = min(offers, key=lambda offer: Decimal(offer["total"]))
    is_that = cheapest["id"] == chosen
    _say_total(turn, "utter_cheapest_already" if is_that else "utter_cheapest", cheapest)


def _say_total(turn: Turn, response: str, offer: dict[str, str]) -> None:
    if _A_NIGHT.search(plain(turn.text)):
        _say_nights(turn, [offer])
        return
    total = spanish.money(Decimal(offer["total"]), offer["currency"])
    turn.say(response, room=offer["name"], total=total)


def _say_nights(turn: Turn, offers: Sequence[dict[str, str]]) -> None:
    """The same totals by the night, on average."""
    check_in, check_out = turn.stay.dates
    nights = (check_out - check_in).days
    for offer in offers:
        total, currency = Decimal(offer["total"]), offer["currency"]
        turn.say(
            "utter_room_nights",
            room=offer["name"],
            night=spanish.money(total / nights, currency),
            total=spanish.money(total, currency),
        )


async def _price_hint(turn: Turn) -> None:
    """Tomorrow's price for two, as a first idea, and the question for the dates."""
    night = turn.today + timedelta(1)
    couple = (Occupancy(2),)
    offers = suitable(await turn.pms.offers(night, night + timedelta(1), couple), couple)
    if offers:
        price = spanish.money(offers[0].total, offers[0].currency)
        turn.say("utter_price_hint", day=spanish.day(night), price=price)
    else:
        turn.say("utter_price_depends")
    if not turn.get("task"):
        turn.set(awaiting="dates")
        turn.say("utter_ask_dates")
