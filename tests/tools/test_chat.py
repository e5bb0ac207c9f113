"""`make chat` against a running assistant."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT, free_port, started
from tools.train import train

DATA = """\
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hola
      - buenas
  - intent: goodbye
    examples: |
      - adiós
      - chao
rules:
  - rule: se saluda
    steps:
      - intent: greet
      - action: utter_test_hello
  - rule: se despide
    steps:
      - intent: goodbye
      - action: utter_goodbye
"""
DOMAIN = """\
version: "3.1"
intents: [greet, goodbye]
responses:
  utter_test_hello:
    - text: "¿Qué tal?"
      buttons:
        - {title: "Me voy", payload: "adiós"}
  utter_goodbye:
    - text: "Hasta pronto"
"""


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings with which a chat finds a running assistant of two intents."""
    project = tmp_path_factory.mktemp("project")
    (project / "data").mkdir()
    (project / "data" / "todo.yml").write_text(DATA)
    (project / "domain.yml").write_text(DOMAIN)
    (project / "config.yml").write_text(
        "recipe: default.v1\nassistant_id: test\nlanguage: es\n"
        "pipeline: [{name: WhitespaceTokenizer}, {name: KeywordIntentClassifier}]\n"
        "policies: [{name: RulePolicy}]\n"
    )
    model, port = train(project), free_port()
    settings = {"CONSERJE_STATE": str(project / "state"), "DATABASE_URL": ""}
    command = [sys.executable, "-m", "assistant", "--port", str(port), "--model", str(model)]
    with started(command, f"http://127.0.0.1:{port}/health/live", env=settings, within=180):
        yield {**settings, "ASSISTANT_PORT": str(port)}


def chat(env: dict[str, str], *lines: str) -> str:
    """All that the terminal shows when somebody types these lines."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.chat", "mirador"],
        cwd=ROOT,
        env={**os.environ, **env},
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_number_presses_a_button(env: dict[str, str]) -> None:
    said = chat(env, "hola", "1")
    assert "¿Qué tal?" in said and "[1] Me voy" in said
    assert "Hasta pronto" in said


def test_what_is_understood_is_shown_on_request_alone(env: dict[str, str]) -> None:
    said = chat(env, "hola", "/detalle", "adiós", "/detalle", "hola")
    assert said.count("entiende:") == 1
    assert "entiende: goodbye 100 %" in said
    assert "hace: utter_goodbye (RulePolicy 100 %)" in said


def test_nobody_at_the_port_is_told(tmp_path: Path) -> None:
    said = chat({"ASSISTANT_PORT": str(free_port()), "CONSERJE_STATE": str(tmp_path)}, "hola")
    assert "arranca antes `make run`" in said
