"""What guests say: `data/nlu` and the messages kept apart."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress

from yaml.nodes import Node, ScalarNode

from tools.slips._domain import Names, unknown_key, version
from tools.slips._slip import Slip, meant
from tools.slips._yaml import Document, fields, items, keys, line

_SECTION = {"intent", "synonym", "regex", "lookup", "examples", "metadata"}
_FILE = {"version", "nlu", "rules", "stories"}
_MARK = re.compile(r"\[[^\[\]]+\](?:\((?P<name>[^()]*)\)|(?P<facts>\{[^{}]*\}))")

Texts = dict[str, tuple[str, str]]
"""A text without marks → its intent and the place where it stands."""


def check_nlu(documents: list[Document], names: Names) -> Iterator[Slip]:
    texts: Texts = {}
    for document in documents:
        yield from version(document)
        for key in keys(document.root):
            if key.value not in _FILE:
                yield unknown_key(document, key, _FILE)
        for section in items(fields(document.root).get("nlu")):
            yield from _section(document, section, names, texts)


def _section(document: Document, section: Node, names: Names, texts: Texts) -> Iterator[Slip]:
    if not fields(section):
        hint = "Escribe «- intent: nombre» y debajo «examples: |»."
        yield document.slip(section, f"no se entiende «{section.value}»", hint)
        return
    for key in keys(section):
        if key.value not in _SECTION:
            yield unknown_key(document, key, _SECTION)
    parts = fields(section)
    intent = parts.get("intent")
    if intent is not None and (name := str(intent.value).split("/")[0]) not in names.intents:
        yield document.slip(
            intent,
            f"la intención «{name}» no está en domain.yml",
            meant(name, names.intents, "Añádela en domain.yml, en «intents»."),
        )
    examples = parts.get("examples")
    if examples is None:
        if not any(key.value.startswith("example") for key in keys(section)):
            yield document.slip(section, "faltan los ejemplos", "Escribe debajo «examples: |».")
        return
    for at, below, said in _examples(examples):
        if said is None:
            yield document.slip(
                at, "falta el guion delante del ejemplo", "Escribe «- ejemplo».", below=below
            )
            continue
        yield from marks(document, at, said, names, below=below)
        if intent is not None:
            yield from _taken(document, at, below, said, str(intent.value), texts)
    if isinstance(examples, ScalarNode) and examples.style != "|":
        yield document.slip(examples, "falta la barra en «examples:»", "Escribe «examples: |».")


def _examples(node: Node) -> Iterator[tuple[Node, int, str | None]]:
    """Where each example stands (node, lines below it) and what it says; None without a dash."""
    for item in items(node):
        text = fields(item).get("text", item)
        yield text, 0, str(text.value).strip()
    if isinstance(node, ScalarNode) and node.style == "|":
        for below, raw in enumerate(str(node.value).splitlines(), 1):
            if raw.strip():
                yield node, below, raw[2:].strip() if raw.startswith("- ") else None


def marks(
    document: Document, node: Node, said: str, names: Names, *, below: int = 0
) -> Iterator[Slip]:
    """Slips in the marks of entities, «[piscina](amenity)»."""
    if re.search(r"[\[\]]", _MARK.sub("", said)):
        yield document.slip(
            node,
            f"marca mal escrita en «{said}»",
            "Se escribe «[piscina](amenity)»: abre y cierra los dos, sin espacio en medio.",
            below=below,
        )
    for mark in _MARK.finditer(said):
        name = mark["name"] if mark["name"] is not None else _named(mark["facts"])
        if name not in names.entities:
            yield document.slip(
                node,
                f"la entidad «{name}» no está en domain.yml, en «{mark.group()}»",
                meant(name, names.entities, f"Las que hay: {', '.join(sorted(names.entities))}."),
                below=below,
            )


def _named(facts: str) -> str:
    with suppress(json.JSONDecodeError):
        return str(json.loads(facts).get("entity", facts))
    return facts


def _taken(
    document: Document, node: Node, below: int, said: str, intent: str, texts: Texts
) -> Iterator[Slip]:
    plain = _MARK.sub(lambda mark: mark.group()[1 : mark.group().index("]")], said).casefold()
    other, place = texts.setdefault(plain, (intent, f"{document.path}:{line(node) + below}"))
    if other != intent:
        yield document.slip(
            node,
            f"«{said}» ya está en {other} ({place})",
            "Un texto quiere decir una sola cosa: déjalo en una.",
            below=below,
        )
