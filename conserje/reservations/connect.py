"""The desk of a hotel and what belongs to it, for the process that asks."""

import functools
from datetime import datetime, timedelta, timezone

from conserje.databases import engine
from conserje.hotel_lock import HotelLock
from conserje.hotels import Hotel, hotels
from conserje.pms.connect import pms_of
from conserje.reservations._times import Times
from conserje.reservations.desk import Desk
from conserje.reservations.ledger import Ledger
from conserje.reservations.recovery import Recovery
from conserje.settings import settings
from conserje.valkey import shared


def ledger_of(hotel: Hotel) -> Ledger:
    """Raises `StoreError`."""
    return _ledger(hotel.id)


def desk_of(hotel: Hotel) -> Desk:
    """Raises `StoreError`."""
    return _desk(hotel.id)


def recovery_of(hotel: Hotel) -> Recovery:
    """Raises `StoreError`."""
    return Recovery(pms_of(hotel), ledger_of(hotel), HotelLock(shared(), hotel.id), _times())


@functools.cache
def _ledger(hotel_id: str) -> Ledger:
    return Ledger(engine(hotel_id), lambda: datetime.now(timezone.utc))


@functools.cache
def _desk(hotel_id: str) -> Desk:
    hotel = hotels()[hotel_id]
    return Desk(pms_of(hotel), ledger_of(hotel), HotelLock(shared(), hotel_id), _times())


def _times() -> Times:
    return Times(timedelta(seconds=settings().recovery_seconds))
