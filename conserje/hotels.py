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
from pydantic.fields import ModelField

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


_WRITTEN_AS: tuple[tuple[type, type, str], ...] = (
    (str, str, "text"),
    (time, str, 'an hour in quotes, like "14:00"'),
    (bool, bool, "true or false"),
    (int, int, "a whole number"),
)


class _Model(BaseModel):
    class Config:
        extra = "forbid"
        allow_mutation = False

    @validator("*", pre=True, each_item=True)
    def _as_written(cls, value: Any, field: ModelField) -> Any:
        """Nothing is converted silently: YAML reads an unquoted 14:00 as the number 840."""
        if value is None or not isinstance(field.type_, type):
            return value
        for kind, written, name in _WRITTEN_AS:
            if issubclass(field.type_, kind):
                if type(value) is not written:
                    raise ValueError(f"must be {name}")
                break
        return value


MIN_CONTRAST = 4.5
"""Between text and its background, as WCAG 2 asks of normal text (level AA)."""


class Colours(_Model):
    primary: str = Field(regex=r"^#[0-9a-fA-F]{6}$")
    on_primary: str = Field(regex=r"^#[0-9a-fA-F]{6}$")
    """Text on `primary`, and `primary` as text on it."""

    @validator("on_primary")
    def _readable(cls, on_primary: str, values: dict[str, Any]) -> str:
        if "primary" in values:
            contrast = _contrast(values["primary"], on_primary)
            if contrast < MIN_CONTRAST:
                raise ValueError(
                    f"contrast with primary is {contrast:.1f}, must be at least {MIN_CONTRAST}"
                )
        return on_primary


def _contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white), by WCAG 2."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


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
    quote_minutes: int = Field(default=60, gt=0)
    """For how long a price that was said may be said yes to."""


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
    is not the file's name, a channel address or PMS hotel that two hotels claim, a file that
    cannot be read or ends in `.yaml`, an empty folder.
    """
    for path in sorted(folder.glob("*.yaml")):
        raise HotelFileError(f"{path}: a hotel's file must end in .yml")
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
    except (OSError, UnicodeDecodeError) as error:
        raise HotelFileError(f"{path}: cannot be read as UTF-8 text") from error
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
