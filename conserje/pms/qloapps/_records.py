"""The rows of the webservice that the adapter reads, and only the fields it asks for.

The webservice sends numbers as strings, as ints or with six decimals, depending on the
resource; these types read all of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from conserje.pms._errors import AnswerNotUnderstood

_CENT = Decimal("0.01")


class Language(BaseModel):
    id: int
    iso_code: str
    active: bool


class Currency(BaseModel):
    id: int
    iso_code: str


class RoomTypeRow(BaseModel):
    """Of `room_types`."""

    id: int
    name: str
    active: bool
    id_tax_rules_group: int


class RoomTypeLimits(BaseModel):
    """Of `hotel_room_types`."""

    id_product: int
    """The id of the room type."""
    max_adults: int
    max_children: int
    max_guests: int


class Quote(BaseModel):
    """A room type in the answer of `hotel_ari`."""

    id_room_type: int
    total_price_with_tax: Decimal
    rooms: Mapping[str, Any]

    @property
    def rooms_free(self) -> int:
        # An object by room id; an empty one comes as a list.
        return len(self.rooms.get("available") or ())


class Availability(BaseModel):
    """The answer of `hotel_ari`."""

    currency: str
    room_types: Sequence[Quote] | None
    """Missing where the hotel is unknown or switched off."""


class Order(BaseModel):
    id: int
    id_customer: int
    id_currency: int
    current_state: int
    total_paid_tax_incl: Decimal
    total_paid_real: Decimal
    source: str | None
    reference: str


class RoomBooking(BaseModel):
    """One room of an order."""

    id: int
    id_order: int
    id_hotel: int
    id_product: int
    """The id of the room type."""
    id_room: int
    room_type_name: str
    date_from: datetime
    date_to: datetime
    adults: int
    children: int
    is_cancelled: bool
    is_refunded: bool
    is_back_order: bool

    @property
    def lives(self) -> bool:
        """Whether it still blocks the room."""
        return not (self.is_cancelled or self.is_refunded)


class Overlap(BaseModel):
    """A room booking, as far as the double-booking check looks at it."""

    id: int
    id_order: int
    is_back_order: bool


class Customer(BaseModel):
    id: int
    firstname: str
    lastname: str
    email: str


class CreatedId(BaseModel):
    id: int = Field(gt=0)


Row = TypeVar("Row", bound=BaseModel)


def parse(kind: type[Row], data: Any) -> Row:
    """Raises `AnswerNotUnderstood` naming the fields, never their values."""
    try:
        return kind.parse_obj(data)
    except ValidationError as error:
        fields = sorted({".".join(map(str, entry["loc"])) for entry in error.errors()})
        # `from None`: the chained error would show the PMS's values.
        raise AnswerNotUnderstood(f"{kind.__name__}: {', '.join(fields)}") from None


def parse_rows(kind: type[Row], rows: Sequence[Any]) -> list[Row]:
    """Raises `AnswerNotUnderstood`."""
    return [parse(kind, row) for row in rows]


def display(kind: type[BaseModel]) -> str:
    """The `display` parameter that asks for exactly the fields of `kind`."""
    return f"[{','.join(kind.__fields__)}]"


def money(amount: Decimal) -> Decimal:
    """Two decimals: the webservice sends 176, 9.55, "176.000000" or a float's tail."""
    return amount.quantize(_CENT, ROUND_HALF_UP)
