"""When a model is trained again, and when it is not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.bootstrap import ROOT, SetupError
from tools.train import current_model, fingerprint, model_path, train

SALUDOS = """\
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hola
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The files of an assistant of one intent."""
    for folder in ("data/nlu", "nlu/stay", "requirements", "tools"):
        (tmp_path / folder).mkdir(parents=True)
    texts = {
        "config.yml": "recipe: default.v1\nlanguage: es\n",
        "domain.yml": 'version: "3.1"\nintents: [greet]\n',
        "data/nlu/saludos.yml": SALUDOS,
        "nlu/stay/dates.py": "DAYS = 7\n",
        "requirements/run.txt": "rasa==3.6.21\n",
        "README.md": "Conserje\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    ["config.yml", "domain.yml", "data/nlu/saludos.yml", "nlu/stay/dates.py"],
)
def test_what_the_model_depends_on_changes_its_name(project: Path, name: str) -> None:
    before = fingerprint(project)
    with (project / name).open("a") as file:
        file.write("# changed\n")
    assert fingerprint(project) != before


def test_a_new_or_renamed_data_file_changes_its_name(project: Path) -> None:
    before = fingerprint(project)
    saludos = project / "data" / "nlu" / "saludos.yml"
    renamed = saludos.rename(saludos.with_name("hola.yml"))
    assert fingerprint(project) != before
    renamed.rename(saludos)
    assert fingerprint(project) == before


@pytest.mark.parametrize("name", ["README.md", "tools/run.py", "nlu/__pycache__/dates.pyc"])
def test_what_the_model_does_not_depend_on_leaves_its_name(project: Path, name: str) -> None:
    before = fingerprint(project)
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text("changed\n")
    assert fingerprint(project) == before


def test_a_fitting_model_is_taken_as_it_is(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = model_path(project)
    model.parent.mkdir()
    model.write_bytes(b"trained earlier")
    assert train(project) == model
    assert model.read_bytes() == b"trained earlier"
    assert capsys.readouterr().out == ""


def test_the_link_to_the_current_model_follows_the_data(project: Path) -> None:
    def train_as_if(content: bytes) -> None:
        model = model_path(project)
        model.parent.mkdir(exist_ok=True)
        model.write_bytes(content)
        train(project)

    train_as_if(b"first")
    assert current_model(project).read_bytes() == b"first"
    (project / "domain.yml").write_text('version: "3.1"\nintents: [greet, goodbye]\n')
    train_as_if(b"second")
    assert current_model(project).read_bytes() == b"second"


def test_a_slip_is_told_before_anything_is_trained(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saludos = project / "data" / "nlu" / "saludos.yml"
    saludos.write_text(saludos.read_text().replace("intent: greet", "intent: gret"))
    with pytest.raises(SetupError, match=r"data/nlu/saludos.yml:3: .*«gret»"):
        train(project)
    assert capsys.readouterr().out == ""
    assert not current_model(project).exists()


def test_the_path_of_the_fitting_model_is_told_without_training() -> None:
    command = [sys.executable, "-m", "tools.train", "--path"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == f"models/conserje-{fingerprint(ROOT)}.tar.gz"
