"""Whether the assistant lives, may be sent guests, and how it does."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urljoin

import aiohttp
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from conserje.databases import StoreError, engine
from conserje.hotels import hotels
from conserje.valkey import ValkeyAway, shared

health = Blueprint("health")


@health.get("/health/live")
async def live(_: Request) -> HTTPResponse:
    """200 as long as the event loop turns."""
    return response.json({"status": "ok"})


@health.get("/health/ready")
async def ready(request: Request) -> HTTPResponse:
    """200 when model, action server and all hotels' databases answer, else 503; JSON says which.

    `degraded` names what is away though guests can be served: without Valkey nothing is booked.
    """
    agent = request.app.ctx.agent
    checks = {
        "model": agent.is_ready(),
        "actions": await _actions(agent.action_endpoint.url),
        **{f"database:{hotel}": await _in_thread(request, _database, hotel) for hotel in hotels()},
    }
    good = all(checks.values())
    degraded = [] if await _valkey() else ["valkey"]
    status = ("degraded" if degraded else "ok") if good else "failing"
    return response.json(
        {"status": status, "checks": checks, "degraded": degraded}, status=200 if good else 503
    )


@health.get("/metrics")
async def metrics(_: Request) -> HTTPResponse:
    """Prometheus text format."""
    return response.raw(generate_latest(), content_type=CONTENT_TYPE_LATEST)


async def _valkey() -> bool:
    with suppress(ValkeyAway):
        await shared().run("return 1", [])
        return True
    return False


async def _actions(webhook: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=3)
    with suppress(aiohttp.ClientError, asyncio.TimeoutError):
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(urljoin(webhook, "/health")) as answer,
        ):
            return answer.status == 200
    return False


def _database(hotel: str) -> bool:
    try:
        with engine(hotel).connect() as connection:
            connection.execute(text("SELECT 1"))
    except (StoreError, SQLAlchemyError):
        return False
    return True


async def _in_thread(request: Request, work: Callable[[str], bool], hotel: str) -> bool:
    done: Awaitable[bool] = request.app.loop.run_in_executor(None, work, hotel)
    return await done
