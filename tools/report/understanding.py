"""What the assistant understands of messages: by cross-validation, and of those kept apart."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import thread_time
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message as Example
from rasa.shared.nlu.training_data.training_data import TrainingData

from tools.report.pipeline import trained, without_share
from tools.report.results import REFUSED, Message, Origin, Span

FOLDS = 5


@contextmanager
def cross_validation(config: Path, data: Path) -> Iterator[Callable[[], list[Message]]]:
    """Begins to read every training example by components that were trained without it.

    One process a core, beside what else is measured; what it gives waits for the end of it.
    """
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # of those processes
    workers = min(FOLDS, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        begun = [pool.submit(_fold, config, data, number) for number in range(FOLDS)]
        yield lambda: [message for fold in begun for message in fold.result()]


def _fold(config: Path, data: Path, number: int) -> list[Message]:
    learned, apart = without_share(_examples(data), number, FOLDS)
    with trained(config, learned) as pipeline:
        read = pipeline.parse([example.get("text") for example in apart])
    return [_message(one, parsed, "cruzada") for one, parsed in zip(apart, read, strict=True)]


@lru_cache(maxsize=1)
def _examples(data: Path) -> TrainingData:
    return load_data(str(data))


async def kept_apart(agent: Agent, folder: Path) -> tuple[list[Message], float]:
    """Every message kept apart as the model reads it, and the milliseconds that one takes a core.

    The median, of computing time: what else the machine does meanwhile does not count.
    """
    messages, seconds = [], []
    for example in load_data(str(folder)).intent_examples:
        began = thread_time()
        read = await agent.processor.parse_message(UserMessage(example.get("text")))
        seconds.append(thread_time() - began)
        messages.append(_message(example, read, "apartados"))
    return messages, 1000 * median(seconds)


def _message(example: Example, read: dict[str, Any], origin: Origin) -> Message:
    ranking = read.get("intent_ranking") or [read["intent"]]
    guess = next(one for one in ranking if one["name"] != "nlu_fallback")
    about = (example.get("metadata") or {}).get("example") or {}
    return Message(
        text=example.get("text"),
        origin=origin,
        meant=str(example.get("intent")),
        understood=str(guess["name"]),
        confidence=float(guess["confidence"]),
        refused=read["intent"]["name"] in REFUSED,
        entities_meant=_spans(example.get("entities")),
        entities_found=_spans(read.get("entities")),
        country=about.get("pais"),
        channel=about.get("canal"),
    )


def _spans(entities: list[dict[str, Any]] | None) -> tuple[Span, ...]:
    return tuple((one["entity"], one["start"], one["end"]) for one in entities or [])
