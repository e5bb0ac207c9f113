"""The hotels' files, by the check that the programs themselves make at start."""

import re
from collections.abc import Iterator
from pathlib import Path

from yaml.nodes import Node

from conserje.hotels import Hotel, HotelFileError, load_hotels
from tools.slips._slip import Slip, meant
from tools.slips._yaml import fields, items, keys, line, read

_PROBLEM = re.compile(r"(?P<path>.+?\.ya?ml): (?P<key>[^:\s]+): (?P<what>.+)")
_IN_SPANISH = {
    "extra fields not permitted": "esta clave no existe",
    "field required": "falta, y hace falta",
    "must be text": "tiene que ser texto",
    "must be true or false": "tiene que ser true o false",
    "must be a whole number": "tiene que ser un número entero",
    'must be an hour in quotes, like "14:00"': "tiene que ser una hora entre comillas",
    "must be later than opens": "cierra antes de abrir",
    "not a time zone": "no es una zona horaria",
    "none is not an allowed value": "está vacía",
    "value is not a valid dict": "tiene que llevar dentro otras claves",
}
_HINTS = {
    "tiene que ser texto": 'Ponlo entre comillas: "…"',
    "tiene que ser una hora entre comillas": 'Escríbela así: "14:00"',
    "no es una zona horaria": "Se escribe así: Europe/Madrid, America/Mexico_City",
}


def check_hotels(root: Path) -> Iterator[Slip]:
    folder = root / "hotels"
    if not folder.is_dir():
        return
    try:
        load_hotels(folder)
    except HotelFileError as error:
        for told in str(error).splitlines():
            yield _slip(root, told)


def _slip(root: Path, told: str) -> Slip:
    problem = _PROBLEM.fullmatch(told)
    if problem is None:
        return Slip(Path("hotels"), 1, told, "Mira docs/operators.md.")
    document = read(root, Path(problem["path"]))
    if isinstance(document, Slip):
        return document
    steps = problem["key"].split(".")
    at, siblings = _at(document.root, steps)
    what = _IN_SPANISH.get(problem["what"], problem["what"])
    hint = _HINTS.get(what, "Compara con hotels/mirador.yml; las claves, en docs/operators.md.")
    if what == "esta clave no existe":
        known = Hotel.__fields__.keys() if len(steps) == 1 else siblings
        hint = meant(steps[-1], set(known) - {steps[-1]}, hint)
    return Slip(document.path, at, f"{problem['key']}: {what}", hint)


def _at(node: Node | None, steps: list[str]) -> tuple[int, set[str]]:
    """The line of the deepest of the keys that is there, and the keys beside it."""
    at, siblings = 1, set[str]()
    for step in steps:
        siblings = {key.value for key in keys(node)}
        if step.isdecimal() and items(node):
            node = items(node)[int(step)]
            at = line(node)
        elif step in siblings:
            at = next(line(key) for key in keys(node) if key.value == step)
            node = fields(node)[step]
    return at, siblings
