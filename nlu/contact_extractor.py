"""E-mail addresses, telephones and booking references, which have a form and need no learning."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.entities import Entity, add_entities, entity

_EMAIL = re.compile(r"[\w.+-]+ ?@ ?[\w-]+(?: ?\. ?[a-z0-9-]{2,})+|[\w.+-]+@[\w-]+", re.IGNORECASE)
_SPOKEN_EMAIL = re.compile(
    r"\b[\w.+-]+(?: (?:punto|guion|guion bajo) [\w+-]+)* arroba [\w-]+(?: punto [\w-]+)+",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w/.-])\+?\(?\d[\d ().-]{5,18}\d(?![\w/]|[.-]\d)")
_REFERENCE = re.compile(r"\b[A-Z]{9}\b")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ContactExtractor(GraphComponent):
    """Finds `email`, `phone` and `booking_reference`; values are as they are written to."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ContactExtractor:
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text:
                country = (message.get("metadata") or {}).get("country", "ES")
                add_entities(message, contacts(text, country))
        return messages


def contacts(text: str, country: str) -> list[Entity]:
    """The entities of the text; `country` (ISO) is where a number without prefix belongs."""
    emails = [
        *(_found("email", one, _written(one.group())) for one in _SPOKEN_EMAIL.finditer(text)),
        *(_found("email", one, one.group().replace(" ", "")) for one in _EMAIL.finditer(text)),
    ]
    references = [
        _found("booking_reference", one, one.group())
        for one in _REFERENCE.finditer(text)
        if not text.isupper() or len(text) == len(one.group())
    ]
    phones = [
        _found("phone", one, one.group())
        for one in _PHONE.finditer(text)
        if _is_phone(one.group(), country)
    ]
    return [*emails, *references, *phones]


def _found(name: str, match: re.Match[str], value: str) -> Entity:
    return entity(name, value, match.start(), match.end(), "ContactExtractor")


def _written(spoken: str) -> str:
    said = re.sub(r" arroba ", "@", spoken, flags=re.IGNORECASE)
    said = re.sub(r" punto ", ".", said, flags=re.IGNORECASE)
    said = re.sub(r" guion bajo ", "_", said, flags=re.IGNORECASE)
    return re.sub(r" guion ", "-", said, flags=re.IGNORECASE)


def _is_phone(said: str, country: str) -> bool:
    """Whether it could be called: dates and prices have too few digits or another form."""
    if not 7 <= sum(map(str.isdigit, said)) <= 15:
        return False
    try:
        number = phonenumbers.parse(said, country)
    except phonenumbers.NumberParseException:
        return False
    digits = re.sub(r"\D", "", said)
    return phonenumbers.is_possible_number(number) or len(digits) >= 9
