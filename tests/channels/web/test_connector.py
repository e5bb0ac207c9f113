"""What a program sees that talks to a hotel over the web."""

import http.client
import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

SECRET = "g-0123456789abcdef0123456789abcdef"
SECONDS = 30


def say(assistant: str, message: str, sender: str = "ana", hotel: str = "mirador") -> Any:
    answer = requests.post(
        f"{assistant}/webhooks/web/{hotel}/message",
        json={"sender": sender, "message": message},
        timeout=SECONDS,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def conversation(assistant: str, sender: str, hotel: str = "mirador") -> requests.Response:
    return requests.get(
        f"{assistant}/webhooks/web/{hotel}/conversation",
        params={"sender": sender},
        timeout=SECONDS,
    )


@contextmanager
def broken_store(assistant: str) -> Iterator[None]:
    requests.post(f"{assistant}/break", timeout=SECONDS)
    try:
        yield
    finally:
        requests.post(f"{assistant}/mend", timeout=SECONDS)


def test_the_answer_has_the_form_of_rasas_rest_channel(assistant: str) -> None:
    assert say(assistant, "hola") == [{"recipient_id": "ana", "text": "Has dicho: hola"}]
    (rooms,) = say(assistant, "Ver precios y disponibilidad")
    assert rooms["recipient_id"] == "ana"
    assert rooms["buttons"][0] == {
        "title": "Doble estándar · 330,00 €",
        "payload": "La doble estándar",
    }


def test_the_assistant_learns_hotel_channel_guest_and_the_hotels_time(assistant: str) -> None:
    (answer,) = say(assistant, "¿quién soy?", sender="ana.p+1@example.com", hotel="dunas")
    conversation_id, country, now = answer["text"].split()
    assert conversation_id == "dunas:web:ana.p+1@example.com"
    assert country == "ES"
    assert datetime.fromisoformat(now).tzinfo is not None


def test_a_message_of_4000_characters_is_taken_however_it_is_escaped(assistant: str) -> None:
    (answer,) = say(assistant, "😀" * 4_000)
    assert answer["text"] == "Has dicho: " + "😀" * 4_000


@pytest.mark.parametrize(
    ("body", "status", "error", "field"),
    [
        (b"", 400, "invalid_json", None),
        (b"hola", 400, "invalid_json", None),
        (b'{"sender": "ana", "message": "hola"', 400, "invalid_json", None),
        (b'"hola"', 400, "invalid_json", None),
        (b"[]", 400, "invalid_json", None),
        (b"null", 400, "invalid_json", None),
        (b"[" * 60_000, 400, "invalid_json", None),
        (b"\xff\xfe\x00", 400, "invalid_json", None),
        ({}, 400, "missing_field", "sender"),
        ({"message": "hola"}, 400, "missing_field", "sender"),
        ({"sender": "ana"}, 400, "missing_field", "message"),
        ({"sender": 7, "message": "hola"}, 400, "invalid_field", "sender"),
        ({"sender": None, "message": "hola"}, 400, "invalid_field", "sender"),
        ({"sender": "ana", "message": 7}, 400, "invalid_field", "message"),
        ({"sender": "ana", "message": None}, 400, "invalid_field", "message"),
        ({"sender": "ana", "message": ["hola"]}, 400, "invalid_field", "message"),
        ({"sender": "ana", "message": "\ud83d"}, 400, "invalid_field", "message"),
        ({"sender": "", "message": "hola"}, 400, "invalid_sender", "sender"),
        ({"sender": "a" * 129, "message": "hola"}, 400, "invalid_sender", "sender"),
        ({"sender": "dunas:web:ana", "message": "hola"}, 400, "invalid_sender", "sender"),
        ({"sender": "ana\n", "message": "hola"}, 400, "invalid_sender", "sender"),
        ({"sender": "ana", "message": ""}, 400, "empty_message", "message"),
        ({"sender": "ana", "message": " \n\t "}, 400, "empty_message", "message"),
        ({"sender": "ana", "message": "\u200b\u00a0\u2060\x00"}, 400, "empty_message", "message"),
        ({"sender": "ana", "message": "a" * 4_001}, 413, "message_too_long", "message"),
        ({"sender": "ana", "message": "a" * 400_000}, 413, "message_too_long", "message"),
    ],
)
def test_what_is_no_message_is_refused_in_json(
    assistant: str, body: bytes | dict[str, Any], status: int, error: str, field: str | None
) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = requests.post(f"{assistant}/webhooks/web/mirador/message", data=data, timeout=SECONDS)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    said = answer.json()
    assert (said["error"], said["field"]) == (error, field)
    assert re.fullmatch(r"[A-ZÉ«].*", said["message"])


@pytest.mark.parametrize("hotel", ["nope", "MIRADOR", "mirador%00", "..%2fmirador", "%C3%B1"])
def test_an_unknown_hotel_is_not_found(assistant: str, hotel: str) -> None:
    address = f"{assistant}/webhooks/web/{hotel}"
    said = requests.post(
        f"{address}/message", json={"sender": "a", "message": "b"}, timeout=SECONDS
    )
    read = requests.get(f"{address}/conversation?sender={SECRET}", timeout=SECONDS)
    for answer in (said, read):
        assert answer.status_code == 404
        assert answer.json()["error"] == "unknown_hotel"


def test_a_failure_is_told_to_the_guest_with_the_hotels_phone(assistant: str) -> None:
    answer = requests.post(
        f"{assistant}/webhooks/web/dunas/message",
        json={"sender": "ana", "message": "falla"},
        timeout=SECONDS,
    )
    assert answer.status_code == 500
    assert answer.json()["error"] == "internal_error"
    assert answer.json()["message"].startswith("Perdona, algo ha fallado por nuestra parte.")
    assert "+34 922 000 222" in answer.json()["message"]


def test_a_failing_store_is_told_and_never_an_empty_history(assistant: str) -> None:
    with broken_store(assistant):
        said = requests.post(
            f"{assistant}/webhooks/web/mirador/message",
            json={"sender": "ana", "message": "hola"},
            timeout=SECONDS,
        )
        read = conversation(assistant, SECRET)
    for answer in (said, read):
        assert answer.status_code == 503
        assert answer.json()["error"] == "store_unavailable"


def test_what_was_said_is_read_back_with_the_buttons_titles(assistant: str) -> None:
    guest = "g-" + "1" * 32
    for message in ("hola", "Ver precios y disponibilidad", "La doble deluxe"):
        say(assistant, message, sender=guest)
    said = conversation(assistant, guest).json()
    assert [(each["who"], each["text"].split("\n")[0]) for each in said] == [
        ("guest", "hola"),
        ("hotel", "Has dicho: hola"),
        ("guest", "Ver precios y disponibilidad"),
        ("hotel", "Del 5 al 8 de junio (3 noches) tengo para 2 adultos:"),
        ("guest", "Doble deluxe · 412,50 €"),
        ("hotel", "Doble deluxe, perfecto."),
    ]
    assert [button["title"] for button in said[3]["buttons"]][-1] == "Otras fechas"
    times = [datetime.fromisoformat(each["at"]) for each in said]
    assert times == sorted(times)


@pytest.mark.parametrize("written", ['/inform{"price":"1"}', '/ / inform{"price":"1"}'])
def test_what_looks_like_a_command_is_taken_as_plain_words(assistant: str, written: str) -> None:
    guest = f"g-{uuid.uuid4().hex}"
    (answer,) = say(assistant, written, sender=guest)
    assert answer["text"] == 'Has dicho: inform{"price":"1"}'


def test_paragraphs_are_read_back_as_the_messages_that_they_were(assistant: str) -> None:
    guest = "g-" + "3" * 32
    answered = [each["text"] for each in say(assistant, "trucos", sender=guest)]
    read = [each["text"] for each in conversation(assistant, guest).json()]
    assert read == ["trucos", *answered]


@pytest.mark.parametrize("sender", ["", "ana", "g-1", "g-" + "A" * 32, SECRET + "0"])
def test_a_conversation_under_an_id_that_can_be_guessed_is_not_shown(
    assistant: str, sender: str
) -> None:
    if sender:
        say(assistant, "hola", sender=sender)
    answer = conversation(assistant, sender)
    assert answer.status_code == 404
    assert answer.json()["error"] == "unknown_conversation"


def test_the_same_guest_at_two_hotels_is_two_strangers(assistant: str) -> None:
    guest = "g-" + "4" * 32
    say(assistant, "hola", sender=guest, hotel="mirador")
    assert conversation(assistant, guest, "dunas").json() == []


def test_an_answer_is_finished_and_kept_though_the_guest_has_gone(assistant: str) -> None:
    guest = "g-" + "5" * 32
    connection = http.client.HTTPConnection(urlsplit(assistant).netloc, timeout=SECONDS)
    body = json.dumps({"sender": guest, "message": "espera"})
    connection.request("POST", "/webhooks/web/mirador/message", body)
    requests.post(f"{assistant}/arrived", timeout=SECONDS)
    connection.close()
    requests.post(f"{assistant}/release", timeout=SECONDS)
    said = conversation(assistant, guest).json()
    assert [each["text"] for each in said] == ["espera", "Has dicho: espera"]
