"""What is sent to a live QloApps, and what is not."""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta

from demo.qloapps.state import SHOP_TIME
from tests.contract.recorded import exchange
from tests.contract.setups import BEFORE
from tests.contract.target import RECORDED_DAY, Target

_OTHER_KEYS = {
    "general/root-limited-key-json",
    "errors/inactive-key-json",
    "errors/no-permission-method-json",
    "errors/no-permission-resource-json",
    "errors/no-permission-resource-xml",
}
_SET_UP_EARLIER = {
    "one_language/hotel-xml",
    "one_language/room-type-json",
    "one_language/search-xml",
    "availability/search-partially-available-xml",
    "room_bookings/overlap-query-none-json",
}
_AFTER_DELETING = {
    "cancel/delete-order-2-booking-after",
    "cancel/delete-order-3-room-bookings-after",
    "cancel/delete-order-4-room-still-blocked",
}


def live_target() -> Target | None:
    """The server of QLOAPPS_URL and QLOAPPS_KEY; None when they are not both set.

    The stays are moved by some weeks, so that runs do not get into each other's way.
    """
    base, key = os.environ.get("QLOAPPS_URL"), os.environ.get("QLOAPPS_KEY")
    if not base or not key:
        return None
    gone = max(datetime.now(SHOP_TIME) - RECORDED_DAY, timedelta(0)).days // 7
    shift = timedelta(weeks=gone + random.randint(20, 150))
    return Target(base.rstrip("/").removesuffix("/api"), key, live=True, shift=shift)


def reason_to_spare(name: str) -> str:
    """Why an exchange is not sent to a live server; empty when it is."""
    recorded = exchange(name)
    resource = recorded.path.split("?")[0].split("/")[2]
    if name in BEFORE or name in _SET_UP_EARLIER or name.startswith("notices_off/"):
        return "it needs another configuration or other bookings"
    if name in _OTHER_KEYS:
        return "it needs another key"
    if name == "errors/shop-in-maintenance":
        return "it needs the shop in maintenance"
    if name in _AFTER_DELETING or (recorded.method == "DELETE" and resource == "orders"):
        return "it would delete an order"
    writes = recorded.method in ("POST", "PUT") and recorded.status in (200, 201)
    if writes and resource in ("customers", "addresses"):
        return "it would leave customers behind"
    return ""
