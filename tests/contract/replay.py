"""Recorded requests sent again, to the stand-in or to a live QloApps."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, web
from yarl import URL

from demo.qloapps.server import make_app
from demo.qloapps.state import State, Surroundings, random_reference
from demo.qloapps.webservice import DEMO_KEY
from tests.contract.recorded import RECORDED_HOST, Exchange, exchange, references
from tests.contract.setups import AFTER, BEFORE, CREATED_UNSEEN, Step, cancel_body
from tests.contract.target import RECORDED_DAY, NeverMade, Target, basic, booking_id


@dataclass(frozen=True)
class Reply:
    """An answer, or why the request was not sent."""

    status: int = 0
    content_type: str | None = None
    body: str = ""
    spared: str = ""


@asynccontextmanager
async def stand_in(state: State) -> AsyncIterator[Target]:
    """The stand-in on a free port."""
    runner = web.AppRunner(make_app(state))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, shutdown_timeout=0.1)
    await site.start()
    try:
        yield Target(f"http://127.0.0.1:{runner.addresses[0][1]}", DEMO_KEY)
    finally:
        await runner.cleanup()


def recorded_state(path: Path, run: list[str]) -> State:
    """The seed on the recording's day, with the recorded references."""
    known, made = references(run), 0

    def reference() -> str:
        nonlocal made
        made += 1
        return known.get(made) or random_reference()

    return State(path, Surroundings(lambda: RECORDED_DAY, reference))


@asynccontextmanager
async def open_session() -> AsyncIterator[ClientSession]:
    """A client without cookies, as the original's carry a guest's login."""
    jar, timeout = DummyCookieJar(), ClientTimeout(total=60)
    async with ClientSession(cookie_jar=jar, timeout=timeout) as session:
        yield session


async def request(
    session: ClientSession,
    target: Target,
    method: str,
    path: str,
    body: str = "",
    headers: dict[str, str] | None = None,
) -> Reply:
    """Any request; without headers it goes with the key."""
    async with session.request(
        method,
        URL(target.base + path, encoded=True),
        data=body.encode() or None,
        headers={"Authorization": basic(target.key)} if headers is None else headers,
        skip_auto_headers=["Content-Type", "Accept"],
    ) as response:
        content = await response.text()
        return Reply(response.status, response.headers.get("Content-Type"), content)


async def send(session: ClientSession, target: Target, recorded: Exchange) -> Reply:
    """Send a recorded request with the key, host and numbers of the target."""
    headers = {name: value for name, value in recorded.headers.items() if name != "Host"}
    if "Authorization" in headers:
        headers["Authorization"] = target.authorization(headers["Authorization"])
    if not target.live:
        headers["Host"] = RECORDED_HOST
    path = target.translate(recorded.path).replace("QLOAPPS_KEY", target.key)
    body = target.translate(recorded.body)
    return await request(session, target, recorded.method, path, body, headers)


async def replay(
    target: Target, names: list[str], on_live: Callable[[str], str]
) -> dict[str, Reply]:
    """Send the exchanges of a run one after the other and return the answers.

    `on_live`: the reason not to send an exchange to a live server, or nothing.
    """
    replies: dict[str, Reply] = {}
    target.forget()
    async with open_session() as session:
        for name in names:
            if target.live and (reason := on_live(name)):
                replies[name] = Reply(spared=reason)
                continue
            await _take(session, target, BEFORE.get(name, []))
            try:
                replies[name] = await send(session, target, exchange(name))
            except NeverMade as missing:
                replies[name] = Reply(spared=f"could not be made on this server: {missing}")
                continue
            await _learn(session, target, exchange(name), replies[name], names)
            await _take(session, target, AFTER.get(name, []))
        for number in target.booked:
            await request(session, target, "POST", "/api/order_histories", cancel_body(number))
    return replies


async def _take(session: ClientSession, target: Target, steps: list[Step]) -> None:
    for method, path, body in steps:
        reply = await request(session, target, method, path, body)
        assert reply.status in (200, 201), reply


async def _learn(
    session: ClientSession, target: Target, recorded: Exchange, reply: Reply, names: list[str]
) -> None:
    """Remember which of a live server's numbers stand for the recorded ones."""
    writes = recorded.method in ("POST", "PUT") and recorded.path.startswith("/api/bookings")
    if not target.live or not writes:
        return
    if recorded.name in CREATED_UNSEEN:
        path = "/api/orders?sort=[id_DESC]&limit=1&output_format=JSON"
        newest = json.loads((await request(session, target, "GET", path)).body)["orders"][0]["id"]
        target.numbers["order", CREATED_UNSEEN[recorded.name]] = str(newest)
        target.booked.append(str(newest))
    elif recorded.status == reply.status == 200 and recorded.answer.startswith(("{", "<")):
        target.learn(recorded.answer, reply.body)
        if recorded.method == "POST":
            old, new = booking_id(recorded.answer), booking_id(reply.body)
            target.booked.append(new)
            await _learn_reference(session, target, references(names).get(int(old)), new)


async def _learn_reference(
    session: ClientSession, target: Target, reference: str | None, number: str
) -> None:
    if reference:
        path = f"/api/orders/{number}?output_format=JSON"
        order = json.loads((await request(session, target, "GET", path)).body)["order"]
        target.references[reference] = order["reference"]
