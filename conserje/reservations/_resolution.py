"""What became of a change that was broken off: asks the PMS, and never sends again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from conserje import pms as port
from conserje.pms import Pms
from conserje.reservations._outcomes import (
    Booked,
    Cancelled,
    Changed,
    FinalOutcome,
    Kind,
    NotDone,
    Unavailable,
    WithPerson,
)
from conserje.reservations._parameters import as_wanted, booking_of, request_of
from conserje.reservations._states import Answer, State
from conserje.reservations._times import Times
from conserje.reservations.ledger import Change, Ledger

_DONE = (Booked, Changed, Cancelled)


class Resolution:
    """Brings broken-off changes of one hotel to an end."""

    def __init__(self, pms: Pms, ledger: Ledger, times: Times) -> None:
        self._pms = pms
        self._ledger = ledger
        self._times = times
        self._found_out: Mapping[Kind, Callable[[Change], Awaitable[FinalOutcome | None]]] = {
            "create": self._created,
            "change": self._changed,
            "cancel": self._cancelled,
        }

    async def end(self, change: Change, token: int) -> Change:
        """`token` is that of the hotel's lock, which the caller holds.

        The change as it is then: ended with its answer pending, or uncertain where the PMS does
        not tell yet. Raises `Overtaken` and `StaleToken`.
        """
        if change.state is State.INTENDED:
            return await self._move(change, State.ABANDONED, NotDone(), token, "never_sent")
        if change.state is State.SENDING:
            change = await asyncio.to_thread(
                self._ledger.move, change, State.UNCERTAIN, token=token, reason="broken_off"
            )
        try:
            outcome = await self._found_out[change.kind](change)
        except port.PmsError as error:
            if self._since_sent(change) < self._times.patience:
                return change
            reason = type(error).__name__
            return await self._move(
                change, State.WITH_PERSON, WithPerson("pms_does_not_tell"), token, reason
            )
        return await self._settle(change, outcome, token)

    async def _settle(self, change: Change, outcome: FinalOutcome | None, token: int) -> Change:
        if isinstance(outcome, WithPerson):
            return await self._move(change, State.WITH_PERSON, outcome, token, outcome.reason)
        if isinstance(outcome, _DONE):
            return await self._move(change, State.CONFIRMED, outcome, token, "found")
        if outcome is not None:
            return await self._move(change, State.NOT_DONE, outcome, token, "taken_back")
        if self._since_sent(change) < self._times.still_arriving:
            return change
        return await self._move(change, State.NOT_DONE, NotDone(), token, "not_found")

    def _since_sent(self, change: Change) -> timedelta:
        return self._ledger.now() - (change.sent_at or change.created_at)

    async def _move(
        self, change: Change, to: State, outcome: FinalOutcome, token: int, reason: str
    ) -> Change:
        return await asyncio.to_thread(
            self._ledger.move,
            change,
            to,
            token=token,
            reason=reason,
            outcome=outcome,
            answer=Answer.PENDING,
        )

    async def _created(self, change: Change) -> FinalOutcome | None:
        """None: there is nothing, or not yet."""
        booking = await self._pms.find_by_marker(change.marker)
        if booking is None:
            return None
        if booking.status != "confirmed":
            return Unavailable() if booking.status == "not_booked" else NotDone()
        request = request_of(change.parameters, change.marker)
        try:
            booking = await self._pms.settle(request)
        except port.RoomUnavailable:
            return Unavailable()
        except port.BookingNotFound:  # cancelled at the desk this moment
            return NotDone()
        return Booked(booking, booking.total != request.total)

    async def _changed(self, change: Change) -> FinalOutcome | None:
        before = booking_of(change.parameters)
        request = request_of(change.parameters, before.marker)
        booking = await self._pms.find(before.reference, before.email)
        if booking.status == "confirmed" and as_wanted(booking, request):
            return Changed(booking, booking.total != request.total)
        if (booking.status, booking.rooms) == (before.status, before.rooms):
            return None
        return WithPerson("half_changed")

    async def _cancelled(self, change: Change) -> FinalOutcome | None:
        before = booking_of(change.parameters)
        booking = await self._pms.find(before.reference, before.email)
        return None if booking.status == "confirmed" else Cancelled(booking)
