"""Talk to a hotel in the terminal, through the running assistant: `make chat HOTEL=dunas`.

`/detalle` shows after each answer what was understood and done. That is read from the hotel's own
database, which whoever may start this may read anyway: no address of the assistant tells it.
"""

import argparse
import json
import os
import secrets
import sys
from collections.abc import Iterator
from typing import Any

import requests
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from conserje.conversation_id import ConversationId
from conserje.databases import StoreError, engine

PROMPT = "tú> "
DETAIL = "/detalle"
OTHERS_SHOWN = 3

Event = dict[str, Any]
"""As Rasa stores it."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hotel", nargs="?", default="mirador")
    hotel = parser.parse_args().hotel
    port = os.environ.get("ASSISTANT_PORT", "5005")
    url = f"http://127.0.0.1:{port}/webhooks/web/{hotel}/message"
    guest = f"terminal-{secrets.token_hex(4)}"
    print(
        f"Hablas con {hotel}. Escribe un número para pulsar un botón, {DETAIL} para ver lo que se "
        "entiende; Ctrl-D para salir."
    )
    choices: list[str] = []
    detailed = False
    while True:
        try:
            said = input(PROMPT).strip()
        except (EOFError, KeyboardInterrupt):
            print()
            return 0
        if not said:
            continue
        if said == DETAIL:
            detailed = not detailed
            print(f"  · detalle {'encendido' if detailed else 'apagado'}")
            continue
        if said.isdigit() and 0 < int(said) <= len(choices):
            said = choices[int(said) - 1]
        try:
            answer = requests.post(url, json={"sender": guest, "message": said}, timeout=60)
        except requests.ConnectionError:
            print(f"No hay nadie en el puerto {port}: arranca antes `make run`.", file=sys.stderr)
            return 1
        choices = _show(answer)
        if detailed and answer.ok:
            _show_detail(ConversationId(hotel, "web", guest))


def _show(answer: requests.Response) -> list[str]:
    """Prints what was answered; the payloads of the buttons, as they are numbered."""
    if not answer.ok:
        print(f"  ({answer.status_code}) {answer.json().get('message')}")
        return []
    choices: list[str] = []
    for message in answer.json():
        for line in (message.get("text") or "").splitlines():
            print(f"  {line}")
        for button in message.get("buttons") or []:
            choices.append(button["payload"])
            print(f"    [{len(choices)}] {button['title']}")
    return choices


def _show_detail(conversation: ConversationId) -> None:
    try:
        turn = _last_turn(conversation)
    except (StoreError, SQLAlchemyError) as error:
        print(f"  · no se puede leer la base de datos de {conversation.hotel}: {error}")
        return
    for line in detail(turn):
        print(f"  · {line}")


def _last_turn(conversation: ConversationId) -> list[Event]:
    """The guest's last message and all that followed it."""
    query = text("SELECT data FROM events WHERE sender_id = :sender ORDER BY id DESC")
    turn: list[Event] = []
    with engine(conversation.hotel).connect() as connection:
        for (data,) in connection.execute(query, {"sender": str(conversation)}):
            turn.insert(0, json.loads(data))
            if turn[0]["event"] == "user":
                return turn
    return []


def detail(turn: list[Event]) -> Iterator[str]:
    """A turn in words: intent, entities, stay, party, actions; with confidences."""
    for event in turn:
        if event["event"] == "user":
            yield from _understood(event["parse_data"])
    done = [
        f"{event['name']} ({event['policy']} {_percent(event['confidence'])})"
        for event in turn
        if event["event"] == "action" and event["name"] != "action_listen" and event.get("policy")
    ]
    yield f"hace: {', '.join(done) or 'nada'}"


def _understood(parsed: dict[str, Any]) -> Iterator[str]:
    intent, ranking = parsed["intent"], parsed.get("intent_ranking") or []
    others = [one for one in ranking if one["name"] != intent["name"]][:OTHERS_SHOWN]
    after = ", ".join(f"{one['name']} {_percent(one['confidence'])}" for one in others)
    yield f"entiende: {intent['name']} {_percent(intent['confidence'])} (después: {after})"
    if ranking and ranking[0]["name"] != intent["name"]:
        yield f"por lo que se le había preguntado; el mensaje solo sería {ranking[0]['name']}"
    for one in parsed.get("entities") or []:
        said = parsed["text"][one["start"] : one["end"]]
        value = "" if str(one["value"]) == said else f" → {one['value']}"
        yield f"entidad: {one['entity']} «{said}»{value}"
    for key, name in (("stay", "fechas"), ("party", "grupo")):
        if parsed.get(key):
            told = {
                k: v for k, v in parsed[key].items() if v not in (None, [], ()) and k != "spans"
            }
            yield f"{name}: {', '.join(f'{k} {v}' for k, v in told.items())}"


def _percent(confidence: float | None) -> str:
    return f"{confidence or 0:.0%}".replace("%", " %")


if __name__ == "__main__":
    sys.exit(main())
