"""Rasa's agent behind our channels, without Rasa's own HTTP API.

A new model is taken while guests are served: it is loaded beside the old one, and each turn is held
whole by the agent that it began with. Conversations live in the hotels' databases, and go on.
"""

import asyncio
import logging
import os
from asyncio import AbstractEventLoop
from pathlib import Path

from prometheus_client import Counter
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

logger = logging.getLogger(__name__)

LOOK_FOR_MODEL_EVERY = 2.0
"""Seconds between two looks at where the model's link leads."""

MODELS = Counter(
    "conserje_models_total", "New models that were taken (loaded) or not (failed)", ["outcome"]
)


def make_agent(model: Path, locks: LockStore | None = None) -> Agent:
    """The agent with its model loaded from our own disk; `locks` of the agent before it, if any.

    Raises `rasa.exceptions.ModelNotFound` when there is no such model.
    """
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    actions = os.environ.get("ACTIONS_URL")
    agent = Agent(
        generator=endpoints.nlg,
        lock_store=locks or LockStore.create(endpoints.lock_store),
        action_endpoint=EndpointConfig(actions) if actions else endpoints.action,
    )
    # Not by the constructor: it would wrap the store in one that hides its errors.
    agent.tracker_store = TrackerStore.create(endpoints.tracker_store)
    agent.load_model(model)
    return agent


def make_app(model: Path) -> Sanic:
    """The web application: channels of credentials.yml, health and metrics.

    Where `model` is a link, the model is changed as soon as the link leads to another.
    """
    # Rasa's structured log would write guests' words; what it warns of does not hold them.
    configure_structlog(logging.WARNING)
    channels = create_http_input_channels(None, "credentials.yml")
    app: Sanic = configure_app(channels, enable_api=False)
    app.blueprint(health)

    async def load(app: Sanic, _: AbstractEventLoop) -> None:
        target = await asyncio.to_thread(model.resolve)
        app.ctx.agent = make_agent(target)
        app.add_task(_follow(app, model, target))

    async def keep_all_promises(app: Sanic, loop: AbstractEventLoop) -> None:
        app.ctx.promises = [
            loop.create_task(keep_promises(lambda: app.ctx.agent, hotel))
            for hotel in hotels().values()
        ]

    async def break_off(app: Sanic, _: AbstractEventLoop) -> None:
        for promise in app.ctx.promises:
            promise.cancel()

    app.register_listener(load, "before_server_start")
    app.register_listener(keep_all_promises, "after_server_start")
    app.register_listener(break_off, "before_server_stop")
    return app


async def _follow(app: Sanic, link: Path, taken: Path) -> None:
    """Takes each model that `link` comes to lead to; one that fails is not tried again."""
    while True:
        await asyncio.sleep(LOOK_FOR_MODEL_EVERY)
        target = await asyncio.to_thread(link.resolve)
        if target == taken:
            continue
        taken = target
        try:
            app.ctx.agent = await asyncio.to_thread(make_agent, target, app.ctx.agent.lock_store)
        except Exception:  # whatever is wrong with the new model, guests keep the one they have
            MODELS.labels("failed").inc()
            logger.exception("%s cannot be loaded; the model before goes on", target.name)
        else:
            MODELS.labels("loaded").inc()
            logger.info("%s is in use from now on", target.name)
