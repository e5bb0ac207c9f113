"""Around a hotel's PMS: breaker, bulkhead, retries of reads, cache.

Nothing here makes a change twice, and prices and availability are never older than
`GuardSettings.offers_for`, nor served at all while the breaker is not closed.
"""

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from conserje.breaker import Breaker, BreakerOpen
from conserje.metrics import PMS_CACHE, PMS_CALL_SECONDS, PMS_REFUSED
from conserje.pms._errors import AnswerNotUnderstood, PmsDown, PmsError, Uncertain
from conserje.pms._model import Booking, BookingRequest, Occupancy, Offer, RoomType
from conserje.pms._port import Pms

Q = TypeVar("Q", bound=Hashable)
T = TypeVar("T")

_Question = tuple[date, date, tuple[Occupancy, ...]]
_chance = random.SystemRandom().random


class PmsUnavailable(PmsDown):
    """The PMS was not asked: it has failed lately, or too many of our calls wait for it."""


@dataclass(frozen=True)
class GuardSettings:
    """Times are in seconds."""

    attempts: int = 3
    """Of a read, the first one included."""
    read_deadline: float = 12.0
    """For all attempts of a read and the pauses between them."""
    first_pause: float = 0.2
    longest_pause: float = 2.0
    """The pause is by chance between nothing and a limit that doubles each time."""
    max_calls: int = 10
    """Calls of this hotel's PMS at once, in this process."""
    queue_seconds: float = 2.0
    """How long a call more may wait for its turn."""
    room_types_for: float = 15 * 60.0
    offers_for: float = 10.0
    """For how long an answer is given again."""


@dataclass(frozen=True)
class KnownRoomTypes:
    room_types: Sequence[RoomType]
    stale: bool
    """The PMS could not be asked, and these are older than they should be."""


