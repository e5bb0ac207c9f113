"""A process of ours at the hotel Dunas, real in every part: it books, or dies in the middle.

Run by `multiprocessing`; what it says to guests it appends to a file, one line an answer.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp

from conserje.databases import engine
from conserje.hotel_lock import HotelLock
from conserje.pms import Booking, Guest
from conserje.pms.qloapps import QloApps
from conserje.reservations import Desk, Ledger, Recovery, Said, Uncertain
from conserje.reservations._points import Observer, log_point
from conserje.reservations.ledger import Change
from conserje.settings import DEMO_QLOAPPS_KEY
from conserje.stay_request import Quote
from conserje.valkey import Valkey

HOTEL, PMS_HOTEL = "dunas", 2
STUDIO, APARTMENT = "11", "12"
"""Room types; of the apartment there is one."""
POST_SENT, POST_ANSWERED, ANSWERED = "post_sent", "post_answered", "answered"
"""Points that lie inside the adapter, and after the answer."""


@dataclass(frozen=True)
class House:
    """Where the parts are."""

    qloapps: str
    valkey: str
    state: Path
    database: str | None = None
    lease: float = 10.0

    @property
    def answers(self) -> Path:
        return self.state / "answers.jsonl"

    def read_answers(self) -> list[dict[str, str]]:
        """What guests were told, once an id: their channel drops repetitions."""
        lines = self.answers.read_text().splitlines() if self.answers.exists() else []
        return list({answer["id"]: answer for answer in map(json.loads, lines)}.values())

    def tell(self, change_id: str, outcome: object) -> None:
        with self.answers.open("a") as file:
            file.write(json.dumps({"id": change_id, "outcome": type(outcome).__name__}) + "\n")


class Dunas(QloApps):
    """Remembers no answers."""

    offers_now = QloApps.offers


@dataclass(frozen=True)
class Staff:
    pms: Dunas
    ledger: Ledger
    desk: Desk
    recovery: Recovery


@asynccontextmanager
async def staff_of(
    house: House,
    *,
    observer: Observer = log_point,
    later: timedelta = timedelta(0),
    tracing: aiohttp.TraceConfig | None = None,
) -> AsyncIterator[Staff]:
    """`later` puts the clock forward."""
    os.environ["CONSERJE_STATE"] = str(house.state)
    if house.database:
        os.environ["DATABASE_URL"] = house.database
    valkey = Valkey(house.valkey)
    ledger = Ledger(engine(HOTEL), lambda: datetime.now(timezone.utc) + later)
    lock = HotelLock(valkey, HOTEL, house.lease)
    async with aiohttp.ClientSession(trace_configs=[tracing] if tracing else []) as session:
        pms = Dunas(
            house.qloapps, DEMO_QLOAPPS_KEY, PMS_HOTEL, session=session, retry_pauses=(0.0, 0.0)
        )
        recovery = Recovery(pms, ledger, lock)
        yield Staff(pms, ledger, Desk(pms, ledger, lock, observer=observer), recovery)
    await valkey.close()


def guest(name: str) -> Guest:
    return Guest("Iñaki", "Gómez Peña", f"{name}@example.com", "+34600123456")


def quote_of(room_type: str, check_in: date, nights: int = 2) -> Quote:
    """For two; the total is to be put in."""
    return Quote(
        check_in=check_in,
        check_out=check_in + timedelta(days=nights),
        adults=2,
        child_ages=(),
        rooms=1,
        room_type_id=room_type,
        room_name="Apartamento",
        total=Decimal(0),
        currency="EUR",
        valid_until=datetime(2032, 1, 1, tzinfo=timezone.utc),
    )


@dataclass(frozen=True)
class Wish:
    """One guest's yes. `booking`: what is to be changed or cancelled."""

    kind: str
    key: str
    quote: Quote
    booking: Booking | None = None

    async def fulfil(self, desk: Desk) -> Said:
        conversation = f"{HOTEL}:web:{self.key}"
        if self.kind == "create":
            return await desk.book(
                conversation=conversation, key=self.key, quote=self.quote, guest=guest(self.key)
            )
        assert self.booking
        if self.kind == "cancel":
            return await desk.cancel(conversation=conversation, key=self.key, booking=self.booking)
        return await desk.change(
            conversation=conversation,
            key=self.key,
            booking=self.booking,
            quote=self.quote,
        )


def serve_and_die(house: House, wish: Wish, at: str) -> None:
    """Fulfils a wish and tells the guest, but kills itself at the point named."""

    def reached(point: str, _: Change | None) -> None:
        if point == at:
            os.kill(os.getpid(), signal.SIGKILL)

    async def serve() -> None:
        async with staff_of(house, observer=reached, tracing=_tracing(reached)) as staff:
            said = await wish.fulfil(staff.desk)
            if not isinstance(said.outcome, Uncertain):
                house.tell(said.change_id, said.outcome)
            reached(ANSWERED, None)
            await staff.desk.told(said.change_id)

    asyncio.run(serve())


def _tracing(reached: Callable[[str, None], None]) -> aiohttp.TraceConfig:
    """Watches the requests that change something."""
    tracing: Any = aiohttp.TraceConfig()  # its signals have no types for their callbacks

    def writes(params: Any) -> bool:
        return params.method != "GET" and params.url.parts[2] in ("bookings", "order_histories")

    async def sent(_: Any, __: Any, params: Any) -> None:
        if params.chunk and writes(params):
            reached(POST_SENT, None)

    async def answered(_: Any, __: Any, params: Any) -> None:
        if writes(params):
            reached(POST_ANSWERED, None)

    tracing.on_request_chunk_sent.append(sent)
    tracing.on_request_end.append(answered)
    made: aiohttp.TraceConfig = tracing
    return made


def serve_many(house: House, orders: Connection) -> None:
    """Fulfils lists of wishes that come in, all of a list at once, until None comes.

    Sends back what was said, by key.
    """

    async def one(desk: Desk, wish: Wish) -> tuple[str, Said]:
        said = await wish.fulfil(desk)
        await desk.told(said.change_id)
        return wish.key, said

    async def serve() -> None:
        async with staff_of(house) as staff:
            orders.send("ready")
            while wishes := await asyncio.to_thread(orders.recv):
                done = await asyncio.gather(*(one(staff.desk, wish) for wish in wishes))
                orders.send(dict(done))

    asyncio.run(serve())
