"""What each message brings: the standard hook of Rasa that runs before a rule is chosen.

Facts are kept whatever the intent is, so that a guest may give them in any order, beside a
question, or as a correction. `heard` names the facts this message brought, `problem` what in
it cannot be used.
"""

import re
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from actions._turn import DECIDES, HotelAction, Turn
from actions.choice import (
    chosen_offer,
    kinds_named,
    most_telling,
    wished_rooms,
    without_questions,
)
from actions.shifts import shift
from conserje.contact import InvalidContact, parse_email, parse_name, parse_phone
from conserje.text import plain

ABOUT_AN_EXISTING_BOOKING = {"cancel_booking", "check_booking", "modify_booking"}
WITH_A_BOOKING = ("check", "cancel", "modify")
"""Tasks that need a booking that there is."""
NOT_ABOUT_A_STAY = {"complain", "give_feedback", "request_service", "out_of_scope", "wait"}
ASKS_FOR_A_ROOM = {"ask_availability", "make_booking", "ask_price", "inform"}

_EXPLICIT_YES = re.compile(
    r"\b(si|reserv\w+|confirm\w+|hazl\w+|cancel\w+|cambial\w+|adelante|dale)\b"
)
_CHILDREN = re.compile(r"\bcon (?:l[oa]s|mis|nuestr[oa]s) (?:nin|hij|peque|chic|crios)\w*\b")
_SMALLER_PART = re.compile(r"\b(son|es|de ell[oa]s|entre ell[oa]s|incluyendo|contando)\b")
_MONTH = re.compile(
    r"\d[/.-]\d|\b(ene|feb|mar|abr|may|jun|jul|ago|sep|set|oct|nov|dic)[a-z]*\b", re.IGNORECASE
)
_ARRIVES = re.compile(r"\b(lleg\w+|entr\w+|check.?in)\b")
_REFERENCE = re.compile(r"\b[A-Z]{9}\b")
_LAST_NAME_ONLY = re.compile(r"^(?!.*\bnombre\b).*\bapellidos?\b")
_WRONG = re.compile(
    r"\b(mal|equivoc\w*|erron\w*|incorrect\w*|cambi\w*|corrig\w*|correg\w*|otr[oa]s?)\b"
)
_NAMED = {
    "guest_email": re.compile(r"\b(correo|e-?mail|mail|direccion de correo)\b"),
    "guest_phone": re.compile(r"\b(telefono|movil|celular|numero de contacto|whatsapp)\b"),
    "guest_name": re.compile(r"\b(nombre|apellidos?)\b"),
    "stay": re.compile(r"\b(fechas?|dias?|entrada|salida|llegada)\b"),
    "party": re.compile(r"\b(personas?|huespedes|gente|adultos?|ninos?)\b"),
    "room_type": re.compile(r"\b(habitacion(es)?|cuarto|tipo|apartamento)\b"),
}


_AS_BEFORE = {
    "stay": re.compile(
        r"\bmism[ao]s? (fechas?|dias?|noches?|estancia)\b|"
        r"\botr[ao] (habitacion|cuarto|apartamento|estudio|igual)\b|"
        r"\b(habitacion|cuarto|apartamento|estudio) mas\b"
    ),
    "room": re.compile(
        r"\b(mism[ao] (habitacion|cuarto|tipo)|otr[ao] (\w+ )?igual|"
        r"la misma(?! fecha| noche| estancia))\b"
    ),
    "party": re.compile(r"\b(los mismos|las mismas)(?! (fecha|dia|noche)s?)\b"),
}
"""What is to be as in the booking that was made or looked up before."""
_THAT_NIGHT = re.compile(r"\b(esa|esta|la|una sola|ese|este) (misma )?(noche|dia)\b")
_LATER_ONE = re.compile(r"\b(segund[ao]|ultim[ao]|otr[ao]|siguiente)\b")
_FIRST_ONE = re.compile(r"\b(primer[ao]?|est[ea]|es[ea]|proxim[ao])\b")
_ONE_OF_EACH = re.compile(r"\b(1|una?) .*\b(y|mas|con) (la |el )?(otr[ao]|1|una?)\b")
_ONE_ROOM_MORE = re.compile(
    r"\b(otr[ao]|una?) (habitacion|cuarto|apartamento|estudio) (mas|adicional|extra)\b"
)
_IN_EACH = re.compile(r"\bcada (1|una?|habitacion|cuarto|apartamento|estudio)\b")
_ONE_CHILD = re.compile(
    r"\b(?P<which>un[oa]?|1|el mayor|la mayor|el grande|la grande|el pequeno|la pequena|el menor|"
    r"la menor|el chico|la chica)(?: de (?:los|las|mis|ell[oa]s)(?: \w+)?)? "
    r"(?:tiene|es de|cumple)\b"
)


