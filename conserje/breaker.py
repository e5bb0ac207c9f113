"""A circuit breaker whose state all processes share.

Follows the CircuitBreaker of resilience4j:

- closed: the outcomes of the last calls are kept; once there are `minimum_calls`, the breaker
  opens when the share of failed or of slow ones reaches its threshold;
- open: every call is refused, for `open_seconds` give or take the jitter; the first call after
  that makes it half-open;
- half-open: `probes` calls are let through and the rest refused. When enough of the probes are
  back (`minimum_calls`, at most all of them), the same thresholds close it or open it again; it
  opens too when they are not back within `probe_seconds`.

A call that ends in an error which does not count (ignored exceptions) leaves no outcome and
gives a probe's place back. Otherwise than there, the window is bounded both by number and by
age, and an outcome counts only in the state that let its call through.

The state is one value in Valkey, replaced only if it is still the one that was known
(compare-and-set), so there is one set of rules, in Python, and one round trip a call as a rule.
While Valkey is away, the breaker goes on with what this process knows.
"""

import asyncio
import contextlib
import json
import logging
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

from conserje.metrics import BREAKER_TRANSITIONS
from conserje.valkey import Valkey, ValkeyAway

logger = logging.getLogger(__name__)

State = Literal["closed", "open", "half_open"]
T = TypeVar("T")

_chance = random.SystemRandom().random

_SWAP = """
-- state; what we take it for ('' for none), what it is to be.
-- What it is, when it is not what we took it for; '' for none, nil when it was replaced.
local now = redis.call('GET', KEYS[1]) or ''
if now ~= ARGV[1] then return now end
if ARGV[1] ~= ARGV[2] then redis.call('SET', KEYS[1], ARGV[2]) end
return false
"""


class BreakerOpen(Exception):
    """The call was refused: the calls before it failed, or took too long."""


@dataclass(frozen=True)
class BreakerSettings:
    """Rates are shares from 0 to 1, reached by "as many or more"."""

    window_calls: int = 20
    window_seconds: float = 120.0
    """How many outcomes are kept at most, and for how long."""
    minimum_calls: int = 5
    failure_rate: float = 0.5
    slow_rate: float = 0.8
    slow_seconds: float = 5.0
    """From when on a call is slow, whatever its outcome."""
    open_seconds: float = 20.0
    open_jitter: float = 0.5
    """Share of `open_seconds` that it may be shorter or longer."""
    probes: int = 3
    probe_seconds: float = 30.0
    """Until probes that have not come back are given up."""
    trust_seconds: float = 1.0
    """For how long a closed or half-open state is believed without asking Valkey again."""
    away_seconds: float = 5.0
    """For how long Valkey is not asked again after it was away."""


class _Outcome(NamedTuple):
    at: float
    failed: bool
    slow: bool


class _Circuit(NamedTuple):
    state: State = "closed"
    entered: int = 0
    """Counts the states it has been in; names the one that let a call through."""
    since: float = 0.0
    lasts: float = 0.0
    """Of an open one: its length. Of a half-open one: until its probes are given up."""
    places: int = 0
    """Probes that may still be let through."""
    outcomes: tuple[_Outcome, ...] = ()

    def is_over(self, now: float) -> bool:
        """Also when the clock was set back by more than that; others' clocks may be behind."""
        return abs(now - self.since) >= self.lasts


