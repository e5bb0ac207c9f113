"""Where the conversations of a hotel live."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from conserje.databases import StoreError, engine


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No engine of another test, and files in a folder of this one."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("CONSERJE_STATE", str(tmp_path))
    engine.cache_clear()
    yield
    engine.cache_clear()


def schemas(url: str) -> list[str]:
    names: list[str] = inspect(create_engine(url)).get_schema_names()
    return names


def test_each_hotel_has_a_sqlite_file_of_its_own(tmp_path: Path) -> None:
    for hotel in ("mirador", "dunas"):
        with engine(hotel).begin() as connection:
            connection.execute(text("CREATE TABLE it_is_here (hotel TEXT)"))
    files = {path.name for path in (tmp_path / "hotels").glob("*.db")}
    assert files == {"mirador.db", "dunas.db"}


def test_a_folder_that_cannot_be_made_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "hotels").write_text("a file where the folder should be")
    with pytest.raises(StoreError):
        engine("mirador")


def test_each_hotel_has_a_postgresql_schema_made_when_missing(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    for hotel in ("norte", "sur"):
        with engine(hotel).begin() as connection:
            connection.execute(text("CREATE TABLE whose (name TEXT)"))
            connection.execute(text("INSERT INTO whose VALUES (:hotel)"), {"hotel": hotel})
    assert {"hotel_norte", "hotel_sur"} <= set(schemas(postgres_url))
    with engine("sur").connect() as connection:
        assert connection.execute(text("SELECT name FROM whose")).scalars().all() == ["sur"]


def test_the_short_name_of_postgresql_in_an_address_is_understood(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url.replace("postgresql://", "postgres://", 1))
    with engine("norte").connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1


def test_a_schema_made_by_an_administrator_is_enough(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The role of the assistant need not be allowed to make schemas."""
    with create_engine(postgres_url).begin() as connection:
        connection.execute(text("CREATE ROLE reception LOGIN"))
        connection.execute(text("CREATE SCHEMA hotel_este AUTHORIZATION reception"))
    modest = postgres_url.replace("postgres:@", "reception:@", 1)
    assert modest != postgres_url
    monkeypatch.setenv("DATABASE_URL", modest)
    with engine("este").begin() as connection:
        connection.execute(text("CREATE TABLE whose (name TEXT)"))
    with pytest.raises(StoreError):
        engine("oeste")


def test_an_unreachable_postgresql_is_an_error_of_the_store_and_tried_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql:///postgres?host={tmp_path}")
    with pytest.raises(StoreError):
        engine("mirador")
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    with engine("mirador").connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
