"""The states of an intended change, and how it may move from one to another.

`docs/reservations.md` shows the same tables; a test holds them together.
"""

from collections.abc import Mapping
from enum import Enum


class State(str, Enum):
    """How far an intended change has come at the PMS."""

    INTENDED = "intended"
    """The guest said yes; nothing was sent."""
    SENDING = "sending"
    """The PMS is being asked to do it, or was when the process died."""
    UNCERTAIN = "uncertain"
    """It was sent, and nobody knows yet what became of it."""
    CONFIRMED = "confirmed"
    """Done, and read back from the PMS."""
    REFUSED = "refused"
    """Not done, and known at once: the price changed, the room is gone, the PMS is away."""
    ABANDONED = "abandoned"
    """Its process ended before anything was sent."""
    NOT_DONE = "not_done"
    """It was sent, and the PMS says that it did not come to be."""
    WITH_PERSON = "with_person"
    """The PMS does not tell what became of it; a person at the hotel looks at it."""


class Answer(str, Enum):
    """How far the one final answer has come on its way to the guest."""

    NONE = "none"
    """There is none yet."""
    PENDING = "pending"
    """It is known and nobody is telling it."""
    HANDED = "handed"
    """A process has taken it, to tell it."""
    DELIVERED = "delivered"
    """The guest was told."""


MOVES: Mapping[State, frozenset[State]] = {
    State.INTENDED: frozenset({State.SENDING, State.REFUSED, State.ABANDONED}),
    State.SENDING: frozenset({State.CONFIRMED, State.REFUSED, State.UNCERTAIN}),
    State.UNCERTAIN: frozenset({State.CONFIRMED, State.NOT_DONE, State.WITH_PERSON}),
    State.CONFIRMED: frozenset(),
    State.REFUSED: frozenset(),
    State.ABANDONED: frozenset(),
    State.NOT_DONE: frozenset(),
    State.WITH_PERSON: frozenset(),
}
"""From each state, where to."""

ANSWER_MOVES: Mapping[Answer, frozenset[Answer]] = {
    Answer.NONE: frozenset({Answer.PENDING, Answer.HANDED}),
    Answer.PENDING: frozenset({Answer.HANDED, Answer.DELIVERED}),
    # To itself: taken over from a process that died with it.
    Answer.HANDED: frozenset({Answer.HANDED, Answer.DELIVERED}),
    Answer.DELIVERED: frozenset(),
}

FINAL = frozenset(state for state, onward in MOVES.items() if not onward)
"""States in which a change has its one final answer."""

FENCED = frozenset({State.SENDING, State.CONFIRMED, State.NOT_DONE})
"""Entered only by the present holder of the hotel's lock: they speak for the PMS."""