class ValidateSlots(HotelAction):
    def name(self) -> str:
        return "action_validate_slot_mappings"

    async def act(self, turn: Turn) -> None:
        turn.set(heard=[], problem=None)
        if turn.intent in ABOUT_AN_EXISTING_BOOKING or turn.get("task") in WITH_A_BOOKING:
            _existing_booking(turn)
        if _talks_of_a_change(turn):
            _shift(turn)
            _dates(turn)
            _party(turn)
            _room(turn)
            if turn.get("awaiting") == "change_confirmation" and _changed_mind(turn):
                turn.set(awaiting=None, quote=None, summary=None)
        elif _talks_of_a_new_stay(turn):
            before = turn.stay
            _withdrawn(turn)
            _dates(turn)
            _party(turn)
            _room(turn)
            _as_before(turn)
            _contact(turn)
            if turn.stay != before:
                turn.set(offers=None)
            if turn.get("heard"):
                # A summary that is no longer true must not be said yes to.
                turn.set(quote=None, summary=None)
                if turn.get("awaiting") == "booking_confirmation":
                    turn.set(awaiting=None)
        if turn.get("heard") or turn.intent not in ("nlu_fallback", "out_of_scope", "inform"):
            turn.set(misunderstandings=0)
        turn.set(asked=_asked(turn), paused=True if turn.intent == "wait" else None)


def _asked(turn: Turn) -> str | None:
    """The open question, as the rules need it."""
    awaiting = turn.get("awaiting")
    if awaiting not in DECIDES:
        return "other" if awaiting else None
    if turn.get("paused") and not _EXPLICIT_YES.search(plain(turn.text)):
        return "other"  # "espera" … "ya": the guest is back, which is no yes yet
    return str(awaiting)


def _talks_of_a_new_stay(turn: Turn) -> bool:
    if turn.get("task") == "booking":
        return turn.intent not in NOT_ABOUT_A_STAY and turn.intent not in {
            "cancel_booking",
            "check_booking",
        }
    if turn.get("task") in WITH_A_BOOKING:
        return turn.intent in ASKS_FOR_A_ROOM - {"inform"}
    return turn.intent not in NOT_ABOUT_A_STAY | ABOUT_AN_EXISTING_BOOKING


def _talks_of_a_change(turn: Turn) -> bool:
    """Of a booking that there is."""
    if turn.get("task") == "modify":
        others = NOT_ABOUT_A_STAY | {"cancel_booking", "check_booking", "make_booking"}
        return turn.intent not in others
    return turn.intent == "modify_booking" and turn.get("task") != "booking"


def _changed_mind(turn: Turn) -> bool:
    return bool(set(turn.get("heard")) - {"booking_reference", "booking_email"})


def _shift(turn: Turn) -> None:
    """ "Una noche más" is no stay of one night; a date that is named beside it says it all."""
    mention = turn.message.get("stay") or {}
    moved = shift(turn.text)
    if moved and not (mention.get("check_in") or mention.get("check_out")):
        turn.set(shift=moved)
        _hear(turn, "stay")


def _hear(turn: Turn, fact: str) -> None:
    turn.set(heard=[*turn.get("heard"), fact])


def _object(turn: Turn, field: str, reason: str, **more: Any) -> None:
    turn.set(problem={"field": field, "reason": reason, **more})
    _hear(turn, field)


