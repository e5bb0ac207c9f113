"""The booking path, seen from the guest and from the PMS."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from redis import Redis

from conserje.databases import engine
from conserje.pms import Booking, Guest, Occupancy, Offer
from conserje.reservations import (
    AlreadyBooked,
    Booked,
    Cancelled,
    Changed,
    FinalAnswer,
    GuestDataWrong,
    KeyReused,
    Ledger,
    NotAllowed,
    NotDone,
    Outcome,
    PmsAway,
    PriceChanged,
    Unavailable,
    Uncertain,
    WithPerson,
)
from conserje.reservations import _points as points
from conserje.reservations._points import Observer
from conserje.reservations._states import Answer, State
from conserje.reservations.ledger import Change
from conserje.stay_request import Quote
from tests.conserje.reservations.books import PmsBooks
from tests.conserje.reservations.reception import (
    APARTMENT,
    HOTEL,
    STUDIO,
    House,
    Staff,
    guest,
    quote_of,
    staff_of,
)

GONE_BY = timedelta(minutes=5)
"""Leftovers are old enough to be ended, and a create can no longer be on its way."""
TOO_LONG = timedelta(hours=1)


@pytest.fixture
async def staff(house: House, books: PmsBooks) -> AsyncIterator[Staff]:
    async with staff_of(house) as present:
        yield present
    await books.clear_faults()


async def _quote(staff: Staff, check_in: date, room_type: str = APARTMENT) -> Quote:
    quote = quote_of(room_type, check_in)
    offer = await _offer(staff, quote)
    return replace(quote, total=offer.total)


async def _offer(staff: Staff, quote: Quote) -> Offer:
    offers = await staff.pms.offers(quote.check_in, quote.check_out, [Occupancy(2)])
    return next(offer for offer in offers if offer.room_type.id == quote.room_type_id)


async def _book(staff: Staff, key: str, quote: Quote, who: Guest | None = None) -> Outcome:
    conversation = f"{HOTEL}:web:{key}"
    said = await staff.desk.book(
        conversation=conversation, key=key, quote=quote, guest=who or guest(key)
    )
    return said.outcome


async def _booked(staff: Staff, key: str, quote: Quote) -> Booking:
    outcome = await _book(staff, key, quote)
    assert isinstance(outcome, Booked)
    return outcome.booking


async def test_a_yes_makes_one_booking_at_the_price_that_was_said(
    staff: Staff, books: PmsBooks, key: str, check_in: date
) -> None:
    quote = await _quote(staff, check_in)
    booking = await _booked(staff, key, quote)
    assert booking.total == quote.total
    assert len(await books.live_rooms_marked(booking.marker)) == 1


async def test_the_same_yes_again_is_answered_with_the_same_booking(
    staff: Staff, books: PmsBooks, key: str, check_in: date
) -> None:
    quote = await _quote(staff, check_in, STUDIO)
    booking = await _booked(staff, key, quote)
    assert await _book(staff, key, quote) == AlreadyBooked(booking)
    assert len(await books.live_rooms(date_from=f"[{check_in}]%")) == 1


async def test_the_same_yes_twice_at_once_makes_one_booking(
    staff: Staff, books: PmsBooks, key: str, check_in: date
) -> None:
    quote = await _quote(staff, check_in, STUDIO)
    outcomes = await asyncio.gather(*(_book(staff, key, quote) for _ in range(3)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "AlreadyBooked",
        "AlreadyBooked",
        "Booked",
    ]
    assert len(await books.live_rooms(date_from=f"[{check_in}]%")) == 1


async def test_a_key_with_another_stay_is_refused(staff: Staff, key: str, check_in: date) -> None:
    quote = await _quote(staff, check_in, STUDIO)
    await _book(staff, key, quote)
    with pytest.raises(KeyReused):
        await _book(staff, key, replace(quote, check_out=check_in + timedelta(days=5)))


async def test_at_another_price_than_was_said_the_guest_decides_again(
    staff: Staff, books: PmsBooks, key: str, check_in: date
) -> None:
    quote = await _quote(staff, check_in)
    before = quote.total - 10
    outcome = await _book(staff, key, replace(quote, total=before))
    assert isinstance(outcome, PriceChanged)
    assert (outcome.offer.total, outcome.before) == (quote.total, before)
    assert not await books.live_rooms(date_from=f"[{check_in}]%")


async def test_a_room_that_is_gone_is_not_booked(staff: Staff, key: str, check_in: date) -> None:
    quote = await _quote(staff, check_in)
    await _booked(staff, key, quote)
    assert await _book(staff, f"{key}-2", quote) == Unavailable()


async def test_data_that_the_pms_would_not_take_are_asked_for_again(
    staff: Staff, key: str, check_in: date
) -> None:
    quote = await _quote(staff, check_in)
    wrong = replace(guest(key), email="iñaki en casa")
    assert await _book(staff, key, quote, wrong) == GuestDataWrong("email")


async def test_while_the_pms_is_away_nothing_is_done(
    staff: Staff, books: PmsBooks, key: str, check_in: date
) -> None:
    quote = await _quote(staff, check_in)
    await books.fault("unavailable_503", times=None)
    assert await _book(staff, key, quote) == PmsAway()
    await books.clear_faults()
    assert not await books.live_rooms(date_from=f"[{check_in}]%")


async def test_without_the_lock_nothing_is_done(
    house: House, staff: Staff, books: PmsBooks, key: str, check_in: date
) -> None:
    quote = await _quote(staff, check_in)
    async with staff_of(replace(house, valkey="redis://127.0.0.1:1/0")) as lockless:
        assert await _book(lockless, key, quote) == PmsAway()
    assert not await books.live_rooms(date_from=f"[{check_in}]%")


@pytest.mark.parametrize("fault", ["reset", "half_answer", "created_but_500"])
async def test_a_booking_whose_answer_is_lost_is_found_at_once(
    staff: Staff, books: PmsBooks, key: str, check_in: date, fault: str
) -> None:
    quote = await _quote(staff, check_in)
    await books.fault(fault, method="POST", path="^/api/bookings")
    booking = await _booked(staff, key, quote)
    assert len(await books.live_rooms_marked(booking.marker)) == 1


async def test_a_booking_that_cannot_be_looked_for_is_confirmed_later_and_once(
    house: House, staff: Staff, books: PmsBooks, key: str, check_in: date
) -> None:
    quote = await _quote(staff, check_in)
    await books.fault("reset", method="POST", path="^/api/bookings")
    # The first look at the orders is before the create.
    await books.fault("slow", method="GET", path="^/api/orders", times=1, seconds=0)
    await books.fault("empty_500", method="GET", path="^/api/orders", times=None)
    assert await _book(staff, key, quote) == Uncertain()
    await books.clear_faults()
    async with staff_of(house, later=GONE_BY) as later:
        (answer,) = await later.recovery.sweep()
        assert isinstance(answer.outcome, Booked)
        assert answer.conversation == f"{HOTEL}:web:{key}"
        later.ledger.told(answer.id)
        assert not await later.recovery.sweep()
    assert len(await books.live_rooms_marked(answer.outcome.booking.marker)) == 1


async def test_a_pms_that_never_tells_brings_a_person(
    house: House, books: PmsBooks, key: str, check_in: date
) -> None:
    change = await _left_before_sending(house, key, check_in)
    await books.fault("unavailable_503", times=None)
    async with staff_of(house, later=GONE_BY) as later:
        assert not await later.recovery.sweep()
        assert later.ledger.get(change.id).state is State.UNCERTAIN
    async with staff_of(house, later=TOO_LONG) as later:
        (answer,) = await later.recovery.sweep()
        assert answer.outcome == WithPerson("pms_does_not_tell")
    await books.clear_faults()


async def _left_before_sending(house: House, key: str, check_in: date) -> Change:
    """What a process leaves that ends when it is about to send."""
    seen: list[Change] = []

    def leave(point: str, change: Change) -> None:
        if point == points.SENDING:
            seen.append(change)
            raise asyncio.CancelledError

    async with staff_of(house, observer=leave) as staff:
        quote = await _quote(staff, check_in)
        with pytest.raises(asyncio.CancelledError):
            await _book(staff, key, quote)
    return seen[0]


async def test_an_answer_that_cannot_be_told_is_told_a_minute_later_and_once(
    house: House, key: str, check_in: date
) -> None:
    change = await _left_before_sending(house, key, check_in)
    told: list[str] = []
    tries = 0

    async def tell(answer: FinalAnswer) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OSError
        told.append(answer.id)

    async with staff_of(house, later=GONE_BY) as present:
        await _sweep_once(present, tell)
    async with staff_of(house, later=GONE_BY + timedelta(minutes=2)) as later:
        await _sweep_once(later, tell)
        await _sweep_once(later, tell)
    assert (tries, told) == (2, [change.id])


async def _sweep_once(staff: Staff, tell: Callable[[FinalAnswer], Awaitable[None]]) -> None:
    async def end(_: float) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await staff.recovery.run(tell, sleep=end)


async def test_a_create_that_may_be_on_its_way_is_not_given_up(
    house: House, key: str, check_in: date
) -> None:
    change = await _left_before_sending(house, key, check_in)
    async with staff_of(house, later=timedelta(seconds=70)) as later:
        assert not await later.recovery.sweep()
        assert later.ledger.get(change.id).state is State.UNCERTAIN
    async with staff_of(house, later=GONE_BY) as later:
        (answer,) = await later.recovery.sweep()
        assert answer.outcome == NotDone()


async def test_a_create_that_arrives_after_it_was_given_up_is_taken_back(
    house: House, books: PmsBooks, key: str, check_in: date
) -> None:
    change = await _left_before_sending(house, key, check_in)
    async with staff_of(house, later=GONE_BY) as later:
        await later.recovery.sweep()
        await books.take(APARTMENT, check_in, change.marker)
        assert await books.live_rooms_marked(change.marker)
        await later.recovery.sweep()
    assert not await books.live_rooms_marked(change.marker)


async def test_a_late_holder_takes_back_what_was_given_up_meanwhile(
    house: House, books: PmsBooks, key: str, check_in: date
) -> None:
    """It stalls before sending for so long that the guest was told that nothing came of it."""

    def give_up(point: str, change: Change) -> None:
        if point == points.SENDING:
            ledger = Ledger(engine(HOTEL), lambda: datetime.now(timezone.utc))
            unknown = ledger.move(change, State.UNCERTAIN)
            ledger.move(
                unknown,
                State.NOT_DONE,
                token=change.token,
                outcome=NotDone(),
                answer=Answer.HANDED,
            )

    async with staff_of(house, observer=give_up) as staff:
        quote = await _quote(staff, check_in)
        assert await _book(staff, key, quote) == Uncertain()
    assert not await books.live_rooms(date_from=f"[{check_in}]%")


async def test_recovery_takes_back_a_room_that_the_hotels_desk_had_first(
    house: House, books: PmsBooks, key: str, check_in: date
) -> None:
    change = await _left_before_sending(house, key, check_in)
    await books.settings(double_booking_share=1)
    await asyncio.gather(
        books.take(APARTMENT, check_in, "recepcion"),
        books.take(APARTMENT, check_in, change.marker),
    )
    await books.settings(double_booking_share=0.15)
    first, _ = sorted(
        await books.live_rooms(date_from=f"[{check_in}]%"), key=lambda row: int(row["id"])
    )
    ours_was_first = first in await books.live_rooms_marked(change.marker)
    async with staff_of(house, later=GONE_BY) as later:
        (answer,) = await later.recovery.sweep()
    assert isinstance(answer.outcome, Booked if ours_was_first else Unavailable)
    assert bool(await books.live_rooms_marked(change.marker)) == ours_was_first
    assert first in await books.live_rooms(date_from=f"[{check_in}]%")


def _loses_the_lock(house: House, at: str) -> Observer:
    def lose(point: str, _: Change) -> None:
        if point == at:
            Redis.from_url(house.valkey).delete(f"conserje:lock:{HOTEL}")

    return lose


async def test_who_loses_the_lock_before_sending_sends_nothing(
    house: House, books: PmsBooks, key: str, check_in: date
) -> None:
    async with staff_of(house, observer=_loses_the_lock(house, points.PRICED)) as staff:
        assert await _book(staff, key, await _quote(staff, check_in)) == PmsAway()
    assert not await books.live_rooms(date_from=f"[{check_in}]%")


async def test_who_loses_the_lock_after_sending_asks_the_pms_before_it_confirms(
    house: House, books: PmsBooks, key: str, check_in: date
) -> None:
    async with staff_of(house, observer=_loses_the_lock(house, points.SENT)) as staff:
        quote = await _quote(staff, check_in)
        said = await staff.desk.book(conversation=HOTEL, key=key, quote=quote, guest=guest(key))
        moves = staff.ledger.transitions(said.change_id)
    assert isinstance(said.outcome, Booked)
    assert [move.to_state for move in moves] == [State.SENDING, State.UNCERTAIN, State.CONFIRMED]
    assert moves[0].token != moves[-1].token
    assert len(await books.live_rooms_marked(said.outcome.booking.marker)) == 1


async def test_a_total_that_differs_from_what_was_said_is_for_a_person(
    house: House, books: PmsBooks, key: str, check_in: date
) -> None:
    def dearer(point: str, _: Change) -> None:
        if point == points.SENDING:
            books.raise_price(APARTMENT, check_in)

    async with staff_of(house, observer=dearer) as staff:
        quote = await _quote(staff, check_in)
        outcome = await _book(staff, key, quote)
    assert isinstance(outcome, Booked)
    assert outcome.total_differs and outcome.booking.total > quote.total


async def _change(staff: Staff, key: str, booking: Booking, quote: Quote) -> Outcome:
    said = await staff.desk.change(
        conversation=f"{HOTEL}:web:{key}",
        key=f"{key}-change",
        booking=booking,
        quote=quote,
    )
    return said.outcome


async def _longer(staff: Staff, booking: Booking, quote: Quote) -> Quote:
    """The stay with a night more, at what that comes to."""
    end = quote.check_out + timedelta(days=1)
    offers = await staff.pms.change_offers(booking, quote.check_in, end, [Occupancy(2)])
    total = next(offer.total for offer in offers if offer.room_type.id == quote.room_type_id)
    return replace(quote, check_out=end, total=total)


async def test_a_stay_is_made_longer_at_the_total_that_was_said(
    staff: Staff, key: str, check_in: date
) -> None:
    quote = await _quote(staff, check_in)
    booking = await _booked(staff, key, quote)
    longer = await _longer(staff, booking, quote)
    outcome = await _change(staff, key, booking, longer)
    assert isinstance(outcome, Changed)
    assert (outcome.booking.check_out, outcome.booking.total) == (longer.check_out, longer.total)
    assert outcome.booking.reference == booking.reference


async def test_a_change_at_another_price_is_for_the_guest_to_decide(
    staff: Staff, key: str, check_in: date
) -> None:
    quote = await _quote(staff, check_in)
    booking = await _booked(staff, key, quote)
    longer = await _longer(staff, booking, quote)
    outcome = await _change(staff, key, booking, replace(longer, total=longer.total - 1))
    assert isinstance(outcome, PriceChanged)
    assert await staff.pms.find(booking.reference, booking.email) == booking


async def test_a_cancelled_booking_is_not_changed(staff: Staff, key: str, check_in: date) -> None:
    quote = await _quote(staff, check_in)
    booking = await _booked(staff, key, quote)
    longer = await _longer(staff, booking, quote)
    await staff.pms.cancel(booking)
    assert await _change(staff, key, booking, longer) == NotAllowed("cancelled")


async def test_a_change_to_what_is_booked_already_does_nothing(
    staff: Staff, key: str, check_in: date
) -> None:
    quote = await _quote(staff, check_in)
    booking = await _booked(staff, key, quote)
    assert await _change(staff, key, booking, quote) == NotAllowed("unchanged")


async def test_a_booking_is_cancelled_and_its_room_free_again(
    staff: Staff, books: PmsBooks, key: str, check_in: date
) -> None:
    booking = await _booked(staff, key, await _quote(staff, check_in))
    for _ in range(2):
        said = await staff.desk.cancel(
            conversation=f"{HOTEL}:web:{key}", key=f"{key}-cancel", booking=booking
        )
        assert isinstance(said.outcome, Cancelled)
    assert not await books.live_rooms_marked(booking.marker)
