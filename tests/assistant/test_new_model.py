"""A running assistant takes a newly trained model, and its guests notice nothing but the change."""

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.servers import free_port, started
from tools.train import current_model, train

DATA = """\
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hola
      - buenas
  - intent: inform
    examples: |
      - soy Ana
      - soy Luis
rules:
  - rule: se saluda
    steps:
      - intent: greet
      - action: utter_test_hello
  - rule: se presenta
    steps:
      - intent: inform
      - action: utter_met
"""
DOMAIN = """\
version: "3.1"
intents: [greet, inform]
slots:
  met:
    type: bool
    influence_conversation: false
    mappings: [{type: from_intent, intent: inform, value: true}]
responses:
  utter_test_hello:
    - text: "Primera. ¿Nos conocemos? {met}"
  utter_met:
    - text: "Encantado"
"""
PATIENCE = 120.0
"""Seconds within which the assistant must have seen a new model, on a busy machine."""


@dataclass
class Place:
    """An assistant of two intents that runs on the current model of its project."""

    project: Path
    url: str

    def say(self, guest: str, text: str) -> str:
        answer = requests.post(
            f"{self.url}/webhooks/web/mirador/message",
            json={"sender": guest, "message": text},
            timeout=60,
        )
        answer.raise_for_status()
        return "\n".join(message["text"] for message in answer.json())

    def models(self, outcome: str) -> int:
        """How many new models had this outcome."""
        said = requests.get(f"{self.url}/metrics", timeout=60).text
        found = re.search(rf'conserje_models_total{{outcome="{outcome}"}} (\d+)', said)
        return int(found[1]) if found else 0

    def after(self, outcome: str, count: int) -> None:
        """Returns once as many models had this outcome; guests go on talking meanwhile."""
        until = time.monotonic() + PATIENCE
        while self.models(outcome) < count:
            assert time.monotonic() < until, f"no new model was {outcome}"
            assert "¿Nos conocemos?" in self.say("otro", "hola")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    project = tmp_path_factory.mktemp("project")
    (project / "data").mkdir()
    (project / "data" / "todo.yml").write_text(DATA)
    (project / "domain.yml").write_text(DOMAIN)
    (project / "config.yml").write_text(
        "recipe: default.v1\nassistant_id: test\nlanguage: es\n"
        "pipeline: [{name: WhitespaceTokenizer}, {name: KeywordIntentClassifier}]\n"
        "policies: [{name: RulePolicy}]\n"
    )
    train(project)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "assistant", "--port", str(port)]
    command += ["--model", str(current_model(project))]
    env = {"CONSERJE_STATE": str(project / "state"), "DATABASE_URL": ""}
    with started(command, f"{url}/health/live", env=env, within=180):
        yield Place(project, url)


def test_a_conversation_goes_on_with_the_new_model(place: Place) -> None:
    assert place.say("ana", "hola") == "Primera. ¿Nos conocemos? None"
    assert place.say("ana", "soy Ana") == "Encantado"
    (place.project / "domain.yml").write_text(DOMAIN.replace("Primera.", "Segunda."))
    train(place.project)
    place.after("loaded", 1)
    assert place.say("ana", "hola") == "Segunda. ¿Nos conocemos? True"


def test_a_broken_model_leaves_the_one_before(place: Place) -> None:
    before = place.say("luis", "hola")
    broken = place.project / "models" / "conserje-broken.tar.gz"
    broken.write_bytes(b"no model at all")
    link = broken.with_name("link")
    link.symlink_to(broken.name)
    link.replace(current_model(place.project))
    place.after("failed", 1)
    assert place.say("luis", "hola") == before
    loaded = place.models("loaded")
    train(place.project)
    place.after("loaded", loaded + 1)
    assert place.say("luis", "hola") == before
