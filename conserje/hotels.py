"""The hotels of this installation: one YAML file each, checked when it is read."""

import functools
import re
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, Field, ValidationError, validator

from conserje.settings import settings

Weekday = Literal["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]
WEEKDAYS: tuple[Weekday, ...] = (
    "lunes",
    "martes",
    "miércoles",
    "jueves",
    "viernes",
    "sábado",
    "domingo",
)


class HotelFileError(Exception):
    """A file in `hotels/` that cannot be used; the message names file and key."""


class _Model(BaseModel):
    class Config:
        extra = "forbid"
        allow_mutation = False


class Colours(_Model):
    primary: str = Field(regex=r"^#[0-9a-fA-F]{6}$")
    on_primary: str = Field(regex=r"^#[0-9a-fA-F]{6}$")


class Hours(_Model):
    """From `opens` to `closes` on the same day, hotel-local."""

    opens: time
    closes: time

    @validator("closes")
    def _after_opening(cls, closes: time, values: dict[str, Any]) -> time:
        if "opens" in values and closes <= values["opens"]:
            raise ValueError("must be later than opens")
        return closes


class Contact(_Model):
    phone: str
    email: str


class Place(_Model):
    address: str
    directions: str | None = None
    nearby: str | None = None
    recommendations: str | None = None
    maps_url: str | None = None


class Arrival(_Model):
    check_in: time
    check_out: time
    notes: str | None = None


class RoomFacts(_Model):
    """What the hotel says of a room type beyond what the PMS knows."""

    name: str
    """How the guest is told of it, in the singular."""
    synonyms: tuple[str, ...] = ()
    """Other words of guests for it ("doble", "la sencilla")."""
    description: str | None = None


class Amenity(_Model):
    """Something that guests ask for. `available: false` is an answer too."""

    available: bool
    answer: str
    """The whole sentence the guest gets."""


class Policies(_Model):
    cancellation: str
    pets: str | None = None
    children: str | None = None
    smoking: str | None = None
    visitors: str | None = None
    outside_food: str | None = None
    general: str | None = None


class Payment(_Model):
    answer: str
    at_booking: str
    """What the guest is told of paying when the room is booked."""


class Channels(_Model):
    whatsapp_phone_number_id: str | None = None
    mailbox: str | None = None


class Pms(_Model):
    kind: Literal["qloapps"]
    hotel_id: int = Field(gt=0)


class Limits(_Model):
    max_nights: int = Field(default=30, gt=0)
    max_rooms: int = Field(default=5, gt=0)
    max_months_ahead: int = Field(default=18, gt=0)


class Hotel(_Model):
    """One hotel, as its YAML file says."""

    id: str = Field(regex=r"^[a-z][a-z0-9_]{0,39}$")
    name: str
    tagline: str
    colours: Colours
    timezone: str
    country: str = Field(regex=r"^[A-Z]{2}$")
    region: str | None = None
    """Subdivision of the bank holidays, as the `holidays` library names it."""
    currency: str = Field(regex=r"^[A-Z]{3}$")
    contact: Contact
    desk: Mapping[Weekday, Hours | None]
    place: Place
    arrival: Arrival
    rooms: Mapping[str, RoomFacts]
    """By the PMS's room type id."""
    amenities: Mapping[str, Amenity]
    """By the canonical name of `data/nlu/sinonimos.yml`."""
    policies: Policies
    payment: Payment
    channels: Channels = Channels()
    pms: Pms
    limits: Limits = Limits()
    responses: Mapping[str, str] = {}
    """Texts of domain.yml that this hotel words differently, by their `utter_` name."""

    @validator("timezone")
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("not a time zone")
        return name

    @validator("desk")
    def _whole_week(cls, desk: Mapping[Weekday, Hours | None]) -> Mapping[Weekday, Hours | None]:
        missing = [day for day in WEEKDAYS if day not in desk]
        if missing:
            raise ValueError(f"no hours for {', '.join(missing)} (null where closed)")
        return desk

    @validator("responses")
    def _response_names(cls, responses: Mapping[str, str]) -> Mapping[str, str]:
        for name in responses:
            if not re.fullmatch(r"utter_[a-z0-9_]+", name):
                raise ValueError(f"{name}: not the name of a response")
        return responses

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Hotels(Mapping[str, Hotel]):
    """The hotels by id; iterates in order of id."""

    def __init__(self, hotels: Mapping[str, Hotel]) -> None:
        self._by_id = dict(sorted(hotels.items()))

    def __getitem__(self, hotel_id: str) -> Hotel:
        return self._by_id[hotel_id]

    def __iter__(self) -> Any:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)


def load_hotels(folder: Path) -> Hotels:
    """Reads and checks every `*.yml` of the folder.

    Raises `HotelFileError` naming file and key for an unknown key, a wrong type, an id that
    is not the file's name, a channel address or PMS hotel that two hotels claim, an empty
    folder.
    """
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        raise HotelFileError(f"{folder}: no hotel file (*.yml) in it")
    hotels = {path.stem: _load(path) for path in paths}
    _refuse_shared_addresses(folder, hotels)
    return Hotels(hotels)


def _load(path: Path) -> Hotel:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        raise HotelFileError(f"{path}:{where} not valid YAML") from error
    if not isinstance(data, dict):
        raise HotelFileError(f"{path}: must be a mapping of keys")
    try:
        hotel = Hotel(**data)
    except ValidationError as error:
        problems = (
            f"{path}: {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        raise HotelFileError("\n".join(problems)) from error
    if hotel.id != path.stem:
        raise HotelFileError(f"{path}: id: must be the file's name, {path.stem!r}")
    return hotel


def _refuse_shared_addresses(folder: Path, hotels: Mapping[str, Hotel]) -> None:
    owners: dict[tuple[str, str], str] = {}
    for hotel in hotels.values():
        addresses = {
            "channels.whatsapp_phone_number_id": hotel.channels.whatsapp_phone_number_id,
            "channels.mailbox": hotel.channels.mailbox and hotel.channels.mailbox.lower(),
            "pms.hotel_id": f"{hotel.pms.kind} {hotel.pms.hotel_id}",
        }
        for key, address in addresses.items():
            if address is None:
                continue
            owner = owners.setdefault((key, address), hotel.id)
            if owner != hotel.id:
                raise HotelFileError(
                    f"{folder / hotel.id}.yml: {key}: {address} is already used by {owner}.yml"
                )


@functools.lru_cache(maxsize=1)
def hotels() -> Hotels:
    """The hotels of this process, read once from the folder of the settings."""
    return load_hotels(settings().hotels_dir)
