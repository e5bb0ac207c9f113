"""What comes of an intended change, as the dialogue tells it to the guest."""

import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal, get_args

from pydantic import parse_obj_as

from conserje.pms import Booking, Offer

Kind = Literal["create", "change", "cancel"]


@dataclass(frozen=True)
class Booked:
    booking: Booking
    total_differs: bool = False
    """The PMS took another total than was said: the booking stands, a person looks at it."""


@dataclass(frozen=True)
class AlreadyBooked:
    """The same yes came before, and the guest was told."""

    booking: Booking


@dataclass(frozen=True)
class Changed:
    booking: Booking
    total_differs: bool = False


@dataclass(frozen=True)
class Cancelled:
    booking: Booking


@dataclass(frozen=True)
class PriceChanged:
    """Nothing was done; the guest decides again."""

    offer: Offer
    before: Decimal


@dataclass(frozen=True)
class Unavailable:
    """Nothing was done: the room type is not free (any more)."""


@dataclass(frozen=True)
class GuestDataWrong:
    """Nothing was done."""

    field: str
    """One of name, email, phone, or "unknown" where the PMS does not say which."""


@dataclass(frozen=True)
class NotAllowed:
    """Nothing was done: the PMS does not allow this change."""

    reason: str


@dataclass(frozen=True)
class PmsAway:
    """Nothing was done: the PMS cannot be asked now."""


@dataclass(frozen=True)
class NotDone:
    """It broke off half-way, and it is sure that nothing came of it."""


@dataclass(frozen=True)
class WithPerson:
    """It could not be found out what came of it; a person at the hotel does."""

    reason: str


@dataclass(frozen=True)
class Uncertain:
    """No final answer: it is being looked into, and one follows."""


FinalOutcome = (
    Booked
    | Changed
    | Cancelled
    | PriceChanged
    | Unavailable
    | GuestDataWrong
    | NotAllowed
    | PmsAway
    | NotDone
    | WithPerson
)
Outcome = FinalOutcome | AlreadyBooked | Uncertain

_BY_NAME: dict[str, Any] = {kind.__name__: kind for kind in get_args(FinalOutcome)}


def to_json(outcome: FinalOutcome) -> str:
    # Dates and decimals as text.
    return json.dumps({"is": type(outcome).__name__, **asdict(outcome)}, default=str)


def from_json(text: str) -> FinalOutcome:
    """Reads what `to_json` wrote; raises `KeyError` or `ValueError` for anything else."""
    fields = json.loads(text)
    outcome: FinalOutcome = parse_obj_as(_BY_NAME[fields.pop("is")], fields)
    return outcome
