"""A house of real parts: stand-in, Valkey, SQLite or PostgreSQL."""

import itertools
import multiprocessing
import os
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from conserje.databases import engine
from tests.conserje.reservations.books import PmsBooks
from tests.conserje.reservations.reception import HOTEL, House
from tests.servers import qloapps_stand_in
from tests.valkey import running_valkey

_weeks = itertools.count()


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with qloapps_stand_in(tmp_path_factory.mktemp("qloapps")) as url:
        yield url


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server.url


@pytest.fixture
def house(
    request: pytest.FixtureRequest,
    stand_in: str,
    valkey: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[House]:
    """On SQLite, or on "postgresql" by its parameter; a short lease, since processes die."""
    monkeypatch.setenv("CONSERJE_STATE", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    database = None
    if getattr(request, "param", "sqlite") == "postgresql":
        database = request.getfixturevalue("postgres_url")
    yield House(stand_in, valkey, tmp_path, database, lease=0.5)
    engine(HOTEL).dispose()
    engine.cache_clear()
    os.environ.pop("DATABASE_URL", None)


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """New processes from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.conserje.reservations.reception"])
    return context


@pytest.fixture
def check_in() -> date:
    """A day whose nights no other test books."""
    return date(2028, 1, 1) + timedelta(weeks=next(_weeks))


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def books(stand_in: str) -> PmsBooks:
    return PmsBooks(stand_in)
