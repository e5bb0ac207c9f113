"""The analysts' report, made of a small assistant with our own pipeline."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page
from rasa.core.agent import Agent
from rasa.shared.nlu.training_data.loading import load_data

from tests.servers import ROOT
from tools.report.__main__ import measure, write
from tools.report.pipeline import trained, without_share
from tools.report.results import Case, Message, Results, Run, Step, Story
from tools.train import current_model

DOMAIN = """\
version: "3.1"
intents: [greet, ask_amenities, ask_price, out_of_scope, nlu_fallback]
entities: [amenity, date, nights, adults, children]
responses:
  utter_greet: [{text: Hola}]
  utter_price: [{text: Caro}]
"""
NLU = """\
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hola
    - buenas
    - buenos días
    - buenas tardes
    - qué tal
    - hola hola
    - muy buenas
    - saludos
    - hey
    - hola buenas
- intent: ask_amenities
  examples: |
    - hay [piscina](amenity)?
    - tienen [piscina](amenity)
    - la [piscina](amenity) es grande?
    - tenéis [gimnasio](amenity)?
    - hay [gimnasio](amenity)
    - tienen [spa](amenity)?
    - hay [spa](amenity) en el hotel
    - el [gimnasio](amenity) abre hoy?
    - [piscina](amenity)?
    - hay [wifi](amenity)?
- intent: ask_price
  examples: |
    - cuánto cuesta
    - qué precio tiene la noche
    - precios
    - cuánto vale una habitación
    - qué tarifas tienen
    - me dices los precios
    - cuánto sale la noche
    - es caro?
    - precio por noche
    - tarifas por favor
- intent: out_of_scope
  examples: |
    - quién ganó la liga
    - cuéntame un chiste
    - qué tiempo hace en marte
    - arregla mi coche
    - capital de francia
    - cuánto es dos más dos
    - pon música
    - escribe un poema
    - quién es el presidente
    - dónde compro zapatos
"""
MESSAGES = """\
version: "3.1"
nlu:
- intent: greet
  examples:
  - {text: "hola qué tal", metadata: {pais: ES, canal: whatsapp}}
- intent: ask_amenities
  examples:
  - {text: "¿hay [piscina](amenity) grande?", metadata: {pais: MX, canal: voz}}
- intent: ask_price
  examples:
  - {text: "hola hola buenas", metadata: {pais: ES, canal: web}}
"""
RULES = """\
version: "3.1"
rules:
  - rule: se saluda
    steps:
      - intent: greet
      - action: utter_greet
  - rule: se pregunta el precio
    steps:
      - intent: ask_price
      - action: utter_price
"""
STORIES = """\
version: "3.1"
stories:
  - story: saluda
    steps:
      - user: hola
        intent: greet
      - action: utter_greet
  - story: pregunta el precio
    steps:
      - user: precios
        intent: ask_price
      - action: utter_greet
"""
CASES = """\
import pytest

@pytest.mark.parametrize("good", [pytest.param(1, id="mañana"), pytest.param(0, id="los niños")])
def test_phrase(good):
    if not good:
        pytest.fail("se esperaba: 2", pytrace=False)
"""
FILES = {
    "domain.yml": DOMAIN,
    "data/nlu/todo.yml": NLU,
    "data/rules/todo.yml": RULES,
    "tests/nlu/messages/todo.yml": MESSAGES,
    "tests/nlu/stay/test_cases.py": CASES,
    "tests/stories/test_todo.yml": STORIES,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small assistant with our configuration, and a report of it."""
    folder = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "config.yml", folder)
    shutil.copytree(ROOT / "nlu", folder / "nlu", ignore=shutil.ignore_patterns("__pycache__"))
    write(measure(folder), folder / "reports")
    return folder


def told(project: Path) -> dict[str, object]:
    text = (project / "reports" / "informe.json").read_text(encoding="utf-8")
    found: dict[str, object] = json.loads(text)
    return found


def test_every_example_and_every_message_is_read_once(project: Path) -> None:
    messages = told(project)["messages"]
    assert isinstance(messages, list)
    assert sum(one["origin"] == "cruzada" for one in messages) == 40
    assert sum(one["origin"] == "apartados" for one in messages) == 3
    mexican = next(one for one in messages if one["country"] == "MX")
    assert mexican["channel"] == "voz"
    assert ["amenity", 5, 12] in mexican["entities_found"]


def test_a_wrong_step_of_a_story_says_what_was_expected_and_what_came(project: Path) -> None:
    stories = told(project)["stories"]
    assert isinstance(stories, list)
    steps = {story["title"]: story["steps"] for story in stories}
    assert [(step["expected"], step["got"]) for step in steps["pregunta el precio"]] == [
        ("ask_price", "ask_price"),
        ("utter_greet", "utter_price"),
    ]
    assert all(step["expected"] == step["got"] for step in steps["saluda"])


