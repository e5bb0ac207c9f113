"""Slips of the pen are told with file, line and a hint, in Spanish."""

from pathlib import Path

import pytest

from tools.bootstrap import ROOT
from tools.slips import check

DOMAIN = """\
version: "3.1"
intents:
  - greet
  - ask_amenities
entities:
  - amenity
slots:
  asked: {type: any, mappings: [{type: custom}]}
actions:
  - action_answer
responses:
  utter_greet:
    - text: "Hola, soy {hotel_name}"
"""
RESPONSES = """\
version: "3.1"
responses:
  utter_price:
    - text: "Son {total}"
      buttons:
        - {title: "Sí", payload: "sí"}
"""
NLU = """\
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hola
    - buenas
- intent: ask_amenities
  examples: |
    - hay [alberca](amenity)?
    - tienen [pileta]{"entity": "amenity", "value": "piscina"}
"""
RULES = """\
version: "3.1"
rules:
  - rule: se saluda
    steps:
      - intent: greet
      - action: utter_greet
  - rule: se pregunta
    steps:
      - intent: ask_amenities
      - action: action_answer
"""
STORIES = """\
version: "3.1"
stories:
  - story: saluda y pregunta
    steps:
      - user: |-
          hay [alberca](amenity)?
        intent: ask_amenities
      - slot_was_set:
          - asked: other
      - action: action_answer
"""
FILES = {
    "domain.yml": DOMAIN,
    "responses.yml": RESPONSES,
    "data/nlu/todo.yml": NLU,
    "data/rules/todo.yml": RULES,
    "tests/stories/test_todo.yml": STORIES,
    "hotels/mirador.yml": (ROOT / "hotels" / "mirador.yml").read_text(encoding="utf-8"),
}

