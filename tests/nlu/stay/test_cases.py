"""The phrases under `cases/`, which designers extend, mean what is written beside them."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from nlu.stay import PartyMention, StayContext, StayMention, parse_party, parse_stay

_CASES = Path(__file__).parent / "cases"
_PROBLEMS = {
    "vague": "vaga",
    "past": "pasada",
    "impossible_date": "imposible",
    "reversed": "al_reves",
    "too_long": "demasiado_larga",
}
_ABOUT = {"frase", "hoy", "pais", "region", "conoce", "pregunta"}
_STAY_KEYS = {"entrada", "salida", "noches", "opciones", "problema", "periodo", "marcas", "nada"}
_PARTY_KEYS = {"personas", "adultos", "ninos", "edades", "bebes", "habitaciones", "nada"}
_PARTY_KEYS |= {"adultos_mas", "ninos_mas"}


@dataclass(frozen=True)
class Case:
    """One phrase of a file, with the file's defaults."""

    path: Path
    line: int
    data: dict[str, Any]

    @property
    def where(self) -> str:
        return f"{self.path.relative_to(_CASES)}:{self.line} «{self.data['frase']}»"

    def expected(self, keys: AbstractSet[str]) -> dict[str, Any]:
        unknown = self.data.keys() - keys - _ABOUT
        if unknown:
            pytest.fail(
                f"{self.where}\n  clave desconocida: {', '.join(sorted(unknown))}."
                f"\n  Se admiten: {', '.join(sorted(keys | _ABOUT))}.",
                pytrace=False,
            )
        return {key: value for key, value in self.data.items() if key in keys}


def _cases(folder: str) -> Iterator[Any]:
    for path in sorted((_CASES / folder).glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
        lines = [at for at, line in enumerate(text.splitlines(), 1) if "frase:" in line]
        defaults = {key: content[key] for key in ("hoy", "pais", "region") if key in content}
        for line, data in zip(lines, content["casos"], strict=True):
            case = Case(path, line, {**defaults, **data})
            yield pytest.param(case, id=f"{path.stem}:{line}:{data['frase']}")


def _context(data: dict[str, Any]) -> StayContext:
    known = data.get("conoce", {})
    today: date = data["hoy"]
    return StayContext(
        now=datetime(today.year, today.month, today.day, 10, tzinfo=ZoneInfo("Europe/Madrid")),
        check_in=known.get("entrada"),
        check_out=known.get("salida"),
        nights=known.get("noches"),
        awaiting=data.get("pregunta"),
        country=data.get("pais", "ES"),
        region=data.get("region"),
    )


def _told(mention: StayMention | None, keys: AbstractSet[str], text: str) -> dict[str, Any]:
    """A mention in the words of the case files: what is set, and what the case asks about."""
    if mention is None:
        return {"nada": True}
    both_ends = mention.check_in and mention.check_out
    told = {
        "entrada": mention.check_in,
        "salida": mention.check_out,
        "problema": _PROBLEMS[mention.problem] if mention.problem else None,
        "periodo": list(mention.period) if mention.period else None,
        "opciones": [[day for day in reading if day] for reading in mention.candidates] or None,
        "noches": None if both_ends else mention.nights,
        "marcas": [text[s.start : s.end] for s in mention.spans if s.entity == "date"],
    }
    optional = {"marcas", "periodo"} | ({"opciones"} if mention.problem else set())
    optional |= {"noches"} if mention.candidates or mention.problem or mention.check_out else set()
    return {
        key: value
        for key, value in told.items()
        if value is not None and (key in keys or key not in optional)
    }


@pytest.mark.parametrize("case", _cases("fechas"))
def test_a_phrase_about_dates_means_what_its_file_says(case: Case) -> None:
    expected = case.expected(_STAY_KEYS)
    text = case.data["frase"]
    told = _told(parse_stay(text, _context(case.data)), expected.keys(), text)
    for side in (expected, told):
        if "opciones" in side:
            side["opciones"] = sorted(side["opciones"])
    _compare(case, expected, told)


@pytest.mark.parametrize("case", _cases("grupo"))
def test_a_phrase_about_the_party_means_what_its_file_says(case: Case) -> None:
    expected = case.expected(_PARTY_KEYS)
    mention = parse_party(case.data["frase"], case.data.get("pregunta"))
    _compare(case, expected, _told_party(mention))


def _told_party(mention: PartyMention | None) -> dict[str, Any]:
    if mention is None:
        return {"nada": True}
    told = {
        "personas": mention.people,
        "adultos": mention.adults,
        "ninos": mention.children,
        "edades": list(mention.child_ages) or None,
        "bebes": mention.babies,
        "habitaciones": mention.rooms,
        "adultos_mas": mention.more_adults or None,
        "ninos_mas": mention.more_children or None,
    }
    return {key: value for key, value in told.items() if value is not None}


def _compare(case: Case, expected: dict[str, Any], told: dict[str, Any]) -> None:
    if expected != told:
        pytest.fail(
            f"{case.where}\n  se esperaba: {_in_words(expected)}\n  se entiende: {_in_words(told)}",
            pytrace=False,
        )


def _in_words(facts: dict[str, Any]) -> str:
    if facts == {"nada": True}:
        return "nada"
    return ", ".join(f"{key} {_plain(value)}" for key, value in facts.items()) or "nada en claro"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return str(value)
