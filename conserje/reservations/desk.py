"""The booking path: from the guest's yes to an answer that is true.

One change at a time per hotel, every step in the ledger first. A process may die anywhere on
the way: `conserje.reservations.recovery` carries on from what the ledger says.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from conserje import pms as port
from conserje.hotel_lock import Held, HotelLock, LockLost, LockTimeout
from conserje.pms import Booking, BookingRequest, Guest, Occupancy, Offer, Pms
from conserje.reservations import _points as points
from conserje.reservations._outcomes import (
    AlreadyBooked,
    Booked,
    Cancelled,
    Changed,
    FinalOutcome,
    GuestDataWrong,
    Kind,
    NotAllowed,
    Outcome,
    PmsAway,
    PriceChanged,
    Unavailable,
    Uncertain,
)
from conserje.reservations._parameters import (
    as_wanted,
    cancel_parameters,
    change_parameters,
    create_parameters,
)
from conserje.reservations._resolution import Resolution
from conserje.reservations._states import FINAL, Answer, State
from conserje.reservations._times import Times
from conserje.reservations.ledger import Change, Ledger, Overtaken, StaleToken
from conserje.stay_request import Quote, StayRequest
from conserje.valkey import ValkeyAway

LOCK_WAIT_SECONDS = 20.0
"""So long a guest waits for the changes before."""
SECOND_WAIT_SECONDS = 5.0
"""So long for finding out what became of it; recovery has more time."""


class PmsAskedAnew(Pms, Protocol):
    """A PMS whose answers may be remembered, but not these; `GuardedPms` is one."""

    async def offers_now(
        self, check_in: date, check_out: date, rooms: Sequence[Occupancy]
    ) -> Sequence[Offer]:
        """As `offers`, asked after this call began."""


@dataclass(frozen=True)
class Said:
    """What to tell the guest. Call `Desk.told` with `change_id` once it is told."""

    change_id: str
    outcome: Outcome


@dataclass(frozen=True)
class _Work:
    """What a kind of change does at the PMS. Both may raise `PmsError`."""

    refusal: Callable[[], Awaitable[FinalOutcome | None]]
    """Asks once more whether it can be had as it was said; None: it can."""
    send: Callable[[Change], Awaitable[FinalOutcome]]


class Desk:
    """The booking path of one hotel.

    `key` stands for one yes to one summary: the same key again gets the same result and
    does nothing. A summary that is shown again, after a refusal too, needs a key of its own.
    Every method may raise `StoreError`, and `KeyReused` for a key with other contents.
    """

    def __init__(
        self,
        pms: PmsAskedAnew,
        ledger: Ledger,
        lock: HotelLock,
        times: Times | None = None,
        observer: points.Observer = points.log_point,
    ) -> None:
        self._pms = pms
        self._ledger = ledger
        self._lock = lock
        self._observe = observer
        self._resolution = Resolution(pms, ledger, times or Times())

    async def book(self, *, conversation: str, key: str, quote: Quote, guest: Guest) -> Said:
        """Books what the guest said yes to. Raises `AdultMissing` for a quote without one."""
        request = _request(quote, guest)
        work = _Work(
            lambda: self._refused_offer(request),
            lambda change: self._book(replace(request, marker=change.marker)),
        )
        return await self._carry_out(
            "create", key, conversation, create_parameters(request, quote.valid_until), work
        )

    async def change(self, *, conversation: str, key: str, booking: Booking, quote: Quote) -> Said:
        """Gives a booking other dates, guests or room type.

        Whether the booking is the guest's own is for the caller to know.
        """
        owner = Guest(booking.guest_name, "", booking.email, "")  # it keeps its own
        request = replace(_request(quote, owner), marker=booking.marker)
        work = _Work(
            lambda: self._refused_change(booking, request),
            lambda _: self._change(booking, request),
        )
        parameters = change_parameters(booking, request, quote.valid_until)
        return await self._carry_out("change", key, conversation, parameters, work)

    async def cancel(self, *, conversation: str, key: str, booking: Booking) -> Said:
        """Cancels a booking. Whether it is the guest's own is for the caller to know."""
        work = _Work(_nothing_to_ask, lambda _: self._cancel(booking))
        return await self._carry_out("cancel", key, conversation, cancel_parameters(booking), work)

    async def told(self, change_id: str) -> None:
        """The guest was told the final answer."""
        if await asyncio.to_thread(self._ledger.told, change_id):
            self._observe(points.TOLD, await asyncio.to_thread(self._ledger.get, change_id))

    # The steps

    async def _carry_out(
        self, kind: Kind, key: str, conversation: str, parameters: Mapping[str, Any], work: _Work
    ) -> Said:
        change = await asyncio.to_thread(self._ledger.begin, kind, key, conversation, parameters)
        self._observe(points.RECORDED, change)
        if change.outcome:
            return _repeated(change.id, change.outcome)
        try:
            async with self._lock.hold(LOCK_WAIT_SECONDS) as held:
                return await self._alone(change.id, work, held)
        except (LockTimeout, LockLost, ValkeyAway, StaleToken, Overtaken):
            return await self._broken_off(change.id)

    async def _alone(self, change_id: str, work: _Work, held: Held) -> Said:
        change = await asyncio.to_thread(self._ledger.get, change_id)
        self._observe(points.LOCKED, change)
        if change.outcome:
            return _repeated(change.id, change.outcome)
        if change.state is not State.INTENDED:
            return await self._claimed(await self._resolution.end(change, held.token))
        refusal = await _or_away(work.refusal)
        if refusal is not None:
            return await self._refuse(change, refusal, "asked_again")
        self._observe(points.PRICED, change)
        await held.check()
        change = await asyncio.to_thread(self._ledger.move, change, State.SENDING, token=held.token)
        self._observe(points.SENDING, change)
        return await self._send(change, work, held)

    async def _send(self, change: Change, work: _Work, held: Held) -> Said:
        try:
            outcome = await work.send(change)
        except (port.Uncertain, port.AnswerNotUnderstood) as error:
            reason = type(error).__name__
            await asyncio.to_thread(self._ledger.move, change, State.UNCERTAIN, reason=reason)
            return Said(change.id, Uncertain())
        except port.PmsError as error:
            return await self._refuse(change, _refusal(error), type(error).__name__)
        self._observe(points.SENT, change)
        try:
            await held.check()
            self._observe(points.CHECKED, change)
            change = await asyncio.to_thread(
                self._ledger.move,
                change,
                State.CONFIRMED,
                token=held.token,
                outcome=outcome,
                answer=Answer.HANDED,
            )
        except Overtaken:
            await self._take_back(change.id, outcome)
            raise
        self._observe(points.CONFIRMED, change)
        return Said(change.id, outcome)

    async def _refuse(self, change: Change, outcome: FinalOutcome, reason: str) -> Said:
        refused = await asyncio.to_thread(
            self._ledger.move,
            change,
            State.REFUSED,
            reason=reason,
            outcome=outcome,
            answer=Answer.HANDED,
        )
        return Said(refused.id, outcome)

    # When the lock could not be had, or was lost on the way

    async def _broken_off(self, change_id: str) -> Said:
        """Of what was sent, finds out with a new lock what became of it."""
        try:
            change = await asyncio.to_thread(self._ledger.get, change_id)
            if change.state is State.INTENDED:
                return await self._refuse(change, PmsAway(), "no_lock")
            async with self._lock.hold(SECOND_WAIT_SECONDS) as held:
                change = await asyncio.to_thread(self._ledger.get, change_id)
                if change.state not in FINAL:
                    change = await self._resolution.end(change, held.token)
        except (LockTimeout, LockLost, ValkeyAway, StaleToken, Overtaken):
            return Said(change_id, Uncertain())
        return await self._claimed(change)

    async def _claimed(self, change: Change) -> Said:
        """The final answer where it is ours to tell; else another process tells it."""
        if change.outcome:
            ours = await asyncio.to_thread(self._ledger.take_answer, change)
            return Said(change.id, change.outcome if ours else Uncertain())
        return Said(change.id, Uncertain())

    async def _take_back(self, change_id: str, outcome: FinalOutcome) -> None:
        """A create that came so late that the guest was told that nothing came of it."""
        change = await asyncio.to_thread(self._ledger.get, change_id)
        if change.state is State.NOT_DONE and isinstance(outcome, Booked):
            with contextlib.suppress(port.PmsError):  # recovery takes it back then
                await self._pms.cancel(outcome.booking)

    # At the PMS

    async def _refused_offer(self, request: BookingRequest) -> FinalOutcome | None:
        offers = await self._pms.offers_now(request.check_in, request.check_out, request.rooms)
        return _refused(offers, request)

    async def _refused_change(
        self, booking: Booking, request: BookingRequest
    ) -> FinalOutcome | None:
        if booking.total == request.total and as_wanted(booking, request):
            return NotAllowed("unchanged")
        offers = await self._pms.change_offers(
            booking, request.check_in, request.check_out, request.rooms
        )
        return _refused(offers, request)

    async def _book(self, request: BookingRequest) -> FinalOutcome:
        booking = await self._pms.book(request)
        return Booked(booking, booking.total != request.total)

    async def _change(self, booking: Booking, request: BookingRequest) -> FinalOutcome:
        changed = await self._pms.change(booking, request)
        return Changed(changed, changed.total != request.total)

    async def _cancel(self, booking: Booking) -> FinalOutcome:
        return Cancelled(await self._pms.cancel(booking))