class GuardedPms:
    """Implements `conserje.pms.Pms` on another one; one per hotel, process and event loop.

    Raises what that one does, and `PmsUnavailable`. `clock` gives seconds that only run on,
    `sleep` waits for seconds.
    """

    def __init__(
        self,
        pms: Pms,
        hotel_id: str,
        breaker: Breaker,
        settings: GuardSettings | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._pms = pms
        self._hotel = hotel_id
        self._breaker = breaker
        self._settings = settings or GuardSettings()
        self._clock = clock
        self._sleep = sleep
        self._places = asyncio.Semaphore(self._settings.max_calls)
        self._room_types: _Answers[None, Sequence[RoomType]]
        self._room_types = _Answers(self._settings.room_types_for, clock)
        self._offers: _Answers[_Question, Sequence[Offer]]
        self._offers = _Answers(self._settings.offers_for, clock)

    # Reading

    async def room_types(self) -> Sequence[RoomType]:
        kept = self._room_types.fresh(None)
        self._count("room_types", "cache" if kept else "pms")
        return kept or await self._room_types.ask(None, self._read_room_types)

    async def room_types_known(self) -> KnownRoomTypes:
        """As `room_types`, but while the PMS fails the last ones, however old."""
        try:
            return KnownRoomTypes(await self.room_types(), stale=False)
        except PmsError:
            last = self._room_types.last(None)
            if last is None:
                raise
            self._count("room_types", "stale")
            return KnownRoomTypes(last, stale=True)

    async def offers(
        self, check_in: date, check_out: date, rooms: Sequence[Occupancy]
    ) -> Sequence[Offer]:
        """At most `GuardSettings.offers_for` old. Before a booking, ask `offers_now`."""
        kept = self._offers.fresh((check_in, check_out, tuple(rooms)))
        if kept is not None and await self._breaker.is_closed():
            self._count("offers", "cache")
            return kept
        return await self._ask_offers(check_in, check_out, rooms, anew=False)

    async def offers_now(
        self, check_in: date, check_out: date, rooms: Sequence[Occupancy]
    ) -> Sequence[Offer]:
        """As `offers`, but the PMS is asked after this call began."""
        return await self._ask_offers(check_in, check_out, rooms, anew=True)

    async def find(self, reference: str, email: str) -> Booking:
        return await self._read("find", lambda: self._pms.find(reference, email))

    async def find_by_marker(self, marker: str) -> Booking | None:
        return await self._read("find_by_marker", lambda: self._pms.find_by_marker(marker))

    async def find_by_guest(
        self, *, email: str | None = None, phone: str | None = None
    ) -> Sequence[Booking]:
        return await self._read(
            "find_by_guest", lambda: self._pms.find_by_guest(email=email, phone=phone)
        )

    async def change_offers(
        self, booking: Booking, check_in: date, check_out: date, rooms: Sequence[Occupancy]
    ) -> Sequence[Offer]:
        return await self._read(
            "change_offers", lambda: self._pms.change_offers(booking, check_in, check_out, rooms)
        )

    # Changing

    async def book(self, request: BookingRequest) -> Booking:
        return await self._change("book", lambda: self._pms.book(request))

    async def settle(self, request: BookingRequest) -> Booking:
        return await self._change("settle", lambda: self._pms.settle(request))

    async def change(self, booking: Booking, wanted: BookingRequest) -> Booking:
        return await self._change("change", lambda: self._pms.change(booking, wanted))

    async def cancel(self, booking: Booking) -> Booking:
        return await self._change("cancel", lambda: self._pms.cancel(booking))

    async def _change(self, operation: str, call: Callable[[], Awaitable[T]]) -> T:
        """Once, and without a deadline of ours: what was sent must be read back."""
        try:
            return await self._call(operation, call, None)
        finally:
            self._offers.forget()  # whatever came of it

    async def _read_room_types(self) -> Sequence[RoomType]:
        return tuple(await self._read("room_types", self._pms.room_types))

    async def _ask_offers(
        self, check_in: date, check_out: date, rooms: Sequence[Occupancy], *, anew: bool
    ) -> Sequence[Offer]:
        asked = tuple(rooms)

        async def ask() -> Sequence[Offer]:
            call = self._pms.offers
            return tuple(await self._read("offers", lambda: call(check_in, check_out, asked)))

        self._count("offers", "pms")
        return await self._offers.ask((check_in, check_out, asked), ask, anew=anew)

    async def _read(self, operation: str, call: Callable[[], Awaitable[T]]) -> T:
        """Tries again while the PMS fails, as long as the deadline allows."""
        settings = self._settings
        until = self._clock() + settings.read_deadline
        limit = settings.first_pause
        for _ in range(settings.attempts - 1):
            try:
                return await self._call(operation, call, until)
            except PmsUnavailable:
                raise
            except (PmsDown, AnswerNotUnderstood):
                pause = _chance() * limit
                if self._clock() + pause >= until:
                    raise
            await self._sleep(pause)
            limit = min(2 * limit, settings.longest_pause)
        return await self._call(operation, call, until)

    async def _call(
        self, operation: str, call: Callable[[], Awaitable[T]], until: float | None
    ) -> T:
        """One attempt. Raises `PmsUnavailable` when it is not let through."""
        try:
            async with self._breaker.guarded(_is_failure), self._place():
                return await self._timed(operation, call, until)
        except BreakerOpen as error:
            PMS_REFUSED.labels(self._hotel, "breaker").inc()
            raise PmsUnavailable("the breaker is open") from error

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One of the hotel's places, so that its slow PMS does not hold up other hotels."""
        try:
            await asyncio.wait_for(self._places.acquire(), self._settings.queue_seconds)
        except asyncio.TimeoutError:
            PMS_REFUSED.labels(self._hotel, "bulkhead").inc()
            raise PmsUnavailable("too many calls wait for the PMS") from None
        try:
            yield
        finally:
            self._places.release()

    async def _timed(
        self, operation: str, call: Callable[[], Awaitable[T]], until: float | None
    ) -> T:
        began, outcome = self._clock(), "answered"
        try:
            return await asyncio.wait_for(call(), None if until is None else until - began)
        except asyncio.TimeoutError:
            outcome = "timeout"
            raise PmsDown(f"{operation}: no answer within its deadline") from None
        except PmsError as error:
            outcome = type(error).__name__
            raise
        finally:
            seconds = self._clock() - began
            PMS_CALL_SECONDS.labels(self._hotel, operation, outcome).observe(seconds)

    def _count(self, question: str, source: str) -> None:
        PMS_CACHE.labels(self._hotel, question, source).inc()


def _is_failure(error: Exception) -> bool:
    """Of the PMS: what it rejects of ours (4xx) and what it was not asked are none."""
    failures = (PmsDown, AnswerNotUnderstood, Uncertain)
    return isinstance(error, failures) and not isinstance(error, PmsUnavailable)


class _Answers(Generic[Q, T]):
    """Answers by question, kept for `seconds`; equal questions at once are asked once."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: dict[Q, tuple[float, T]] = {}
        """With when it was asked."""
        self._asking: dict[Q, asyncio.Task[T]] = {}

    def fresh(self, question: Q) -> T | None:
        asked_at, answer = self._kept.get(question, (0.0, None))
        return answer if self._clock() - asked_at < self._seconds else None

    def last(self, question: Q) -> T | None:
        """However old; as long as no other question was answered since."""
        return self._kept[question][1] if question in self._kept else None

    def forget(self) -> None:
        """All answers, also those that are under way: whoever asks from now on asks anew."""
        self._kept.clear()
        self._asking.clear()

    async def ask(self, question: Q, ask: Callable[[], Awaitable[T]], *, anew: bool = False) -> T:
        """`anew`: nothing that was asked before will do."""
        task = self._asking.get(question)
        if task is None or anew:
            task = asyncio.create_task(self._asked(question, ask))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._asking[question] = task
        return await asyncio.shield(task)  # one who leaves does not take it from the others

    async def _asked(self, question: Q, ask: Callable[[], Awaitable[T]]) -> T:
        asked_at = self._clock()
        try:
            answer = await ask()
            if self._is_latest(question):
                self._keep(question, asked_at, answer)
            return answer
        finally:
            if self._is_latest(question):
                del self._asking[question]

    def _is_latest(self, question: Q) -> bool:
        return self._asking.get(question) is asyncio.current_task()

    def _keep(self, question: Q, asked_at: float, answer: T) -> None:
        oldest = self._clock() - self._seconds
        outdated = itertools.takewhile(lambda each: self._kept[each][0] <= oldest, self._kept)
        for each in list(outdated):
            del self._kept[each]
        self._kept.pop(question, None)  # so that the oldest stays first
        self._kept[question] = (asked_at, answer)
