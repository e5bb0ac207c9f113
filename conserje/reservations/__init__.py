"""Reservations that never go wrong: a ledger, the booking path and its recovery.

`docs/reservations.md` tells how they fit together.
"""

from conserje.reservations._outcomes import (
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
from conserje.reservations.desk import Desk, Said
from conserje.reservations.ledger import KeyReused, Ledger
from conserje.reservations.recovery import FinalAnswer, Recovery

__all__ = [
    "AlreadyBooked",
    "Booked",
    "Cancelled",
    "Changed",
    "Desk",
    "FinalAnswer",
    "FinalOutcome",
    "GuestDataWrong",
    "KeyReused",
    "Kind",
    "Ledger",
    "NotAllowed",
    "NotDone",
    "Outcome",
    "PmsAway",
    "PriceChanged",
    "Recovery",
    "Said",
    "Unavailable",
    "Uncertain",
    "WithPerson",
]