class Breaker:
    """The breaker before one hotel's PMS (`pms` names its kind).

    `clock` gives seconds that are the same to all processes, `chance` numbers from 0 to 1.
    """

    def __init__(
        self,
        hotel: str,
        pms: str,
        valkey: Valkey,
        settings: BreakerSettings | None = None,
        *,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = _chance,
    ) -> None:
        self.hotel = hotel
        self._pms = pms
        self._valkey = valkey
        self._settings = settings or BreakerSettings()
        self._clock = clock
        self._chance = chance
        self._key = f"conserje:breaker:1:{hotel}:{pms}"
        self._one_at_a_time = asyncio.Lock()
        self._known, self._stored = _Circuit(), ""
        self._heard_at = -float("inf")
        self._away_since: float | None = None

    @contextlib.asynccontextmanager
    async def guarded(self, fails: Callable[[Exception], bool]) -> AsyncIterator[None]:
        """Around one call; `fails` tells whether an error counts as a failure.

        Raises `BreakerOpen` instead of letting the call through.
        """
        state = await self._update(self._let_through)
        if state is None:
            raise BreakerOpen(f"{self.hotel}: the breaker before {self._pms} refuses")
        began = self._clock()
        failed: bool | None = None  # as it stays when the call is cancelled
        try:
            yield
            failed = False
        except Exception as error:
            failed = True if fails(error) else None
            raise
        finally:
            now = self._clock()
            slow = now - began >= self._settings.slow_seconds
            outcome = None if failed is None else _Outcome(now, failed, slow)
            await self._update(lambda circuit: self._recorded(circuit, state, outcome), ask=False)

    async def is_closed(self) -> bool:
        return await self._update(lambda circuit: (circuit, circuit.state == "closed"))

    # The rules

    def _let_through(self, circuit: _Circuit) -> tuple[_Circuit, int | None]:
        """With the state that lets the call through, None when it is refused."""
        now = self._clock()
        if circuit.state == "closed":
            return circuit, circuit.entered
        if circuit.state == "half_open" and circuit.is_over(now):
            return self._entered(circuit, "open"), None
        if circuit.state == "open" and circuit.is_over(now):
            circuit = self._entered(circuit, "half_open")
        if circuit.places == 0:
            return circuit, None
        return circuit._replace(places=circuit.places - 1), circuit.entered

    def _recorded(
        self, circuit: _Circuit, entered: int, outcome: _Outcome | None
    ) -> tuple[_Circuit, None]:
        if circuit.entered != entered:
            return circuit, None
        probing = circuit.state == "half_open"
        if outcome is None:
            return (circuit._replace(places=circuit.places + 1) if probing else circuit), None
        settings = self._settings
        outcomes = (*circuit.outcomes, outcome)
        minimum = settings.minimum_calls
        if probing:
            minimum = min(minimum, settings.probes)
        else:
            oldest = outcome.at - settings.window_seconds
            outcomes = tuple(each for each in outcomes if each.at > oldest)
            outcomes = outcomes[-settings.window_calls :]
        if len(outcomes) >= minimum and self._is_bad(outcomes):
            return self._entered(circuit, "open"), None
        if len(outcomes) >= minimum and probing:
            return self._entered(circuit, "closed"), None
        return circuit._replace(outcomes=outcomes), None

    def _is_bad(self, outcomes: tuple[_Outcome, ...]) -> bool:
        failed = sum(each.failed for each in outcomes) / len(outcomes)
        slow = sum(each.slow for each in outcomes) / len(outcomes)
        return failed >= self._settings.failure_rate or slow >= self._settings.slow_rate

    def _entered(self, circuit: _Circuit, state: State) -> _Circuit:
        settings, now = self._settings, self._clock()
        lasts = {
            "closed": 0.0,
            "open": settings.open_seconds * (1 + settings.open_jitter * (2 * self._chance() - 1)),
            "half_open": settings.probe_seconds,
        }
        return _Circuit(
            state=state,
            entered=circuit.entered + 1,
            since=now,
            lasts=lasts[state],
            places=settings.probes if state == "half_open" else 0,
        )

    # Sharing

    async def _update(
        self, step: Callable[[_Circuit], tuple[_Circuit, T]], *, ask: bool = True
    ) -> T:
        """Carries out `step` on the present state; with `ask`, on none that may be outdated."""
        async with self._one_at_a_time:
            while True:
                before = self._known
                after, result = step(before)
                if after == before and not (ask and self._may_be_outdated()):
                    return result
                if await self._swapped(after):
                    self._known = after
                    self._report(before, after)
                    return result

    def _may_be_outdated(self) -> bool:
        now = self._clock()
        if self._known.state == "open" and not self._known.is_over(now):
            return False  # nobody ends it before its time
        return not 0 <= now - self._heard_at < self._settings.trust_seconds

    async def _swapped(self, after: _Circuit) -> bool:
        """Whether the shared state was the known one and now is `after`; else it is known now.

        While Valkey is away, our own state is all there is. When it is back, ours goes on
        there, unless another process has changed the shared one meanwhile.
        """
        now = self._clock()
        new = "" if after == _Circuit() else _to_text(after)
        away = self._away_since
        if away is not None and abs(now - away) < self._settings.away_seconds:
            return True
        try:
            answer: str | None = await self._valkey.run(_SWAP, [self._key], self._stored, new)
        except ValkeyAway as error:
            if away is None:
                logger.error("%s: the breaker's state is not shared: %s", self.hotel, error)
            self._away_since = now
            return True
        if away is not None:
            logger.info("%s: the breaker's state is shared again", self.hotel)
            self._away_since = None
        self._heard_at = now
        if answer is None:
            self._stored = new
            return True
        self._known, self._stored = (_from_text(answer) if answer else _Circuit()), answer
        return False

    def _report(self, before: _Circuit, after: _Circuit) -> None:
        if after.entered != before.entered:
            BREAKER_TRANSITIONS.labels(self.hotel, self._pms, after.state).inc()
            logger.warning(
                "%s: the breaker before %s went from %s to %s",
                self.hotel,
                self._pms,
                before.state,
                after.state,
            )


def _to_text(circuit: _Circuit) -> str:
    return json.dumps(circuit, separators=(",", ":"))


def _from_text(text: str) -> _Circuit:
    circuit = _Circuit._make(json.loads(text))
    return circuit._replace(outcomes=tuple(map(_Outcome._make, circuit.outcomes)))
