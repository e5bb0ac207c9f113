"""The Rasa component hands on what the parsers read, in the light of the conversation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.events import SlotSet
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from nlu.stay_extractor import StayExtractor

_NOW = {"now": "2026-05-13T10:00:00+02:00", "country": "ES", "region": "MD"}


@pytest.fixture
def extractor(tmp_path: Path) -> StayExtractor:
    """A component as Rasa's graph makes it."""
    return StayExtractor.create(
        StayExtractor.get_default_config(),
        LocalModelStorage(tmp_path),
        Resource("stay"),
        ExecutionContext(GraphSchema({})),
    )


def _tracker(**slots: Any) -> DialogueStateTracker:
    tracker = DialogueStateTracker("guest", [AnySlot(name, mappings=[]) for name in slots])
    for name, value in slots.items():
        tracker.update(SlotSet(name, value))
    return tracker


def _message(text: str, **data: Any) -> Message:
    return Message(data={"text": text, "metadata": _NOW, **data})


def test_dates_party_and_entities_reach_the_parse_data(extractor: StayExtractor) -> None:
    message = _message("2 adultos, tres noches desde el 5 de junio")
    extractor.process([message], _tracker())
    parsed = message.as_dict(only_output_properties=True)
    assert parsed["stay"]["check_in"] == "2026-06-05"
    assert parsed["stay"]["check_out"] == "2026-06-08"
    assert parsed["party"]["adults"] == 2
    found = [(e["entity"], e["value"], e["extractor"]) for e in parsed["entities"]]
    assert found == [
        ("adults", 2, "StayExtractor"),
        ("nights", 3, "StayExtractor"),
        ("date", "el 5 de junio", "StayExtractor"),
    ]


def test_a_short_answer_is_read_as_the_answer_to_what_was_asked(extractor: StayExtractor) -> None:
    message = _message("dos")
    extractor.process([message], _tracker(check_in="2026-06-05", awaiting="check_out"))
    assert message.get("stay")["check_out"] == "2026-06-07"
    assert message.get("party") is None


def test_a_conversation_without_our_slots_is_read_all_the_same(extractor: StayExtractor) -> None:
    message = _message("este finde")
    extractor.process([message], _tracker())
    assert message.get("stay")["check_in"] == "2026-05-15"


def test_entities_found_before_are_kept_and_not_found_twice(extractor: StayExtractor) -> None:
    known = {"entity": "date", "value": "el viernes", "start": 5, "end": 15, "extractor": "otro"}
    message = _message("para el viernes, dos noches", entities=[known])
    extractor.process([message], _tracker())
    assert [entity["entity"] for entity in message.get("entities")] == ["date", "nights"]


def test_a_message_without_dates_or_people_is_left_as_it_is(extractor: StayExtractor) -> None:
    message = _message("¿tienen piscina?")
    extractor.process([message], _tracker())
    assert message.get("stay") is None
    assert message.get("party") is None
    assert message.get("entities") == []


def test_the_dates_of_another_business_are_no_entities(extractor: StayExtractor) -> None:
    foreign = {"name": "out_of_scope", "confidence": 0.9}
    message = _message("apunta que tengo dentista el martes", intent=foreign)
    extractor.process([message], _tracker())
    assert not message.get("entities")
    assert message.get("stay")["check_in"] == "2026-05-19"


def test_a_change_of_the_party_is_told_as_a_change(extractor: StayExtractor) -> None:
    message = _message("al final viene una persona más")
    extractor.process([message], _tracker())
    assert message.get("party")["more_adults"] == 1
    assert message.get("party")["adults"] is None


def test_without_metadata_today_is_the_machines_own(extractor: StayExtractor) -> None:
    message = Message(data={"text": "pasado mañana"})
    extractor.process([message])
    assert message.get("stay")["check_in"] is not None
