"""The address that a hotel's chat page talks to, as Rasa's REST channel talks."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Request, response
from sanic.response import HTTPResponse

from channels.collected import Collected
from channels.web.conversation import Said, what_was_said
from channels.web.message import RefusedMessage, WebMessage, read_message
from conserje.clock import message_metadata
from conserje.conversation_id import ConversationId
from conserje.databases import StoreError
from conserje.hotels import Hotel, Hotels, hotels
from conserje.metrics import FAILURES, MESSAGES, TURN_SECONDS

logger = logging.getLogger(__name__)

# An id that cannot be guessed: 128 random bits, made by the page.
_SECRET_SENDER = re.compile(r"g-[0-9a-f]{32}")

_COMMAND_MARK = re.compile(r"^[\s/]*/[\s/]*")

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class WebChat(InputChannel):
    """POST `/<hotel>/message` says something to a hotel; GET `/<hotel>/conversation` reads it back.

    Every error is JSON: `{"error": code, "message": Spanish sentence, "field": name or null}`.
    """

    def __init__(self, hotels_served: Hotels) -> None:
        self._hotels = hotels_served
        self._running: dict[str, set[asyncio.Future[HTTPResponse]]] = {}

    @classmethod
    def name(cls) -> str:
        return "web"

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> "WebChat":
        return cls(hotels())

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        blueprint = Blueprint("web_chat")

        @blueprint.exception(RefusedMessage)  # type: ignore[untyped-decorator]  # Sanic's
        async def refuse(_: Request, refused: RefusedMessage) -> HTTPResponse:
            return _error(refused.status, refused.code, refused.reason, refused.field)

        @blueprint.post("/<hotel_id:str>/message")
        async def receive(request: Request, hotel_id: str) -> HTTPResponse:
            hotel = self._hotel(hotel_id)
            message = read_message(request.body)
            return await self._to_the_end(
                _conversation(hotel, message.sender), _answer(hotel, message, on_new_message)
            )

        @blueprint.get("/<hotel_id:str>/conversation")
        async def conversation(request: Request, hotel_id: str) -> HTTPResponse:
            hotel = self._hotel(hotel_id)
            sender = request.args.get("sender", "")
            if not _SECRET_SENDER.fullmatch(sender):
                raise RefusedMessage(404, "unknown_conversation", "No hay tal conversación.")
            name = _conversation(hotel, sender)
            if running := self._running.get(name):  # what is being answered belongs to it too
                await asyncio.wait(set(running))
            return await _history(hotel, name, request.app.ctx.agent.tracker_store)

        return blueprint

    def _hotel(self, hotel_id: str) -> Hotel:
        try:
            return self._hotels[hotel_id]
        except KeyError as error:
            raise RefusedMessage(404, "unknown_hotel", "No conocemos ese hotel.") from error

    async def _to_the_end(self, name: str, answering: Awaitable[HTTPResponse]) -> HTTPResponse:
        """Answers even when the guest's connection breaks meanwhile.

        The server cancels a request whose client has gone; a booking must not stop half-way.
        """
        task = asyncio.ensure_future(answering)
        self._running.setdefault(name, set()).add(task)
        task.add_done_callback(lambda done: self._forget(name, done))
        return await asyncio.shield(task)

    def _forget(self, name: str, task: "asyncio.Future[HTTPResponse]") -> None:
        self._running[name].discard(task)
        if not self._running[name]:
            del self._running[name]


def _conversation(hotel: Hotel, sender: str) -> str:
    return str(ConversationId(hotel.id, WebChat.name(), sender))


async def _answer(hotel: Hotel, message: WebMessage, on_new_message: OnNewMessage) -> HTTPResponse:
    collector = Collected()
    turn = UserMessage(
        _plain_speech(message.text),
        collector,
        _conversation(hotel, message.sender),
        input_channel=WebChat.name(),
        metadata=message_metadata(hotel),
    )
    try:
        with TURN_SECONDS.labels(hotel.id, WebChat.name()).time():
            await on_new_message(turn)
    except StoreError:
        logger.exception("%s: the conversation's store failed", hotel.id)
        return _failure(503, "store_unavailable", hotel)
    except Exception:  # the guest must get an answer whatever broke; the operator the traceback
        logger.exception("%s: a web message could not be answered", hotel.id)
        return _failure(500, "internal_error", hotel)
    if not collector.messages:  # Rasa logs what kept it silent: the action server away, mostly
        logger.error("%s: a web message got no answer", hotel.id)
        return _failure(503, "no_answer", hotel)
    await collector.told(hotel)
    MESSAGES.labels(hotel.id, WebChat.name()).inc()
    return response.json(
        [{**answer, "recipient_id": message.sender} for answer in collector.messages]
    )


def _plain_speech(text: str) -> str:
    """The text without the slashes by which Rasa would take it for a command of ours.

    Rasa strips the text itself, so blanks between slashes are no hiding place.
    """
    return _COMMAND_MARK.sub("", text) or "…"


async def _history(hotel: Hotel, name: str, store: Any) -> HTTPResponse:
    try:
        tracker = await store.retrieve_full_tracker(name)
    except StoreError:
        logger.exception("%s: a conversation could not be read", hotel.id)
        return _failure(503, "store_unavailable", hotel)
    said: list[Said] = what_was_said(tracker.events) if tracker else []
    return response.json(said, headers={"Cache-Control": "no-store"})


def _failure(status: int, code: str, hotel: Hotel) -> HTTPResponse:
    FAILURES.labels(hotel.id, code).inc()
    return _error(
        status,
        code,
        "Perdona, algo ha fallado por nuestra parte. Vuelve a intentarlo en un minuto "
        f"o llama al {hotel.contact.phone}.",
    )


def _error(status: int, code: str, message: str, field: str | None = None) -> HTTPResponse:
    return response.json({"error": code, "message": message, "field": field}, status=status)
