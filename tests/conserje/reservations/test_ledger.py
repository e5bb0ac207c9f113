"""The ledger: one row an intended change, moved only as allowed and by one process only."""

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from conserje.databases import engine
from conserje.pms import BookedRoom, Booking, Offer, RoomType
from conserje.reservations import (
    Booked,
    Cancelled,
    Changed,
    FinalOutcome,
    GuestDataWrong,
    KeyReused,
    Ledger,
    NotAllowed,
    NotDone,
    PmsAway,
    PriceChanged,
    Unavailable,
    WithPerson,
)
from conserje.reservations._states import ANSWER_MOVES, FENCED, MOVES, Answer, State
from conserje.reservations.ledger import Change, MoveNotAllowed, Overtaken, StaleToken
from tests.conserje.reservations.reception import HOTEL
from tests.servers import ROOT

NIGHT = date(2027, 3, 1)
BOOKING = Booking(
    id="7",
    reference="XKBKNABJK",
    status="confirmed",
    check_in=NIGHT,
    check_out=NIGHT + timedelta(1),
    rooms=(BookedRoom("12", "Ático", 2, 1, NIGHT, NIGHT + timedelta(1), (3,)),),
    total=Decimal("105.05"),
    currency="EUR",
    paid=Decimal(0),
    guest_name="Iñaki Gómez",
    email="inaki@example.com",
    marker="conserje-1",
)
OFFER = Offer(RoomType("12", "Ático", 2, 2, 3), Decimal("110.00"), "EUR", 1)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
    key: str,
) -> Iterator[Ledger]:
    monkeypatch.setenv("CONSERJE_STATE", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres_url"))
    made = engine(f"h{key}")
    yield Ledger(made, clock)
    made.dispose()
    engine.cache_clear()


def _begun(ledger: Ledger, key: str) -> Change:
    return ledger.begin("create", key, "dunas:web:ana", {"noches": 2, "huésped": "Iñaki"})


def _confirmed(ledger: Ledger, key: str, outcome: FinalOutcome, answer: Answer) -> Change:
    sending = ledger.move(_begun(ledger, key), State.SENDING, token=1)
    return ledger.move(sending, State.CONFIRMED, token=1, outcome=outcome, answer=answer)


def test_the_same_key_again_gets_the_first_row_with_its_result(ledger: Ledger, key: str) -> None:
    ended = _confirmed(ledger, key, Booked(BOOKING), Answer.HANDED)
    again = ledger.begin("create", key, "dunas:web:ana", {"huésped": "Iñaki", "noches": 2})
    assert again == ended and again.outcome == Booked(BOOKING)
    assert (again.pms_id, again.reference) == ("7", "XKBKNABJK")


def test_the_same_key_with_other_contents_is_an_error(ledger: Ledger, key: str) -> None:
    _begun(ledger, key)
    with pytest.raises(KeyReused):
        ledger.begin("create", key, "dunas:web:ana", {"noches": 3, "huésped": "Iñaki"})
    with pytest.raises(KeyReused):
        ledger.begin("cancel", key, "dunas:web:ana", {"noches": 2, "huésped": "Iñaki"})
    with pytest.raises(KeyReused):
        ledger.begin("create", key, "dunas:web:eva", {"noches": 2, "huésped": "Iñaki"})


def test_one_key_from_many_sides_at_once_makes_one_row(ledger: Ledger, key: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda _: _begun(ledger, key), range(8)))
    assert len({row.marker for row in rows}) == 1


def test_of_many_that_move_a_row_at_once_one_does(ledger: Ledger, key: str) -> None:
    change = _begun(ledger, key)

    def move(token: int) -> bool:
        try:
            ledger.move(change, State.SENDING, token=token)
        except (Overtaken, StaleToken):
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(move, range(1, 9))) == 1
    assert len(ledger.transitions(change.id)) == 1


def test_a_holder_of_the_lock_who_was_followed_by_another_moves_no_row(
    ledger: Ledger, key: str
) -> None:
    late = ledger.move(_begun(ledger, key), State.SENDING, token=5)
    ledger.move(_begun(ledger, f"{key}-2"), State.SENDING, token=6)
    with pytest.raises(StaleToken):
        ledger.move(late, State.CONFIRMED, token=5, outcome=Booked(BOOKING), answer=Answer.HANDED)
    assert ledger.get(late.id) == late


