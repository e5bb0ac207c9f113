"""The PMS of a hotel, with its guard."""

import functools

from conserje import clock
from conserje.breaker import Breaker, BreakerSettings
from conserje.hotels import Hotel, hotels
from conserje.pms.guarded import GuardedPms, GuardSettings
from conserje.pms.qloapps import QloApps
from conserje.settings import settings
from conserje.valkey import shared


def pms_of(hotel: Hotel) -> GuardedPms:
    """The same object for a hotel throughout the process, so that it keeps its connections."""
    return _connected(hotel.id)


@functools.cache
def _connected(hotel_id: str) -> GuardedPms:
    current, hotel = settings(), hotels()[hotel_id]
    bare = QloApps(
        current.qloapps_url,
        current.qloapps_key,
        hotel.pms.hotel_id,
        country=hotel.country,
        now=functools.partial(clock.now, hotel),
    )
    breaker = Breaker(
        hotel_id,
        hotel.pms.kind,
        shared(),
        BreakerSettings(open_seconds=current.breaker_open_seconds),
    )
    return GuardedPms(
        bare, hotel_id, breaker, GuardSettings(offers_for=current.availability_seconds)
    )
