"""What is done then: rules in `data`, stories in `tests/stories`."""

from collections.abc import Iterator

from yaml.nodes import Node, ScalarNode

from tools.slips._domain import Names, unknown_key
from tools.slips._nlu import marks
from tools.slips._slip import Slip, meant
from tools.slips._yaml import Document, fields, items, keys, line

_TOLD = {
    "rules": {"rule", "steps", "condition", "conversation_start", "wait_for_user_input"},
    "stories": {"story", "steps", "metadata"},
}
_STEP = {
    "intent", "user", "action", "entities", "slot_was_set", "active_loop", "checkpoint", "or",
    "bot", "metadata",
}  # fmt: skip


def check_stories(documents: list[Document], names: Names) -> Iterator[Slip]:
    titles: dict[str, str] = {}
    for document in documents:
        for kind, expected in _TOLD.items():
            for told in items(fields(document.root).get(kind)):
                yield from _told(document, told, expected, names, titles)


def _told(
    document: Document, told: Node, expected: set[str], names: Names, titles: dict[str, str]
) -> Iterator[Slip]:
    for key in keys(told):
        if key.value not in expected:
            yield unknown_key(document, key, expected)
    parts = fields(told)
    kind = "rule" if "rule" in expected else "story"
    title = parts.get(kind)
    if title is None:
        yield document.slip(told, "falta el título", f"Empieza por «- {kind}: …».")
    else:
        first = titles.setdefault(f"{kind} {title.value}", f"{document.path}:{line(title)}")
        if first != f"{document.path}:{line(title)}":
            yield document.slip(title, f"«{title.value}» ya está en {first}", "Dale otro título.")
    if not items(parts.get("steps")):
        yield document.slip(told, "no tiene pasos", "Escribe «steps:» y debajo cada paso.")
    for step in [*items(parts.get("steps")), *items(parts.get("condition"))]:
        yield from _step(document, step, names)


def _step(document: Document, step: Node, names: Names) -> Iterator[Slip]:
    if not fields(step):
        hint = "Un paso es «- intent: …» o «- action: …»."
        yield document.slip(step, f"no se entiende el paso «{step.value}»", hint)
    for key in keys(step):
        if key.value not in _STEP:
            yield unknown_key(document, key, _STEP)
    parts = fields(step)
    if (intent := parts.get("intent")) is not None and intent.value not in names.intents:
        yield document.slip(
            intent,
            f"la intención «{intent.value}» no está en domain.yml",
            meant(str(intent.value), names.intents, "Añádela en domain.yml, en «intents»."),
        )
    if (action := parts.get("action")) is not None:
        yield from _action(document, action, names)
    if (said := parts.get("user")) is not None:
        yield from marks(document, said, str(said.value), names, below=_shift(said))
    for slot in items(parts.get("slot_was_set")):
        yield from _slot(document, slot, names)
    for one in items(parts.get("or")):
        yield from _step(document, one, names)


def _shift(node: Node) -> int:
    """A literal block's text begins on the line after its bar."""
    return 1 if isinstance(node, ScalarNode) and node.style == "|" else 0


def _action(document: Document, action: Node, names: Names) -> Iterator[Slip]:
    name = str(action.value)
    if name in names.actions or name in names.answers:
        return
    if name in names.spoken:
        yield document.slip(
            action,
            f"«{name}» está en {names.spoken[name]}, que solo usan las acciones",
            "Para decirla desde una regla, múdala a domain.yml, en «responses».",
        )
        return
    known = names.answers if name.startswith("utter_") else names.actions
    where = "«responses»" if name.startswith("utter_") else "«actions»"
    kind = "la respuesta" if name.startswith("utter_") else "la acción"
    yield document.slip(
        action,
        f"{kind} «{name}» no está en domain.yml",
        meant(name, known, f"Añádela en domain.yml, en {where}."),
    )


def _slot(document: Document, slot: Node, names: Names) -> Iterator[Slip]:
    nodes: list[Node] = [*keys(slot)] or [slot]
    for key in nodes:
        if str(key.value) not in names.slots:
            yield document.slip(
                key,
                f"el dato «{key.value}» no está en domain.yml",
                meant(str(key.value), names.slots, "Añádelo en domain.yml, en «slots»."),
            )