def _withdrawn(turn: Turn) -> None:
    """ "El correo está mal": forgets it, so that it is asked again."""
    if turn.get("task") != "booking":
        return
    text = plain(turn.text)
    if turn.get("awaiting") != "change" and not _WRONG.search(text):
        return
    if "mism" in text:  # "otra para las mismas fechas" takes nothing back
        return
    brought = {
        "guest_email": turn.entities("email"),
        "guest_phone": turn.entities("phone"),
        "guest_name": turn.entities("name"),
        "stay": turn.message.get("stay"),
        "party": turn.message.get("party"),
        "room_type": turn.entities("room_type"),
    }
    for fact, pattern in _NAMED.items():
        if pattern.search(text) and not brought[fact]:
            _forget(turn, fact)
            _hear(turn, fact)


def _forget(turn: Turn, fact: str) -> None:
    if fact == "stay":
        turn.set(check_in=None, check_out=None, nights=None, stay_candidates=None)
    elif fact == "party":
        turn.set(adults=None, children=None, child_ages=None, rooms=None)
    elif fact == "room_type":
        turn.set(room_type=None, room_wish=None)
    else:
        turn.set(**{fact: None})


def _dates(turn: Turn) -> None:
    mention: dict[str, Any] | None = turn.message.get("stay") or _pointed_out(turn)
    if not mention or turn.get("shift"):
        return
    wanted = turn.intent in ASKS_FOR_A_ROOM or turn.get("task") in ("booking", "modify")
    if turn.intent == "modify_booking":
        wanted = True
        turn.set(keeps_departure=bool(_ARRIVES.search(plain(turn.text))) or None)
    if mention.get("problem"):
        if wanted and turn.intent in ASKS_FOR_A_ROOM | {"affirm", "deny", "modify_booking"}:
            _object(turn, "stay", mention["problem"], candidates=mention.get("candidates"))
            turn.set(stay_period=mention.get("period"))
        return
    if mention.get("candidates"):
        arrivals = {check_in for check_in, _ in mention["candidates"]}
        turn.set(
            stay_candidates=mention["candidates"],
            check_in=arrivals.pop() if len(arrivals) == 1 else None,
            check_out=None,
        )
        _hear(turn, "stay")
        return
    check_in, check_out = _one_of_those_offered(turn, mention) or _merged_dates(turn, mention)
    problem = _refusal(turn, check_in, check_out)
    if problem:
        _object(turn, "stay", problem)
        return
    turn.set(
        check_in=check_in and check_in.isoformat(),
        check_out=check_out and check_out.isoformat(),
        nights=mention.get("nights") or (None if mention.get("check_out") else turn.get("nights")),
        stay_candidates=None,
        stay_period=None,
    )
    _hear(turn, "stay")


def _pointed_out(turn: Turn) -> dict[str, Any] | None:
    """ "El primero" of the dates we asked about, and "solo esa noche", as a mention of a stay."""
    said = plain(turn.text)
    nothing: dict[str, Any] = {"nights": None, "spans": []}
    offered = turn.get("stay_candidates") or []
    if turn.get("awaiting") == "check_out" and _THAT_NIGHT.search(said):
        return {**nothing, "nights": 1}
    if turn.get("awaiting") != "dates" or not offered or turn.intent not in ("inform", "affirm"):
        return None
    later = _LATER_ONE.search(said)
    if later is None and not _FIRST_ONE.search(said):
        return None
    at = 1 if later and later.group().startswith("segund") else -1 if later else 0
    check_in, check_out = offered[at]
    return {**nothing, "check_in": check_in, "check_out": check_out}


def _as_before(turn: Turn) -> None:
    """ "Otra habitación", "los mismos días", said once there is a booking."""
    booking = turn.get("booking") or {}
    if "check_in" not in booking:
        return
    said = plain(turn.text)
    stay = turn.stay
    told = stay.check_in or stay.check_out or turn.get("stay_candidates") or turn.heard("stay")
    to_come = booking["check_in"] >= turn.today.isoformat()
    if not told and to_come and _AS_BEFORE["stay"].search(said):
        turn.set(check_in=booking["check_in"], check_out=booking["check_out"])
        _hear(turn, "stay")
    if stay.adults is None and _AS_BEFORE["party"].search(said):
        ages = list(booking["child_ages"])
        turn.set(adults=booking["adults"], children=len(ages), child_ages=ages)
        _hear(turn, "party")
    if not turn.heard("room_type") and _AS_BEFORE["room"].search(said):
        turn.set(room_type=booking["room_type"], room_wish=None)
        _hear(turn, "room_type")


