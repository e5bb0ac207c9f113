"""One database a hotel: a SQLite file, or a schema in PostgreSQL."""

import functools
import sqlite3

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from conserje.settings import settings


class StoreError(Exception):
    """A hotel's database could not be read or written. Nothing was lost silently."""


@functools.lru_cache(maxsize=None)
def engine(hotel: str) -> Engine:
    """The engine of a hotel's own database, made with what it lives in when missing.

    Raises `StoreError` when it cannot be reached.
    """
    url = settings().database_url
    return _sqlite(hotel) if url is None else _postgresql(url, f"hotel_{hotel}")


def _sqlite(hotel: str) -> Engine:
    folder = settings().state_dir / "hotels"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be made") from error
    made = create_engine(
        f"sqlite:///{folder / hotel}.db",
        connect_args={"check_same_thread": False, "timeout": 10},
    )

    event.listen(made, "connect", _readers_never_wait)
    return made


def _readers_never_wait(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def _postgresql(url: str, schema: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        raise StoreError("DATABASE_URL: must be a postgresql:// address")
    made = create_engine(
        parsed.set(drivername="postgresql+psycopg2"),
        connect_args={"options": f"-csearch_path={schema}", "connect_timeout": 5},
        pool_pre_ping=True,
    )
    try:
        with made.begin() as connection:
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    except SQLAlchemyError as error:
        made.dispose()
        raise StoreError(f"{schema}: the PostgreSQL schema cannot be made or reached") from error
    return made
