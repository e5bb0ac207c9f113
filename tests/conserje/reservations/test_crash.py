"""A process is killed at each point of the booking path, and recovery makes it good."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from multiprocessing.context import ForkServerContext
from signal import SIGKILL

import pytest

from conserje.pms import Occupancy
from conserje.reservations import Recovery
from conserje.reservations._points import POINTS
from conserje.reservations._states import FINAL, Answer
from conserje.reservations.ledger import Ledger
from tests.conserje.reservations.books import PmsBooks
from tests.conserje.reservations.reception import (
    ANSWERED,
    APARTMENT,
    POST_ANSWERED,
    POST_SENT,
    House,
    Staff,
    Wish,
    quote_of,
    serve_and_die,
    staff_of,
)

DEADLY_POINTS = (*POINTS, POST_SENT, POST_ANSWERED, ANSWERED)
TIMES = ("sqlite", "sqlite", "postgresql")
AFTER_A_WHILE = timedelta(minutes=5)

Killed = Callable[[Wish, str], None]


@pytest.fixture
def killed(house: House, processes: ForkServerContext) -> Killed:
    """Has a wish served by a process that dies at a point."""

    def run(wish: Wish, point: str) -> None:
        process = processes.Process(target=serve_and_die, args=(house, wish, point))
        process.start()
        process.join()
        assert process.exitcode == -SIGKILL

    return run


async def _recover(house: House, recovery: Recovery, ledger: Ledger) -> None:
    """What the recovering process does; its guests' channel drops what it has told before."""
    for answer in await recovery.sweep():
        house.tell(answer.id, answer.outcome)
        ledger.told(answer.id)


async def _wish(staff: Staff, key: str, check_in: date) -> Wish:
    quote = quote_of(APARTMENT, check_in)
    offers = await staff.pms.offers(quote.check_in, quote.check_out, [Occupancy(2)])
    total = next(offer.total for offer in offers if offer.room_type.id == APARTMENT)
    return Wish("create", key, replace(quote, total=total))


@pytest.mark.parametrize("point", DEADLY_POINTS)
@pytest.mark.parametrize("house", TIMES, indirect=True)
async def test_a_killed_booking_is_made_once_or_not_and_the_guest_hears_once(
    point: str,
    house: House,
    books: PmsBooks,
    killed: Killed,
    key: str,
    check_in: date,
) -> None:
    async with staff_of(house) as staff:
        wish = await _wish(staff, key, check_in)
    killed(wish, point)
    async with staff_of(house, later=AFTER_A_WHILE) as staff:
        await _recover(house, staff.recovery, staff.ledger)
        change = (await wish.fulfil(staff.desk)).change_id
        row = staff.ledger.get(change)
        rooms = await books.live_rooms_marked(row.marker)
        told = house.read_answers()
        assert [answer["id"] for answer in told] == [row.id]
        assert told[0]["outcome"] == ("Booked" if rooms else "NotDone")
        assert len(rooms) <= 1
        assert len(await books.live_rooms(id_room="24", date_from=f"[{check_in}]%")) == len(rooms)
        assert row.answer is Answer.DELIVERED
        assert sum(move.to_state in FINAL for move in staff.ledger.transitions(row.id)) == 1
        assert not await staff.recovery.sweep()


@pytest.mark.parametrize("point", DEADLY_POINTS)
async def test_a_killed_cancellation_is_found_out(
    point: str,
    house: House,
    books: PmsBooks,
    killed: Killed,
    key: str,
    check_in: date,
) -> None:
    async with staff_of(house) as staff:
        wish = await _wish(staff, key, check_in)
        said = await wish.fulfil(staff.desk)
        await staff.desk.told(said.change_id)
    booking = said.outcome.booking  # type: ignore[union-attr]
    cancelling = Wish("cancel", f"{key}-2", wish.quote, booking)
    killed(cancelling, point)
    async with staff_of(house, later=AFTER_A_WHILE) as staff:
        await _recover(house, staff.recovery, staff.ledger)
        rooms = await books.live_rooms_marked(booking.marker)
        told = house.read_answers()
        assert [answer["outcome"] for answer in told] == ["NotDone" if rooms else "Cancelled"]
        assert not await staff.recovery.sweep()


@pytest.mark.parametrize("point", DEADLY_POINTS)
async def test_a_killed_change_is_found_out(
    point: str,
    house: House,
    books: PmsBooks,
    killed: Killed,
    key: str,
    check_in: date,
) -> None:
    async with staff_of(house) as staff:
        wish = await _wish(staff, key, check_in)
        said = await wish.fulfil(staff.desk)
        await staff.desk.told(said.change_id)
        booking = said.outcome.booking  # type: ignore[union-attr]
        longer = wish.quote.check_out + timedelta(days=1)
        offers = await staff.pms.change_offers(booking, check_in, longer, [Occupancy(2)])
    total = next(offer.total for offer in offers if offer.room_type.id == APARTMENT)
    quote = replace(wish.quote, check_out=longer, total=total)
    killed(Wish("change", f"{key}-2", quote, booking), point)
    async with staff_of(house, later=AFTER_A_WHILE) as staff:
        await _recover(house, staff.recovery, staff.ledger)
        now = await staff.pms.find(booking.reference, booking.email)
        told = house.read_answers()
        changed = "Changed" if now.check_out == longer else "NotDone"
        assert [answer["outcome"] for answer in told] == [changed]
        assert now.check_out in (booking.check_out, longer)
        assert not await staff.recovery.sweep()
