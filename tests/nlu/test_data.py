"""What designers write in data/nlu and tests/nlu/messages holds together.

Failure messages are in Spanish and name file, line and phrase: they are read by designers.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rasa.shared.nlu.training_data import entities_parser
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

ROOT = Path(__file__).resolve().parents[2]
TRAINING = ROOT / "data" / "nlu"
MESSAGES = ROOT / "tests" / "nlu" / "messages"
DOMAIN = ROOT / "domain.yml"
MINIMUM_EXAMPLES = 40
ALWAYS_MARKED = 10  # times; what is marked so often within an intent is not left out by chance
CHANNELS = frozenset({"whatsapp", "web", "correo", "voz"})

# The names that guests' held-out messages are labelled with: none may be renamed or dropped.
SCHEME_INTENTS = frozenset(
    {
        "greet",
        "goodbye",
        "thank",
        "affirm",
        "deny",
        "ask_availability",
        "make_booking",
        "modify_booking",
        "cancel_booking",
        "check_booking",
        "ask_price",
        "ask_checkin_checkout_time",
        "ask_amenities",
        "ask_location",
        "ask_policies",
        "ask_payment",
        "ask_room_info",
        "request_service",
        "complain",
        "ask_human",
        "give_feedback",
        "ask_recommendations",
        "bot_challenge",
        "out_of_scope",
        "inform",
    }
)

# A bare number ("dos", "12") is one or another according to what stands around it.
NUMERIC = frozenset({"nights", "adults", "children", "date"})

# Entity → (what its span must not look like, how to mend it).
WRONG_SPANS = {
    "date": (
        r"(para|pa|por|desde(?!.*\b(hasta|al?)\b)|hasta|en(?! \w+ (d[ií]as?|semanas?|mes(es)?)\b))"
        r"\b.*",
        "deja fuera la preposición, con el artículo dentro: «para [el 5](date)»",
    ),
    "nights": (r".*\b(noches?|d[ií]as?)", "marca solo el número: «[tres](nights) noches»"),
    "adults": (
        r"(para|somos)\b.*|.*\b(personas?|adultos?|pax|hu[eé]spedes)",
        "marca solo el número: «[dos](adults) personas»",
    ),
    "children": (
        r"(con|y)\b.*|.*\b(niñ[oa]s?|beb[eé]s?|menor(es)?|hij[oa]s?)",
        "marca solo el número: «[un](children) niño»",
    ),
    "room_type": (
        r"(una?|la|habitaci[oó]n(es)?|habs?|cuartos?|piezas?)\b.+",
        "marca solo el tipo: «habitación [doble](room_type)»",
    ),
    "amenity": (
        r"(una?|el|las?|los|con|de)\b.*",
        "marca solo el nombre: «la [piscina](amenity)»",
    ),
}


@dataclass(frozen=True)
class Example:
    """One line under an intent: `text` without marks, `spans` as (entity, phrase).

    `metadata` is what stands beside the text: country and channel of a message kept apart.
    """

    path: Path
    line: int
    intent: str
    text: str
    spans: tuple[tuple[str, str], ...]
    metadata: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line} ({self.intent}) «{self.text}»"


def normalised(text: str) -> str:
    """Lower case without accents or punctuation; a text of signs alone stays as it is."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    words = re.findall(r"\w+", "".join(c for c in letters if not unicodedata.combining(c)))
    return " ".join(words) or text.strip()


def _fields(node: Node) -> dict[str, Node]:
    return {key.value: value for key, value in node.value} if isinstance(node, MappingNode) else {}


def _read(path: Path) -> Iterator[Example]:
    sections = _fields(YAML().compose(path)).get("nlu")
    for section in sections.value if sections else ():
        fields = _fields(section)
        if "intent" in fields:
            assert "examples" in fields, (
                f"{path.relative_to(ROOT)}:{section.start_mark.line + 1}: falta «examples: |»"
            )
            for line, marked, metadata in _lines(path, fields["examples"]):
                yield _example(path, line, fields["intent"].value, marked, metadata)