def _one_of_those_offered(turn: Turn, mention: dict[str, Any]) -> tuple[date, date] | None:
    """ "Del jueves al domingo", said of the dates we asked about, is those and not the next."""
    said = _day(mention.get("check_in")), _day(mention.get("check_out"))
    if any(map(str.isdigit, turn.text)) or None in said:
        return None
    weekdays = [day.weekday() for day in said if day]
    for candidate in turn.get("stay_candidates") or []:
        check_in, check_out = _day(candidate[0]), _day(candidate[1])
        if check_in and check_out and [check_in.weekday(), check_out.weekday()] == weekdays:
            return check_in, check_out
    return None


def _merged_dates(turn: Turn, mention: dict[str, Any]) -> tuple[date | None, date | None]:
    """The stay with what this message says of it: one end may be corrected alone."""
    said_in, said_out = _day(mention.get("check_in")), _day(mention.get("check_out"))
    nights = mention.get("nights")
    known = turn.stay
    if said_in is None and said_out and said_out == known.check_in:
        return known.check_in, None  # the day of arrival, said again
    if said_in and said_out and (moved := _into_period(turn, mention, said_in)):
        return moved, moved + (said_out - said_in)
    if said_in is None and said_out is not None and nights:
        return said_out - timedelta(nights), said_out
    check_in = said_in or known.check_in
    if said_out:
        return check_in, said_out
    arrives = said_in and not nights and _ARRIVES.search(plain(turn.text))
    if check_in and known.check_out and known.check_out > check_in and arrives:
        return check_in, known.check_out  # "llegamos el 2" leaves the departure where it was
    nights = nights or turn.get("nights")
    if check_in and nights:
        return check_in, check_in + timedelta(nights)
    if check_in and known.check_out and known.check_out > check_in:
        return check_in, known.check_out
    return check_in, None


def _into_period(turn: Turn, mention: dict[str, Any], day: date) -> date | None:
    """ "A finales de marzo" … "del 28 al 30" is in March, though November is nearer."""
    period = turn.get("stay_period")
    if not period or any(_MONTH.search(str(span["value"])) for span in mention["spans"]):
        return None
    first, last = map(date.fromisoformat, period)
    days = (first + timedelta(ahead) for ahead in range((last - first).days + 1))
    return next((one for one in days if one.day == day.day), None)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _refusal(turn: Turn, check_in: date | None, check_out: date | None) -> str | None:
    limits = turn.hotel.limits
    if check_in and check_in < turn.today:
        return "past"
    if check_in and check_out and check_out <= check_in:
        return "reversed"
    if check_in and check_out and (check_out - check_in).days > limits.max_nights:
        return "too_long"
    if check_in and check_in > turn.today + relativedelta(months=limits.max_months_ahead):
        return "too_far"
    return None


