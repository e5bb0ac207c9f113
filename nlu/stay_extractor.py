"""The Rasa component that reads dates and party of a stay."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.component import RuleComponent
from nlu.stay import Span, StayContext, parse_party, parse_stay

_FOREIGN = {"out_of_scope", "goodbye"}
_SURE = 0.5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class StayExtractor(RuleComponent):
    """Adds `stay` and `party` to a message's parse data, and their entities.

    Both are the `to_dict()` of a StayMention and a PartyMention, and absent when the message says
    nothing of the kind. The message's metadata may give `now` (ISO 8601 with offset), `country`
    and `region`; the conversation's slots `check_in`, `check_out` (ISO dates), `nights` and
    `awaiting` (what the guest was just asked) are used when they are there.
    What is surely no hotel's business, and answers no question, has no entities.
    """

    def process(
        self, messages: list[Message], tracker: DialogueStateTracker | None = None
    ) -> list[Message]:
        """Reads each message in the light of the conversation so far."""
        slots = tracker.current_slot_values() if tracker else {}
        for message in messages:
            _read(message, slots)
        return messages


def _read(message: Message, slots: dict[str, Any]) -> None:
    text = message.get(TEXT)
    if not text:
        return
    context = _context(message.get("metadata") or {}, slots)
    stay = parse_stay(text, context)
    party = parse_party(text, context.awaiting)
    if stay:
        message.set("stay", stay.to_dict(), add_to_output=True)
    if party:
        message.set("party", party.to_dict(), add_to_output=True)
    if _is_foreign(message, context.awaiting):
        return
    spans = [*(stay.spans if stay else ()), *(party.spans if party else ())]
    _add_entities(message, text, spans)


def _is_foreign(message: Message, awaiting: str | None) -> bool:
    """Whether the dates and numbers in it are no hotel's, such as a dentist's on Tuesday."""
    intent = message.get("intent") or {}
    sure = float(intent.get("confidence") or 0) >= _SURE
    return awaiting is None and sure and intent.get("name") in _FOREIGN


def _context(metadata: dict[str, Any], slots: dict[str, Any]) -> StayContext:
    now = metadata.get("now")
    nights = slots.get("nights")
    return StayContext(
        now=datetime.fromisoformat(now) if now else datetime.now().astimezone(),
        check_in=_day(slots.get("check_in")),
        check_out=_day(slots.get("check_out")),
        nights=int(nights) if nights else None,
        awaiting=slots.get("awaiting"),
        country=metadata.get("country") or "ES",
        region=metadata.get("region"),
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _add_entities(message: Message, text: str, spans: list[Span]) -> None:
    entities: list[dict[str, Any]] = list(message.get(ENTITIES) or [])
    for span in sorted(spans, key=lambda span: span.start):
        if any(span.start < known["end"] and known["start"] < span.end for known in entities):
            continue
        entities.append(span.to_dict() | {"extractor": StayExtractor.__name__})
    message.set(ENTITIES, entities, add_to_output=True)