def test_all_moves_are_kept_with_their_times(ledger: Ledger, key: str, clock: Clock) -> None:
    sending = ledger.move(_begun(ledger, key), State.SENDING, token=3)
    clock.time += timedelta(seconds=20)
    ledger.move(sending, State.UNCERTAIN, reason="Uncertain")
    moves = ledger.transitions(sending.id)
    assert [(move.from_state, move.to_state) for move in moves] == [
        (State.INTENDED, State.SENDING),
        (State.SENDING, State.UNCERTAIN),
    ]
    assert moves[1].at - moves[0].at == timedelta(seconds=20)
    assert (moves[0].token, moves[1].reason) == (3, "Uncertain")


def test_what_speaks_for_the_pms_needs_the_lock(ledger: Ledger, key: str) -> None:
    for state in FENCED & MOVES[State.INTENDED]:
        with pytest.raises(MoveNotAllowed):
            ledger.move(_begun(ledger, key), state)


@pytest.mark.parametrize(
    "outcome",
    [
        Booked(BOOKING, total_differs=True),
        Changed(BOOKING),
        Cancelled(BOOKING),
        PriceChanged(OFFER, Decimal("99.90")),
        Unavailable(),
        GuestDataWrong("email"),
        NotAllowed("past"),
        PmsAway(),
        NotDone(),
        WithPerson("half_changed"),
    ],
)
def test_every_outcome_is_kept_as_it_was(ledger: Ledger, key: str, outcome: FinalOutcome) -> None:
    change = ledger.move(_begun(ledger, key), State.REFUSED, outcome=outcome, answer=Answer.PENDING)
    assert ledger.get(change.id).outcome == outcome


def test_an_answer_is_taken_by_one_process_and_again_only_when_that_died(
    ledger: Ledger, key: str, clock: Clock
) -> None:
    change = _confirmed(ledger, key, Booked(BOOKING), Answer.PENDING)
    assert ledger.take_answer(change)
    assert not ledger.take_answer(change)
    clock.time += timedelta(minutes=2)
    dead_since = clock.time - timedelta(minutes=1)
    assert ledger.untold(dead_since) == [ledger.get(change.id)]
    assert ledger.take_answer(change, dead_since)
    assert not ledger.take_answer(change, dead_since)
    assert ledger.told(change.id)
    assert not ledger.told(change.id)
    assert not ledger.untold(clock.time + timedelta(days=1))


def test_what_is_left_over_is_found_and_what_ended_is_not(
    ledger: Ledger, key: str, clock: Clock
) -> None:
    left = ledger.move(_begun(ledger, key), State.SENDING, token=1)
    _confirmed(ledger, f"{key}-2", Booked(BOOKING), Answer.HANDED)
    assert not ledger.unfinished(clock.time)
    assert ledger.unfinished(clock.time + timedelta(seconds=1)) == [left]


def test_a_hotels_database_is_made_by_processes_that_start_together(
    tmp_path: Path, processes: ForkServerContext, postgres_url: str
) -> None:
    for database in (None, postgres_url):
        started = [
            processes.Process(target=_open, args=(str(tmp_path), database)) for _ in range(6)
        ]
        for process in started:
            process.start()
        for process in started:
            process.join()
        assert [process.exitcode for process in started] == [0] * 6


def test_two_hotels_are_opened_at_once_in_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSERJE_STATE", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with ThreadPoolExecutor(8) as pool:
        engines = list(pool.map(engine, [f"hotel{number}" for number in range(8)]))
    for each in engines:
        assert Ledger(each, Clock()).unfinished(Clock().time) == []
        each.dispose()
    engine.cache_clear()


def _open(state: str, database: str | None) -> None:
    os.environ["CONSERJE_STATE"] = state
    os.environ.pop("DATABASE_URL", None)
    if database:
        os.environ["DATABASE_URL"] = database
    ledger = Ledger(engine(HOTEL), lambda: datetime.now(timezone.utc))
    ledger.begin("create", str(os.getpid()), "dunas:web:ana", {})


def test_the_document_shows_the_tables_of_the_code() -> None:
    text = (ROOT / "docs/reservations.md").read_text(encoding="utf-8")
    states = {state.value: {onward.value for onward in MOVES[state]} for state in State}
    answers = {each.value: {onward.value for onward in ANSWER_MOVES[each]} for each in Answer}
    assert _shown(text, "state") == states
    assert _shown(text, "answer") == answers


def _shown(text: str, title: str) -> dict[str, set[str]]:
    """The rows of the table that has such a title, by what they lead to."""
    table = re.search(rf"^\| {title} \|.*\n.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table
    rows = (row.split("|")[1:4] for row in table[1].splitlines())
    return {name.strip(" `"): set(re.findall(r"`(\w+)`", onward)) for name, _, onward in rows}
