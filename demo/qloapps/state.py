"""The stand-in's tables, kept in one file."""

from __future__ import annotations

import copy
import json
import os
import random
import secrets
import string
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo.qloapps.resources import SEED, Row, resources

SHOP_TIME = ZoneInfo("Europe/Madrid")
TRANSACTIONS = (
    "addresses",
    "cart_bookings",
    "customers",
    "order_details",
    "order_histories",
    "order_invoices",
    "order_payments",
    "order_slip",
    "orders",
    "room_bookings",
)
# The original came with a customer and three addresses that no recording shows.
SEED_COUNTERS = {"customers": 1, "addresses": 3, "carts": 0}


def shop_now() -> datetime:
    """The present in the shop's time zone."""
    return datetime.now(SHOP_TIME)


def random_reference() -> str:
    """Nine capital letters, as the original makes them."""
    return "".join(secrets.choice(string.ascii_uppercase) for _ in range(9))


@dataclass
class Surroundings:
    """What the stand-in takes from the world outside; a test may give its own."""

    now: Callable[[], datetime] = shop_now
    new_reference: Callable[[], str] = random_reference


@dataclass
class Settings:
    """How the shop is set up; changed at run time through the control endpoint."""

    webservice: bool = True
    notices: bool = True
    languages: list[str] = field(default_factory=lambda: ["1", "2"])
    overbooking_action: int = 1
    double_booking_share: float = 0.15
    write_delay_seconds: float = 0.05
    random_seed: int | None = None


class State:
    """All tables, counters and settings; `save` writes them to the file at once."""

    def __init__(self, path: Path | None, surroundings: Surroundings | None = None) -> None:
        self.path = path
        self.surroundings = surroundings or Surroundings()
        self.tables: dict[str, list[Row]] = {}
        self.counters: dict[str, int] = {}
        self.reset()
        if path and path.exists():
            self._load(json.loads(path.read_text(encoding="utf-8")))

    def reset(self) -> None:
        """Back to the seed: no bookings, settings as at the start."""
        self.tables = {name: [] for name in TRANSACTIONS}
        for file in sorted((SEED / "tables").glob("*.json")):
            self.tables[file.stem] = json.loads(file.read_text(encoding="utf-8"))
        self.counters = dict(SEED_COUNTERS)
        self.settings = Settings()
        self.change_settings()

    def change_settings(self, **values: Any) -> None:
        """Set the given settings and begin the chances anew.

        Raises TypeError when a setting does not exist.
        """
        self.settings = replace(self.settings, **values)
        # Chances of a race, nothing secret.
        self.chance = random.Random(self.settings.random_seed)  # noqa: S311

    def save(self) -> None:
        """Replace the file in one step, so that a reader never sees half of it."""
        if not self.path:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "tables": self.tables,
            "counters": self.counters,
            "settings": asdict(self.settings),
        }
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False)
        Path(name).replace(self.path)

    def _load(self, content: dict[str, Any]) -> None:
        self.tables.update(content["tables"])
        self.counters.update(content["counters"])
        self.change_settings(**content["settings"])

    def now(self) -> str:
        return self.surroundings.now().strftime("%Y-%m-%d %H:%M:%S")

    def rows(self, table: str, **wanted: object) -> list[Row]:
        """The rows whose fields, compared as text, have the wanted values."""
        return [
            row
            for row in self.tables[table]
            if all(str(row[name]) == str(value) for name, value in wanted.items())
        ]

    def row(self, table: str, number: object) -> Row | None:
        return next(iter(self.rows(table, id=number)), None)

    def one(self, table: str, **wanted: object) -> Row:
        """The first such row. Raises IndexError when there is none."""
        return self.rows(table, **wanted)[0]

    def next_number(self, counter: str) -> int:
        highest = max((int(row["id"]) for row in self.tables.get(counter, ())), default=0)
        self.counters[counter] = max(self.counters.get(counter, 0), highest) + 1
        return self.counters[counter]

    def insert(self, table: str, row: Row) -> Row:
        """Store a row under the next free id and return it."""
        number = resources()[table].new_id(self.next_number(table))
        stored = {"id": number, **copy.deepcopy(row)}
        self.tables[table].append(stored)
        return stored

    def delete(self, table: str, rows: Iterable[Row]) -> None:
        gone = {str(row["id"]) for row in rows}
        self.tables[table] = [row for row in self.tables[table] if str(row["id"]) not in gone]
