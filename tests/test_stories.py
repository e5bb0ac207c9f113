"""The stories of `tests/stories` against the trained model, as `rasa test` would hold them.

Rasa calls no custom action there: a story says what is understood and which action follows;
`tests/conversations` holds what the guest then hears.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from rasa.core.agent import Agent
from rasa.core.test import _create_data_generator, _predict_tracker_actions
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from tests.servers import ROOT
from tools.train import train

FOLDER = ROOT / "tests" / "stories"
RULES = ROOT / "data" / "rules"
AT_LEAST = 150


class Moment(NamedTuple):
    """A message and what has followed it so far; `asked` is the question that was open."""

    asked: str | None
    intent: str
    actions: tuple[str, ...]


def read(folder: Path, kind: str) -> list[dict[str, Any]]:
    """Every rule or story (`kind`, in the plural) below `folder`."""
    return [
        told
        for path in sorted(folder.rglob("*.yml"))
        for told in yaml.safe_load(path.read_text(encoding="utf-8"))[kind]
    ]


def moments(told: dict[str, Any]) -> Iterator[Moment]:
    """The moments of a rule or story, one for each action."""
    asked: str | None = None
    intent, actions = "", tuple[str, ...]()
    for step in [*told.get("condition", []), *told["steps"]]:
        for slot in step.get("slot_was_set", []):
            asked = slot["asked"]
        if "intent" in step:
            intent, actions = step["intent"], ()
        if "action" in step:
            actions = (*actions, step["action"])
            yield Moment(asked, intent, actions)


def test_every_intent_has_a_rule() -> None:
    """What no rule answers would leave a guest without an answer."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    ruled = {moment.intent for rule in read(RULES, "rules") for moment in moments(rule)}
    assert ruled == set(domain["intents"])


def test_every_rule_is_told_in_a_story() -> None:
    told = {moment for story in read(FOLDER, "stories") for moment in moments(story)}
    told |= {moment._replace(asked=None) for moment in told}  # for rules without a condition
    untold = [rule["rule"] for rule in read(RULES, "rules") if not {*moments(rule)} <= told]
    assert not untold


def test_no_two_stories_have_the_same_name() -> None:
    """A story that fails is told by its name."""
    names = Counter(story["story"] for story in read(FOLDER, "stories"))
    assert not [name for name, times in names.items() if times > 1]


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
