"""One database a hotel: a SQLite file, or a schema in PostgreSQL."""

import functools
import sqlite3

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from conserje.settings import SettingsError, settings


class StoreError(Exception):
    """A hotel's database could not be read or written. Nothing was lost silently."""


def database_url() -> URL | None:
    """`DATABASE_URL` as SQLAlchemy reads it; None stands for SQLite files.

    Raises `SettingsError` when it is not the address of a PostgreSQL.
    """
    said = settings().database_url
    if said is None:
        return None
    try:
        url = make_url(said)
    except ArgumentError as error:
        raise SettingsError("DATABASE_URL: not an address") from error
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise SettingsError("DATABASE_URL: must be a postgresql:// address")
    return url.set(drivername="postgresql+psycopg2")


@functools.cache
def engine(hotel: str) -> Engine:
    """The engine of a hotel's own database, made with what it lives in when missing.

    Raises `StoreError` when it cannot be reached, `SettingsError` as `database_url` does.
    """
    url = database_url()
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


def _postgresql(url: URL, schema: str) -> Engine:
    made = create_engine(
        url,
        connect_args={"options": f"-csearch_path={schema}", "connect_timeout": 5},
        pool_pre_ping=True,
    )
    try:
        with made.begin() as connection:
            _make_schema(connection, schema)
    except SQLAlchemyError as error:
        made.dispose()
        raise StoreError(f"{schema}: the PostgreSQL schema cannot be made or reached") from error
    return made


def _make_schema(connection: Connection, schema: str) -> None:
    """Makes the schema when missing: who has one made by an administrator may not make any."""
    found = connection.execute(
        text("SELECT 1 FROM pg_namespace WHERE nspname = :schema"), {"schema": schema}
    )
    if found.scalar() is None:
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
