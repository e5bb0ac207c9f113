"""The guest's yes to what was summarised, and what came of it."""

import asyncio
import logging
from decimal import Decimal
from typing import Any

from actions._turn import HotelAction, Turn, button, pms_away
from actions.booking import CONTACT_PROBLEMS, continue_booking, forget_stay
from actions.changes import modify_booking, say_not_allowed
from actions.existing import cancel_booking, check_booking, details, found, kept
from actions.handover import hand_over
from conserje import spanish
from conserje.contact import parse_name
from conserje.metrics import BOOKINGS
from conserje.pms import Booking, Guest
from conserje.reservations import (
    AlreadyBooked,
    Booked,
    Cancelled,
    Changed,
    FinalOutcome,
    GuestDataWrong,
    Kind,
    NotAllowed,
    NotDone,
    Outcome,
    PmsAway,
    PriceChanged,
    Unavailable,
    Uncertain,
    WithPerson,
)
from conserje.reservations.connect import ledger_of
from conserje.stay_request import Quote

logger = logging.getLogger(__name__)


class ConfirmBooking(HotelAction):
    """Yes to the summary of a new booking."""

    def name(self) -> str:
        return "action_confirm_booking"

    async def act(self, turn: Turn) -> None:
        quote = _quote(turn)
        if quote is None:
            await continue_booking(turn)
            return
        name = parse_name(turn.get("guest_name"))
        guest = Guest(name.first, name.last, turn.get("guest_email"), turn.get("guest_phone"))
        key = turn.get("summary")
        said = await turn.desk.book(
            conversation=str(turn.conversation), key=key, quote=quote, guest=guest
        )
        await _Telling(turn, "create", said.change_id, key).tell(said.outcome)


class ConfirmChange(HotelAction):
    """Yes to how a booking would look."""

    def name(self) -> str:
        return "action_confirm_change"

    async def act(self, turn: Turn) -> None:
        quote, booking = _quote(turn), await found(turn)
        if quote is None or booking is None:
            if booking is not None:
                await modify_booking(turn)
            return
        key = turn.get("summary")
        said = await turn.desk.change(
            conversation=str(turn.conversation), key=key, booking=booking, quote=quote
        )
        await _Telling(turn, "change", said.change_id, key).tell(said.outcome)


class ConfirmCancellation(HotelAction):
    """Yes to cancelling: finds the booking again, cancels, and reads back."""

    def name(self) -> str:
        return "action_confirm_cancellation"

    async def act(self, turn: Turn) -> None:
        booking = await found(turn)
        if booking is None:
            return
        key = turn.get("summary")
        said = await turn.desk.cancel(conversation=str(turn.conversation), key=key, booking=booking)
        await _Telling(turn, "cancel", said.change_id, key).tell(said.outcome)


def _quote(turn: Turn) -> Quote | None:
    """What the guest says yes to; None when there is nothing, or nothing any more."""
    shown = turn.get("quote")
    if not shown:
        return None
    quote = Quote.from_dict(shown)
    if turn.now <= quote.valid_until:
        return quote
    turn.say("utter_quote_expired")
    return None


class TellOutcome(HotelAction):
    """What came of a change that was left open, told without being asked."""

    unasked = True

    def name(self) -> str:
        return "action_tell_outcome"

    async def act(self, turn: Turn) -> None:
        change = await asyncio.to_thread(ledger_of(turn.hotel).get, turn.get("notice"))
        if change.outcome is not None:
            await _Telling(turn, change.kind, change.id, change.key).tell(change.outcome)
        turn.set(notice=None)


class PmsBack(HotelAction):
    """The PMS works again: takes up what the guest had wished."""

    unasked = True

    def name(self) -> str:
        return "action_pms_back"

    async def act(self, turn: Turn) -> None:
        if turn.get("awaiting") == "retry":  # else the guest has gone on without us
            turn.say("utter_pms_back", notice=turn.get("notice"))
            await try_again(turn)
        turn.set(notice=None)


async def try_again(turn: Turn) -> None:
    """Goes on where the PMS had failed."""
    turn.set(awaiting=None)
    task = turn.get("task")
    if task == "check":
        await check_booking(turn)
    elif task == "cancel":
        await cancel_booking(turn)
    elif task == "modify":
        await modify_booking(turn)
    elif task == "booking" or turn.stay.check_in:
        await continue_booking(turn)
    else:
        turn.say("utter_how_can_i_help")


