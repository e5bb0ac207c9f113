"""What of Rasa's validation stops `make test`."""

from pathlib import Path

import pytest

from tools.bootstrap import SetupError
from tools.train import train
from tools.validate import validate

DATA = """
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hola
      - buenas
rules:
  - rule: se saluda
    steps:
      - intent: greet
      - action: utter_greet
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An assistant that greets; one of its responses stands in no rule."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "saludos.yml").write_text(DATA)
    (tmp_path / "config.yml").write_text(
        "recipe: default.v1\nassistant_id: test\nlanguage: es\n"
        "pipeline: [{name: WhitespaceTokenizer}, {name: KeywordIntentClassifier}]\n"
        "policies: [{name: RulePolicy}]\n"
    )
    (tmp_path / "domain.yml").write_text(
        'version: "3.1"\nintents: [greet]\nresponses:\n'
        "  utter_greet: [{text: Hola}]\n"
        "  utter_forgotten: [{text: Nadie lo dice}]\n"
    )
    return tmp_path


def test_a_response_that_no_rule_says_is_found(project: Path) -> None:
    with pytest.raises(SetupError, match="utter_forgotten"):
        validate(project)


def test_a_slip_of_the_pen_is_told_in_spanish_with_its_line(project: Path) -> None:
    data = project / "data" / "saludos.yml"
    data.write_text(DATA.replace("      - action: utter_greet", "     - action: utter_greet"))
    with pytest.raises(SetupError) as told:
        validate(project)
    assert "data/saludos.yml:12: la sangría no cuadra" in str(told.value)


def test_what_rasa_cannot_train_is_told_in_rasas_words(project: Path) -> None:
    config = project / "config.yml"
    config.write_text(config.read_text().replace("KeywordIntentClassifier", "NoSuchClassifier"))
    with pytest.raises(SetupError, match="NoSuchClassifier"):
        train(project)
    assert not list(project.glob("models/*"))
