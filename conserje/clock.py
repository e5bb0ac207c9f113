"""The hotel's own time."""

import functools
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from conserje.hotels import Hotel
from conserje.settings import settings


@functools.lru_cache(maxsize=1)
def _rehearsal(text: str) -> tuple[datetime, float]:
    return datetime.fromisoformat(text), time.monotonic()


def now(hotel: Hotel) -> datetime:
    """The time at the hotel, aware.

    With `CONSERJE_NOW` the clock starts there, as hotel-local time, and runs on.
    """
    zone = ZoneInfo(hotel.timezone)
    text = settings().now
    if text is None:
        return datetime.now(zone)
    start, began = _rehearsal(text)
    return start.replace(tzinfo=zone) + timedelta(seconds=time.monotonic() - began)


def message_metadata(hotel: Hotel) -> dict[str, Any]:
    """What the understanding needs to know of the hotel: its time and its bank holidays."""
    return {
        "now": now(hotel).isoformat(),
        "country": hotel.country,
        "region": hotel.region,
    }
