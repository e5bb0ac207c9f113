"""Plays whole conversations, written as YAML, through the web channel and says where they stray.

The format is in `docs/guia-conversaciones.md`; designers write in it, so its words are Spanish.
"""

import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tests.house import House

FOLDER = Path(__file__).parent
REFERENCE = re.compile(r"\b[A-Z]{9}\b")
NOTICE_SECONDS = 30
STEP_KEYS = {
    "huésped",
    "hotel",
    "contiene",
    "no_contiene",
    "botones",
    "fallo",
    "mientras",
    "espera",
    "avisa",
}
TALK_KEYS = {"conversación", "hotel", "antes", "pasos", "pms"}


class Astray(AssertionError):
    """The conversation did not go as written; the message shows all that was said until then."""


class BadConversation(Exception):
    """A file that cannot be played; the message names file and key, in Spanish."""


@dataclass
class Talk:
    """One conversation of a file."""

    path: Path
    title: str
    hotel: str
    steps: list[dict[str, Any]]
    before: list[dict[str, Any]] = field(default_factory=list)
    pms: list[dict[str, Any]] | None = None
    """The bookings that this guest must have in the PMS afterwards; None: not looked at."""


def talks(folder: Path = FOLDER) -> Iterator[Talk]:
    """Every conversation below `folder`; raises `BadConversation`."""
    for path in sorted(folder.rglob("*.yml")):
        for data in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield _talk(path, data)


def _talk(path: Path, data: dict[str, Any]) -> Talk:
    unknown = set(data) - TALK_KEYS
    if unknown or not {"conversación", "hotel", "pasos"} <= set(data):
        raise BadConversation(
            f"{path.name}: sobran {sorted(unknown)} o falta conversación/hotel/pasos"
        )
    for step in data["pasos"]:
        extra = set(step) - STEP_KEYS
        if extra or "huésped" not in step:
            raise BadConversation(f"{path.name}: {data['conversación']}: paso con {sorted(step)}")
    return Talk(
        path,
        data["conversación"],
        data["hotel"],
        data["pasos"],
        data.get("antes") or [],
        data.get("pms"),
    )


def play(talk: Talk, house: House) -> None:
    """Holds the conversation as a new guest; raises `Astray` where it is not as written."""
    Player(talk, house).play()


