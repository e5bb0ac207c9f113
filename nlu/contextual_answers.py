"""An answer to what was just asked is an answer, whatever it looks like on its own.

"Ruiz", "dos", "la segunda" or "5 y 8" mean little alone. The question that is open (slot
`awaiting`) makes them `inform`; a question or another wish of the guest stays what it is.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.component import RuleComponent
from nlu.entities import Entity, add_entities, entity
from nlu.plain_text import plain_text

_KEEP = {"stop", "start_over", "ask_human", "cancel_booking", "check_booking"}
_MAY_CARRY_A_FACT = {
    "inform",
    "make_booking",
    "ask_availability",
    "ask_price",
    "ask_room_info",
    "modify_booking",
    "greet",
    "thank",
    "wait",
    "out_of_scope",
    "nlu_fallback",
}
"""What a statement with a fact may be taken for, on its own, while a room is being booked."""
_BOOKING_FACTS = {"stay", "party", "email", "phone", "name", "room_type"}
_MAY_BE_TRIED_AGAIN = {
    "retry",
    "booking_confirmation",
    "cancellation_confirmation",
    "change_confirmation",
}
_YES_OR_NO = {"affirm", "deny"}
_SURE = 0.8
_UNSURE = 0.5
_ANSWERED_BY = {
    "guest_name": {"name", "email", "phone"},
    "guest_last_name": {"name", "email", "phone"},
    "dates": {"stay"},
    "check_out": {"stay"},
    "party": {"party"},
    "child_ages": {"party"},
    "rooms": {"party"},
    "guest_email": {"email"},
    "booking_email": {"email"},
    "guest_phone": {"phone"},
    "booking_reference": {"booking_reference"},
}
_QUESTION = re.compile(
    r"\?|^(?:(?:y|pero|oye|hola|perdon|disculp\w+|ah|una pregunta)\W+)*"
    r"(?:que(?! (?:la|el|si|no|ya|te|me|quiero)\b)|como|puedo|pued\w+|por que|podria\w*)\b"
    r"|\b(cual\w*|cuant\w*|cuando|donde|quien\w*|hay|tienen|teneis|tenes|tienes|se puede|"
    r"aceptan|admiten|incluye\w*)\b"
)
_AGAIN = re.compile(
    r"\b(otra vez|de nuevo|nuevamente|reintent\w+|intent\w+|prueb\w+|prob\w+|ahora|ya)\b"
)
_CALL_ME = re.compile(
    r"\b(avis\w+|escrib\w+|llam\w+|dime|digan?me|cuando (vuelva|funcione|este))\b"
)
"""Wants to be told when what failed works again."""
_CHANGE_IT = re.compile(
    r"^(?:(?:si|vale|ok|claro|dale|venga|perfecto|por favor)\W+)*"
    r"(?:cambi|modific|actualiz|hag|haz)\w*(?:l[ao]|me(?:l[ao])?)\b"
)
_NOT_AGAIN = re.compile(r"^no\b|\b(empe\w+|comen\w+|cero|principio)\b")
_REFUSES = re.compile(
    r"^(?:pero |es que |yo )*(?:no (?:te |les? |lo |la |me |se )*(?:quiero|tengo|uso|doy|dare|"
    r"puedo|acuerdo|recuerdo|pienso|deseo)|prefiero no|mejor no|sin (?:correo|telefono|mail))\b"
)
_SOMEBODY = re.compile(
    r"\b(personas?|human[oa]|alguien|recepcion\w*|agente|operador\w*|asesor\w*|encargad[oa]|"
    r"llam\w+|hablar|comuni\w+|atiend\w+)\b"
)
_WHAT_FOR = re.compile(
    r"\b(necesari[oa]|obligatori[oa]|imprescindible|hace falta|para que|por que|tengo que)\b"
)
_THINKS_IT_OVER = re.compile(
    r"\b(?:lo (?:pienso|pensare|consulto|hablo|miro|veo)|"
    r"(?:pensar|consultar|hablar)l[oa]|dej\w+ (?:que )?(?:lo )?(?:pens|consult)\w+|"
    r"y (?:te|les?|os) (?:digo|aviso|confirmo)|"
    r"(?:te|les?|os) (?:digo|aviso|confirmo) (?:luego|despues|algo|cosas|manana|mas tarde))\b"
)
_WHICH_DATES = re.compile(
    r"\b(?:primer[ao]?s?|segund[ao]s?|ultim[ao]s?|est[ea]|es[ea]|otr[ao]s?|siguiente|proxim[ao])\b"
)
_THAT_NIGHT = re.compile(
    r"(?:(?:solo|solamente|nada mas|nomas|unicamente|seria|es|no|por|y) )*"
    r"(?:esa|esta|la|una sola|ese|este) (?:misma? )?(?:noche|dia)(?: (?:nada mas|nomas|solo|y ya))*"
)
_MOST = re.compile(r"\b(?:la|el) mas \w+")
_BY_PRICE = re.compile(r"\bla (?:(?:mas )?(?:barata|economica)|mas cara)\b")
_CORRECTS = re.compile(
    r"\b(mejor|perdon|cambi\w*|equivo\w*|corrig\w*|correg\w*|en realidad|quise decir|mal)\b"
)
_DATUM = re.compile(r"\b(fechas?|dias?|nombre|apellidos?|correo|e-?mail|telefono|celular|movil)\b")
_A_PERSON = re.compile(
    r"(?:(?:para|soy|solo|seria|yo) )*(?:una?|1|yo)(?: (?:sola|solo|persona|adulto|nada mas))*"
)
_THE_PEOPLE = re.compile(r"\b(las personas|los huespedes|la gente|el numero de personas|cuantos)\b")
_PRICEY = re.compile(r"\b(car[ao]s?|carisim\w+|mucho dinero|mucha plata|barat\w+|economic\w+)\b")
_INTRODUCES = re.compile(
    r"^\W*(?:(?:hola|si|claro|vale|ok|perfecto|mira|pues|bueno|por favor)\W+)*"
    r"(?:(?:me llamo|mi nombre (?:es|seria)|mi nombre|soy|a nombre de(?: la)?|al nombre de|"
    r"el nombre es|es|seria|nombre|se llama|ponla a nombre de|a mi nombre)\W+)?",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:me llamo|mi nombre (?:completo )?(?:es|seria)|(?:el )?nombre (?:correcto )?es|"
    r"\b(?:nombre|apellidos?)\b[^\n]{0,30}?\b(?:es|son|sería|seria)(?: de)?|"
    r"(?:reserva|ponla|ponlo|va)?\s?al? nombre de|(?P<weak>soy|de parte de))\s+"
    r"(?P<name>[^\W\d_][\w'’-]*(?:\s+[^\W\d_][\w'’-]*){0,6})",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_]\S*(?:\s+[^\W_]\S*){0,6}")
_PIECE = re.compile(r"[^,;.!\n]+")
_ANNOUNCED = re.compile(
    r"\s+y?\s*(?:mi\s+)?(?:correo|e-?mail|mail|tel(?:[eé]fono)?)\b", re.IGNORECASE
)
_NO_NAME = set(
    re.findall(
        r"\w+",
        "hola buenas buenos dias tardes noches gracias adios no si ok vale bueno perfecto "
        "claro espera esperate espere momento nada nadie quiero queria quisiera necesito "
        "busco dame ponme prefiero habitacion habitaciones hotel reserva reservar cancelar "
        "cambiar piscina parking wifi desayuno precio precios fecha fechas persona personas "
        "adulto adultos nino ninos noche noches euros que cual cuanto cuando donde como quien "
        "porque hay tienen teneis puedo puede hoy manana da igual mejor otra otro correo "
        "telefono nombre apellido apellidos mal ya luego despues ahora todavia ayuda humano "
        "recepcion doble individual suite barata la el lo un una mi tu su por para con sin "
        "eso esto ese este esa esta robot persona bot cualquiera ninguna ninguno incorrecto "
        "incorrecta equivocado correcto perdon perdona perdone disculpa disculpe uf mmm eh ay "
        "oye",
    )
)
_PARTICLES = set(re.findall(r"\w+", "de del la las los y e da do dos san santa van von"))
_ROOM = re.compile(
    r"\b(primer[ao]?|segund[ao]|tercer[ao]?|cuart[ao]|ultim[ao]|(?:la|el|lo) (?:mas )?"
    r"(?:barat|economic|car|luj)\w+|mas (?:barata|economica|cara)|la mejor|cualquiera|"
    r"la que sea|me da igual|la \d|opcion|\d+)\b"
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ContextualAnswers(RuleComponent):
    """Sets intent `inform` (and the entity `name`) where a message answers the open question."""

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        slots = tracker.current_slot_values()
        for message in messages:
            text = message.get(TEXT)
            if text and not text.startswith("/"):
                _read(message, slots)
        return messages


def _read(message: Message, slots: dict[str, Any]) -> None:
    awaiting: str | None = slots.get("awaiting")
    asks_name = awaiting in ("guest_name", "guest_last_name")
    task = slots.get("task")
    books = task == "booking" or (task is None and bool(message.get("stay")))
    told = introduced(message.get(TEXT), asked=asks_name)
    if told:
        add_entities(message, [told])
    elif asks_name or (books and _brings(message, {"email", "phone"})):
        first, *others = _before_contacts(message) or [("", 0)]
        told = name_in(*first) or next((one for two in others if (one := _proper(*two))), None)
        if told and _may_be_a_name(message, told["value"]):
            add_entities(message, [told])
    elif books and (name := _out_of_turn(message, slots)):
        add_entities(message, [name])
    meant = _meant(message, awaiting, slots)
    if meant:
        message.set("intent", {"name": meant, "confidence": 1.0}, add_to_output=True)


def _meant(message: Message, awaiting: str | None, slots: dict[str, Any]) -> str | None:
    """The intent in the light of the conversation; None where it stays what it was."""
    said = plain_text(message.get(TEXT))
    intent = _intent(message)
    if awaiting in _MAY_BE_TRIED_AGAIN:
        ready = awaiting == "retry" or intent in ("start_over", "out_of_scope", "nlu_fallback")
        if ready and _AGAIN.search(said) and not _NOT_AGAIN.search(said):
            return "affirm"
    if awaiting == "retry" and _CALL_ME.search(said) and intent != "ask_human":
        return "affirm"
    if intent == "ask_human" and _of_the_party(message, said, awaiting):
        return "inform"
    if awaiting and awaiting.startswith("guest_") and _minds_telling(said, intent):
        return "deny"
    if awaiting == "change_confirmation" and _CHANGE_IT.search(said):
        return None if _brings(message, {"stay", "party", "room_type"}) else "affirm"
    if intent in _KEEP:
        return None
    if awaiting and _answers(message, said, awaiting, slots):
        return "inform"
    offers = slots.get("offers") or []
    if slots.get("task") == "booking" and not _brings(message, _BOOKING_FACTS - {"party"}):
        if _THINKS_IT_OVER.search(said):
            return "wait"
        if offers and _PRICEY.search(said) and not message.get("party"):
            return "ask_price"
    foreign = intent in ("out_of_scope", "nlu_fallback")
    if foreign and _names_one_of(said, offers):
        return "ask_room_info"
    if foreign and slots.get("task") == "booking" and _brings(message, {"stay"}):
        return "ask_availability"
    if awaiting == "room_type" and (foreign or intent == "inform") and _MOST.search(said):
        return "ask_room_info"
    if _QUESTION.search(said):
        return None
    fact = intent in _MAY_CARRY_A_FACT and _brings(message, _BOOKING_FACTS)
    correction = bool(_CORRECTS.search(said)) and (fact or bool(_DATUM.search(said)))
    if slots.get("task") in ("booking", "modify"):
        return "inform" if fact or correction else None
    if slots.get("task"):
        return None
    if slots.get("booking"):
        return "modify_booking" if correction else None
    unsure = float((message.get("intent") or {}).get("confidence") or 0) < _UNSURE
    return "make_booking" if unsure and message.get("stay") and message.get("party") else None


def _of_the_party(message: Message, said: str, awaiting: str | None) -> bool:
    """ "Una persona más" and "las personas" ask for nobody at the desk."""
    if awaiting == "party" and _A_PERSON.fullmatch(said):
        return True
    if awaiting == "change" and _THE_PEOPLE.search(said):
        return True
    party = message.get("party") or {}
    return bool(party.get("more_adults") or party.get("more_children"))


def _minds_telling(said: str, intent: str | None) -> bool:
    """Will not say what was asked, or asks what for; wanting a person instead is another thing."""
    if intent == "ask_human":
        asks = _REFUSES.search(said) or _WHAT_FOR.search(said)
        return bool(asks) and not _SOMEBODY.search(said)
    return intent not in _KEEP and bool(_REFUSES.search(said))


def _answers(message: Message, said: str, awaiting: str, slots: dict[str, Any]) -> bool:
    """Whether the message answers the open question."""
    offers: list[dict[str, Any]] = slots.get("offers") or []
    if awaiting == "room_type" and (_names_a_room(said, offers) or _picks_a_room(said)):
        return True
    if offers and _BY_PRICE.search(said) and _is_short_statement(said):
        return True
    if awaiting == "check_out" and _THAT_NIGHT.fullmatch(said):
        return True
    if awaiting == "dates" and slots.get("stay_candidates") and _is_short_statement(said):
        return bool(_WHICH_DATES.search(said)) or _brings(message, {"stay"})
    if _names_a_room(said, offers) and _intent(message) not in _YES_OR_NO:
        return True
    if awaiting == "booking_reference" and re.fullmatch(r"(?:[a-z][ .-]*){9}", said):
        return _intent(message) not in _YES_OR_NO
    facts = _ANSWERED_BY.get(awaiting, set())
    return _brings(message, facts) and not _QUESTION.search(said)


def _may_be_a_name(message: Message, name: str) -> bool:
    """ "Ok, resérvala" is no name: the classifier is sure of something else."""
    if len(name.split()) > 1 and name != message.get(TEXT).strip():
        return True  # "Ana Ruiz, ¿a qué hora se entra?"
    if _brings(message, {"stay", "party"}):
        return False
    intent = message.get("intent") or {}
    return intent.get("name") == "inform" or float(intent.get("confidence") or 0) < _SURE


def _intent(message: Message) -> str | None:
    name: str | None = (message.get("intent") or {}).get("name")
    return name


def _brings(message: Message, facts: set[str]) -> bool:
    said = {one["entity"] for one in message.get(ENTITIES, [])}
    said |= {key for key in ("stay", "party") if message.get(key)}
    return bool(said & facts)


def _before_contacts(message: Message) -> list[tuple[str, int]]:
    """The pieces of text, and where they start, in which a name may stand: the first, and the one
    before an e-mail or telephone."""
    text: str = message.get(TEXT)
    starts = [
        one["start"] for one in message.get(ENTITIES, []) if one["entity"] in ("email", "phone")
    ]
    before = text[: min(starts, default=len(text))]
    pieces = [
        (piece.group(), piece.start())
        for piece in _PIECE.finditer(_ANNOUNCED.sub(lambda match: "," * len(match.group()), before))
        if piece.group().strip()
    ]
    return [*pieces[:1], *(pieces[:0:-1] if starts else [])]


def _proper(text: str, at: int = 0) -> Entity | None:
    """A whole name as it is properly written ("Rosa Maldonado"), and nothing else in `text`."""
    name = name_in(text, at)
    words = re.findall(r"[^\W\d_]+", text)
    if not name or name["value"] != text.strip(" .,") or not 2 <= len(words) <= 6:
        return None
    capital = all(word[0].isupper() or plain_text(word) in _PARTICLES for word in words)
    return name if capital and not text.isupper() else None


def _out_of_turn(message: Message, slots: dict[str, Any]) -> Entity | None:
    """A whole name where something else was asked."""
    name = _proper(message.get(TEXT))
    if not name or _names_one_of(plain_text(name["value"]), slots.get("offers") or []):
        return None
    return name if _may_be_a_name(message, name["value"]) else None


def _names_a_room(said: str, offers: list[dict[str, Any]]) -> bool:
    """ "Mejor la general": one of those offered, whatever was asked since."""
    return _names_one_of(said, offers) and _is_short_statement(said)


def _names_one_of(said: str, offers: list[dict[str, Any]]) -> bool:
    words = [word for offer in offers for word in (plain_text(offer["name"]), *offer["words"])]
    return any(re.search(rf"\b{re.escape(word)}s?\b", said) for word in words)


def _picks_a_room(said: str) -> bool:
    return bool(_ROOM.search(said)) and _is_short_statement(said)


def _is_short_statement(said: str) -> bool:
    return not _QUESTION.search(said) and len(said.split()) <= 12


def introduced(text: str, *, asked: bool) -> Entity | None:
    """The name after "me llamo", "a nombre de" …; after "soy" only if it must be one."""
    match = _NAMED.search(text)
    if match is None:
        return None
    start, words = match.start("name"), []
    for word in re.finditer(r"\S+", match.group("name")):
        if plain_text(word.group()) in _NO_NAME and plain_text(word.group()) not in _PARTICLES:
            break
        words.append(word)
    while words and plain_text(words[-1].group()) in _PARTICLES:
        words.pop()
    if not words:
        return None
    name = match.group("name")[: words[-1].end()]
    capitals = sum(word.group()[0].isupper() for word in words)
    if match.group("weak") and not asked and not (len(words) > 1 and capitals > 1):
        return None
    return entity("name", name, start, start + len(name), "ContextualAnswers")


def name_in(text: str, at: int = 0) -> Entity | None:
    """The name that all of `text` is, but for an introduction ("me llamo …").

    `at` is where `text` starts in the message.
    """
    introduced = _INTRODUCES.match(text)
    start = introduced.end() if introduced else 0
    rest = text[start:].strip(" .,;!¡")
    start = text.index(rest, start) if rest else start
    if not _NAME.fullmatch(rest):
        return None
    letters = re.findall(r"[a-z]+", plain_text(rest))
    if any(word in _NO_NAME and word not in _PARTICLES for word in letters):
        return None
    if not letters or letters[0] in _PARTICLES - {"san", "santa"} or "?" in rest:
        return None
    return entity("name", rest, at + start, at + start + len(rest), "ContextualAnswers")