def _party(turn: Turn) -> None:
    mention: dict[str, Any] = turn.message.get("party") or {}
    if turn.get("task") == "booking" and _ONE_ROOM_MORE.search(plain(turn.text)):
        turn.set(rooms=turn.stay.rooms + 1, rooms_proposed=None)
        _hear(turn, "rooms")
        mention = mention and {**mention, "rooms": None}
    if not mention:
        return
    if mention.get("more_adults") or mention.get("more_children"):
        _party_shift(turn, mention)
        return
    ages = list(mention.get("child_ages") or [])
    babies = mention.get("babies") or 0
    ages += [0] * max(0, babies - ages.count(0))
    children = max(mention.get("children") or 0, len(ages))
    if len(ages) == 1 and (mention.get("children") or 0) <= 1 and _age_of_one(turn, ages[0]):
        return
    adults = _adults(turn, mention)
    uncounted = adults and not (children or mention.get("people") or mention.get("children") == 0)
    if uncounted and _CHILDREN.search(plain(turn.text)):
        adults, mention = None, {**mention, "people": adults}  # how many children?
    each = mention.get("rooms") or turn.stay.rooms
    if each > 1 and _IN_EACH.search(plain(turn.text)):
        adults, children, ages = (adults or 0) * each or None, children * each, ages * each
    if adults is None and mention.get("people"):
        turn.set(adults=None, children=None, child_ages=None)
        _hear(turn, "party")
        return
    if turn.get("rooms_proposed") and not mention.get("rooms"):
        turn.set(rooms=None, rooms_proposed=None)  # ours was for another party
    if adults is not None:
        turn.set(adults=adults)
        if mention.get("children") == 0:
            turn.set(children=0, child_ages=[])
    if children:
        if turn.get("awaiting") == "child_ages" and ages and mention.get("children") is None:
            ages = [*(turn.get("child_ages") or []), *ages][: max(turn.stay.children, len(ages))]
            children = max(turn.stay.children, len(ages))
        turn.set(children=children, child_ages=ages)
    elif mention.get("children") == 0:
        turn.set(children=0, child_ages=[])
    if mention.get("rooms"):
        more = re.search(r"\b(habitacion(es)?|cuartos?) mas\b", plain(turn.text))
        known = turn.stay.rooms if more else 0
        turn.set(rooms=known + mention["rooms"], rooms_proposed=None)
        _hear(turn, "rooms")
    if adults is not None or children or mention.get("children") == 0:
        _hear(turn, "party")


def _age_of_one(turn: Turn, years: int) -> bool:
    """ "El mayor tiene 12" corrects one of several children; which, may have to be asked."""
    known = sorted(turn.get("child_ages") or [])
    one = _ONE_CHILD.search(plain(turn.text))
    if one is None or len(known) < 2:
        return False
    which = one["which"].split()[-1]
    if which in ("mayor", "grande"):
        known[-1] = years
    elif which in ("pequeno", "pequena", "menor", "chico", "chica"):
        known[0] = years
    else:
        known = []
    turn.set(child_ages=known)
    _hear(turn, "party")
    return True


def _party_shift(turn: Turn, mention: dict[str, Any]) -> None:
    """ "Una persona más", "al final no viene el niño": of the party that was told, or booked."""
    adults, children = mention.get("more_adults") or 0, mention.get("more_children") or 0
    _hear(turn, "party")
    if turn.get("adults") is None:
        turn.set(party_shift=(adults, children))  # nobody yet to add to, or a booking's guests
        return
    told = tuple(mention.get("child_ages") or ())
    stay = turn.stay.with_more(adults, children, told)
    turn.set(adults=stay.adults, children=stay.children, child_ages=list(stay.child_ages))


def _adults(turn: Turn, mention: dict[str, Any]) -> int | None:
    """ "Somos tres" keeps the children already told of; "familia de cinco" has to be asked."""
    adults, people = mention.get("adults"), mention.get("people")
    known = turn.get("children") or 0
    if adults is None and not known and _SMALLER_PART.search(plain(turn.text)):
        among = int(turn.get("adults") or 0) - int(mention.get("children") or 0)
        return among if among > 0 and mention.get("children") else None
    if mention.get("children") is None and known and people and people > known:
        return people if "adult" in plain(turn.text) else int(people) - int(known)
    return adults


def _room(turn: Turn) -> None:
    offers = turn.get("offers") or []
    stated = without_questions(turn.text)
    one_of_each = turn.get("task") != "modify" and _ONE_OF_EACH.search(plain(stated))
    if one_of_each and len(kinds_named(stated, turn.hotel)) > 1:
        _object(turn, "rooms", "unlike")
        return
    answering = turn.get("awaiting") == "room_type"
    chosen = chosen_offer(stated, offers, answering=answering, hotel=turn.hotel)
    if chosen is not None:
        turn.set(room_type=chosen, room_wish=None)
        _hear(turn, "room_type")
        return
    if turn.intent not in ASKS_FOR_A_ROOM | {"affirm", "deny", "modify_booking"}:
        return
    full = bool(turn.message.get("stay") or turn.entities("email"))
    wishes = [*turn.entities("room_type"), *wished_rooms(turn.text, turn.hotel, bare=full)]
    if wishes:
        turn.set(room_wish=most_telling([str(wish) for wish in wishes], turn.hotel), room_type=None)
        _hear(turn, "room_type")


