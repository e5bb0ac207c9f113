"""The stand-in races, fails on request, and keeps what it was told."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientSession, ServerDisconnectedError

from demo.qloapps.state import State
from demo.qloapps.webservice import DEMO_KEY
from tests.contract.replay import Reply, open_session, request, stand_in
from tests.contract.setups import booking_body
from tests.contract.target import Target

LAST_ROOM = 24


class Desk:
    """A client of the stand-in, as a test uses it."""

    def __init__(self, session: ClientSession, target: Target) -> None:
        self.session, self.target = session, target

    async def send(self, method: str, path: str, body: str = "") -> Reply:
        return await request(self.session, self.target, method, path, body)

    async def control(self, method: str, path: str, /, **content: Any) -> Any:
        reply = await self.send(method, f"/_control/{path}", json.dumps(content))
        return json.loads(reply.body) if reply.body.startswith(("{", "[")) else reply

    async def book(self, email: str, day: int = 1, room: int = LAST_ROOM) -> Reply:
        first, last = f"2027-06-{day:02}", f"2027-06-{day + 1:02}"
        type_id = 12 if room == LAST_ROOM else 11
        body = booking_body(email, type_id, first, last, room)
        return await self.send("POST", "/api/bookings?output_format=JSON", body)

    async def rooms(self, **wanted: object) -> list[dict[str, str]]:
        filters = "".join(f"&filter[{name}]={value}" for name, value in wanted.items())
        path = f"/api/room_bookings?display=full&date=1&output_format=JSON{filters}"
        content = json.loads((await self.send("GET", path)).body)
        return content["bookings"] if content else []


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with stand_in(State(tmp_path / "state.json")) as target, open_session() as session:
        yield Desk(session, target)


async def test_parallel_bookings_of_the_last_room_mostly_leave_one_cancelled(desk: Desk) -> None:
    """All get 200; some pairs both live, as in the original."""
    await desk.control("POST", "settings", random_seed=7, write_delay_seconds=0.02)
    outcomes: Counter[tuple[str, ...]] = Counter()
    for day in range(1, 25):
        pair = await asyncio.gather(*(desk.book(f"{one}{day}@example.com", day) for one in "ab"))
        assert [reply.status for reply in pair] == [200, 200]
        stored = await desk.rooms(id_room=LAST_ROOM, date_from=f"[2027-06-{day:02}]")
        outcomes[tuple(sorted(room["is_cancelled"] for room in stored))] += 1
    assert set(outcomes) == {("0", "1"), ("0", "0")}
    assert outcomes["0", "1"] > outcomes["0", "0"]


async def test_bookings_one_after_the_other_do_not_race(desk: Desk) -> None:
    """The second one for the last room is refused."""
    assert (await desk.book("first@example.com")).status == 200
    refused = await desk.book("second@example.com")
    assert (refused.status, "not available" in refused.body) == (400, True)


async def test_many_parallel_bookings_leave_a_whole_state_file(desk: Desk, tmp_path: Path) -> None:
    """A stand-in that starts from the file knows every booking that was answered."""
    stays = [(day, room) for day in range(1, 11) for room in (21, 22, 23)]
    replies = await asyncio.gather(
        *(desk.book(f"g{day}r{room}@example.com", day, room) for day, room in stays)
    )
    numbers = {json.loads(reply.body)["booking"]["id"] for reply in replies}
    assert len(numbers) == len(stays)
    async with stand_in(State(tmp_path / "state.json")) as restarted:
        kept = await Desk(desk.session, restarted).rooms(id_hotel=2)
    assert {int(room["id_order"]) for room in kept} == numbers


async def test_a_reset_brings_back_the_seed(desk: Desk) -> None:
    """Bookings, faults, settings and the log are gone, the hotels are there."""
    await desk.book("guest@example.com")
    await desk.control("POST", "faults", kind="empty_500", times=None)
    await desk.control("POST", "settings", notices=False)
    await desk.control("POST", "reset")
    assert await desk.control("GET", "requests") == []
    assert (await desk.control("GET", "settings"))["notices"] is True
    assert await desk.rooms() == []
    assert (await desk.send("GET", "/api/hotels/1")).status == 200


async def test_a_room_out_of_service_cannot_be_booked(desk: Desk) -> None:
    """The webservice itself switches it off."""
    body = f"<qloapps><room><id>{LAST_ROOM}</id><id_status>2</id_status></room></qloapps>"
    assert (await desk.send("PUT", f"/api/hotel_rooms/{LAST_ROOM}", body)).status == 200
    assert (await desk.book("guest@example.com")).status == 400


@pytest.mark.parametrize(
    ("kind", "status", "body", "booked"),
    [
        ("empty_500", 500, "", False),
        ("created_but_500", 500, "", True),
        ("html_200", 200, "Fatal error", False),
    ],
)
async def test_an_answer_can_lie_about_the_booking(
    desk: Desk, kind: str, status: int, body: str, booked: bool
) -> None:
    """The fault hits the next fitting request only; what it stored shows afterwards."""
    await desk.control("POST", "faults", method="POST", path="^/api/bookings", kind=kind)
    reply = await desk.book("guest@example.com")
    assert (reply.status, reply.body) == (status, body)
    assert reply.content_type == "text/html; charset=utf-8"
    assert bool(await desk.rooms()) is booked
    assert (await desk.book("other@example.com", day=10)).status == 200


async def test_the_webservice_can_be_unavailable(desk: Desk) -> None:
    """503 in the format asked for."""
    await desk.control("POST", "faults", kind="unavailable_503")
    reply = await desk.send("GET", "/api/hotels?output_format=JSON")
    assert (reply.status, json.loads(reply.body)["errors"][0]["code"]) == (503, 22)


@pytest.mark.parametrize(
    ("kind", "booked"), [("refuse", False), ("reset", True), ("half_answer", True)]
)
async def test_a_connection_can_break(desk: Desk, kind: str, booked: bool) -> None:
    """Before the work, after it, or in the middle of the answer."""
    await desk.control("POST", "faults", path="bookings", kind=kind)
    with pytest.raises((ServerDisconnectedError, aiohttp.ClientPayloadError, ConnectionError)):
        await desk.book("guest@example.com")
    assert bool(await desk.rooms()) is booked


async def test_a_slow_answer_comes_and_a_hanging_one_does_not(desk: Desk) -> None:
    """A client that waits long enough for the slow one gets the whole answer."""
    await desk.control("POST", "faults", kind="slow", seconds=0.01)
    assert (await desk.send("GET", "/api/hotels")).status == 200
    await desk.control("POST", "faults", kind="hang")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(desk.send("GET", "/api/hotels"), timeout=0.3)
    assert (await desk.send("GET", "/api/hotels")).status == 200


async def test_faults_can_be_taken_back_and_wrong_ones_are_refused(desk: Desk) -> None:
    """A fault without an end stays until it is removed."""
    wrong = await desk.control("POST", "faults", kind="earthquake")
    assert (wrong.status, "hang" in wrong.body) == (400, True)
    await desk.control("POST", "faults", kind="empty_500", times=None)
    statuses = [(await desk.send("GET", "/api/hotels")).status for _ in range(3)]
    assert statuses == [500, 500, 500]
    await desk.control("DELETE", "faults")
    assert (await desk.send("GET", "/api/hotels")).status == 200


async def test_the_log_names_the_last_requests(desk: Desk) -> None:
    """Method, path with its query and status, the latest at the end."""
    await desk.send("GET", "/api/hotels?limit=1")
    await desk.book("guest@example.com")
    log = await desk.control("GET", "requests")
    assert log[-2:] == [
        {"method": "GET", "path": "/api/hotels?limit=1", "status": 200},
        {"method": "POST", "path": "/api/bookings?output_format=JSON", "status": 200},
    ]


async def test_the_page_shows_people_what_is_booked(desk: Desk) -> None:
    """In Spanish, with guest, room, days, price and state."""
    await desk.book("guest@example.com", day=5)
    page = (await desk.send("GET", "/")).body
    for words in (
        "Apartamentos Dunas",
        "Eva Marrero",
        "Apartamento vista mar (A-01)",
        "05/06/2027",
        "105,05 €",
        "Pago pendiente",
        "Todavía no hay reservas",
    ):
        assert words in page


async def test_what_the_original_can_do_and_the_stand_in_not_is_said(desk: Desk) -> None:
    """501 instead of a pretended answer."""
    assert (await desk.send("GET", "/api/carriers?output_format=JSON")).status == 501


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Target]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    state = str(tmp_path / "state.json")
    command = [sys.executable, "-u", "-m", "demo.qloapps"]
    command += ["--port", str(port), "--state", state]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout
        assert b"Running on" in running.stdout.readline()
        yield running, Target(f"http://127.0.0.1:{port}", DEMO_KEY)
        running.kill()


async def test_sigterm_ends_the_process_cleanly_and_bookings_survive_it(
    process: tuple[subprocess.Popen[bytes], Target], tmp_path: Path
) -> None:
    """Even while a request hangs."""
    running, target = process
    async with open_session() as session:
        desk = Desk(session, target)
        await desk.book("guest@example.com")
        await desk.control("POST", "faults", kind="hang")
        hanging = asyncio.ensure_future(desk.send("GET", "/api/hotels"))
        while not any(one["status"] is None for one in await desk.control("GET", "requests")):
            pass
        running.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(running.wait, 30) == 0
        await asyncio.wait([hanging])
    async with stand_in(State(tmp_path / "state.json")) as again, open_session() as session:
        assert len(await Desk(session, again).rooms()) == 1
