"""What the dialogue needs from a property management system (PMS).

`Pms` is the port; `conserje.pms.qloapps` is the adapter for QloApps. An instance
speaks for exactly one hotel. Money is `Decimal`, with tax; dates are hotel-local.
"""

from conserje.pms._errors import (
    AnswerNotUnderstood,
    BookingNotFound,
    ChangeReason,
    ChangeRefused,
    GuestDataRejected,
    NotAuthorised,
    PmsDown,
    PmsError,
    RoomUnavailable,
    Uncertain,
)
from conserje.pms._model import (
    BookedRoom,
    Booking,
    BookingRequest,
    BookingStatus,
    Guest,
    Occupancy,
    Offer,
    RoomType,
)
from conserje.pms._port import Pms

__all__ = [
    "AnswerNotUnderstood",
    "BookedRoom",
    "Booking",
    "BookingNotFound",
    "BookingRequest",
    "BookingStatus",
    "ChangeReason",
    "ChangeRefused",
    "Guest",
    "GuestDataRejected",
    "NotAuthorised",
    "Occupancy",
    "Offer",
    "Pms",
    "PmsDown",
    "PmsError",
    "RoomType",
    "RoomUnavailable",
    "Uncertain",
]
