"""The ledger of intended changes: what a guest said yes to, and what became of it.

One row an intended change in the hotel's own database, written before anything is sent. Rows
move only as `MOVES` allows, each move compared and set in one transaction and kept with its
time. Calls block: run them in a thread. Every method may raise `StoreError`.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from conserje.databases import StoreError
from conserje.reservations._outcomes import FinalOutcome, Kind, from_json, to_json
from conserje.reservations._states import ANSWER_MOVES, FENCED, FINAL, MOVES, Answer, State
from conserje.reservations._tables import changes, fence, transitions


class LedgerError(Exception):
    """Base. The message names a change by its id, never a guest."""


class KeyReused(LedgerError):
    """The key stands for another intended change."""


class MoveNotAllowed(LedgerError):
    """No change may move so: a mistake of ours."""


class Overtaken(LedgerError):
    """The change is no longer in the state it was moved from: another process moved it."""


class StaleToken(LedgerError):
    """The hotel's lock has had a later holder; whoever holds this token must not go on."""


@dataclass(frozen=True)
class Change:
    """A row. What it shows in a log tells nothing of the guest."""

    id: str
    key: str
    kind: Kind
    conversation: str = field(repr=False)
    parameters: Mapping[str, Any] = field(repr=False)
    """JSON. Holds guest data: recovery needs them."""
    marker: str
    """What the PMS keeps with a booking of ours."""
    state: State
    answer: Answer
    token: int | None
    """Of the lock's holder that moved it last."""
    pms_id: str | None
    reference: str | None
    outcome: FinalOutcome | None = field(repr=False)
    """The final answer; None until there is one."""
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None
    """When sending to the PMS was about to begin."""


@dataclass(frozen=True)
class Transition:
    from_state: State
    to_state: State
    at: datetime
    token: int | None
    reason: str


class Ledger:
    """The ledger of one hotel. `clock` gives aware times."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def now(self) -> datetime:
        return self._clock()

    # Writing

    def begin(
        self, kind: Kind, key: str, conversation: str, parameters: Mapping[str, Any]
    ) -> Change:
        """Writes down an intended change; for a key that is known, the change it stands for.

        `parameters` are JSON values. Raises `KeyReused`.
        """
        wanted = _canonical(parameters)
        try:
            with self._writing() as connection:
                connection.execute(
                    changes.insert().values(self._fresh(kind, key, conversation, wanted))
                )
        except IntegrityError:  # the key is there: told apart below
            pass
        found = self._one(changes.c.key == key)
        if (found.kind, found.conversation) != (kind, conversation):
            raise KeyReused(found.id)
        if _canonical(found.parameters) != wanted:
            raise KeyReused(found.id)
        return found

    def _fresh(self, kind: Kind, key: str, conversation: str, wanted: str) -> dict[str, Any]:
        number = uuid.uuid4().hex
        return {
            "id": number,
            "key": key,
            "kind": kind,
            "conversation": conversation,
            "parameters": wanted,
            "marker": f"conserje-{number[:20]}",
            "state": State.INTENDED,
            "answer": Answer.NONE,
            "created_at": self.now(),
            "updated_at": self.now(),
        }

    def move(
        self,
        change: Change,
        to: State,
        *,
        token: int | None = None,
        reason: str = "",
        outcome: FinalOutcome | None = None,
        answer: Answer = Answer.NONE,
    ) -> Change:
        """Moves a change on from the state in which it was read, and gives it anew.

        A final state takes the `outcome`, and `answer` says who tells it: `HANDED`, the caller;
        `PENDING`, whoever takes it. `token` is that of the hotel's lock.
        Raises `MoveNotAllowed`, `Overtaken`, `StaleToken`; then nothing was written.
        """
        _check(change, to, token, outcome, answer)
        now = self.now()
        values: dict[str, Any] = {"state": to, "updated_at": now, **_told(outcome, answer, now)}
        if to is State.SENDING:
            values["sent_at"] = now
        if token is not None:
            values["token"] = token
        with self._writing() as connection:
            if token is not None:
                _pass_fence(connection, token)
            self._set(connection, change, values)
            connection.execute(
                transitions.insert().values(
                    change_id=change.id,
                    from_state=change.state,
                    to_state=to,
                    at=now,
                    token=token,
                    reason=reason,
                )
            )
        return self.get(change.id)

    @staticmethod
    def _set(connection: Connection, change: Change, values: Mapping[str, Any]) -> None:
        still = and_(
            changes.c.id == change.id,
            changes.c.state == change.state,
            or_(changes.c.token.is_(None), changes.c.token <= values.get("token", _NEWEST)),
        )
        if connection.execute(changes.update().where(still).values(values)).rowcount != 1:
            raise Overtaken(change.id)

    def take_answer(self, change: Change, dead_since: datetime | None = None) -> bool:
        """Takes the final answer, to tell it; False where another process has it.

        An answer that was taken before `dead_since` and not told since may be taken again.
        """
        return self._answer(change.id, Answer.HANDED, _untold(dead_since), handed_at=self.now())

    def told(self, change_id: str) -> bool:
        """The guest has the final answer; False where that was known or there is none."""
        untold = changes.c.answer.in_(_before(Answer.DELIVERED))
        return self._answer(change_id, Answer.DELIVERED, untold)

    def _answer(self, change_id: str, to: Answer, condition: Any, **values: Any) -> bool:
        update = changes.update().where(changes.c.id == change_id, condition)
        with self._writing() as connection:
            done = connection.execute(update.values(answer=to, **values)).rowcount
        return bool(done)

    # Reading

    def get(self, change_id: str) -> Change:
        """Raises `KeyError` for a change that is not there."""
        return self._one(changes.c.id == change_id)

    def transitions(self, change_id: str) -> Sequence[Transition]:
        """All moves of a change, in their order."""
        rows = self._rows(
            select(transitions)
            .where(transitions.c.change_id == change_id)
            .order_by(transitions.c.id)
        )
        return [
            Transition(State(row.from_state), State(row.to_state), row.at, row.token, row.reason)
            for row in rows
        ]

    def unfinished(self, before: datetime) -> Sequence[Change]:
        """Changes without an end that nobody has moved since, oldest first."""
        return self._some(
            changes.c.state.in_([state for state in State if state not in FINAL]),
            changes.c.updated_at < before,
        )

    def untold(self, dead_since: datetime) -> Sequence[Change]:
        """Changes whose final answer nobody is telling, oldest first."""
        return self._some(_untold(dead_since))

    def given_up(self, since: datetime) -> Sequence[Change]:
        """Creates that ended as not done since then."""
        return self._some(
            changes.c.kind == "create",
            changes.c.state == State.NOT_DONE,
            changes.c.updated_at >= since,
        )

    def _some(self, *conditions: Any) -> Sequence[Change]:
        rows = self._rows(select(changes).where(*conditions).order_by(changes.c.created_at))
        return [_change(row) for row in rows]

    def _one(self, condition: Any) -> Change:
        rows = self._rows(select(changes).where(condition))
        if not rows:
            raise KeyError("no such change")
        return _change(rows[0])

    def _rows(self, query: Any) -> Sequence[Row]:
        try:
            with self._engine.connect() as connection:
                rows: Sequence[Row] = connection.execute(query).all()
        except SQLAlchemyError as error:
            raise StoreError("the ledger cannot be read") from error
        return rows

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction that outlives a power cut; `IntegrityError` comes through."""
        try:
            with self._engine.connect() as connection:
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("PRAGMA synchronous=FULL")
                with connection.begin():
                    yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise StoreError("the ledger cannot be written") from error


