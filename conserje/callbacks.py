"""Guests who want to be told when the hotel's PMS works again: at most one wish a conversation."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlalchemy import Column, DateTime, MetaData, String, Table, or_
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from conserje.databases import StoreError, engine
from conserje.hotels import Hotel

_table = Table(
    "callbacks",
    MetaData(),
    Column("conversation", String(255), primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("taken_at", DateTime(timezone=True)),
)
TAKEN_FOR = timedelta(minutes=1)
"""After so long, the process that took one is held to be dead."""


@dataclass(frozen=True)
class Callback:
    id: str
    conversation: str


def callbacks_of(hotel: Hotel) -> "Callbacks":
    """Raises `StoreError`."""
    return Callbacks(engine(hotel.id))


class Callbacks:
    """Of one hotel. Every method may raise `StoreError`."""

    def __init__(self, database: Engine) -> None:
        self._engine = database

    def ask(self, conversation: str) -> None:
        """Asking again changes nothing."""
        row = {
            "conversation": conversation,
            "id": uuid.uuid4().hex,
            "asked_at": datetime.now(timezone.utc),
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(_table.insert().values(row))
        except IntegrityError:
            pass  # it waits already
        except SQLAlchemyError as error:
            raise StoreError("a callback cannot be written") from error

    def waiting(self) -> Sequence[Callback]:
        """The longest waiting first."""
        query = _table.select().order_by(_table.c.asked_at)
        try:
            with self._engine.connect() as connection:
                return [Callback(row.id, row.conversation) for row in connection.execute(query)]
        except SQLAlchemyError as error:
            raise StoreError("callbacks cannot be read") from error

    def take(self, callback: Callback) -> bool:
        """Whether it is this process's to tell, and no other's for a minute."""
        now = datetime.now(timezone.utc)
        free = or_(_table.c.taken_at.is_(None), _table.c.taken_at < now - TAKEN_FOR)
        update = _table.update().where(_table.c.id == callback.id, free).values(taken_at=now)
        try:
            with self._engine.begin() as connection:
                return bool(connection.execute(update).rowcount)
        except SQLAlchemyError as error:
            raise StoreError("a callback cannot be taken") from error

    def give_back(self, callback: Callback) -> None:
        """It could not be told: anybody may take it at once."""
        update = _table.update().where(_table.c.id == callback.id).values(taken_at=None)
        try:
            with self._engine.begin() as connection:
                connection.execute(update)
        except SQLAlchemyError as error:
            raise StoreError("a callback cannot be given back") from error

    def done(self, callback: Callback) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(_table.delete().where(_table.c.id == callback.id))
        except SQLAlchemyError as error:
            raise StoreError("a callback cannot be removed") from error
