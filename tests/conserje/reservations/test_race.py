"""Guests in several processes say yes to the last room at once, and the hotel's desk too."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext

import pytest

from conserje.pms import Occupancy
from conserje.reservations import Booked, Outcome, Said, Unavailable
from tests.conserje.reservations.books import PmsBooks
from tests.conserje.reservations.reception import (
    APARTMENT,
    House,
    Wish,
    quote_of,
    serve_many,
    staff_of,
)

ROUNDS = int(os.environ.get("RACE_ROUNDS", "40"))
"""200 for the whole proof, which takes minutes: 5 guests a round on average."""
PROCESSES = 4
LAST_ROOM = "24"
FIRST_DAY = date(2031, 1, 6)


@pytest.fixture
def workers(house: House, processes: ForkServerContext) -> Iterator[list[Connection]]:
    """Processes of ours, each ready to take lists of wishes."""
    at_hotel = replace(house, lease=10.0)
    with _running(at_hotel, processes) as connections:
        assert [connection.recv() for connection in connections] == ["ready"] * PROCESSES
        yield connections


@contextmanager
def _running(house: House, processes: ForkServerContext) -> Iterator[list[Connection]]:
    pipes = [processes.Pipe() for _ in range(PROCESSES)]
    started = [processes.Process(target=serve_many, args=(house, theirs)) for _, theirs in pipes]
    for process in started:
        process.start()
    try:
        yield [ours for ours, _ in pipes]
        for ours, _ in pipes:
            ours.send(None)
    finally:
        for process in started:
            process.join(10)
            process.kill()


@dataclass(frozen=True)
class Round:
    outcomes: list[Outcome]
    live: list[tuple[int, str]]
    """Live bookings of the room for these nights, number of the room booking and order, the
    oldest first."""

    @property
    def confirmed(self) -> list[str]:
        """The orders that guests were told of."""
        return [each.booking.id for each in self.outcomes if isinstance(each, Booked)]

    def check(self) -> str:
        """Who has the room; raises `AssertionError` where a guest was wronged."""
        assert {type(outcome) for outcome in self.outcomes} <= {Booked, Unavailable}
        orders = [order for _, order in self.live]
        if self.confirmed:
            # What the desk puts on top later is the desk's: the guest has the room first.
            assert self.confirmed == orders[:1]
            return "guest" if len(orders) == 1 else "guest, and the desk overbooked it later"
        assert len(orders) == 1
        return "desk"


async def _round(
    workers: list[Connection], books: PmsBooks, wishes: list[Wish], desk_after: int | None
) -> Round:
    """The hotel's desk books once it has looked `desk_after` times."""
    check_in = wishes[0].quote.check_in
    busy = [(worker, wishes[place::PROCESSES]) for place, worker in enumerate(workers)]
    for worker, some in busy:
        if some:
            worker.send(some)
    if desk_after is not None:
        for _ in range(desk_after):
            await books.live_rooms(id_room=LAST_ROOM, date_from=f"[{check_in}]%")
        await books.take(APARTMENT, check_in, "recepcion")
    answers: dict[str, Said] = {}
    for worker, some in busy:
        if some:
            answers |= await asyncio.to_thread(worker.recv)
    rows = await books.live_rooms(id_room=LAST_ROOM, date_from=f"[{check_in}]%")
    live = sorted((int(row["id"]), row["id_order"]) for row in rows)
    return Round([said.outcome for said in answers.values()], live)


async def test_of_all_who_want_the_last_room_one_gets_it_and_the_others_are_told(
    house: House, workers: list[Connection], books: PmsBooks, key: str
) -> None:
    chance = random.Random(key)
    async with staff_of(house) as staff:
        quote = quote_of(APARTMENT, FIRST_DAY)
        offers = await staff.pms.offers(quote.check_in, quote.check_out, [Occupancy(2)])
    total = next(offer.total for offer in offers if offer.room_type.id == APARTMENT)
    winners: Counter[str] = Counter()
    for number in range(ROUNDS):
        quote = replace(quote_of(APARTMENT, FIRST_DAY + timedelta(3 * number)), total=total)
        guests = chance.randint(2, 8)
        wishes = [Wish("create", f"{key}-{number}-{guest}", quote) for guest in range(guests)]
        desk_after = chance.randint(0, 20) if number % 3 == 2 else None
        done = await _round(workers, books, wishes, desk_after)
        assert len(done.outcomes) == guests
        winners[done.check()] += 1
    print(f"\n{ROUNDS} rounds: {dict(winners)}")  # noqa: T201 - the figure of the run
