"""What the assistant knows, and what it answers: `domain.yml` and `responses.yml`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from yaml.nodes import MappingNode, Node, ScalarNode

from tools.slips._slip import Slip, meant
from tools.slips._yaml import Document, fields, items, keys, line

_PARTS = {
    "version", "intents", "entities", "slots", "actions", "responses", "forms", "e2e_actions",
    "session_config",
}  # fmt: skip
_ANSWER = {"text", "buttons", "image", "channel", "custom", "condition", "metadata", "id"}
_RASAS_OWN = {
    "action_listen", "action_restart", "action_session_start", "action_default_fallback",
    "action_deactivate_loop", "action_revert_fallback_events", "action_default_ask_affirmation",
    "action_default_ask_rephrase", "action_two_stage_fallback", "action_back",
    "action_extract_slots",
}  # fmt: skip


@dataclass
class Names:
    """What the domain declares, each name with the place where it is declared."""

    intents: dict[str, str] = field(default_factory=dict)
    entities: dict[str, str] = field(default_factory=dict)
    slots: dict[str, str] = field(default_factory=dict)
    actions: dict[str, str] = field(default_factory=lambda: dict.fromkeys(_RASAS_OWN, "Rasa"))
    answers: dict[str, str] = field(default_factory=dict)
    """Responses that rules may say: those of the domain."""
    spoken: dict[str, str] = field(default_factory=dict)
    """Responses of `responses.yml`, which actions say."""


def check_domain(documents: list[Document], names: Names) -> Iterator[Slip]:
    """The slips of the domain's files; what they declare goes to `names`."""
    for document in documents:
        yield from version(document)
        for key in keys(document.root):
            if key.value not in _PARTS:
                yield unknown_key(document, key, _PARTS)
        parts = fields(document.root)
        for part, known in (
            ("intents", names.intents),
            ("entities", names.entities),
            ("actions", names.actions),
        ):
            yield from _listed(document, part, parts.get(part), known)
        for key in keys(parts.get("slots")):
            names.slots[key.value] = _place(document, key)
        apart = str(document.path) == "responses.yml"
        yield from _answers(document, parts.get("responses"), names, apart=apart)


def version(document: Document) -> Iterator[Slip]:
    """Rasa's files say for which version they are written."""
    said = fields(document.root).get("version")
    if said is None:
        yield Slip(document.path, 1, "falta la versión", 'Escribe arriba: version: "3.1"')
    elif said.tag != "tag:yaml.org,2002:str":
        yield document.slip(
            said, "la versión va entre comillas", f'Escribe: version: "{said.value}"'
        )


def unknown_key(document: Document, key: ScalarNode, known: set[str]) -> Slip:
    listed = ", ".join(sorted(known))
    return document.slip(
        key, f"aquí no se espera «{key.value}»", meant(key.value, known, f"Se espera: {listed}.")
    )


def _place(document: Document, node: Node) -> str:
    return f"{document.path}:{line(node)}"


def _listed(
    document: Document, part: str, node: Node | None, known: dict[str, str]
) -> Iterator[Slip]:
    kind = {"intents": "la intención", "entities": "la entidad", "actions": "la acción"}[part]
    if isinstance(node, ScalarNode | MappingNode) and node.value:
        yield document.slip(node, f"«{part}» no es una lista", "Pon un guion delante de cada uno.")
    for item in items(node):
        name = keys(item)[0].value if keys(item) else str(item.value)
        if name in known:
            yield document.slip(
                item,
                f"{kind} «{name}» ya está en {known[name]}",
                "Borra una de las dos.",
            )
        known.setdefault(name, _place(document, item))


def _answers(document: Document, node: Node | None, names: Names, *, apart: bool) -> Iterator[Slip]:
    own, others = (names.spoken, names.answers) if apart else (names.answers, names.spoken)
    for key in keys(node):
        name = key.value
        if not name.startswith("utter_"):
            yield document.slip(
                key,
                f"«{name}» no es nombre de respuesta",
                f"Una respuesta empieza por utter_: «utter_{name}».",
            )
        if name in others:
            yield document.slip(
                key, f"la respuesta «{name}» ya está en {others[name]}", "Deja una de las dos."
            )
        own[name] = _place(document, key)
        yield from _variants(document, key, fields(node)[name])


def _variants(document: Document, key: ScalarNode, node: Node) -> Iterator[Slip]:
    if not items(node):
        yield document.slip(
            key, f"«{key.value}» no dice nada", 'Escribe debajo, con guion: - text: "…"'
        )
    for variant in items(node):
        parts = fields(variant)
        for part in keys(variant):
            if part.value not in _ANSWER:
                yield unknown_key(document, part, _ANSWER)
        if not parts:
            yield document.slip(variant, "a esta respuesta le falta «text:»", 'Pon: - text: "…"')
        if "text" in parts:
            yield from _braces(document, parts["text"])
        for button in items(parts.get("buttons")):
            missing = {"title", "payload"} - fields(button).keys()
            if missing:
                yield document.slip(
                    button,
                    f"al botón le falta «{min(missing)}»",
                    'Un botón es: {title: "lo que se lee", payload: "lo que se envía"}',
                )


def _braces(document: Document, text: Node) -> Iterator[Slip]:
    if re.search(r"[{}]", re.sub(r"\{\w+\}", "", str(text.value))):
        yield document.slip(
            text,
            "hay una llave suelta en el texto",
            "Lo que pone el programa va así: {hotel_name}, sin espacios y con las dos llaves.",
        )
