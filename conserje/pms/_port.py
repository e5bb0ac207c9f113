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

    async def find(self, reference: str, email: str) -> Booking:
        """The booking of this hotel with both; raises `BookingNotFound` for any mismatch."""

    async def cancel(self, booking: Booking) -> Booking:
        """Cancels and reads back; cancelling a cancelled booking changes nothing.

        Raises `Uncertain` when it was sent and the state afterwards could not be read.
        """
