"""What stands in the PMS, read past us, and how to make it misbehave."""

import urllib.request
from datetime import date, timedelta
from typing import Any

import aiohttp

from conserje.settings import DEMO_QLOAPPS_KEY


class PmsBooks:
    """Of the stand-in at `url`."""

    def __init__(self, url: str) -> None:
        self._api = f"{url}/api"
        self._control = f"{url}/_control"

    async def get(self, resource: str, **params: str) -> Any:
        auth = aiohttp.BasicAuth(DEMO_QLOAPPS_KEY)
        async with (
            aiohttp.ClientSession(auth=auth) as session,
            session.get(
                f"{self._api}/{resource}", params={**params, "output_format": "JSON"}
            ) as response,
        ):
            return await response.json(content_type=None)

    async def live_rooms(self, **filters: str) -> list[dict[str, Any]]:
        """Room bookings that block a room."""
        params = {f"filter[{name}]": value for name, value in filters.items()}
        answer = await self.get("room_bookings", display="full", date="1", **params)
        rows = answer["bookings"] if answer else []
        return [row for row in rows if row["is_cancelled"] == row["is_refunded"] == "0"]

    async def live_rooms_marked(self, marker: str) -> list[dict[str, Any]]:
        params = {"filter[source]": marker, "display": "[id]"}
        answer = await self.get("orders", **params)
        rows = [
            await self.live_rooms(id_order=str(order["id"]))
            for order in (answer["orders"] if answer else [])
        ]
        return [row for rooms in rows for row in rooms]

    async def fault(self, kind: str, **where: Any) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self._control}/faults", json={"kind": kind, **where}) as response,
        ):
            response.raise_for_status()

    async def clear_faults(self) -> None:
        async with aiohttp.ClientSession() as session:
            await session.delete(f"{self._control}/faults")

    async def take(self, room_type: str, check_in: date, source: str) -> None:
        """Books two nights past us, as the hotel's desk does; refused where no room is free."""
        auth = aiohttp.BasicAuth(DEMO_QLOAPPS_KEY)
        url = f"{self._api}/bookings?output_format=JSON"
        body = _booking(room_type, check_in, source)
        async with (
            aiohttp.ClientSession(auth=auth) as session,
            session.post(url, json=body) as response,
        ):
            await response.read()

    def raise_price(self, room_type: str, check_in: date) -> None:
        """By 20 € a night, for a week; blocks."""
        xml = (
            '<qloapps><feature_price><feature_price_name><language id="1">Feria</language>'
            f"</feature_price_name><id_product>{room_type}</id_product><id_cart>0</id_cart>"
            "<id_guest>0</id_guest><id_room>0</id_room><is_special_days_exists>0"
            f"</is_special_days_exists><date_from>{check_in}</date_from>"
            f"<date_to>{check_in + timedelta(days=7)}</date_to><impact_way>2</impact_way>"
            "<impact_type>2</impact_type><impact_value>20</impact_value><active>1</active>"
            "<date_selection_type>1</date_selection_type></feature_price></qloapps>"
        )
        auth = aiohttp.BasicAuth(DEMO_QLOAPPS_KEY).encode()
        request = urllib.request.Request(  # noqa: S310 - an address of our own
            f"{self._api}/feature_prices",
            xml.encode(),
            {"Authorization": auth, "Content-Type": "text/xml"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            assert response.status == 201

    async def settings(self, **settings: Any) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self._control}/settings", json=settings) as response,
        ):
            response.raise_for_status()

    async def reset(self) -> None:
        async with aiohttp.ClientSession() as session:
            await session.post(f"{self._control}/reset")


def _booking(room_type: str, check_in: date, source: str) -> dict[str, Any]:
    room = {"adult": 2, "adults": 2, "child": 0, "id_tax_rules_group": 2}
    stay = {
        "id_room_type": room_type,
        "checkin_date": f"{check_in}",
        "checkout_date": f"{check_in + timedelta(days=2)}",
        "number_of_rooms": 1,
        "rooms": [room],
    }
    guest = {
        "firstname": "Ana",
        "lastname": "Recepción",
        "email": "recepcion@example.com",
        "phone": "+34600999999",
    }
    return {
        "booking": {
            "id_property": 2,
            "currency": "EUR",
            "booking_status": 1,
            "payment_status": 3,
            "source": source,
            "id_language": 1,
            "associations": {"customer_detail": guest, "room_types": [stay]},
        }
    }
