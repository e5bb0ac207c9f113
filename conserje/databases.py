"""One database a hotel: a SQLite file, or a schema in PostgreSQL."""

import fcntl
import functools
import sqlite3
from contextlib import closing
from pathlib import Path
from zlib import crc32

from alembic.util import CommandError
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from conserje.migrations import upgrade
from conserje.settings import SettingsError, settings

_WAIT_SECONDS = 60
_SCHEMA_LOCK = crc32(b"conserje schemas")


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

    Our tables in it are brought up to date first. Raises `StoreError` when it cannot be
    reached, `SettingsError` as `database_url` does.
    """
    url = database_url()
    return _sqlite(hotel) if url is None else _postgresql(url, f"hotel_{hotel}")


def _sqlite(hotel: str) -> Engine:
    folder = settings().state_dir / "hotels"
    file = folder / f"{hotel}.db"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _let_readers_never_wait(file)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be made") from error
    except sqlite3.Error as error:
        raise StoreError(f"{file}: cannot be opened") from error
    made = create_engine(
        f"sqlite:///{file}",
        connect_args={"check_same_thread": False, "timeout": 10},
    )
    event.listen(made, "connect", _spare_the_disk)
    return _up_to_date(made, str(file))


def _let_readers_never_wait(file: Path) -> None:
    """Switches the file to a write-ahead log, for good.

    One process at a time: in the middle of a switch, SQLite turns others away at once, however
    long they would wait.
    """
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with closing(sqlite3.connect(file, timeout=_WAIT_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")


def _spare_the_disk(connection: sqlite3.Connection, _: object) -> None:
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
    return _up_to_date(made, schema)


def _make_schema(connection: Connection, schema: str) -> None:
    """Makes the schema when missing: who has one made by an administrator may not make any.

    One process at a time: of two that make the same one at once, PostgreSQL fails the second,
    IF NOT EXISTS or not.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _SCHEMA_LOCK})
    found = connection.execute(
        text("SELECT 1 FROM pg_namespace WHERE nspname = :schema"), {"schema": schema}
    )
    if found.scalar() is None:
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))


def _up_to_date(made: Engine, name: str) -> Engine:
    try:
        upgrade(made)
    except (SQLAlchemyError, CommandError) as error:  # CommandError: newer than this program
        made.dispose()
        raise StoreError(f"{name}: the tables cannot be brought up to date") from error
    return made
