"""What guests must hear without having asked: the end of a change that was left open, and that
the PMS works again.

Each has an id. It counts as told once a message with that id stands in the conversation that the
hotel's database keeps; whoever would tell it a second time looks there first.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from rasa.core.actions.action import action_for_name_or_text
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet
from rasa.shared.exceptions import RasaException

from conserje import clock
from conserje.callbacks import callbacks_of
from conserje.databases import StoreError
from conserje.hotels import Hotel
from conserje.pms import Occupancy, PmsError
from conserje.pms.connect import pms_of
from conserje.reservations import FinalAnswer
from conserje.reservations.connect import recovery_of
from conserje.settings import settings

logger = logging.getLogger(__name__)


class NotTold(Exception):
    """The action that tells it did not come to its end."""


async def keep_promises(agent: Callable[[], Agent], hotel: Hotel) -> None:
    """Ends what was left open and calls guests back, at once and for ever.

    `agent` gives the present one: a new model brings another.
    """
    await asyncio.gather(
        _whatever_the_store_does(hotel, lambda: _recover(agent, hotel)),
        _whatever_the_store_does(hotel, lambda: _call_back(agent, hotel)),
    )


async def _whatever_the_store_does(hotel: Hotel, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except (StoreError, NotTold) as error:
            logger.error("%s: guests have to wait for a message of ours: %s", hotel.id, error)
        await asyncio.sleep(settings().recovery_seconds / 4)


async def _recover(agent: Callable[[], Agent], hotel: Hotel) -> None:
    async def tell(answer: FinalAnswer) -> None:
        await _tell(agent(), answer.conversation, answer.id, "action_tell_outcome")

    recovery = await asyncio.to_thread(recovery_of, hotel)
    await recovery.run(tell)


async def _call_back(agent: Callable[[], Agent], hotel: Hotel) -> None:
    """Tells everybody who waits for the PMS, if it works."""
    callbacks = await asyncio.to_thread(callbacks_of, hotel)
    waiting = await asyncio.to_thread(callbacks.waiting)
    if not waiting or not await _pms_works(hotel):
        return
    for callback in waiting:
        if await asyncio.to_thread(callbacks.take, callback):
            try:
                await _tell(agent(), callback.conversation, callback.id, "action_pms_back")
            except NotTold:
                await asyncio.to_thread(callbacks.give_back, callback)
                raise
            await asyncio.to_thread(callbacks.done, callback)


async def _pms_works(hotel: Hotel) -> bool:
    """Asks what guests ask, so that a breaker that is open may close by it."""
    tomorrow = clock.now(hotel).date() + timedelta(1)
    try:
        await pms_of(hotel).offers_now(tomorrow, tomorrow + timedelta(1), [Occupancy(2)])
    except PmsError:
        return False
    return True


async def _tell(agent: Agent, conversation: str, notice: str, action_name: str) -> None:
    """Runs the action in the conversation, unless it has told this before.

    Not by Rasa's `execute_action`: that hides an action's failure, and does not listen afterwards.
    """
    processor = agent.processor
    if processor is None:
        raise NotTold("there is no model yet")
    async with agent.lock_store.lock(conversation):
        if await _is_told(agent, conversation, notice):
            return
        channel = CollectingOutputChannel()  # a web page reads what it has missed from the store
        tracker = await processor.fetch_tracker_and_update_session(conversation, channel)
        tracker.update(SlotSet("notice", notice), processor.domain)
        action = action_for_name_or_text(action_name, processor.domain, agent.action_endpoint)
        try:
            events = await action.run(channel, agent.nlg, tracker, processor.domain)
        except RasaException as error:
            raise NotTold(f"{action_name}: {type(error).__name__}") from error
        done = [ActionExecuted(action_name), *events, ActionExecuted(ACTION_LISTEN_NAME)]
        tracker.update_with_events(done, processor.domain)
        await processor.save_tracker(tracker)


async def _is_told(agent: Agent, conversation: str, notice: str) -> bool:
    tracker = await agent.tracker_store.retrieve_full_tracker(conversation)
    return tracker is not None and any(
        isinstance(event, BotUttered) and event.metadata.get("notice") == notice
        for event in tracker.events
    )