# Id, file, what stands there, what somebody writes, the line that is told, words that are told.
SLIPS = [
    ("tab", "data/nlu/todo.yml", "  examples: |", "\texamples: |", 4, ["tabulador", "espacios"]),
    ("indent", "data/rules/todo.yml", "      - action: utter_greet",
     "     - action: utter_greet", 6, ["sangría", "columna"]),
    ("indent of a key", "domain.yml", "slots:", " slots:", 7, ["sangría"]),
    ("no colon", "data/rules/todo.yml", "      - intent: greet", "      - intent greet", 5,
     ["intent greet", "- intent: …"]),
    ("no colon after a key", "data/nlu/todo.yml", "  examples: |\n    - hola",
     "  examples |\n    - hola", 4, ["dos puntos", "«examples: …»"]),
    ("no space after a colon", "data/rules/todo.yml", "      - action: action_answer",
     "      - action:action_answer", 10, ["«action:action_answer»", "- action: …"]),
    ("unclosed quote", "responses.yml", '"Son {total}"', '"Son {total}', 4,
     ["comillas", "Ciérralas"]),
    ("unclosed quote in a button", "responses.yml", 'title: "Sí"', 'title: "Sí', 6, ["comillas"]),
    ("unclosed brace of a button", "responses.yml", 'payload: "sí"}', 'payload: "sí"', 6,
     ["falta cerrar «{»"]),
    ("colon in a bare text", "responses.yml", '"Son {total}"', "Son: unos 80", 4,
     ["dos puntos", "comillas"]),
    ("asterisk first", "responses.yml", '"Son {total}"', "*Son* {total}", 4, ["«*»", "comillas"]),
    ("brace in a text", "responses.yml", "{total}", "{total", 4, ["llave suelta", "{hotel_name}"]),
    ("button without payload", "responses.yml", ', payload: "sí"', "", 6, ["falta «payload»"]),
    ("key written wrong", "responses.yml", "buttons:", "botones:", 5, ["«botones»", "«buttons»"]),
    ("unknown intent", "data/rules/todo.yml", "intent: greet", "intent: gret", 5,
     ["«gret» no está en domain.yml", "¿Querías decir «greet»?"]),
    ("unknown action", "data/rules/todo.yml", "action: action_answer", "action: action_anser", 10,
     ["«action_anser»", "¿Querías decir «action_answer»?"]),
    ("unknown response", "data/rules/todo.yml", "action: utter_greet", "action: utter_saludo", 6,
     ["la respuesta «utter_saludo»", "«responses»"]),
    ("response that actions say", "data/rules/todo.yml", "action: utter_greet",
     "action: utter_price", 6, ["responses.yml:3", "múdala a domain.yml"]),
    ("unclosed bracket", "data/nlu/todo.yml", "[alberca](amenity)", "[alberca(amenity)", 9,
     ["marca mal escrita", "[piscina](amenity)"]),
    ("space in a mark", "data/nlu/todo.yml", "[alberca](amenity)", "[alberca] (amenity)", 9,
     ["marca mal escrita"]),
    ("unknown entity", "data/nlu/todo.yml", "[alberca](amenity)", "[alberca](amenty)", 9,
     ["la entidad «amenty»", "¿Querías decir «amenity»?"]),
    ("no dash", "data/nlu/todo.yml", "    - buenas", "    buenas", 6, ["falta el guion"]),
    ("intent not in the domain", "data/nlu/todo.yml", "- intent: greet", "- intent: saludar", 3,
     ["«saludar» no está en domain.yml"]),
    ("a text under two intents", "data/nlu/todo.yml", "    - hay [alberca](amenity)?",
     "    - Hola", 9, ["«Hola» ya está en greet", "data/nlu/todo.yml:5"]),
    ("duplicate intent", "domain.yml", "  - ask_amenities", "  - ask_amenities\n  - greet", 5,
     ["«greet» ya está en domain.yml:3"]),
    ("duplicate response", "domain.yml", "  utter_greet:",
     "  utter_greet:\n    - text: a\n  utter_greet:", 14, ["dos veces", "línea 12"]),
    ("no version", "data/rules/todo.yml", 'version: "3.1"\n', "", 1, ["falta la versión"]),
    ("version without quotes", "data/nlu/todo.yml", '"3.1"', "3.1", 1, ["entre comillas"]),
    ("no steps", "data/rules/todo.yml", "    steps:\n      - intent: greet\n"
     "      - action: utter_greet\n", "", 3, ["no tiene pasos"]),
    ("two rules of one name", "data/rules/todo.yml", "rule: se pregunta", "rule: se saluda", 7,
     ["«se saluda» ya está en data/rules/todo.yml:3"]),
    ("unknown slot", "tests/stories/test_todo.yml", "- asked: other", "- askd: other", 9,
     ["«askd»", "¿Querías decir «asked»?"]),
    ("a story's mark", "tests/stories/test_todo.yml", "[alberca](amenity)", "[alberca](amenty)", 6,
     ["«amenty»"]),
    ("hotel: key written wrong", "hotels/mirador.yml", "currency:", "curency:", None,
     ["curency: esta clave no existe", "«currency»"]),
    ("hotel: hour without quotes", "hotels/mirador.yml", 'check_in: "14:00"', "check_in: 14:00",
     None, ["arrival.check_in", "hora entre comillas", '"14:00"']),
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small assistant without a slip."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def write_wrong(project: Path, name: str, right: str, wrong: str) -> None:
    text = FILES[name]
    assert right in text
    (project / name).write_text(text.replace(right, wrong, 1), encoding="utf-8")


def test_what_is_written_well_is_passed(project: Path) -> None:
    assert check(project) == []


def test_our_own_files_have_no_slip() -> None:
    assert check(ROOT) == []


@pytest.mark.parametrize(
    ("name", "right", "wrong", "line", "words"),
    [pytest.param(*slip[1:], id=slip[0]) for slip in SLIPS],
)
def test_a_slip_is_told_where_it_is(
    project: Path, name: str, right: str, wrong: str, line: int | None, words: list[str]
) -> None:
    write_wrong(project, name, right, wrong)
    slips = check(project)
    expected = line or FILES[name][: FILES[name].index(right)].count("\n") + 1
    told = "\n".join(map(str, slips))
    assert (Path(name), expected) in [(slip.path, slip.line) for slip in slips], told
    mine = next(str(slip) for slip in slips if (slip.path, slip.line) == (Path(name), expected))
    assert all(word in mine for word in words), mine


def test_several_slips_are_told_at_once_in_order(project: Path) -> None:
    write_wrong(project, "data/rules/todo.yml", "action: utter_greet", "action: utter_gret")
    write_wrong(project, "data/nlu/todo.yml", "(amenity)", "(amenty)")
    assert [(str(slip.path), slip.line) for slip in check(project)] == [
        ("data/nlu/todo.yml", 9),
        ("data/rules/todo.yml", 6),
    ]


def test_a_file_that_cannot_be_read_does_not_blame_the_others(project: Path) -> None:
    """Without the domain no name is known; only the domain is to be mended."""
    write_wrong(project, "domain.yml", "slots:", "\tslots:")
    assert [str(slip.path) for slip in check(project)] == ["domain.yml"]
