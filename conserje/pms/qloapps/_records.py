"""The rows of the webservice that the adapter reads, and only the fields it asks for.

The webservice sends numbers as strings, as ints or with six decimals, depending on the
resource; these types read all of them.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError, validator

from conserje.pms._errors import AnswerNotUnderstood
from conserje.pms._model import Occupancy

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
    def free(self) -> frozenset[int]:
        """The ids of the rooms that are free."""
        return frozenset(map(int, self._available))

    @property
    def rooms_free(self) -> int:
        return len(self._available)

    @property
    def _available(self) -> Mapping[str, Any]:
        # An object by room id; an empty one comes as a list.
        return self.rooms.get("available") or {}


class Availability(BaseModel):
    """The answer of `hotel_ari`."""

    currency: str
    room_types: Sequence[Quote] | None
    """Missing where the hotel is unknown or switched off."""

    def quote(self, room_type_id: str) -> Quote | None:
        """None where the hotel does not have this room type."""
        found = (each for each in self.room_types or () if str(each.id_room_type) == room_type_id)
        return next(found, None)


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
    """One room of an order, for nights that follow on one another."""

    id: int
    id_order: int
    id_hotel: int
    id_product: int
    """The id of the room type."""
    id_room: int
    id_status: int
    """Whether the guests are still to come, in the house, or gone."""
    room_type_name: str
    date_from: datetime
    date_to: datetime
    adults: int
    children: int
    child_ages: tuple[int, ...]
    is_cancelled: bool
    is_refunded: bool
    is_back_order: bool

    @validator("child_ages", pre=True)
    def _from_text(cls, text: Any) -> Any:
        """It comes as "[4,11]"; where there are no children, as "[]" or nothing."""
        return (json.loads(text) if isinstance(text, str) and text else text) or ()

    @property
    def occupancy(self) -> Occupancy:
        return Occupancy(self.adults, self.child_ages)

    @property
    def lives(self) -> bool:
        """Whether it still blocks the room."""
        return not (self.is_cancelled or self.is_refunded)


class Overlap(BaseModel):
    """A room booking, as far as the double-booking check looks at it."""

    id: int
    id_order: int
    is_back_order: bool


class UpcomingRoom(BaseModel):
    """A room booking, as far as the search for a guest's bookings looks at it."""

    id: int
    id_order: int
    id_customer: int


class RoomExtras(BaseModel):
    services: Sequence[Any] = ()
    facilities: Sequence[Any] = ()


class RoomTypeExtras(BaseModel):
    rooms: Sequence[RoomExtras]


class Extras(BaseModel):
    room_types: Sequence[RoomTypeExtras]
    cart_rules: Sequence[Any] = ()
    """Discounts."""

    @property
    def any(self) -> bool:
        rooms = (room for room_type in self.room_types for room in room_type.rooms)
        return bool(self.cart_rules) or any(room.services or room.facilities for room in rooms)


class BookingExtras(BaseModel):
    """Of `bookings/{id}`: what was sold with the rooms."""

    associations: Extras


class Customer(BaseModel):
    id: int
    firstname: str
    lastname: str
    email: str
    phone: str
    """As it was typed; empty for none."""

    @validator("phone", pre=True)
    def _none_given(cls, value: Any) -> Any:
        return "" if value is None else value


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
