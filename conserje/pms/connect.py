"""The PMS of a hotel."""

import functools

from conserje import clock
from conserje.hotels import Hotel, hotels
from conserje.pms import Pms
from conserje.pms.qloapps import QloApps
from conserje.settings import settings


def pms_of(hotel: Hotel) -> Pms:
    """The adapter that speaks for this hotel, one a process."""
    return _connected(hotel.id)


@functools.cache
def _connected(hotel_id: str) -> Pms:
    current, hotel = settings(), hotels()[hotel_id]
    return QloApps(
        current.qloapps_url,
        current.qloapps_key,
        hotel.pms.hotel_id,
        country=hotel.country,
        now=functools.partial(clock.now, hotel),
    )