def test_ci_reads_what_failed_and_why(project: Path) -> None:
    root = ElementTree.parse(project / "reports" / "informe.xml").getroot()  # noqa: S314 - ours
    failed = {
        case.get("name", ""): failure.text
        for case in root.iter("testcase")
        for failure in case.iter("failure")
    }
    assert failed["ask_price: hola hola buenas"] == "se entiende greet"
    assert "sale utter_price" in str(failed["pregunta el precio"])
    assert "se esperaba: 2" in str(failed["los niños"])
    assert "mañana" not in failed


def test_the_components_alone_answer_as_the_whole_model_does(project: Path) -> None:
    """What cross-validation measures is what a training would make."""
    texts = ["hola buenas", "tenéis piscina?", "tarifa de la noche", "somos dos", "zapatos"]
    agent = Agent.load(str(current_model(project).resolve()))
    with trained(project / "config.yml", load_data(str(project / "data" / "nlu"))) as pipeline:
        for text, alone in zip(texts, pipeline.parse(texts), strict=True):
            whole = asyncio.run(agent.parse_message(text))
            assert alone["intent"]["name"] == whole["intent"]["name"]
            assert alone["intent"]["confidence"] == pytest.approx(
                whole["intent"]["confidence"], abs=1e-4
            )
            assert alone["entities"] == whole["entities"]


def test_the_shares_are_all_of_it_and_none_is_learned_from(project: Path) -> None:
    data = load_data(str(project / "data" / "nlu"))
    apart: list[str] = []
    for number in range(5):
        learned, share = without_share(data, number, 5)
        texts = {one.get("text") for one in share}
        assert not texts & {one.get("text") for one in learned.training_examples}
        apart += texts
    assert sorted(apart) == sorted(one.get("text") for one in data.intent_examples)


# ------------------------------------------------------------------ the page

HOSTILE = "</script><script>document.title='roto'</script><img src=x onerror=alert(1)>"


def message(text: str, meant: str, understood: str, confidence: float) -> Message:
    marks = (("amenity", 0, 4),)
    return Message(
        text, "apartados", meant, understood, confidence, False, marks, (), "ES", "whatsapp"
    )


NOW = Results(
    run=Run("2026-11-23T10:00:00+01:00", "conserje-1.tar.gz", {"apart_right": 0.5}),
    seconds=12.0,
    messages=[
        message("hola", "greet", "greet", 0.9),
        message("¿cuánto es?", "ask_price", "greet", 0.4),
        message(HOSTILE, "greet", "out_of_scope", 0.8),
    ],
    stories=[Story("saluda", "test_trato.yml", (Step("huésped", "hola", "greet", "goodbye"),))],
    cases=[Case("fechas y grupo", "mañana", "se esperaba: 1")],
    history=[Run("2026-11-22T10:00:00+01:00", "conserje-0.tar.gz", {"apart_right": 0.25})],
    mistakes_before=["apartados: greet: qué hay"],
)


@pytest.fixture
def phone(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The report on a telephone that may load nothing from any network."""
    write(NOW, tmp_path)
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    address = (tmp_path / "informe.html").as_uri()
    page.goto(address)
    yield page
    assert asked == [address]
    context.close()


def test_the_page_fits_a_telephone(phone: Page) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_a_guest_wrote_is_shown_and_never_run(phone: Page) -> None:
    assert phone.title().startswith("Conserje: informe")
    assert phone.get_by_text(HOSTILE).count() > 0


def test_the_difference_to_the_last_run_stands_first(phone: Page) -> None:
    assert "▲ +25,0 puntos" in phone.locator("#resumen").inner_text()
    changes = phone.locator("#cambios")
    assert "Ahora sale mal (4)" in changes.inner_text()
    assert "apartados: greet: qué hay" in (changes.text_content() or "")


def test_mistakes_stand_with_the_surest_first_and_can_be_searched(phone: Page) -> None:
    rows = phone.locator("#errores tbody tr")
    assert rows.all_inner_texts()[0].startswith("80 %")
    phone.fill("#buscar", "CUANTO")
    shown = [text for text in rows.all() if text.is_visible()]
    assert len(shown) == 1 and "¿cuánto es?" in shown[0].inner_text()
    assert phone.locator("#encontrados").inner_text() == "1 mensaje"


def test_a_story_is_told_step_by_step(phone: Page) -> None:
    wrong = phone.locator("#historias .wrong")
    assert "greet sale goodbye" in " ".join(wrong.inner_text().split())


def test_a_first_report_has_nothing_to_compare_with(tmp_path: Path) -> None:
    write(replace(NOW, history=[], mistakes_before=[]), tmp_path)
    assert "Primer informe." in (tmp_path / "informe.html").read_text(encoding="utf-8")