class Player:
    def __init__(self, talk: Talk, house: House) -> None:
        self._talk = talk
        self._house = house
        self._guest = f"g-{uuid.uuid4().hex}"
        self._transcript: list[str] = []
        self._reference = ""

    def play(self) -> None:
        self._house.control("POST", "reset")
        for preparation in self._talk.before:
            self._prepare(preparation)
        for step in self._talk.steps:
            self._step(step)
        if self._talk.pms is not None:
            self._compare_bookings(self._talk.pms)

    def _prepare(self, preparation: dict[str, Any]) -> None:
        """`reserva`: made by the desk; `lleno`: every room of a type is taken; `fallo`: a fault."""
        if "fallo" in preparation:
            self._house.control("POST", "faults", **preparation["fallo"])
        elif "lleno" in preparation:
            full = preparation["lleno"]
            for _ in range(full["habitaciones"]):
                self._desk_books({"nombre": "Otro Huésped", "correo": "otro@example.com", **full})
        elif "reserva" in preparation:
            self._reference = self._desk_books(preparation["reserva"])
        else:
            raise BadConversation(f"{self._talk.path.name}: antes: {sorted(preparation)}")

    def _desk_books(self, wish: dict[str, Any]) -> str:
        first, last = wish["nombre"].split(" ", 1)
        hotel = {"mirador": 1, "dunas": 2}[self._talk.hotel]
        room = {
            "id_room_type": wish["tipo"],
            "checkin_date": str(wish["entrada"]),
            "checkout_date": str(wish["salida"]),
            "number_of_rooms": 1,
            "rooms": [{"adult": wish.get("adultos", 2), "child": 0, "id_tax_rules_group": 2}],
        }
        guest = {
            "firstname": first,
            "lastname": last,
            "email": wish["correo"],
            "phone": "600000000",
        }
        booking = self._house.pms_post(
            "bookings",
            {
                "booking": {
                    "id_property": hotel,
                    "currency": "EUR",
                    "booking_status": 1,
                    "payment_status": 3,
                    "source": "mostrador",
                    "associations": {"customer_detail": guest, "room_types": [room]},
                }
            },
        )
        order = self._house.pms(f"orders/{booking['booking']['id']}")["order"]
        return str(order["reference"])

    def _step(self, step: dict[str, Any]) -> None:
        if "fallo" in step:
            self._house.control("DELETE", "faults")
            if step["fallo"]:
                self._house.control("POST", "faults", **step["fallo"])
        for preparation in step.get("mientras") or []:
            self._prepare(preparation)
        time.sleep(step.get("espera", 0))  # the guest's: a breaker's time is real
        said = str(step["huésped"]).replace("{localizador}", self._reference)
        self._transcript.append(f"huésped: {said}")
        answers = self._house.say(step.get("hotel", self._talk.hotel), self._guest, said)
        text = "\n".join(answer.get("text") or "" for answer in answers)
        titles = [button["title"] for answer in answers for button in answer.get("buttons") or []]
        self._transcript.append(f"hotel:   {text}" + (f"\n         {titles}" if titles else ""))
        if found := REFERENCE.search(text):
            self._reference = found.group()
        for wanted in _listed(step.get("contiene")):
            wanted = wanted.replace("{localizador}", self._reference)
            if wanted.casefold() not in text.casefold():
                raise self._astray(f"la respuesta no contiene «{wanted}»")
        for unwanted in _listed(step.get("no_contiene")):
            if unwanted.casefold() in text.casefold():
                raise self._astray(f"la respuesta contiene «{unwanted}»")
        for title in _listed(step.get("botones")):
            if not any(title.casefold() in shown.casefold() for shown in titles):
                raise self._astray(f"no hay un botón «{title}»")
        if "avisa" in step:
            self._await_notice(_listed(step["avisa"]))

    def _await_notice(self, wanted: list[str]) -> None:
        """Waits for what the hotel says by itself."""
        until = time.monotonic() + NOTICE_SECONDS
        while time.monotonic() < until:
            said = self._house.conversation(self._talk.hotel, self._guest)
            last_guest = max(n for n, each in enumerate(said) if each["who"] == "guest")
            text = "\n".join(each["text"] for each in said[last_guest:])
            if all(one.casefold() in text.casefold() for one in wanted):
                if any(text.casefold().count(one.casefold()) > 1 for one in wanted):
                    raise self._astray(f"avisa más de una vez:\n{text}")
                self._transcript.append(f"aviso:   {text}")
                return
            time.sleep(0.2)
        raise self._astray(f"no avisa de «{wanted}»; lo último fue:\n{text}")

    def _compare_bookings(self, wanted: list[dict[str, Any]]) -> None:
        self._transcript.append(f"pms:     {(found := self._bookings())}")
        if len(found) != len(wanted):
            raise self._astray(
                f"el PMS tiene {len(found)} reservas de este huésped, no {len(wanted)}"
            )
        for booking, expected in zip(found, wanted, strict=True):
            for key, value in expected.items():
                shown = value.isoformat() if isinstance(value, date) else value
                if booking.get(key) != shown:
                    raise self._astray(f"en el PMS, {key} es {booking.get(key)!r}, no {shown!r}")

    def _bookings(self) -> list[dict[str, Any]]:
        """This guest's rooms in the PMS, booked by us or by the desk, in order of booking."""
        orders = self._house.pms("orders", display="full")
        rooms = self._house.pms("room_bookings", display="full")
        ours = {
            str(order["id"]): order
            for order in (orders["orders"] if orders else [])
            if str(order["source"]).startswith("conserje-") or order["reference"] == self._reference
        }
        return [
            {
                "tipo": int(room["id_product"]),
                "entrada": room["date_from"][:10],
                "salida": room["date_to"][:10],
                "adultos": int(room["adults"]),
                "niños": int(room["children"]),
                "total": float(ours[str(room["id_order"])]["total_paid_tax_incl"]),
                "estado": "cancelada" if room["is_cancelled"] == "1" else "confirmada",
            }
            for room in (rooms["bookings"] if rooms else [])
            if str(room["id_order"]) in ours
        ]

    def _astray(self, why: str) -> Astray:
        said = "\n".join(self._transcript)
        place = f"{self._talk.path.relative_to(FOLDER)}: {self._talk.title}"
        return Astray(f"\n{place}\n{said}\n>>> {why}")


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in (value if isinstance(value, list) else [value])]