def _contact(turn: Turn) -> None:
    awaiting = turn.get("awaiting")
    emails, phones = turn.entities("email"), turn.entities("phone")
    names = turn.entities("name") if _names_count(turn) else []
    if emails or (awaiting == "guest_email" and "@" in turn.text):
        _take(turn, "guest_email", lambda: parse_email(emails[-1] if emails else turn.text))
    if phones or (awaiting == "guest_phone" and _only_digits(turn.text)):
        _take(
            turn,
            "guest_phone",
            lambda: _dialled(phones[-1] if phones else turn.text, turn),
        )
    if names:
        said = str(names[-1])
        known = plain(turn.get("guest_name") or "")
        if plain(said).startswith(f"{known} "):
            pass  # the first name said again, with the surnames
        elif awaiting == "guest_last_name" and len(said.split()) < 3:
            said = f"{turn.get('guest_name')} {said}"
        elif _LAST_NAME_ONLY.search(plain(turn.text)) and " " in (turn.get("guest_name") or ""):
            said = f"{parse_name(turn.get('guest_name')).first} {said}"
        _name(turn, said)


def _dialled(said: str, turn: Turn) -> str:
    """The number as dialled in the hotel's country, else in that of the guest's e-mail address."""
    try:
        return parse_phone(said, turn.hotel.country)
    except InvalidContact:
        country = str(turn.get("guest_email") or "").rpartition(".")[2].upper()
        if len(country) != 2:
            raise
        return parse_phone(said, country)


def _names_count(turn: Turn) -> bool:
    """A name that only looks like one ("Habitación Deluxe") counts where names are given."""
    given = any(
        one["entity"] == "name" and one.get("extractor") == "ContextualAnswers"
        for one in turn.message.get("entities") or []
    )
    asked = turn.get("awaiting") in ("guest_name", "guest_last_name")
    return given or asked or bool(turn.entities("email") or turn.entities("phone"))


def _only_digits(text: str) -> bool:
    """ "12", "tel: 555": something meant as a number, though it is none to call."""
    return any(map(str.isdigit, text)) and sum(map(str.isalpha, text)) <= 12


def _name(turn: Turn, said: str) -> None:
    try:
        name = parse_name(said)
    except InvalidContact as error:
        if error.reason == "missing_last_name":
            turn.set(guest_name=said.strip().title())
            _hear(turn, "guest_name")
        else:
            _object(turn, "guest_name", error.reason)
        return
    turn.set(guest_name=f"{name.first} {name.last}")
    _hear(turn, "guest_name")


def _take(turn: Turn, slot: str, parse: Any) -> None:
    try:
        value = parse()
    except InvalidContact as error:
        turn.set(**{slot: None})
        _object(turn, slot, error.reason)
        return
    turn.set(**{slot: value})
    _hear(turn, slot)


def _existing_booking(turn: Turn) -> None:
    """Reference and e-mail of a booking that the guest says there is."""
    reference = _reference(turn)
    if reference:
        if reference != turn.get("booking_reference"):
            turn.set(booking=None)
        turn.set(booking_reference=reference)
        _hear(turn, "booking_reference")
    emails = turn.entities("email")
    if emails:
        try:
            turn.set(booking_email=parse_email(emails[-1]), booking=None)
            _hear(turn, "booking_email")
        except InvalidContact as error:
            _object(turn, "booking_email", error.reason)


def _reference(turn: Turn) -> str | None:
    found = _REFERENCE.findall(turn.text)
    if found:
        return str(found[-1])
    if turn.get("awaiting") == "booking_reference" and turn.intent == "inform":
        letters = re.sub(r"[\s.,-]+", "", turn.text).upper()
        if re.fullmatch(r"[A-Z]{9}", letters):
            return letters
        nine = [word for word in re.findall(r"[^\W\d_]+", turn.text) if len(word) == 9]
        if nine:
            return str(nine[-1]).upper()
    named = [str(value) for value in turn.entities("booking_reference")]
    return named[-1].upper() if named else None
