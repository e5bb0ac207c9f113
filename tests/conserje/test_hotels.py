"""The operator's hotel files: what is wrong in one is said with file and key, before any guest."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from conserje.hotels import HotelFileError, load_hotels
from tests.servers import ROOT

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the demo hotels, to be spoilt."""
    return Path(shutil.copytree(ROOT / "hotels", tmp_path / "hotels"))


def change(folder: Path, hotel: str, edit: Change) -> None:
    path = folder / f"{hotel}.yml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def problem(folder: Path) -> str:
    with pytest.raises(HotelFileError) as caught:
        load_hotels(folder)
    return str(caught.value)


def test_the_demo_hotels_are_in_order() -> None:
    assert list(load_hotels(ROOT / "hotels")) == ["dunas", "mirador"]


@pytest.mark.parametrize(
    ("edit", "key", "says"),
    [
        pytest.param(lambda d: d.update(piscina=True), "piscina", "extra", id="an unknown key"),
        pytest.param(
            lambda d: d["place"].update(adress="x"), "place.adress", "extra", id="a typo further in"
        ),
        pytest.param(lambda d: d.pop("contact"), "contact", "required", id="a key left out"),
        pytest.param(lambda d: d.update(name=["x"]), "name", "text", id="a list for a text"),
        pytest.param(lambda d: d.update(name=2026), "name", "text", id="a number for a text"),
        pytest.param(
            lambda d: d.update(limits={"max_rooms": "muchas"}),
            "limits.max_rooms",
            "whole number",
            id="a text for a number",
        ),
        pytest.param(
            lambda d: d["pms"].update(hotel_id=1.5), "pms.hotel_id", "whole number", id="a fraction"
        ),
        pytest.param(
            lambda d: d["amenities"]["wifi"].update(available="sí"),
            "amenities.wifi.available",
            "true or false",
            id="a word for true or false",
        ),
        pytest.param(
            lambda d: d["arrival"].update(check_in=840),
            "arrival.check_in",
            "in quotes",
            id="an hour without quotes",
        ),
        pytest.param(
            lambda d: d["desk"].update(lunes={"opens": "20:00", "closes": "08:00"}),
            "desk.lunes.closes",
            "later than opens",
            id="closing before opening",
        ),
        pytest.param(lambda d: d["desk"].pop("jueves"), "desk", "jueves", id="a weekday missing"),
        pytest.param(
            lambda d: d["desk"].update(monday=None), "desk.__key__", "lunes", id="a day in English"
        ),
        pytest.param(
            lambda d: d.update(timezone="Europe/Madird"), "timezone", "zone", id="no such time zone"
        ),
        pytest.param(
            lambda d: d["colours"].update(primary="azul"),
            "colours.primary",
            "regex",
            id="no colour",
        ),
        pytest.param(
            lambda d: d["colours"].update(primary="#88aacc", on_primary="#ffffff"),
            "colours.on_primary",
            "at least 4.5",
            id="colours that cannot be read",
        ),
        pytest.param(
            lambda d: d.update(responses={"saludo": "¡Hola!"}),
            "responses",
            "saludo",
            id="no name of a response",
        ),
        pytest.param(lambda d: d.update(id="otro"), "id", "'mirador'", id="an id of another file"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_file_and_key(
    folder: Path, edit: Change, key: str, says: str
) -> None:
    change(folder, "mirador", edit)
    (line,) = problem(folder).splitlines()
    assert line.startswith(f"{folder / 'mirador.yml'}: {key}: ")
    assert says in line.removeprefix(f"{folder / 'mirador.yml'}: {key}: ")


def test_everything_wrong_in_a_file_is_said_at_once(folder: Path) -> None:
    change(folder, "mirador", lambda data: data.update(name=7, piscina=True))
    assert len(problem(folder).splitlines()) == 2


@pytest.mark.parametrize(
    ("key", "edit"),
    [
        (
            "channels.whatsapp_phone_number_id",
            lambda d: d.update(channels={"whatsapp_phone_number_id": "100000000000001"}),
        ),
        ("channels.mailbox", lambda d: d.update(channels={"mailbox": "Mirador@Example.com"})),
        ("pms.hotel_id", lambda d: d.update(pms={"kind": "qloapps", "hotel_id": 1})),
    ],
)
def test_two_hotels_cannot_have_one_address(folder: Path, key: str, edit: Change) -> None:
    change(folder, "dunas", edit)
    said = problem(folder)
    assert f"{key}: " in said
    assert "mirador.yml" in said and "dunas.yml" in said


def test_bad_yaml_is_said_with_file_and_line(folder: Path) -> None:
    (folder / "mirador.yml").write_text("id: mirador\nname: [Hotel\n", encoding="utf-8")
    assert problem(folder).startswith(f"{folder / 'mirador.yml'}: line ")


@pytest.mark.parametrize("content", [b"", b"- mirador\n", b"name: Hotel Pe\xf1a\n"])
def test_a_file_that_is_no_hotel_is_named(folder: Path, content: bytes) -> None:
    (folder / "mirador.yml").write_bytes(content)
    assert problem(folder).startswith(f"{folder / 'mirador.yml'}: ")


def test_a_file_that_would_be_overlooked_is_named(folder: Path) -> None:
    (folder / "mirador.yml").rename(folder / "mirador.yaml")
    assert f"{folder / 'mirador.yaml'}: " in problem(folder)


def test_a_folder_without_hotels_is_named(tmp_path: Path) -> None:
    assert str(tmp_path) in problem(tmp_path)


@pytest.mark.parametrize("module", ["assistant", "actions"])
def test_a_process_does_not_start_on_a_bad_file_and_says_why_in_a_line(
    folder: Path, module: str
) -> None:
    change(folder, "dunas", lambda data: data.update(piscina=True))
    ended = _start(module, CONSERJE_HOTELS=str(folder))
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"{folder / 'dunas.yml'}: piscina: ")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "address", ["mysql://127.0.0.1/conserje", "sqlite:///x.db", "no es una dirección"]
)
def test_the_assistant_does_not_start_on_an_address_of_no_postgresql(address: str) -> None:
    ended = _start("assistant", DATABASE_URL=address)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("DATABASE_URL: ")


def _start(module: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, "--port", "0"]
    if module == "assistant":
        command += ["--model", "none.tar.gz"]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
