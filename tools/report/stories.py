"""The end-to-end stories against the model, step by step, as `rasa test` holds them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.test import (
    WronglyClassifiedUserUtterance,
    WronglyPredictedAction,
    _create_data_generator,
    _predict_tracker_actions,
)
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from tools.report.results import Step, Story


async def told_stories(agent: Agent, folder: Path) -> list[Story]:
    """Every story below `folder` with what the model makes of each of its steps."""
    generator = _create_data_generator(str(folder), agent, use_conversation_test_files=True)
    return [await _held(one, agent) for one in generator.generate_story_trackers()]


async def _held(story: DialogueStateTracker, agent: Agent) -> Story:
    _, held, *_ = await _predict_tracker_actions(story, agent, use_e2e=True)
    file = Path(story.sender_source or "").name
    return Story(story.sender_id, file, tuple(_steps(held.events)))


def _steps(events: list[Event]) -> Iterator[Step]:
    for event in events:
        if isinstance(event, UserUttered):
            yield _said(event)
        elif isinstance(event, ActionExecuted):
            wanted = event.action_name or event.action_text
            wrong = isinstance(event, WronglyPredictedAction)
            got = event.action_name_prediction if wrong else wanted
            if wanted != ACTION_LISTEN_NAME or got != wanted:
                yield Step("hotel", "", str(wanted), str(got))


def _said(event: UserUttered) -> Step:
    if not isinstance(event, WronglyClassifiedUserUtterance):
        understood = event.intent["name"]
        return Step("huésped", event.text, understood, understood)
    return Step(
        "huésped",
        event.text,
        _in_words(event.intent["name"], event.target_entities),
        _in_words(event.predicted_intent, event.predicted_entities),
    )


def _in_words(intent: str | None, entities: list[dict[str, Any]]) -> str:
    named = [
        f"{one['entity']} «{one['text'][one['start'] : one['end']]}» ({one['value']})"
        for one in sorted(entities, key=lambda one: int(one["start"]))
    ]
    return ", ".join([str(intent), *named])
