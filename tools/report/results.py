"""What a run finds out. Everything here goes into the JSON as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

REFUSED = ("out_of_scope", "nlu_fallback")
"""Intents whose guest is told that this cannot be helped with."""

Origin = Literal["apartados", "cruzada"]
"""Messages kept apart, or training examples read by a model that has not seen them."""

Span = tuple[str, int, int]
"""Entity, first and last position in the text."""


@dataclass(frozen=True)
class Message:
    """What a guest says, what it means and what the assistant makes of it."""

    text: str
    origin: Origin
    meant: str
    understood: str
    """The best guess, whether it is then sure enough or not."""
    confidence: float
    """Of the guess, from 0 to 1."""
    refused: bool
    """The guest gets no answer to the point: out_of_scope or below the threshold."""
    entities_meant: tuple[Span, ...]
    entities_found: tuple[Span, ...]
    country: str | None = None
    """ISO code, where the message says it."""
    channel: str | None = None

    @property
    def right(self) -> bool:
        return self.meant == self.understood


@dataclass(frozen=True)
class Step:
    """One step of a story."""

    who: Literal["huésped", "hotel"]
    said: str
    """The guest's words; empty for the hotel."""
    expected: str
    got: str

    @property
    def right(self) -> bool:
        return self.expected == self.got


@dataclass(frozen=True)
class Story:
    title: str
    file: str
    steps: tuple[Step, ...]

    @property
    def right(self) -> bool:
        return all(step.right for step in self.steps)


@dataclass(frozen=True)
class Case:
    """One case that pytest played."""

    suite: str
    name: str
    fault: str | None
    """What went otherwise, in words; None where nothing did."""


@dataclass(frozen=True)
class Run:
    """The figures of one run, kept to compare with the next."""

    made: str
    """ISO 8601 with offset."""
    model: str
    figures: dict[str, float]


@dataclass(frozen=True)
class Results:
    run: Run
    seconds: float
    """What the whole measuring took."""
    messages: list[Message]
    stories: list[Story]
    cases: list[Case]
    history: list[Run] = field(default_factory=list)
    """Earlier runs, oldest first."""
    mistakes_before: list[str] = field(default_factory=list)
    """What the last run got wrong (see `figures.mistakes`)."""
