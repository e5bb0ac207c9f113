"""What stands between the dialogue and a PMS that is slow, down or telling nonsense."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from conserje.breaker import Breaker, BreakerSettings
from conserje.pms import (
    AnswerNotUnderstood,
    BookingNotFound,
    Occupancy,
    PmsDown,
    PmsError,
    Uncertain,
)
from conserje.pms.guarded import GuardedPms, GuardSettings, PmsUnavailable
from conserje.valkey import Valkey
from tests.conserje.pms.conftest import DUNAS, MIRADOR, STUDIO, Control, RequestMaker, Server
from tests.conserje.ticking import Clock

ASK = {"method": "POST", "path": "/api/hotel_ari"}
TWO = (Occupancy(2),)
OPENS = BreakerSettings(minimum_calls=3, failure_rate=0.5, open_seconds=20, open_jitter=0)
NEVER_OPENS = BreakerSettings(minimum_calls=1000)

Guard = Callable[..., GuardedPms]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pauses() -> list[float]:
    """What was waited between attempts; no time passes."""
    return []


@pytest.fixture
async def guard(
    server: Server, valkey: Valkey, hotel: str, clock: Clock, pauses: list[float]
) -> AsyncIterator[Guard]:
    """Makes a guarded adapter; options of the adapter beside the settings."""
    adapters = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(seconds)

    def make(
        settings: GuardSettings | None = None,
        breaker: BreakerSettings = NEVER_OPENS,
        hotel_id: int = DUNAS,
        **adapter: Any,
    ) -> GuardedPms:
        adapters.append(server.adapter(hotel_id, **adapter))
        own = Breaker(f"{hotel}-{hotel_id}", "qloapps", valkey, breaker, clock=clock)
        return GuardedPms(adapters[-1], hotel, own, settings, clock=clock, sleep=sleep)

    yield make
    for made in adapters:
        await made.close()


@pytest.fixture
def stay(request_of: RequestMaker) -> tuple[Any, Any, tuple[Occupancy, ...]]:
    """Dates and guests to ask offers for."""
    return request_of.check_in, request_of.check_out, TWO


# Retries


@pytest.mark.parametrize("kind", ["refuse", "half_answer", "unavailable_503", "html_200"])
async def test_a_read_that_fails_once_is_asked_again(
    guard: Guard, control: Control, stay: Any, pauses: list[float], kind: str
) -> None:
    pms = guard()
    await control.fault(kind, **ASK)

    assert await pms.offers(*stay)

    assert len(pauses) == 1
    assert 0 <= pauses[0] <= 0.2


async def test_a_read_that_keeps_failing_is_given_up(
    guard: Guard, control: Control, stay: Any, pauses: list[float]
) -> None:
    pms = guard()
    await control.fault("unavailable_503", times=None, **ASK)

    with pytest.raises(PmsDown):
        await pms.offers(*stay)

    assert await control.requests("POST", "hotel_ari") == 3
    assert len(pauses) == 2
    assert pauses[1] <= 0.4


async def test_a_read_without_an_answer_ends_at_its_deadline(
    guard: Guard, control: Control, stay: Any
) -> None:
    pms = guard(GuardSettings(attempts=1, read_deadline=0.3), read_timeout=30.0)
    await control.fault("hang", seconds=20, **ASK)

    with pytest.raises(PmsDown):
        await pms.offers(*stay)


async def test_what_is_not_there_is_asked_for_once(
    guard: Guard, control: Control, pauses: list[float]
) -> None:
    pms = guard()
    with pytest.raises(BookingNotFound):
        await pms.find("NOSUCHREF", "nadie@example.com")
    assert not pauses


@pytest.mark.parametrize("kind", ["refuse", "unavailable_503", "empty_500"])
async def test_a_create_is_never_sent_twice(
    guard: Guard, control: Control, request_of: RequestMaker, kind: str
) -> None:
    pms = guard()
    request = await request_of(pms, STUDIO)
    await control.fault(kind, method="POST", path="/api/bookings")

    with pytest.raises(PmsError):
        await pms.book(request)

    assert await control.requests("POST", "bookings") == 1


async def test_a_cancellation_is_never_sent_twice(
    guard: Guard, control: Control, request_of: RequestMaker
) -> None:
    pms = guard()
    booking = await pms.book(await request_of(pms, STUDIO))
    await control.fault("refuse", method="POST", path="/api/order_histories")

    with pytest.raises(Uncertain):
        await pms.cancel(booking)

    assert await control.requests("POST", "order_histories") == 1
    assert (await pms.cancel(booking)).status == "cancelled"


# Breaker


async def test_a_pms_that_fails_is_left_alone_until_it_has_had_time(
    guard: Guard, control: Control, stay: Any, clock: Clock
) -> None:
    pms = guard(breaker=OPENS)
    await control.fault("unavailable_503", times=None)
    with pytest.raises(PmsDown):
        await pms.offers(*stay)
    asked = await control.requests("POST", "hotel_ari")

    with pytest.raises(PmsUnavailable):
        await pms.offers(*stay)
    assert await control.requests("POST", "hotel_ari") == asked

    await control.post("reset")
    clock.advance(20)
    assert await pms.offers(*stay)


async def test_a_booking_is_refused_at_once_while_the_breaker_is_open(
    guard: Guard, control: Control, request_of: RequestMaker
) -> None:
    pms = guard(breaker=OPENS)
    request = await request_of(pms, STUDIO)
    await open_up(pms, control)

    with pytest.raises(PmsUnavailable):
        await pms.book(request)

    assert await control.requests("POST", "bookings") == 0


async def test_rejections_of_our_own_data_open_nothing(
    guard: Guard, request_of: RequestMaker
) -> None:
    pms = guard(breaker=OPENS)
    for _ in range(10):
        with pytest.raises(BookingNotFound):
            await pms.find("NOSUCHREF", "nadie@example.com")

    assert await request_of(pms, STUDIO)


async def test_without_the_pms_room_types_are_told_as_old_and_offers_not_at_all(
    guard: Guard, control: Control, stay: Any, clock: Clock
) -> None:
    pms = guard(breaker=OPENS)
    rooms = await pms.room_types_known()
    assert not rooms.stale
    assert await pms.offers(*stay)
    await open_up(pms, control)

    with pytest.raises(PmsUnavailable):
        await pms.offers(*stay)  # they are not a second old

    assert not (await pms.room_types_known()).stale
    clock.advance(15 * 60)
    known = await pms.room_types_known()
    assert known.stale
    assert known.room_types == rooms.room_types
    with pytest.raises(PmsDown):
        await pms.room_types()


async def test_room_types_that_were_never_read_cannot_be_told(
    guard: Guard, control: Control
) -> None:
    pms = guard()
    await control.fault("html_200", times=None)
    with pytest.raises((PmsDown, AnswerNotUnderstood)):
        await pms.room_types_known()


async def open_up(pms: GuardedPms, control: Control) -> None:
    """Makes the PMS fail until the breaker opens."""
    await control.fault("unavailable_503", times=None)
    for _ in range(10):
        with pytest.raises(PmsDown) as caught:
            await pms.find("NOSUCHREF", "nadie@example.com")
        if isinstance(caught.value, PmsUnavailable):
            return
    pytest.fail("the breaker did not open")


# Bulkhead


async def test_a_call_too_many_is_refused_and_other_hotels_are_not_held_up(
    guard: Guard, control: Control, stay: Any
) -> None:
    crowded = GuardSettings(max_calls=2, queue_seconds=0.05)
    pms, other = guard(crowded, OPENS), guard(crowded, OPENS, hotel_id=MIRADOR)
    await pms.room_types()
    check_in, check_out, rooms = stay
    slow_ones = 2
    await control.fault("slow", seconds=1.5, times=slow_ones, **ASK)

    answers = await asyncio.gather(
        *(
            pms.offers(check_in + timedelta(days=day), check_out + timedelta(days=day), rooms)
            for day in range(6)
        ),
        return_exceptions=True,
    )

    refused = [answer for answer in answers if isinstance(answer, PmsUnavailable)]
    assert len(refused) == 4
    assert all(answer for answer in answers if answer not in refused)
    assert await other.offers(*stay)
    assert await pms.offers(*stay)  # a full bulkhead is no failure of the PMS


# Cache


async def test_the_same_question_is_not_asked_again_for_a_moment(
    guard: Guard, control: Control, stay: Any, clock: Clock
) -> None:
    pms = guard()
    first = await pms.offers(*stay)
    clock.advance(9.9)
    assert await pms.offers(*stay) == first
    assert await control.requests("POST", "hotel_ari") == 1

    clock.advance(0.1)
    assert await pms.offers(*stay) == first
    assert await control.requests("POST", "hotel_ari") == 2


async def test_another_question_has_an_answer_of_its_own(guard: Guard, stay: Any) -> None:
    pms = guard()
    check_in, check_out, _ = stay
    for_one_night = await pms.offers(check_in, check_in + timedelta(days=1), TWO)
    for_two_nights = await pms.offers(check_in, check_out, TWO)
    for_two_rooms = await pms.offers(check_in, check_out, TWO * 2)

    assert for_one_night[0].total < for_two_nights[0].total < for_two_rooms[0].total


async def test_the_price_asked_again_before_booking_is_the_present_one(
    guard: Guard, control: Control, stay: Any
) -> None:
    pms = guard()
    before = await pms.offers(*stay)
    asked = await control.requests("POST", "hotel_ari")

    assert await pms.offers_now(*stay) == before
    assert await control.requests("POST", "hotel_ari") == asked + 1

    assert await pms.offers(*stay) == before  # what was learnt is kept
    assert await control.requests("POST", "hotel_ari") == asked + 1


async def test_room_types_are_kept_for_long(guard: Guard, control: Control, clock: Clock) -> None:
    pms = guard()
    await pms.room_types()
    clock.advance(14 * 60)
    await pms.room_types()
    assert await control.requests("GET", "room_types") == 1

    clock.advance(60)
    await pms.room_types()
    assert await control.requests("GET", "room_types") == 2


async def test_equal_questions_at_once_are_one_question_to_the_pms(
    guard: Guard, control: Control, stay: Any
) -> None:
    pms = guard()
    answers = await asyncio.gather(*(pms.offers(*stay) for _ in range(5)))
    assert all(answer == answers[0] for answer in answers)
    assert await control.requests("POST", "hotel_ari") == 1


async def test_one_who_does_not_wait_for_the_answer_takes_it_from_nobody(
    guard: Guard, control: Control, stay: Any
) -> None:
    pms = guard()
    await control.fault("slow", seconds=0.3, **ASK)
    leaving = asyncio.create_task(pms.offers(*stay))
    staying = asyncio.create_task(pms.offers(*stay))
    await asyncio.wait([leaving], timeout=0.1)
    leaving.cancel()

    assert await staying
    assert await control.requests("POST", "hotel_ari") == 1


async def test_our_own_changes_are_seen_at_once(
    guard: Guard, stay: Any, request_of: RequestMaker
) -> None:
    pms = guard()

    async def free() -> int:
        offers = await pms.offers(*stay)
        return next(offer.rooms_free for offer in offers if offer.room_type.id == STUDIO)

    before = await free()
    booking = await pms.book(await request_of(pms, STUDIO))
    assert await free() == before - 1
    await pms.cancel(booking)
    assert await free() == before


async def test_an_answer_from_before_our_booking_is_not_kept(
    guard: Guard, control: Control, stay: Any, request_of: RequestMaker
) -> None:
    pms = guard()
    request = await request_of(guard(), STUDIO)
    await control.fault("slow", seconds=1.5, **ASK)
    early = asyncio.create_task(pms.offers(*stay))
    await asyncio.wait([early], timeout=0.1)

    await pms.book(request)
    asked_after = await pms.offers(*stay)

    studio = next(offer for offer in asked_after if offer.room_type.id == STUDIO)
    assert studio.rooms_free == 2
    await early
    assert await pms.offers(*stay) == asked_after
