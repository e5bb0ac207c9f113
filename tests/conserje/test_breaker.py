"""A PMS that fails is left alone for a while, by all processes at once."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    rule,
    run_state_machine_as_test,
)
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from conserje.breaker import Breaker, BreakerOpen, BreakerSettings
from conserje.valkey import Valkey
from tests.conserje.ticking import Clock
from tests.servers import free_port
from tests.valkey import running_valkey

SETTINGS = BreakerSettings(
    window_calls=4,
    window_seconds=60,
    minimum_calls=2,
    failure_rate=0.5,
    slow_rate=0.75,
    slow_seconds=5,
    open_seconds=20,
    open_jitter=0.5,
    probes=3,
    probe_seconds=30,
    trust_seconds=0,  # every answer is exact
)


class Failure(Exception):
    """The PMS does not work."""


class Rejection(Exception):
    """The PMS works and does not like what we sent."""


def fails(error: Exception) -> bool:
    return isinstance(error, Failure)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(valkey: Valkey, hotel: str, clock: Clock) -> Breaker:
    return Breaker(hotel, "qloapps", valkey, SETTINGS, clock=clock, chance=lambda: 0.5)


@pytest.fixture
async def elsewhere(valkey_url: str, hotel: str, clock: Clock) -> AsyncIterator[Breaker]:
    """The same breaker as another process has it."""
    client = Valkey(valkey_url)
    yield Breaker(hotel, "qloapps", client, SETTINGS, clock=clock, chance=lambda: 0.5)
    await client.close()


async def call(breaker: Breaker, error: type[Exception] | None = None) -> None:
    with contextlib.suppress(Failure, Rejection):
        async with breaker.guarded(fails):
            if error:
                raise error


async def refuses(breaker: Breaker) -> bool:
    """Whether a call is refused; one that is let through is cancelled, and leaves no trace."""
    with contextlib.suppress(asyncio.CancelledError):
        try:
            async with breaker.guarded(fails):
                raise asyncio.CancelledError
        except BreakerOpen:
            return True
    return False


async def open_up(breaker: Breaker) -> None:
    await call(breaker, Failure)
    await call(breaker, Failure)
    assert await refuses(breaker)


async def test_after_too_many_failures_every_process_is_refused(
    breaker: Breaker, elsewhere: Breaker
) -> None:
    await call(breaker, Failure)
    assert not await refuses(elsewhere)
    await call(elsewhere, Failure)

    assert await refuses(breaker)
    assert await refuses(elsewhere)
    assert not await elsewhere.is_closed()


async def test_one_failure_among_many_successes_changes_nothing(breaker: Breaker) -> None:
    for error in (None, None, None, Failure, None, None, None, Failure):
        await call(breaker, error)

    assert not await refuses(breaker)
    assert await breaker.is_closed()


async def test_slow_calls_open_it_though_they_succeed(breaker: Breaker, clock: Clock) -> None:
    for _ in range(2):
        async with breaker.guarded(fails):
            clock.advance(5)

    assert await refuses(breaker)


async def test_what_the_pms_rejects_is_never_a_failure(breaker: Breaker) -> None:
    for _ in range(20):
        await call(breaker, Rejection)

    assert not await refuses(breaker)


async def test_a_failure_of_long_ago_does_not_count(breaker: Breaker, clock: Clock) -> None:
    await call(breaker, Failure)
    clock.advance(60)
    await call(breaker, Failure)

    assert not await refuses(breaker)


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 10), (0.5, 20), (1.0, 30)])
async def test_how_long_it_stays_open_varies(
    valkey: Valkey, hotel: str, clock: Clock, chance: float, seconds: float
) -> None:
    breaker = Breaker(hotel, "qloapps", valkey, SETTINGS, clock=clock, chance=lambda: chance)
    await open_up(breaker)
    clock.advance(seconds - 0.1)
    assert await refuses(breaker)
    clock.advance(0.2)
    assert not await refuses(breaker)


async def test_a_clock_that_is_set_back_does_not_keep_it_open(
    breaker: Breaker, clock: Clock
) -> None:
    await open_up(breaker)
    clock.advance(-3600)
    assert not await refuses(breaker)


async def test_another_process_whose_clock_is_a_little_behind_refuses_too(
    breaker: Breaker, valkey: Valkey, hotel: str, clock: Clock
) -> None:
    await open_up(breaker)
    behind = Clock(clock.now - 1)
    assert await refuses(Breaker(hotel, "qloapps", valkey, SETTINGS, clock=behind))


async def test_of_many_calls_at_once_only_the_probes_are_let_through(
    breaker: Breaker, elsewhere: Breaker, clock: Clock
) -> None:
    await open_up(breaker)
    clock.advance(20)
    pms_answers = asyncio.Event()
    arrived = 0

    async def ask(one: Breaker) -> bool:
        nonlocal arrived
        try:
            async with one.guarded(fails):
                arrived += 1
                await pms_answers.wait()
        except BreakerOpen:
            return False
        return True

    asked = {asyncio.create_task(ask(one)) for one in (breaker, elsewhere) * 10}
    for _ in range(17):
        refused, asked = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert not any(task.result() for task in refused)
        if arrived == len(asked):
            break
    assert arrived == 3

    pms_answers.set()
    assert all(await asyncio.gather(*asked))
    assert await breaker.is_closed()
    assert await elsewhere.is_closed()


async def test_probes_that_fail_open_it_again(breaker: Breaker, clock: Clock) -> None:
    await open_up(breaker)
    clock.advance(20)
    await call(breaker, Failure)
    await call(breaker, Failure)

    assert await refuses(breaker)
    clock.advance(19)
    assert await refuses(breaker)


async def test_a_probe_that_was_rejected_gives_its_place_to_another(
    breaker: Breaker, clock: Clock
) -> None:
    await open_up(breaker)
    clock.advance(20)
    for _ in range(10):
        await call(breaker, Rejection)
    assert not await breaker.is_closed()
    await call(breaker)
    await call(breaker)
    assert await breaker.is_closed()


async def test_probes_that_never_come_back_do_not_block_it_for_ever(
    breaker: Breaker, elsewhere: Breaker, clock: Clock
) -> None:
    await open_up(breaker)
    clock.advance(20)
    async with contextlib.AsyncExitStack() as dead_process:
        for _ in range(3):
            await dead_process.enter_async_context(breaker.guarded(fails))
        assert await refuses(elsewhere)
        clock.advance(30)
        assert await refuses(elsewhere)
        clock.advance(20)
        assert not await refuses(elsewhere)


async def test_a_call_that_ends_when_the_state_is_another_does_not_count(
    breaker: Breaker, clock: Clock
) -> None:
    async with contextlib.AsyncExitStack() as old:
        await old.enter_async_context(breaker.guarded(fails))
        await old.enter_async_context(breaker.guarded(fails))
        await open_up(breaker)
        clock.advance(20)
        assert not await refuses(breaker)
    assert not await breaker.is_closed()


async def test_each_transition_is_one_log_line_and_one_metric(
    breaker: Breaker, elsewhere: Breaker, hotel: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def transitions(to: str) -> float | None:
        labels = {"hotel": hotel, "pms": "qloapps", "to": to}
        return REGISTRY.get_sample_value("conserje_breaker_transitions_total", labels)

    with caplog.at_level(logging.INFO, "conserje.breaker"):
        await open_up(breaker)
        assert await refuses(elsewhere)
        clock.advance(20)
        for one in (breaker, elsewhere, breaker):
            await call(one)
        assert await elsewhere.is_closed()

    assert [record.getMessage() for record in caplog.records] == [
        f"{hotel}: the breaker before qloapps went from closed to open",
        f"{hotel}: the breaker before qloapps went from open to half_open",
        f"{hotel}: the breaker before qloapps went from half_open to closed",
    ]
    assert [transitions(to) for to in ("open", "half_open", "closed")] == [1, 1, 1]


async def test_a_call_costs_one_question_to_valkey_and_a_refusal_none(
    valkey: Valkey, valkey_url: str, hotel: str, clock: Clock
) -> None:
    trusting = BreakerSettings(minimum_calls=10, failure_rate=1.0)
    breaker = Breaker(hotel, "qloapps", valkey, trusting, clock=clock)
    await call(breaker, Failure)

    async with asked_of(valkey_url) as asked:
        for _ in range(9):
            clock.advance(0.5)
            await call(breaker, Failure)
    assert await asked() == 9

    async with asked_of(valkey_url) as asked:
        for _ in range(10):
            assert await refuses(breaker)
    assert await asked() == 0


@contextlib.asynccontextmanager
async def asked_of(url: str) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """How many scripts Valkey was asked for inside."""
    probe = Redis.from_url(url)

    async def count() -> int:
        stats = await probe.info("commandstats")
        return int(stats.get("cmdstat_evalsha", {"calls": 0})["calls"])

    before = await count()
    seen = before

    async def asked() -> int:
        return seen - before

    yield asked
    seen = await count()
    await probe.close()


async def test_without_valkey_each_process_goes_on_by_itself_and_shares_again_later(
    tmp_path: Path, hotel: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with running_valkey(tmp_path) as server:
        client, other = Valkey(server.url), Valkey(server.url)
        breaker = Breaker(hotel, "qloapps", client, SETTINGS, clock=clock)
        elsewhere = Breaker(hotel, "qloapps", other, SETTINGS, clock=clock)
        await call(breaker)
        await asyncio.to_thread(server.stop)
        with caplog.at_level(logging.INFO, "conserje.breaker"):
            await call(breaker, Failure)
            for _ in range(3):
                assert await refuses(breaker)
                assert not await refuses(elsewhere)
                clock.advance(3)
        alone = [line for line in caplog.messages if "not shared" in line]
        assert len(alone) == 2  # one a process

        await asyncio.to_thread(server.start)
        clock.advance(30)
        for _ in range(2):
            await call(breaker, Failure)
        assert await refuses(elsewhere)
        await client.close()
        await other.close()


# Against a model


@dataclass
class Model:
    """The rules said once more, as simply as can be: one process, nothing shared."""

    state: str = "closed"
    entered: int = 0
    ends: float = 0.0
    places: int = 0
    results: list[tuple[float, bool, bool]] = field(default_factory=list)

    def go(self, state: str, ends: float = 0.0) -> None:
        self.state, self.ends, self.results = state, ends, []
        self.entered += 1
        self.places = SETTINGS.probes

    def begins(self, now: float) -> bool:
        if self.state == "open" and now >= self.ends:
            self.go("half_open", now + SETTINGS.probe_seconds)
        elif self.state == "half_open" and now >= self.ends:
            self.go("open", now + SETTINGS.open_seconds)
        if self.state == "half_open" and self.places:
            self.places -= 1
            return True
        return self.state == "closed"

    def ends_with(self, entered: int, error: type[Exception] | None, slow: bool, at: float) -> None:
        if entered != self.entered:
            return
        if error is Rejection:
            self.places += 1
            return
        self.results.append((at, error is Failure, slow))
        if self.state == "closed":
            self.results = [each for each in self.results if at - each[0] < SETTINGS.window_seconds]
            self.results = self.results[-SETTINGS.window_calls :]
        if len(self.results) < SETTINGS.minimum_calls:
            return
        count = len(self.results)
        if (
            sum(failed for _, failed, _ in self.results) >= SETTINGS.failure_rate * count
            or sum(slow for _, _, slow in self.results) >= SETTINGS.slow_rate * count
        ):
            self.go("open", at + SETTINGS.open_seconds)
        elif self.state == "half_open":
            self.go("closed")


@dataclass(frozen=True)
class UnderWay:
    guard: AbstractAsyncContextManager[None]
    entered: int
    began: float


class TwoProcesses(RuleBasedStateMachine):
    """Two processes with one breaker do together what the model does."""

    under_way = Bundle("under_way")

    def __init__(self, urls: tuple[str, ...]) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock, self.model = Clock(), Model()
        hotel = f"model-{uuid.uuid4().hex}"
        self.clients = [Valkey(url) for url in urls]
        self.breakers = [
            Breaker(hotel, "qloapps", client, SETTINGS, clock=self.clock, chance=lambda: 0.5)
            for client in self.clients
        ]

    @rule(target=under_way, which=strategies.integers(0, 9))
    def a_call_begins(self, which: int) -> UnderWay | None:
        guard = self.breakers[which % len(self.breakers)].guarded(fails)
        expected = self.model.begins(self.clock.now)
        try:
            self.loop.run_until_complete(guard.__aenter__())
        except BreakerOpen:
            assert not expected
            return None
        assert expected
        return UnderWay(guard, self.model.entered, self.clock.now)

    @rule(
        call=consumes(under_way),
        error=strategies.sampled_from([None, None, Failure, Failure, Rejection]),
    )
    def a_call_ends(self, call: UnderWay | None, error: type[Exception] | None) -> None:
        if call is None:
            return
        raised = error() if error else None
        slow = self.clock.now - call.began >= SETTINGS.slow_seconds
        with contextlib.suppress(Failure, Rejection):
            self.loop.run_until_complete(call.guard.__aexit__(error, raised, None))
        self.model.ends_with(call.entered, error, slow, self.clock.now)

    @rule(seconds=strategies.sampled_from([1, 5, 10, 20, 30, 60]))
    def time_goes_on(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(which=strategies.integers(0, 9))
    def it_is_asked_whether_it_is_closed(self, which: int) -> None:
        breaker = self.breakers[which % len(self.breakers)]
        closed = self.loop.run_until_complete(breaker.is_closed())
        assert closed == (self.model.state == "closed")

    def teardown(self) -> None:
        for client in self.clients:
            self.loop.run_until_complete(client.close())
        self.loop.close()


BUDGET = settings(max_examples=100, stateful_step_count=40, deadline=None)


def test_two_processes_that_share_a_valkey_act_as_one_breaker(valkey_url: str) -> None:
    run_state_machine_as_test(lambda: TwoProcesses((valkey_url, valkey_url)), settings=BUDGET)  # type: ignore[no-untyped-call]


def test_a_process_without_valkey_acts_as_a_breaker() -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    run_state_machine_as_test(lambda: TwoProcesses((nowhere,)), settings=BUDGET)  # type: ignore[no-untyped-call]
