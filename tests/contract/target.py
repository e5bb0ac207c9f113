"""A server to replay against, and how the recorded numbers and days become its own."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from demo.qloapps.state import SHOP_TIME
from demo.qloapps.webservice import DEMO_KEY, LIMITED_KEY

RECORDED_DAY = datetime(2026, 11, 23, 16, 1, 10, tzinfo=SHOP_TIME)
KEYS = {
    "QLOAPPS_KEY": DEMO_KEY,
    "QLOAPPS_KEY_LIMITED": LIMITED_KEY,
    "QLOAPPS_KEY_WRONG": "W" * 32,
    "QLOAPPS_KEY_INACTIVE": "I" * 32,
    "QLOAPPS_KEY_SHORT": "SHORT",
}
# Asked for because nothing has them.
_NOBODY = {"9999", "99999"}
_NUMBERED = (
    (r"(/api/(?:orders|bookings)/)(\d+)", "order"),
    (r"(filter\[id_order\]=)(\d+)", "order"),
    (r"(<id_order[^>_]*>(?:<!\[CDATA\[)?)(\d+)", "order"),
    (r"(<booking><id>)(\d+)", "order"),
    (r'("booking": \{"id": )(\d+)', "order"),
    (r"(/api/room_bookings/)(\d+)", "room booking"),
    (r"(<booking>\s+<id><!\[CDATA\[)(\d+)", "room booking"),
    (r"(/api/customers/)(\d+)", "customer"),
    (r"(filter\[id_customer\]=)(\d+)", "customer"),
    (r"(<id_customer[^>]*>(?:<!\[CDATA\[)?)(\d+)", "customer"),
)
_IN_ANSWERS = {
    "order": r'"booking":\{"id":(\d+)|<booking><id><!\[CDATA\[(\d+)',
    "customer": r'"id_customer":(\d+)|<id_customer><!\[CDATA\[(\d+)',
    "room booking": r'"id_hotel_booking":(\d+)|<id_hotel_booking><!\[CDATA\[(\d+)',
}


class NeverMade(Exception):
    """A request is about a recorded booking that could not be made on this server."""


@dataclass
class Target:
    """`shift`: by how much stays are moved, so that they do not meet those of others."""

    base: str
    key: str
    live: bool = False
    shift: timedelta = timedelta(0)
    numbers: dict[tuple[str, str], str] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    booked: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Begin a run: the recorded numbers mean other bookings now."""
        self.numbers.clear()
        self.references.clear()
        self.booked.clear()

    def learn(self, recorded: str, actual: str) -> None:
        """Take the numbers in an answer of bookings for the recorded ones."""
        for kind, pattern in _IN_ANSWERS.items():
            old, new = (
                ["".join(found) for found in re.findall(pattern, answer)]
                for answer in (recorded, actual)
            )
            self.numbers |= {(kind, one): two for one, two in zip(old, new, strict=False)}

    def translate(self, text: str) -> str:
        """A recorded path or body with this server's numbers, references and later days.

        Raises NeverMade on a live server for a number that stands for nothing there.
        """
        for pattern, kind in _NUMBERED:
            text = re.sub(pattern, partial(self._number, kind=kind), text)
        for old, new in self.references.items():
            text = re.sub(old, new, text, flags=re.IGNORECASE)
        return self.later(text)

    def _number(self, match: re.Match[str], kind: str) -> str:
        known = self.numbers.get((kind, match[2]))
        if known is None and self.live and match[2] not in _NOBODY:
            raise NeverMade(f"{kind} {match[2]}")
        return match[1] + (known or match[2])

    def later(self, text: str) -> str:
        """The text with its stays moved; days up to the recording's own are left."""

        def moved(match: re.Match[str]) -> str:
            try:
                day = date.fromisoformat(match[0])
            except ValueError:
                return match[0]
            return str(day + self.shift) if day > RECORDED_DAY.date() else match[0]

        return re.sub(r"\b20\d\d-\d\d-\d\d", moved, text) if self.shift else text

    def authorization(self, recorded: str) -> str:
        """The header with this server's key in place of the recorded one's."""
        name = base64.b64decode(recorded.removeprefix("Basic ")).decode().rstrip(":")
        return basic(self.key if name == "QLOAPPS_KEY" else KEYS[name])


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def booking_id(answer: str) -> str:
    """The number in an answer of bookings."""
    return "".join(re.findall(_IN_ANSWERS["order"], answer)[0])