def _request(quote: Quote, guest: Guest) -> BookingRequest:
    party = StayRequest(
        adults=quote.adults, children=len(quote.child_ages), child_ages=quote.child_ages
    )
    return BookingRequest(
        room_type_id=quote.room_type_id,
        check_in=quote.check_in,
        check_out=quote.check_out,
        rooms=party.in_rooms(quote.rooms),
        guest=guest,
        total=quote.total,
        currency=quote.currency,
        marker="",
    )


async def _nothing_to_ask() -> None:
    return None


def _refused(offers: Sequence[Offer], request: BookingRequest) -> FinalOutcome | None:
    offer = next((one for one in offers if one.room_type.id == request.room_type_id), None)
    if offer is None or offer.rooms_free < len(request.rooms):
        return Unavailable()
    if (offer.total, offer.currency) != (request.total, request.currency):
        return PriceChanged(offer, request.total)
    return None


async def _or_away(ask: Callable[[], Awaitable[FinalOutcome | None]]) -> FinalOutcome | None:
    try:
        return await ask()
    except port.PmsError as error:
        return _refusal(error)


def _refusal(error: port.PmsError) -> FinalOutcome:
    """The outcome of an error after which nothing is changed."""
    if isinstance(error, port.RoomUnavailable):
        return Unavailable()
    if isinstance(error, port.GuestDataRejected):
        return GuestDataWrong(error.field)
    if isinstance(error, port.ChangeRefused):
        return NotAllowed(error.reason)
    if isinstance(error, port.BookingNotFound):
        return NotAllowed("not_found")
    return PmsAway()


def _repeated(change_id: str, outcome: FinalOutcome) -> Said:
    """The first result again."""
    if isinstance(outcome, Booked):
        return Said(change_id, AlreadyBooked(outcome.booking))
    return Said(change_id, outcome)
