"""Trains and asks the NLU components of a configuration one by one, without a Rasa training.

The same classes, settings and order as in a model, so the same answers; left out is what costs the
time: reading the data several times, fingerprints, policies, the archive. A test holds it to that.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


class Pipeline:
    """The trained components of an NLU pipeline, in their order."""

    def __init__(self, components: list[GraphComponent]) -> None:
        self._components = components

    def parse(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """What a model says of each text at the beginning of a conversation."""
        messages = [Message.build(text=text) for text in texts]
        tracker = DialogueStateTracker.from_events("report", [])
        for component in self._components:
            takes = inspect.signature(component.process).parameters
            extra = {"tracker": tracker} if "tracker" in takes else {}
            messages = component.process(messages, **extra)
        return [message.as_dict(only_output_properties=True) for message in messages]


@contextmanager
def trained(config: Path, data: TrainingData) -> Iterator[Pipeline]:
    """The pipeline of a `config.yml`, trained on `data`; good inside the `with` only."""
    steps = yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]
    with TemporaryDirectory() as folder:
        storage = LocalModelStorage(Path(folder))
        context = ExecutionContext(GraphSchema({}), model_id="report")
        components = []
        for number, step in enumerate(steps):
            kind = DefaultV1Recipe._from_registry(step["name"])
            settings = {**kind.clazz.get_default_config(), **step}
            settings.pop("name")
            resource = Resource(f"{kind.clazz.__name__}{number}")
            component = kind.clazz.create(settings, storage, resource, context)
            if kind.is_trainable:
                component.train(data)
            if hasattr(component, "process_training_data"):
                data = component.process_training_data(data)
            components.append(component)
        yield Pipeline(components)


def without_share(
    data: TrainingData, number: int, count: int
) -> tuple[TrainingData, list[Message]]:
    """The data without the `number`-th of `count` shares of each intent, and that share.

    A share is every `count`-th example as they are written, so that a run repeats the one before.
    """
    by_intent: dict[str, list[Message]] = {}
    for example in data.intent_examples:
        if example.get("text"):
            by_intent.setdefault(example.get("intent"), []).append(example)
    apart = [one for each in by_intent.values() for one in each[number::count]]
    unseen = {id(one) for one in apart}
    rest = [one for one in data.training_examples if id(one) not in unseen]
    return TrainingData(rest, entity_synonyms=data.entity_synonyms), apart
