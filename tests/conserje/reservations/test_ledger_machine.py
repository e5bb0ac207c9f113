"""The ledger against a model of it, over any order of calls by several processes."""

import tempfile
from datetime import datetime, timedelta, timezone
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine

from conserje.migrations import upgrade
from conserje.reservations import KeyReused, Ledger, NotDone
from conserje.reservations._states import FENCED, FINAL, MOVES, Answer, State
from conserje.reservations.ledger import Change, MoveNotAllowed, Overtaken, StaleToken

KEYS = st.sampled_from(["a", "b", "c"])
CONTENTS = st.sampled_from([1, 2])
PATIENCE = timedelta(minutes=1)


class LedgerMachine(RuleBasedStateMachine):
    """Processes read rows, hold tokens, and write when it may be too late."""

    engine: Engine

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.engine = create_engine(f"sqlite:///{Path(self.folder.name) / 'dunas.db'}")
        upgrade(self.engine)
        self.time = datetime(2026, 11, 23, tzinfo=timezone.utc)
        self.ledger = Ledger(self.engine, lambda: self.time)
        self.contents: dict[str, int] = {}
        self.rows: dict[str, Change] = {}
        self.read: dict[str, list[Change]] = {}
        self.token = 0
        self.handed_at: dict[str, datetime] = {}

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            self.folder.cleanup()

    @rule(key=KEYS, content=CONTENTS)
    def begin(self, key: str, content: int) -> None:
        try:
            change = self.ledger.begin("create", key, "dunas:web:ana", {"n": content})
        except KeyReused:
            assert self.contents[key] != content
            return
        assert self.contents.setdefault(key, content) == content
        assert self.rows.setdefault(key, change) == change
        self.read.setdefault(key, []).append(change)

    @rule(key=KEYS)
    def look(self, key: str) -> None:
        if key in self.rows:
            self.read[key].append(self.ledger.get(self.rows[key].id))

    @rule(
        key=KEYS,
        to=st.sampled_from(list(State)),
        token=st.none() | st.integers(1, 6),
        which=st.integers(0, 3),
        pending=st.booleans(),
    )
    def move(self, key: str, to: State, token: int | None, which: int, pending: bool) -> None:
        """By a process that read the row some time ago, with a token of then."""
        if key not in self.rows:
            return
        seen = self.read[key][-1 - which % len(self.read[key])]
        final = to in FINAL
        given = Answer.PENDING if pending else Answer.HANDED
        move = partial(
            self.ledger.move,
            seen,
            to,
            token=token,
            outcome=NotDone() if final else None,
            answer=given if final else Answer.NONE,
        )
        error = self._expected(self.rows[key], seen, to, token)
        if error:
            with pytest.raises(error):
                move()
            return
        moved = move()
        self.token = max(self.token, token or 0)
        if final and not pending:
            self.handed_at[key] = self.time
        assert (moved.state, moved.answer) == (to, given if final else Answer.NONE)
        self.rows[key] = moved
        self.read[key].append(moved)

    def _expected(
        self, row: Change, seen: Change, to: State, token: int | None
    ) -> type[Exception] | None:
        if to not in MOVES[seen.state] or (to in FENCED and token is None):
            return MoveNotAllowed
        if token is not None and token < self.token:
            return StaleToken
        return Overtaken if row.state is not seen.state else None

    @rule(key=KEYS)
    def take_answer(self, key: str) -> None:
        if key not in self.rows:
            return
        row, dead_since = self.rows[key], self.time - PATIENCE
        free = row.answer is Answer.PENDING or (
            row.answer is Answer.HANDED and self.handed_at[key] < dead_since
        )
        assert self.ledger.take_answer(row, dead_since) == free
        if free:
            self.handed_at[key] = self.time
            self.rows[key] = self.ledger.get(row.id)

    @rule(key=KEYS)
    def tell(self, key: str) -> None:
        if key in self.rows:
            untold = self.rows[key].answer in (Answer.PENDING, Answer.HANDED)
            assert self.ledger.told(self.rows[key].id) == untold
            self.rows[key] = self.ledger.get(self.rows[key].id)
            assert (self.rows[key].answer is Answer.DELIVERED) == (self.rows[key].state in FINAL)

    @rule(seconds=st.integers(1, 90))
    def wait(self, seconds: int) -> None:
        self.time += timedelta(seconds=seconds)

    @invariant()
    def the_rows_are_those_of_the_model(self) -> None:
        for row in self.rows.values():
            assert self.ledger.get(row.id) == row
            moves = self.ledger.transitions(row.id)
            path = [State.INTENDED, *(move.to_state for move in moves)]
            assert [move.from_state for move in moves] == path[:-1]
            assert path[-1] is row.state
            assert all(onward in MOVES[state] for state, onward in pairwise(path))
            assert sum(state in FINAL for state in path) == (row.outcome is not None)

    @invariant()
    def what_is_left_over_is_what_has_no_end(self) -> None:
        left = {change.id for change in self.ledger.unfinished(self.time + PATIENCE)}
        assert left == {row.id for row in self.rows.values() if row.state not in FINAL}


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
