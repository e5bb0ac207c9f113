"""Room types, amenities and names: entities that are learned from annotated examples.

A conditional random field reads each word with its neighbours, and whether `data/nlu/sinonimos.yml`
knows it. What it finds gets the name that the assistant uses: "alberca" is a `piscina`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pycrfsuite
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import dump_obj_as_json_to_file, read_json_file

from nlu.component import TrainedComponent
from nlu.entities import Entity, add_entities, entity
from nlu.plain_text import bare

_MODEL = "entities.crfsuite"
_SYNONYMS = "synonyms.json"
_WORD = re.compile(r"\w+|[^\w\s]")
_NONE = "-"
_LONGEST_SYNONYM = 5  # in words

Synonyms = dict[str, str]
"""Plain words joined by a space → the name that the assistant uses."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LearnedEntities(TrainedComponent):
    """Adds entities of the kinds in `entities`; other annotations are left to rules."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`L1`, `L2`: how strongly weights are held down; `iterations`: the most in training."""
        return {
            "entities": ["room_type", "amenity", "name"],
            "L1": 0.3,
            "L2": 0.05,
            "iterations": 60,
        }

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(config, model_storage, resource)
        self._tagger: pycrfsuite.Tagger | None = None
        self._synonyms: Synonyms = {}

    def train(self, training_data: TrainingData) -> Resource:
        self._synonyms = _synonyms(training_data.entity_synonyms)
        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.set_params(
            {
                "c1": self._config["L1"],
                "c2": self._config["L2"],
                "max_iterations": self._config["iterations"],
            }
        )
        for example in training_data.nlu_examples:
            words = _words(example.get(TEXT) or "")
            if words:
                wanted = [
                    one
                    for one in example.get(ENTITIES, [])
                    if one["entity"] in self._config["entities"]
                ]
                trainer.append(_features(words, self._synonyms), _tags(words, wanted))
        with self._storage.write_to(self._resource) as folder:
            trainer.train(str(folder / _MODEL))
            dump_obj_as_json_to_file(folder / _SYNONYMS, self._synonyms)
            self.open(folder)
        return self._resource

    def open(self, folder: Path) -> None:
        self._synonyms = read_json_file(folder / _SYNONYMS)
        self._tagger = pycrfsuite.Tagger()
        # Reads the whole file. `open_inmemory` would keep a pointer to bytes that Python frees.
        self._tagger.open(str(folder / _MODEL))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text and self._tagger:
                add_entities(message, list(self._entities(text, self._tagger)))
        return messages

    def _entities(self, text: str, tagger: pycrfsuite.Tagger) -> Iterator[Entity]:
        words = _words(text)
        tags = tagger.tag(_features(words, self._synonyms)) if words else []
        for name, start, end in _spans(words, tags):
            value = self._synonyms.get(_key(words, start, end), text[start:end])
            yield entity(name, value, start, end, type(self).__name__)


@dataclass(frozen=True)
class _Word:
    text: str
    plain: str
    start: int
    end: int


def _words(text: str) -> list[_Word]:
    found = _WORD.finditer(text)
    return [_Word(one.group(), bare(one.group()), one.start(), one.end()) for one in found]


def _key(words: Iterable[_Word], start: int = 0, end: int | None = None) -> str:
    return " ".join(
        word.plain for word in words if word.start >= start and (end is None or word.end <= end)
    )


def _synonyms(written: dict[str, str]) -> Synonyms:
    """Of what designers wrote, and each name for itself; accents and case do not count."""
    themselves = {_key(_words(name)): name for name in written.values()}
    return themselves | {_key(_words(phrase)): name for phrase, name in written.items()}


def _known(words: list[_Word], synonyms: Synonyms) -> list[str]:
    """For each word, the name of the longest synonym that it is part of."""
    names = [_NONE] * len(words)
    start = 0
    while start < len(words):
        for end in range(min(start + _LONGEST_SYNONYM, len(words)), start, -1):
            name = synonyms.get(_key(words[start:end]))
            if name:
                names[start:end] = [name] * (end - start)
                start = end - 1
                break
        start += 1
    return names


def _features(words: list[_Word], synonyms: Synonyms) -> list[list[str]]:
    known = _known(words, synonyms)
    shouted = all(word.text.isupper() for word in words if word.text.isalpha())
    near = [_near(word, name, shouted) for word, name in zip(words, known, strict=True)]
    return [
        [
            *_alone(words[at], known[at]),
            *(
                f"{step}:{feature}"
                for step in (-1, 0, 1)
                for feature in (near[at + step] if 0 <= at + step < len(words) else ("edge",))
            ),
            *(
                f"{step}:{words[at + step].plain}"
                for step in (-2, 2)
                if 0 <= at + step < len(words)
            ),
            f"before:{_key(words[max(at - 2, 0) : at])}",
        ]
        for at in range(len(words))
    ]


def _near(word: _Word, name: str, shouted: bool) -> list[str]:
    """What is seen of a word and of its neighbours."""
    shape = "shout" if shouted else _shape(word.text)
    return [word.plain, f"shape {shape}", f"known {name != _NONE}", f"…{word.plain[-3:]}"]


def _alone(word: _Word, name: str) -> list[str]:
    plain = word.plain
    parts = [*(f"{plain[:size]}…" for size in (2, 3, 4, 5)), *(f"…{plain[-2:]}", f"…{plain[-5:]}")]
    return ["always", f"synonym {name}", *parts]


def _shape(word: str) -> str:
    if word.isdigit():
        return "9"
    if not word.isalnum():
        return "."
    if word.isupper():
        return "AA"
    return "Aa" if word[0].isupper() else "aa"


def _tags(words: list[_Word], entities: list[Entity]) -> list[str]:
    return [
        next(
            (
                str(one["entity"])
                for one in entities
                if word.start < one["end"] and one["start"] < word.end
            ),
            _NONE,
        )
        for word in words
    ]


def _spans(words: list[_Word], tags: list[str]) -> Iterator[tuple[str, int, int]]:
    """Entity, start and end of each run of words with the same tag."""
    before = _NONE
    start = end = 0
    for word, tag in zip(words, tags, strict=True):
        if tag != before:
            if before != _NONE:
                yield before, start, end
            start = word.start
        before, end = tag, word.end
    if before != _NONE:
        yield before, start, end