_NEWEST = 2**63 - 1


def _check(
    change: Change, to: State, token: int | None, outcome: FinalOutcome | None, answer: Answer
) -> None:
    if to not in MOVES[change.state]:
        raise MoveNotAllowed(f"{change.id}: {change.state.value} to {to.value}")
    if to in FENCED and token is None:
        raise MoveNotAllowed(f"{change.id}: {to.value} without the lock")
    if (to in FINAL) != (outcome is not None):
        raise MoveNotAllowed(f"{change.id}: an outcome belongs to a final state and no other")
    if (to in FINAL) != (answer in ANSWER_MOVES[Answer.NONE]):
        raise MoveNotAllowed(f"{change.id}: an answer belongs to a final state and no other")


def _untold(dead_since: datetime | None) -> Any:
    pending = changes.c.answer == Answer.PENDING
    if dead_since is None:
        return pending
    return or_(pending, and_(changes.c.answer == Answer.HANDED, changes.c.handed_at < dead_since))


def _before(answer: Answer) -> list[Answer]:
    return [earlier for earlier, onward in ANSWER_MOVES.items() if answer in onward]


def _told(outcome: FinalOutcome | None, answer: Answer, now: datetime) -> dict[str, Any]:
    if outcome is None:
        return {}
    values: dict[str, Any] = {"outcome": to_json(outcome), "answer": answer}
    if answer is Answer.HANDED:
        values["handed_at"] = now
    booking = getattr(outcome, "booking", None)
    if booking is not None:
        values |= {"pms_id": booking.id, "reference": booking.reference}
    return values


def _pass_fence(connection: Connection, token: int) -> None:
    """The row stays locked until the transaction ends, so holders pass one by one."""
    newer = fence.update().where(fence.c.id == 1, fence.c.token <= token).values(token=token)
    if connection.execute(newer).rowcount != 1:
        raise StaleToken(str(token))


def _canonical(parameters: Mapping[str, Any]) -> str:
    return json.dumps(parameters, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _change(row: Row) -> Change:
    return Change(
        id=row.id,
        key=row.key,
        kind=row.kind,
        conversation=row.conversation,
        parameters=json.loads(row.parameters),
        marker=row.marker,
        state=State(row.state),
        answer=Answer(row.answer),
        token=row.token,
        pms_id=row.pms_id,
        reference=row.reference,
        outcome=None if row.outcome is None else from_json(row.outcome),
        created_at=row.created_at,
        updated_at=row.updated_at,
        sent_at=row.sent_at,
    )
