"""A small assistant behind the real connectors: `small_assistant.py PORT`.

It answers by fixed rules and keeps what was said in Rasa's own in-memory store. "espera" waits:
`/arrived` answers once such a message is there, `/release` lets it go. `/break` and `/mend` take
the store away and back.
"""

import asyncio
import copy
import sys
from types import SimpleNamespace
from typing import Any

from rasa.core.channels.channel import UserMessage, register
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Request, Sanic, response
from sanic.response import HTTPResponse

from channels.web.connector import WebChat
from channels.web.page import ChatPage
from conserje.databases import StoreError

ROOMS = {
    "text": "Del 5 al 8 de junio (3 noches) tengo para 2 adultos:\n"
    "- Doble estándar: *330,00 €*\n- Doble deluxe: *412,50 €*\n\n¿Cuál prefieres?",
    "buttons": [
        {"title": "Doble estándar · 330,00 €", "payload": "La doble estándar"},
        {"title": "Doble deluxe · 412,50 €", "payload": "La doble deluxe"},
        {"title": "Otras fechas", "payload": "Quiero otras fechas"},
    ],
}
TRICKS = {
    "text": "<img src=x onerror=alert(1)> **a**\n\nMira https://example.com/a?b=1&c=2. o "
    "recepcion@example.com, +34 922 000 111; 2*3*4"
}


class Store(InMemoryTrackerStore):
    broken = False

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        if self.broken:
            raise StoreError("broken for a test")
        return await super().retrieve_full_tracker(conversation_id)


def app() -> Sanic:
    made = Sanic("small_assistant", configure_logging=False)
    store = Store(Domain.empty())
    arrived, released = asyncio.Event(), asyncio.Event()

    async def handle_message(message: UserMessage) -> None:
        tracker = await store.get_or_create_tracker(message.sender_id)
        if message.text == "espera":
            arrived.set()
            await released.wait()
            arrived.clear()
            released.clear()
        tracker.update(UserUttered(message.text))
        for answer in _answers(message):
            sent = copy.deepcopy(answer)
            await message.output_channel.send_response(message.sender_id, copy.deepcopy(answer))
            tracker.update(BotUttered(sent.pop("text", None), sent))
        if store.broken:
            raise StoreError("broken for a test")
        await store.save(tracker)

    made.ctx.agent = SimpleNamespace(tracker_store=store, handle_message=handle_message)
    register([WebChat.from_credentials({}), ChatPage.from_credentials({})], made, "/webhooks/")

    @made.post("/arrived")
    async def has_arrived(_: Request) -> HTTPResponse:
        await arrived.wait()
        return response.empty()

    @made.post("/release")
    async def release(_: Request) -> HTTPResponse:
        released.set()
        return response.empty()

    @made.post("/break")
    async def break_store(_: Request) -> HTTPResponse:
        store.broken = True
        return response.empty()

    @made.post("/mend")
    async def mend(_: Request) -> HTTPResponse:
        store.broken = False
        return response.empty()

    async def ready(*_: Any) -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    made.register_listener(ready, "after_server_start")
    return made


def _answers(message: UserMessage) -> list[dict[str, Any]]:
    if message.text == "falla":
        raise RuntimeError("broken for a test")
    if message.text == "¿quién soy?":
        told = message.metadata or {}
        return [{"text": f"{message.sender_id} {told['country']} {told['now']}"}]
    answers: dict[str, list[dict[str, Any]]] = {
        "Ver precios y disponibilidad": [ROOMS],
        "trucos": [TRICKS],
        "nada": [],
        "La doble deluxe": [{"text": "Doble deluxe, perfecto."}],
    }
    return answers.get(message.text or "", [{"text": f"Has dicho: {message.text}"}])


if __name__ == "__main__":
    app().run(host="127.0.0.1", port=int(sys.argv[1]), access_log=False, motd=False)
