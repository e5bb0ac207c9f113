"""The stories of `tests/stories` against the trained model, as `rasa test` would hold them.

Rasa calls no custom action there: a story says what is understood and which action follows;
`tests/conversations` holds what the guest then hears.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from rasa.core.agent import Agent
from rasa.core.test import _create_data_generator, _predict_tracker_actions
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from tests.servers import ROOT
from tools.train import train

FOLDER = ROOT / "tests" / "stories"
AT_LEAST = 45


def steps(folder: Path, kind: str) -> Iterator[dict[str, Any]]:
    """Every step of every rule or story (`kind`, in the plural) below `folder`."""
    for path in sorted(folder.glob("*.yml")):
        for told in yaml.safe_load(path.read_text(encoding="utf-8"))[kind]:
            yield from told["steps"]


def intents(folder: Path, kind: str) -> set[str]:
    return {step["intent"] for step in steps(folder, kind) if "intent" in step}


def domain_intents() -> set[str]:
    return set(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"])


def test_every_intent_has_a_rule() -> None:
    """What no rule answers would leave a guest without an answer."""
    assert intents(ROOT / "data" / "rules", "rules") == domain_intents()


def test_every_intent_is_told_in_a_story() -> None:
    assert intents(FOLDER, "stories") == domain_intents()


async def test_every_story_goes_as_told() -> None:
    agent = Agent()
    agent.load_model(train(ROOT))
    told = stories(agent)
    assert len(told) >= AT_LEAST
    astray = [line for story in told for line in await strayings(story, agent)]
    assert not astray, "\n" + "\n".join(astray)


def stories(agent: Agent) -> list[DialogueStateTracker]:
    """The stories, each as the conversation that should be; its sender is the story's name."""
    generator = _create_data_generator(str(FOLDER), agent, use_conversation_test_files=True)
    found: list[DialogueStateTracker] = generator.generate_story_trackers()
    return found


async def strayings(story: DialogueStateTracker, agent: Agent) -> list[str]:
    """What the model understands or decides otherwise, for the designer who reads it."""
    held, *_ = await _predict_tracker_actions(story, agent, use_e2e=True)
    messages = [event.text for event in story.events if isinstance(event, UserUttered)]
    lines = [
        f"«{text}» es {got}, no {wanted}"
        for text, wanted, got in zip(
            messages, held.intent_targets, held.intent_predictions, strict=True
        )
        if wanted != got
    ]
    wanted, got = _entities(held.entity_targets), _entities(held.entity_predictions)
    lines += [f"falta {one}" for one in wanted if one not in got]
    lines += [f"sobra {one}" for one in got if one not in wanted]
    lines += [
        f"sigue {got}, no {wanted}"
        for wanted, got in zip(held.action_targets, held.action_predictions, strict=True)
        if wanted != got
    ]
    return [f"{story.sender_id}: {line}" for line in lines]


def _entities(found: list[dict[str, Any]]) -> list[str]:
    return [
        f"{one['entity']} «{one['text'][one['start'] : one['end']]}» ({one['value']}) "
        f"en «{one['text']}»"
        for one in found
    ]
