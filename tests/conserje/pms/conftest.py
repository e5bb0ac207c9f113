"""A QloApps for the adapter's tests: the stand-in, or the one at QLOAPPS_URL."""

import itertools
import os
import random
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import aiohttp
import pytest

from conserje.pms import BookingRequest, Guest, Occupancy, Pms
from conserje.pms.qloapps import QloApps
from conserje.settings import DEMO_QLOAPPS_KEY
from tests.servers import qloapps_stand_in

MIRADOR, DUNAS = 1, 2
"""The hotels of the recorded seed."""
STUDIO, APARTMENT = "11", "12"
"""Room types of Dunas; of the apartment there is one."""


@dataclass(frozen=True)
class Server:
    url: str
    key: str
    live: bool

    def adapter(self, hotel_id: int, **options: Any) -> QloApps:
        options.setdefault("retry_pauses", (0.0, 0.0))
        return QloApps(self.url, options.pop("key", self.key), hotel_id, **options)

    async def call(self, method: str, resource: str, **options: Any) -> Any:
        """The JSON of the webservice, asked past the adapter."""
        auth = aiohttp.BasicAuth(self.key)
        params = {"output_format": "JSON", **options.pop("params", {})}
        async with (
            aiohttp.ClientSession(auth=auth) as session,
            session.request(
                method, f"{self.url}/api/{resource}", params=params, **options
            ) as response,
        ):
            return await response.json(content_type=None)

    async def orders_marked(self, marker: str) -> list[dict[str, Any]]:
        """What the PMS holds of an intended booking: id and state of each order."""
        params = {"filter[source]": marker, "display": "[id,current_state,total_paid_tax_incl]"}
        answer = await self.call("GET", "orders", params=params)
        return answer["orders"] if answer else []

    async def live_rooms(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        """The rooms that an order blocks."""
        params = {"filter[id_order]": str(order["id"]), "display": "full"}
        answer = await self.call("GET", "room_bookings", params=params)
        return [
            row for row in answer["bookings"] if row["is_cancelled"] == row["is_refunded"] == "0"
        ]


@dataclass(frozen=True)
class Control:
    """Tells the stand-in how to misbehave."""

    url: str

    async def post(self, name: str, **body: Any) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/_control/{name}", json=body) as response,
        ):
            response.raise_for_status()

    async def fault(self, kind: str, **where: Any) -> None:
        """`kind` strikes the requests that fit `method` and `path` (a regular expression)."""
        await self.post("faults", kind=kind, **where)

    async def requests(self, method: str, resource: str) -> int:
        """How many requests of this kind came in."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/_control/requests") as response,
        ):
            log = await response.json()
        return sum(
            entry["method"] == method and entry["path"].startswith(f"/api/{resource}?")
            for entry in log
        )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    url, key = os.environ.get("QLOAPPS_URL"), os.environ.get("QLOAPPS_KEY")
    if url and key:
        yield Server(url.rstrip("/"), key, live=True)
        return
    with qloapps_stand_in(tmp_path_factory.mktemp("qloapps")) as address:
        yield Server(address, DEMO_QLOAPPS_KEY, live=False)


@pytest.fixture(autouse=True)
async def _fresh(server: Server) -> None:
    if not server.live:
        await Control(server.url).post("reset")


@pytest.fixture
def control(server: Server) -> Control:
    if server.live:
        pytest.skip("a live QloApps cannot be told to fail")
    return Control(server.url)


@pytest.fixture
async def mirador(server: Server) -> AsyncIterator[QloApps]:
    adapter = server.adapter(MIRADOR)
    yield adapter
    await adapter.close()


@pytest.fixture
async def dunas(server: Server) -> AsyncIterator[QloApps]:
    adapter = server.adapter(DUNAS)
    yield adapter
    await adapter.close()


_weeks = itertools.count(random.randrange(100))


@pytest.fixture
def check_in() -> date:
    """A day whose nights no other test books, on a live server either."""
    return date(2029, 1, 1) + timedelta(weeks=next(_weeks) * 7 % 5000)


@pytest.fixture
async def request_of(check_in: date) -> "RequestMaker":
    return RequestMaker(check_in)


@dataclass(frozen=True)
class RequestMaker:
    """Makes booking requests at the quoted total, two nights from `check_in`."""

    check_in: date

    @property
    def check_out(self) -> date:
        return self.check_in + timedelta(days=2)

    async def __call__(
        self,
        pms: Pms,
        room_type_id: str,
        rooms: tuple[Occupancy, ...] = (Occupancy(2),),
        **changes: Any,
    ) -> BookingRequest:
        offers = await pms.offers(self.check_in, self.check_out, rooms)
        offer = next(offer for offer in offers if offer.room_type.id == room_type_id)
        unique = uuid.uuid4().hex[:12]
        request = BookingRequest(
            room_type_id=room_type_id,
            check_in=self.check_in,
            check_out=self.check_out,
            rooms=rooms,
            guest=Guest("Iñaki", "Gómez Peña", f"inaki.{unique}@example.com", "+34600123456"),
            total=offer.total,
            currency=offer.currency,
            marker=f"conserje-{unique}",
        )
        return replace(request, **changes)