class _Telling:
    """Tells the guest of one change, and leaves the conversation where it then stands."""

    def __init__(self, turn: Turn, kind: Kind, change_id: str, key: str) -> None:
        self._turn = turn
        self._kind = kind
        self._id = change_id
        self._is_open = turn.get("summary") == key
        """Whether the conversation still stands at the summary that was said yes to."""

    async def tell(self, outcome: Outcome) -> None:
        BOOKINGS.labels(self._turn.hotel.id, self._kind, type(outcome).__name__).inc()
        if isinstance(outcome, Booked | Changed | Cancelled | AlreadyBooked):
            await self._tell_done(outcome)
        elif isinstance(outcome, Uncertain):
            # The question stays open: a second yes looks again, and does nothing twice.
            self._turn.say(f"utter_{self._kind}_uncertain")
        elif isinstance(outcome, WithPerson):
            self._say("utter_with_person")
            self._over()
            hand_over(self._turn, reason=outcome.reason)
        else:
            await self._tell_not_done(outcome)

    async def _tell_done(self, outcome: Booked | Changed | Cancelled | AlreadyBooked) -> None:
        booking = outcome.booking
        response = {
            Booked: "utter_booked",
            Changed: "utter_changed",
            Cancelled: "utter_cancelled",
            AlreadyBooked: "utter_already_booked",
        }[type(outcome)]
        self._say(response, **self._details(booking))
        if isinstance(outcome, Booked | Changed) and outcome.total_differs:
            await self._differs(booking)
        self._over()
        self._turn.set(
            booking=kept(booking),
            booking_reference=booking.reference,
            booking_email=booking.email,
        )

    def _details(self, booking: Booking) -> dict[str, Any]:
        payment = self._turn.hotel.payment.at_booking
        return {
            "day": spanish.day(booking.check_in),
            "payment": payment[:1].lower() + payment[1:],
            **details(self._turn, booking),
        }

    async def _differs(self, booking: Booking) -> None:
        change = await asyncio.to_thread(ledger_of(self._turn.hotel).get, self._id)
        said = Decimal(change.parameters["request"]["total"])
        logger.error(
            "%s: %s stands at %s, said was %s",
            self._turn.hotel.id,
            booking.reference,
            booking.total,
            said,
        )
        self._turn.say("utter_total_differs", total=spanish.money(said, booking.currency))
        hand_over(self._turn, reason="total_differs")

    async def _tell_not_done(self, outcome: FinalOutcome) -> None:
        if isinstance(outcome, PriceChanged):
            currency = outcome.offer.currency
            self._say(
                "utter_price_changed",
                before=spanish.money(outcome.before, currency),
                total=spanish.money(outcome.offer.total, currency),
            )
            await self._decide_again()
        elif isinstance(outcome, Unavailable):
            self._say("utter_just_taken" if self._kind == "create" else "utter_change_just_taken")
            if self._is_open:
                self._turn.set(room_type=None)
            await self._decide_again()
        elif isinstance(outcome, GuestDataWrong):
            self._rejected(outcome)
        elif isinstance(outcome, NotAllowed):
            self._over()
            say_not_allowed(self._turn, outcome.reason, notice=self._id)
        elif isinstance(outcome, PmsAway):
            self._turn.set(quote=None, summary=None)
            pms_away(self._turn, notice=self._id)
        elif isinstance(outcome, NotDone):
            self._say(f"utter_{self._kind}_not_done", buttons=[button("Inténtalo otra vez")])
            if self._is_open:
                self._turn.set(quote=None, summary=None, awaiting="retry")

    async def _decide_again(self) -> None:
        """Shows what there is now, unless the conversation has gone elsewhere."""
        if not self._is_open:
            return
        self._turn.set(quote=None, summary=None, offers=None)
        if self._kind == "create":
            await continue_booking(self._turn)
        else:
            await modify_booking(self._turn)

    def _rejected(self, outcome: GuestDataWrong) -> None:
        slots = {"name": "guest_name", "email": "guest_email", "phone": "guest_phone"}
        slot = slots.get(outcome.field)
        if slot is None:  # QloApps does not say which
            self._say("utter_guest_data_wrong")
            self._turn.set(quote=None, summary=None, awaiting="change")
            return
        self._turn.set(**{slot: None}, awaiting=slot, quote=None, summary=None)
        self._say(CONTACT_PROBLEMS[slot])

    def _over(self) -> None:
        """The stay is no longer asked for; the guest's own data are kept."""
        if self._is_open:
            forget_stay(self._turn)
            self._turn.set(task=None, awaiting=None)

    def _say(self, response: str, **values: Any) -> None:
        self._turn.say(response, notice=self._id, **values)
