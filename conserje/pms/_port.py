"""The port to a PMS."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from conserje.pms._model import Booking, BookingRequest, Occupancy, Offer, RoomType


class Pms(Protocol):
    """One hotel's PMS. Every method may raise `PmsDown`, `NotAuthorised`, `AnswerNotUnderstood`."""

    async def room_types(self) -> Sequence[RoomType]:
        """All room types of the hotel that can be booked, in a stable order."""

    async def offers(
        self, check_in: date, check_out: date, rooms: Sequence[Occupancy]
    ) -> Sequence[Offer]:
        """Every room type with its total for `rooms`, cheapest first; `rooms_free` 0 where full.

        Capacity is not judged here: ask `RoomType.takes`.
        """

    async def book(self, request: BookingRequest) -> Booking:
        """Books once and reads back what was booked.

        Raises `RoomUnavailable`, `GuestDataRejected`, and `Uncertain` when the request was
        sent and neither the answer nor a search by marker tells what became of it.
        """

    async def settle(self, request: BookingRequest) -> Booking:
        """The live booking of `request.marker`, made sure of as `book` does; books nothing.

        Raises `RoomUnavailable` when an older booking has its room (then it is taken back),
        `BookingNotFound` when there is no live one, and `Uncertain`.
        """

    async def find(self, reference: str, email: str) -> Booking:
        """The booking of this hotel with both; raises `BookingNotFound` for any mismatch."""

    async def find_by_marker(self, marker: str) -> Booking | None:
        """The booking of this hotel that was made with `BookingRequest.marker`, in any state.

        Of several, a live one; None where there is none, or none yet. Raises `ValueError` for
        what cannot be a marker.
        """

    async def find_by_guest(
        self, *, email: str | None = None, phone: str | None = None
    ) -> Sequence[Booking]:
        """The live bookings of this hotel whose stay is not over, by check-in.

        Of every guest with this e-mail or this phone number, however they are written; none
        for what is no such thing.
        """

    async def change_offers(
        self, booking: Booking, check_in: date, check_out: date, rooms: Sequence[Occupancy]
    ) -> Sequence[Offer]:
        """What `booking` could become: as `offers`, without what it is already.

        `total` is what the whole booking costs then; `rooms_free` is 0 for what `change` would
        refuse. Raises `BookingNotFound`, `ChangeRefused`, and `ValueError` for no nights.
        """

    async def change(self, booking: Booking, wanted: BookingRequest) -> Booking:
        """Gives a booking other dates, guests or room type, once, and reads it back.

        `wanted.total` is a total of `change_offers`; its guest and its marker are not looked
        at: the booking keeps its own, its id and its reference. Raises `BookingNotFound`,
        `ChangeRefused` (then it stands as it was), `ValueError` for no nights, and `Uncertain`
        when something was sent and the booking is neither as wanted nor surely as it was.
        """

    async def cancel(self, booking: Booking) -> Booking:
        """Cancels and reads back; cancelling a cancelled booking changes nothing.

        Raises `Uncertain` when it was sent and the state afterwards could not be read.
        """
