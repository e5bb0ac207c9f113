"""A guest's message as it comes from the web, checked before anything else sees it."""

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

MAX_CHARACTERS = 4_000
# Room for the longest message with every character escaped twice over, and no more.
_MAX_BYTES = 64 * 1024
_SENDER = re.compile(r"[A-Za-z0-9._@+-]{1,128}")


class RefusedMessage(Exception):
    """A request that cannot be a guest's message: HTTP status, code, field and Spanish reason."""

    def __init__(self, status: int, code: str, reason: str, field: str | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.reason = reason
        self.field = field


@dataclass(frozen=True)
class WebMessage:
    sender: str
    text: str


def read_message(body: bytes) -> WebMessage:
    """Reads `{"sender": str, "message": str}`; raises `RefusedMessage` for anything else."""
    if len(body) > _MAX_BYTES:
        raise _too_long()
    fields = _json_object(body)
    sender = _text_field(fields, "sender")
    if not _SENDER.fullmatch(sender):
        raise RefusedMessage(
            400,
            "invalid_sender",
            "«sender» admite de 1 a 128 letras sin acento, cifras o los signos . _ @ + -",
            "sender",
        )
    return WebMessage(sender, _said(_text_field(fields, "message")))


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedMessage(400, "invalid_json", "El cuerpo no es JSON válido.") from error
    if not isinstance(fields, dict):
        raise RefusedMessage(400, "invalid_json", "El cuerpo tiene que ser un objeto JSON.")
    return fields


def _text_field(fields: dict[str, Any], name: str) -> str:
    if name not in fields:
        raise RefusedMessage(400, "missing_field", f"Falta el campo «{name}».", name)
    value = fields[name]
    if not isinstance(value, str):
        raise RefusedMessage(400, "invalid_field", f"El campo «{name}» tiene que ser texto.", name)
    return value


def _said(message: str) -> str:
    text = message.strip()
    if len(text) > MAX_CHARACTERS:
        raise _too_long()
    try:
        text.encode()
    except UnicodeEncodeError as error:  # half of a surrogate pair: no store could keep it
        raise RefusedMessage(
            400, "invalid_field", "El mensaje contiene caracteres no válidos.", "message"
        ) from error
    if all(unicodedata.category(character)[0] in "CZ" for character in text):
        raise RefusedMessage(400, "empty_message", "El mensaje está vacío.", "message")
    return text


def _too_long() -> RefusedMessage:
    return RefusedMessage(
        413,
        "message_too_long",
        "El mensaje es demasiado largo: el máximo son 4000 caracteres.",
        "message",
    )
