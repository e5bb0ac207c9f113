"""Rasa's agent behind our channels, without Rasa's own HTTP API."""

import logging
import os
from asyncio import AbstractEventLoop
from pathlib import Path

from rasa.core.agent import Agent
from rasa.core.lock_store import LockStore
from rasa.core.run import configure_app, create_http_input_channels
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.utils.endpoints import EndpointConfig
from rasa.utils.log_utils import configure_structlog
from sanic import Sanic

from assistant.health import health
from assistant.notices import keep_promises
from conserje.hotels import hotels


def make_agent(model: Path) -> Agent:
    """The agent with its model loaded from our own disk.

    Raises `rasa.exceptions.ModelNotFound` when there is no such model.
    """
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    actions = os.environ.get("ACTIONS_URL")
    agent = Agent(
        generator=endpoints.nlg,
        lock_store=LockStore.create(endpoints.lock_store),
        action_endpoint=EndpointConfig(actions) if actions else endpoints.action,
    )
    # Not by the constructor: it would wrap the store in one that hides its errors.
    agent.tracker_store = TrackerStore.create(endpoints.tracker_store)
    agent.load_model(model)
    return agent


def make_app(model: Path) -> Sanic:
    """The web application: channels of credentials.yml, health and metrics."""
    # Rasa's structured log would write guests' words; what it warns of does not hold them.
    configure_structlog(logging.WARNING)
    channels = create_http_input_channels(None, "credentials.yml")
    app: Sanic = configure_app(channels, enable_api=False)
    app.blueprint(health)

    async def load(app: Sanic, _: AbstractEventLoop) -> None:
        app.ctx.agent = make_agent(model)

    async def keep_all_promises(app: Sanic, loop: AbstractEventLoop) -> None:
        app.ctx.promises = [
            loop.create_task(keep_promises(app.ctx.agent, hotel)) for hotel in hotels().values()
        ]

    async def break_off(app: Sanic, _: AbstractEventLoop) -> None:
        for promise in app.ctx.promises:
            promise.cancel()

    app.register_listener(load, "before_server_start")
    app.register_listener(keep_all_promises, "after_server_start")
    app.register_listener(break_off, "before_server_stop")
    return app