def _lines(path: Path, block: Node) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Line number, text and metadata of each example, from either form that Rasa reads."""
    if isinstance(block, SequenceNode):  # - {text: …, metadata: …}
        for item in block.value:
            fields = _fields(item)
            text = fields.get("text", item)
            beside = _fields(fields["metadata"]) if "metadata" in fields else {}
            metadata = {name: node.value for name, node in beside.items()}
            yield text.start_mark.line + 1, text.value.strip().removeprefix("- "), metadata
        return
    assert isinstance(block, ScalarNode) and block.style == "|", (
        f"{path.relative_to(ROOT)}:{block.start_mark.line + 1}: escribe «examples: |» "
        "y debajo un ejemplo por línea, cada uno con su guion"
    )
    # In a literal block the text begins on the line after the bar; marks count from 0.
    for line, raw in enumerate(block.value.splitlines(), block.start_mark.line + 2):
        if raw.strip():
            assert raw.startswith("- "), (
                f"{path.relative_to(ROOT)}:{line}: falta el guion delante de «{raw.strip()}»"
            )
            yield line, raw[2:].strip(), {}


def _example(path: Path, line: int, intent: str, marked: str, metadata: dict[str, str]) -> Example:
    text = entities_parser.replace_entities(marked)
    found = entities_parser.find_entities_in_training_example(marked)
    spans = tuple((span["entity"], text[span["start"] : span["end"]]) for span in found)
    return Example(path, line, intent, text, spans, tuple(metadata.items()))


def _read_folder(folder: Path) -> list[Example]:
    return [example for path in sorted(folder.rglob("*.yml")) for example in _read(path)]


@pytest.fixture(scope="module")
def training() -> list[Example]:
    return _read_folder(TRAINING)


@pytest.fixture(scope="module")
def messages() -> list[Example]:
    return _read_folder(MESSAGES)


@pytest.fixture(scope="module")
def domain() -> dict[str, set[str]]:
    """Names of the intents and of the entities that domain.yml declares."""
    declared = YAML(typ="safe").load(DOMAIN)
    return {
        part: {name if isinstance(name, str) else next(iter(name)) for name in declared[part]}
        for part in ("intents", "entities")
    }


def _by_text(examples: Iterable[Example]) -> dict[str, list[Example]]:
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[normalised(example.text)].append(example)
    return groups


def _words(example: Example) -> tuple[str, ...]:
    return tuple(sorted(normalised(example.text).split()))


def _report(title: str, problems: Iterable[str]) -> str:
    return "\n".join([title, *(f"  · {problem}" for problem in problems)])


def _join(examples: Iterable[Example]) -> str:
    return "\n    y ".join(map(str, examples))


def test_no_text_stands_under_two_intents(training: list[Example], messages: list[Example]) -> None:
    """A text means one thing, whatever its case, accents and punctuation."""
    problems = [
        _join(group)
        for group in _by_text(training + messages).values()
        if len({example.intent for example in group}) > 1
    ]
    assert not problems, _report("El mismo texto con dos intenciones; deja una sola:", problems)


def test_no_kept_apart_message_is_trained_on(
    training: list[Example], messages: list[Example]
) -> None:
    """A message that measures us is never one that we learned, nor the same words turned round."""
    learned = {_words(example): example for example in training}
    problems = [
        _join([message, learned[_words(message)]])
        for message in messages
        if _words(message) in learned
    ]
    assert not problems, _report(
        "Mensajes de prueba que también se entrenan; cambia uno:", problems
    )


def test_each_message_kept_apart_has_country_and_channel(messages: list[Example]) -> None:
    """The report tells how well each country and channel is understood."""
    problems = []
    for message in messages:
        metadata = dict(message.metadata)
        if not re.fullmatch(r"[A-Z]{2}", metadata.get("pais", "")):
            problems.append(f"falta «pais» con dos letras, como «pais: MX»: {message}")
        if metadata.get("canal") not in CHANNELS:
            problems.append(f"«canal» tiene que ser {', '.join(sorted(CHANNELS))}: {message}")
    assert not problems, _report("Mensajes de prueba sin país o sin canal:", problems)


def test_every_intent_has_enough_examples(
    training: list[Example], domain: dict[str, set[str]]
) -> None:
    """An intent with few examples is guessed badly, so none is left thin."""
    counts = Counter(example.intent for example in training)
    wanted = (SCHEME_INTENTS | domain["intents"]) - {"nlu_fallback"}
    problems = [
        f"{intent}: tiene {counts[intent]}, hacen falta {MINIMUM_EXAMPLES}"
        for intent in sorted(wanted)
        if counts[intent] < MINIMUM_EXAMPLES
    ]
    assert not problems, _report("Intenciones con pocos ejemplos en data/nlu:", problems)


def test_the_scheme_is_in_the_domain(domain: dict[str, set[str]]) -> None:
    """The names that held-out messages are labelled with are all known to the assistant."""
    missing = sorted(SCHEME_INTENTS - domain["intents"])
    assert not missing, _report("Faltan en domain.yml, en «intents»:", missing)


def test_intents_and_entities_are_in_the_domain(
    training: list[Example], messages: list[Example], domain: dict[str, set[str]]
) -> None:
    """A name written wrong in an example is found here and not in a conversation."""
    problems = []
    for example in training + messages:
        if example.intent not in domain["intents"]:
            problems.append(f"la intención «{example.intent}» no está en domain.yml: {example}")
        for entity, phrase in example.spans:
            if entity not in domain["entities"]:
                problems.append(f"«[{phrase}]({entity})» no está en domain.yml: {example}")
    assert not problems, _report("Nombres que domain.yml no conoce:", problems)


def test_a_phrase_is_always_the_same_entity(
    training: list[Example], messages: list[Example]
) -> None:
    """A phrase carries one entity everywhere; only bare numbers depend on their neighbours."""
    uses: dict[str, dict[str, Example]] = defaultdict(dict)
    for example in training + messages:
        for entity, phrase in example.spans:
            uses[normalised(phrase)].setdefault(entity, example)
    problems = [
        f"«{phrase}» es " + "\n    y ".join(f"{name} en {use}" for name, use in by_entity.items())
        for phrase, by_entity in uses.items()
        if len(by_entity) > 1 and (" " in phrase or not by_entity.keys() <= NUMERIC)
    ]
    assert not problems, _report("La misma frase con dos entidades; elige una:", problems)


def test_a_text_is_always_annotated_alike(training: list[Example], messages: list[Example]) -> None:
    """Two copies of a text that differ only in accents or case carry the same entities."""
    problems = [
        _join(group)
        for group in _by_text(training + messages).values()
        if len({tuple((e, normalised(p)) for e, p in example.spans) for example in group}) > 1
    ]
    assert not problems, _report("El mismo texto con entidades marcadas distinto:", problems)


def test_spans_hold_the_value_alone(training: list[Example], messages: list[Example]) -> None:
    """A span begins and ends with its value: no spaces, signs, prepositions or articles."""
    problems = []
    for example in training + messages:
        if re.search(r"\]\s*[({]", example.text):
            problems.append(f"marca mal escrita, se espera «[frase](entidad)»: {example}")
        for entity, phrase in example.spans:
            mark = f"«[{phrase}]({entity})»"
            if phrase != phrase.strip(" ,.;:¿?¡!"):
                problems.append(f"{mark} lleva espacios o signos en las puntas: {example}")
            wrong, hint = WRONG_SPANS.get(entity, (r"(?!)", ""))
            if re.fullmatch(wrong, phrase, re.IGNORECASE):
                problems.append(f"{mark}: {hint}: {example}")
    assert not problems, _report("Entidades mal delimitadas:", problems)


def test_what_is_marked_is_marked_everywhere(training: list[Example]) -> None:
    """A facility or room that is nearly always marked within an intent is not forgotten once."""
    marked = Counter(
        (example.intent, normalised(phrase))
        for example in training
        for entity, phrase in example.spans
        if entity in ("amenity", "room_type")
    )
    usual = {key for key, times in marked.items() if times >= ALWAYS_MARKED}
    forgotten: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in training:
        said = f" {normalised(example.text)} "
        known = [normalised(phrase) for _, phrase in example.spans]
        for intent, phrase in usual:
            is_known = any(phrase in one or one in phrase for one in known)
            if example.intent == intent and f" {phrase} " in said and not is_known:
                forgotten[intent, phrase].append(example)
    problems = [
        f"«{key[1]}»: {example}"
        for key, examples in forgotten.items()
        if len(examples) * ALWAYS_MARKED <= marked[key]
        for example in examples
    ]
    assert not problems, _report("Sin marcar, aunque casi siempre se marca:", problems)
