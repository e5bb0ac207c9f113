"""An answer to what was just asked is an answer, whatever it looks like on its own.

"Ruiz", "dos", "la segunda" or "5 y 8" mean little alone. The question that is open (slot
`awaiting`) makes them `inform`; a question or another wish of the guest stays what it is.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.entities import Entity, add_entities, entity
from nlu.plain_text import plain_text

_KEEP = {"stop", "start_over", "wait", "ask_human", "cancel_booking", "check_booking"}
_YES_OR_NO = {"affirm", "deny"}
_ANSWERED_BY = {
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
    r"\?|\b(que|cual\w*|cuanto\w*|cuando|donde|como|quien\w*|por que|hay|tienen|teneis|tenes|"
    r"tienes|puedo|puede\w*|se puede|aceptan|admiten)\b"
)
_INTRODUCES = re.compile(
    r"^\W*(?:(?:hola|si|claro|vale|ok|perfecto|mira|pues|bueno|por favor)\W+)*"
    r"(?:(?:me llamo|mi nombre (?:es|seria)|mi nombre|soy|a nombre de(?: la)?|al nombre de|"
    r"el nombre es|es|seria|nombre|se llama|ponla a nombre de|a mi nombre)\W+)?",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:me llamo|mi nombre (?:completo )?(?:es|seria)|(?:el )?nombre (?:correcto )?es|"
    r"(?:reserva|ponla|ponlo|va)?\s?al? nombre de|(?P<weak>soy|de parte de))\s+"
    r"(?P<name>[^\W\d_][\w'’-]*(?:\s+[^\W\d_][\w'’-]*){0,6})",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_]\S*(?:\s+[^\W_]\S*){0,6}")
_NO_NAME = set(
    "hola buenas buenos dias tardes noches gracias adios no si ok vale bueno perfecto claro espera "
    "esperate espere momento nada nadie quiero queria quisiera necesito busco dame ponme prefiero "
    "habitacion habitaciones hotel reserva reservar cancelar cambiar piscina parking wifi desayuno "
    "precio precios fecha fechas persona personas adulto adultos nino ninos noche noches euros que "
    "cual cuanto cuando donde como quien porque hay tienen teneis puedo puede hoy manana da igual "
    "mejor otra otro correo telefono nombre apellido apellidos mal ya luego despues ahora todavia "
    "ayuda humano recepcion doble individual suite barata la el lo un una mi tu su por para con "
    "sin eso esto ese este esa esta robot persona bot cualquiera ninguna ninguno".split()
)
_PARTICLES = {"de", "del", "la", "las", "los", "y", "e", "da", "do", "dos", "san", "santa", "van", "von"}
_ROOM = re.compile(
    r"\b(primer[ao]?|segund[ao]|tercer[ao]?|cuart[ao]|ultim[ao]|barat\w+|economic\w+|car[ao]|"
    r"mejor|cualquiera|la que sea|me da igual|la \d|opcion|\d+)\b"
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ContextualAnswers(GraphComponent):
    """Sets intent `inform` (and the entity `name`) where a message answers the open question."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ContextualAnswers:
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        slots = tracker.current_slot_values()
        for message in messages:
            if message.get(TEXT):
                _read(message, slots.get("awaiting"), slots.get("offers") or [])
        return messages


def _read(message: Message, awaiting: str | None, offers: list[dict[str, Any]]) -> None:
    text = message.get(TEXT)
    asks_name = awaiting in ("guest_name", "guest_last_name")
    told = introduced(text, asked=asks_name)
    if told:
        add_entities(message, [told])
    if awaiting and not text.startswith("/") and _intent(message) not in _KEEP:
        _answer(message, awaiting, asks_name and not told, offers)


def _answer(
    message: Message, awaiting: str, may_be_name: bool, offers: list[dict[str, Any]]
) -> None:
    text = message.get(TEXT)
    answered = _ANSWERED_BY.get(awaiting, set())
    if may_be_name:
        name = name_in(_before_contacts(message))
        if name:
            add_entities(message, [name])
        answered = {"name", "email", "phone"}
    elif awaiting == "room_type" and _picks_a_room(text, offers):
        _inform(message)
    elif awaiting == "booking_reference" and _intent(message) not in _YES_OR_NO:
        if re.fullmatch(r"[A-Za-z]{9}", re.sub(r"[\s.-]", "", text)):
            _inform(message)
    if _brings(message, answered) and not _QUESTION.search(plain_text(text)):
        _inform(message)


def _intent(message: Message) -> str | None:
    name: str | None = (message.get("intent") or {}).get("name")
    return name


def _inform(message: Message) -> None:
    message.set("intent", {"name": "inform", "confidence": 1.0}, add_to_output=True)


def _brings(message: Message, facts: set[str]) -> bool:
    said = {one["entity"] for one in message.get(ENTITIES, [])}
    said |= {key for key in ("stay", "party") if message.get(key)}
    return bool(said & facts)


def _before_contacts(message: Message) -> str:
    """The text up to an e-mail or telephone in it, where a name stands if there is one."""
    text: str = message.get(TEXT)
    starts = [
        one["start"] for one in message.get(ENTITIES, []) if one["entity"] in ("email", "phone")
    ]
    before = text[: min(starts, default=len(text))]
    return re.split(r"[,;\n]|\s+y?\s*(?:mi\s+)?(?:correo|e-?mail|mail|tel)", before, maxsplit=1)[0]


def _picks_a_room(text: str, offers: list[dict[str, Any]]) -> bool:
    said = plain_text(text)
    if _QUESTION.search(said) or len(said.split()) > 12:
        return False
    return bool(_ROOM.search(said)) or any(plain_text(offer["name"]) in said for offer in offers)


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


def name_in(text: str) -> Entity | None:
    """The name that the whole message is, but for an introduction ("me llamo …")."""
    introduced = _INTRODUCES.match(text)
    start = introduced.end() if introduced else 0
    rest = text[start:].strip(" .,;!¡")
    start = text.index(rest, start) if rest else start
    match = _NAME.fullmatch(rest)
    if not match:
        return None
    words = plain_text(rest).split()
    letters = [word for word in words if word.isalpha()]
    if any(word in _NO_NAME and word not in _PARTICLES for word in letters):
        return None
    if not letters or letters[0] in _PARTICLES - {"san", "santa"} or "?" in rest:
        return None
    return entity("name", rest, start, start + len(rest), "ContextualAnswers")
