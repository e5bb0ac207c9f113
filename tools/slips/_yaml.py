"""Reads a YAML file with its line numbers, and says in plain words why it cannot be read.

The parser says where it gave up, which is seldom where the slip is: the lines before are looked at
for what people do most.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tools.slips._slip import Slip

_ODD_START = re.compile(r"(?::|^\s*-)\s+(?P<sign>[*&@%`!])")
_KEYS = (
    "version|nlu|intent|examples|synonym|lookup|regex|rules|rule|stories|story|steps|action|user|"
    "slot_was_set|responses|text|buttons|title|payload|intents|entities|slots|actions|casos|frase|"
    "conversación|pasos|huésped|contiene|no_contiene|botones|pms"
)
_NO_COLON = re.compile(rf"^\s*(?:- )?(?P<key>{_KEYS})(?:\s+[|>\w\"'].*)?$")
_NO_SPACE = re.compile(r"^\s*(?:- )?(?P<key>[a-z_]+):(?=[^\s/])")
_TWO_COLONS = re.compile(r"^\s*(?:- )?\w+:\s+[^\"'\[{|>].*:(?:\s|$)")


@dataclass(frozen=True)
class Document:
    """A file that could be read."""

    path: Path
    """Relative to the project's folder."""
    root: Node | None
    """None for a file with nothing in it."""

    def slip(self, node: Node, what: str, hint: str, *, below: int = 0) -> Slip:
        """A slip at `node`, or `below` it by so many lines."""
        return Slip(self.path, line(node) + below, what, hint)

    def twice(self) -> list[Slip]:
        """Keys that stand twice in one place, where the second hides the first."""
        return [
            self.slip(
                key,
                f"«{key.value}» está dos veces en el mismo sitio (antes, en la línea {first})",
                "Deja una sola o junta lo que dicen las dos.",
            )
            for key, first in _repeated(self.root)
        ]


def line(node: Node) -> int:
    number: int = node.start_mark.line + 1
    return number


def fields(node: Node | None) -> dict[str, Node]:
    """The values of a mapping by key; nothing for any other node."""
    return {str(key.value): value for key, value in _pairs(node)}


def keys(node: Node | None) -> list[ScalarNode]:
    """The keys of a mapping, where they stand."""
    return [key for key, _ in _pairs(node) if isinstance(key, ScalarNode)]


def items(node: Node | None) -> list[Node]:
    """The items of a list; nothing for any other node."""
    return list(node.value) if isinstance(node, SequenceNode) else []


def _pairs(node: Node | None) -> list[tuple[Node, Node]]:
    return list(node.value) if isinstance(node, MappingNode) else []


def _repeated(node: Node | None) -> Iterator[tuple[Node, int]]:
    seen: dict[str, int] = {}
    for key, value in _pairs(node):
        if isinstance(key, ScalarNode):
            if key.value in seen:
                yield key, seen[key.value]
            seen.setdefault(key.value, line(key))
        yield from _repeated(value)
    for item in items(node):
        yield from _repeated(item)


def read(root: Path, path: Path) -> Document | Slip:
    """The file with its line numbers, or why it cannot be read."""
    place = path.relative_to(root)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return Slip(place, 1, "no es texto UTF-8", "Guárdalo con la codificación UTF-8.")
    try:
        return Document(place, yaml.compose(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        return _why(place, text.splitlines(), error)
    except yaml.YAMLError:  # a sign that YAML does not allow at all
        return Slip(place, 1, "hay un carácter invisible que no vale", "Escribe el texto de nuevo.")


def _why(place: Path, lines: list[str], error: yaml.MarkedYAMLError) -> Slip:
    problem = str(error.problem)
    last = min(error.problem_mark.line if error.problem_mark else 0, max(len(lines) - 1, 0))
    first = min(error.context_mark.line if error.context_mark else last, last)
    for look in (_tab, _quote, _bracket, _sign, _colon):
        found = look(lines, first, last, f"{error.context} {problem}")
        if found:
            number, what, hint = found
            return Slip(place, number + 1, what, hint)
    return Slip(
        place,
        last + 1,
        "la sangría no cuadra con las líneas de arriba",
        "Lo que va al mismo nivel empieza en la misma columna; lo de dentro, dos espacios más.",
    )


_Found = tuple[int, str, str] | None
"""Line from 0, what is wrong, hint."""


def _tab(lines: list[str], first: int, last: int, _: str) -> _Found:
    for number in range(max(last - 1, 0), min(last + 2, len(lines))):
        if re.match(r"\s*\t", lines[number]):
            return (
                number,
                "hay un tabulador al principio de la línea",
                "Pon espacios: dos por nivel.",
            )
    return None


def _quote(lines: list[str], first: int, last: int, problem: str) -> _Found:
    opened = first if "quoted scalar" in problem else None
    for number in range(last, first - 1, -1):
        for sign in ('"', "'"):
            starts = re.search(rf"(?:[:,\[{{]|^\s*-)\s+{sign}", lines[number])
            if opened is None and starts and lines[number].replace(f"\\{sign}", "").count(sign) % 2:
                opened = number
    if opened is None:
        return None
    return opened, "hay unas comillas sin cerrar", "Ciérralas al final del texto."


def _bracket(lines: list[str], first: int, last: int, problem: str) -> _Found:
    if "flow mapping" in problem:
        sign, other = "{", "}"
    elif "flow sequence" in problem:
        sign, other = "[", "]"
    else:
        return None
    return (
        first,
        f"falta cerrar «{sign}»",
        f"Cierra con «{other}», o pon el texto entre comillas si la llave es del texto.",
    )


def _sign(lines: list[str], first: int, last: int, _: str) -> _Found:
    found = _ODD_START.search(lines[last]) if last < len(lines) else None
    if found is None:
        return None
    return (
        last,
        f"un texto no puede empezar por «{found['sign']}» sin comillas",
        f'Pon el texto entero entre comillas: "{found["sign"]}…"',
    )


def _colon(lines: list[str], first: int, last: int, problem: str) -> _Found:
    if "mapping values" in problem and _TWO_COLONS.match(lines[last]):
        return last, "el texto lleva dos puntos y no lleva comillas", "Ponlo entre comillas."
    for number in range(last, first - 1, -1):
        if found := _NO_SPACE.match(lines[number]):
            key = found["key"]
            return number, f"falta un espacio detrás de «{key}:»", f"Escribe «{key}: …»."
        if found := _NO_COLON.match(lines[number]):
            key = found["key"]
            return number, f"faltan los dos puntos detrás de «{key}»", f"Escribe «{key}: …»."
    return None
