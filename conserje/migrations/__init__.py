"""The tables of a hotel's database that are ours, and how they came to be, by Alembic.

A new step: a file in `versions/`, numbered on, written by hand for SQLite and PostgreSQL.
What Rasa keeps in the same database is Rasa's.
"""

import threading
from pathlib import Path
from typing import Any
from zlib import crc32

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

_WAIT_SECONDS = 60
_one_at_a_time = threading.Lock()
"""Alembic's context is one a process."""


def upgrade(engine: Engine) -> None:
    """Brings the database of an engine to the newest state.

    Processes that do so at once wait for one another. Raises `SQLAlchemyError`.
    """
    if engine.dialect.name == "sqlite":
        alone = _locking_sqlite(engine)
        with alone.begin() as connection:
            _run(connection)
        alone.dispose()
        return
    with engine.begin() as connection:
        schema = connection.execute(text("SELECT current_schema()")).scalar()
        lock = text("SELECT pg_advisory_xact_lock(:number)")
        connection.execute(lock, {"number": crc32(f"conserje {schema}".encode())})
        _run(connection)


def _run(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _one_at_a_time:
        command.upgrade(config, "head")


def _locking_sqlite(engine: Engine) -> Engine:
    """An engine whose transactions lock the file at once and hold DDL too.

    By itself, Python's driver ends the transaction before DDL.
    """
    alone = create_engine(engine.url, connect_args={"timeout": _WAIT_SECONDS}, poolclass=NullPool)

    event.listen(alone, "connect", _no_transactions_of_the_driver)
    event.listen(alone, "begin", _lock)
    return alone


def _no_transactions_of_the_driver(connection: Any, _: object) -> None:
    connection.isolation_level = None


def _lock(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
