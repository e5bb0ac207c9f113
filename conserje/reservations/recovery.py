"""Brings to an end what dead processes have left, and finds what guests have yet to hear."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from conserje.databases import StoreError
from conserje.hotel_lock import HotelLock, LockLost, LockTimeout
from conserje.pms import Pms, PmsError
from conserje.reservations._outcomes import FinalOutcome, Kind
from conserje.reservations._resolution import Resolution
from conserje.reservations._times import Times
from conserje.reservations.ledger import Change, Ledger, Overtaken, StaleToken
from conserje.valkey import ValkeyAway

logger = logging.getLogger(__name__)

LOCK_WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class FinalAnswer:
    """What a guest has yet to hear."""

    id: str
    """Of the change. Telling the same id twice is to be told once: the guest's channel drops
    the second."""
    conversation: str
    kind: Kind
    outcome: FinalOutcome


class Recovery:
    """Of one hotel. Several processes may run one each at the same time."""

    def __init__(
        self, pms: Pms, ledger: Ledger, lock: HotelLock, times: Times | None = None
    ) -> None:
        self._pms = pms
        self._ledger = ledger
        self._lock = lock
        self._times = times or Times()
        self._resolution = Resolution(pms, ledger, self._times)

    async def sweep(self) -> Sequence[FinalAnswer]:
        """What `run` does again and again.

        The answers are the caller's to tell, and no other's for a minute: after telling one,
        call `Desk.told` or `Ledger.told` with its id. One that is not marked so comes again.
        May raise `StoreError`.
        """
        now = self._ledger.now()
        for change in await asyncio.to_thread(self._ledger.unfinished, now - self._times.pause):
            await self._end(change)
        for change in await asyncio.to_thread(self._ledger.given_up, now - self._times.late_for):
            await self._take_back(change)
        return await asyncio.to_thread(self._take_answers)

    async def run(
        self,
        tell: Callable[[FinalAnswer], Awaitable[None]],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Sweeps at once and then for ever, a pause apart, and has the answers told."""
        while True:
            try:
                for answer in await self.sweep():
                    await self._tell(answer, tell)
            except StoreError as error:
                logger.error("recovery has to wait: %s", error)
            await sleep(self._times.pause.total_seconds())

    async def _tell(
        self, answer: FinalAnswer, tell: Callable[[FinalAnswer], Awaitable[None]]
    ) -> None:
        try:
            await tell(answer)
        except Exception as error:  # noqa: BLE001 - of whatever channel; it comes again in a minute
            logger.error("change %s is not told yet: %s", answer.id, type(error).__name__)
        else:
            await asyncio.to_thread(self._ledger.told, answer.id)

    async def _end(self, change: Change) -> None:
        try:
            async with self._lock.hold(LOCK_WAIT_SECONDS) as held:
                fresh = await asyncio.to_thread(self._ledger.get, change.id)
                if fresh.state is change.state:  # else its process lives
                    fresh = await self._resolution.end(fresh, held.token)
            logger.info("change %s, left %s, is %s", change.id, change.state, fresh.state)
        except (LockTimeout, LockLost, ValkeyAway, StaleToken, Overtaken) as error:
            logger.info("change %s is left for later: %s", change.id, type(error).__name__)

    async def _take_back(self, change: Change) -> None:
        """A guest who was told that nothing was booked must not have a booking."""
        try:
            booking = await self._pms.find_by_marker(change.marker)
            if booking is not None and booking.status == "confirmed":
                logger.error("change %s arrived late and is taken back", change.id)
                await self._pms.cancel(booking)
        except PmsError as error:
            logger.warning("change %s: not looked for: %s", change.id, type(error).__name__)

    def _take_answers(self) -> Sequence[FinalAnswer]:
        dead_since = self._ledger.now() - self._times.pause
        return [
            FinalAnswer(change.id, change.conversation, change.kind, change.outcome)
            for change in self._ledger.untold(dead_since)
            if change.outcome is not None and self._ledger.take_answer(change, dead_since)
        ]
