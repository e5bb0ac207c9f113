"""Entities as Rasa keeps them, and which of two that overlap stays."""

from typing import Any

from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

Entity = dict[str, Any]

_SUREST_FIRST = ("ContextualAnswers", "ContactExtractor", "StayExtractor")


def entity(name: str, value: Any, start: int, end: int, extractor: str) -> Entity:
    return {"entity": name, "value": value, "start": start, "end": end, "extractor": extractor}


def add_entities(message: Message, found: list[Entity]) -> None:
    """Adds entities; of those that overlap, the one by rule beats the learned one."""
    everything = [*found, *message.get(ENTITIES, [])]
    kept: list[Entity] = []
    for one in sorted(everything, key=_doubt):
        if not any(_overlap(one, other) for other in kept):
            kept.append(one)
    kept.sort(key=lambda one: int(one["start"]))
    message.set(ENTITIES, kept, add_to_output=True)


def _doubt(one: Entity) -> int:
    extractor = one.get("extractor")
    return _SUREST_FIRST.index(extractor) if extractor in _SUREST_FIRST else len(_SUREST_FIRST)


def _overlap(one: Entity, other: Entity) -> bool:
    return bool(one["start"] < other["end"] and other["start"] < one["end"])
