"""What `python3 tools/bootstrap.py` does, and says where something is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.bootstrap import ROOT, remembered_python


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone, as far as set-up looks at it, with no packages locked."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "bootstrap.py", tmp_path / "tools")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    for kind in ("run", "dev"):
        (tmp_path / "requirements" / f"{kind}.txt").write_text("")
    return tmp_path


@pytest.fixture
def python310(tmp_path: Path) -> Path:
    """A folder of pyenv's shape that holds a Python 3.10."""
    folder = tmp_path / "pyenv" / "versions" / "3.10.9" / "bin"
    folder.mkdir(parents=True)
    python = remembered_python() or sys.executable
    (folder / "python3.10").symlink_to(Path(python).resolve())
    return tmp_path / "pyenv"


@pytest.fixture
def with_uv(clone: Path) -> Path:
    """The fresh clone with uv there already."""
    assert (ROOT / ".tools" / "uv").is_dir(), "run these by `make test`"
    (clone / ".tools").mkdir()
    (clone / ".tools" / "uv").symlink_to(ROOT / ".tools" / "uv")
    return clone


def bootstrap(clone: Path, kind: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """`bootstrap.py` on a machine with no network and no other programs."""
    home = clone / "home"
    home.mkdir(exist_ok=True)
    machine = {
        "PATH": str(home),
        "HOME": str(home),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "UV_OFFLINE": "1",
    }
    return subprocess.run(
        [sys.executable, "tools/bootstrap.py", kind],
        cwd=clone,
        env={**machine, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def only_line(stderr: str) -> str:
    lines = stderr.splitlines()
    assert len(lines) == 1, stderr
    return lines[0]


def test_without_python_3_10_one_line_says_what_to_install(with_uv: Path) -> None:
    done = bootstrap(with_uv, "run")
    assert done.returncode == 1
    assert "No Python 3.10" in only_line(done.stderr)
    assert "pyenv install 3.10" in done.stderr


def test_an_unreachable_registry_is_named_in_one_line(clone: Path, python310: Path) -> None:
    done = bootstrap(clone, "run", PYENV_ROOT=str(python310))
    assert done.returncode == 1
    assert "registry cannot be reached" in only_line(done.stderr)
    assert "PIP_INDEX_URL" in done.stderr


def test_a_shim_that_leads_nowhere_is_passed_over(with_uv: Path, python310: Path) -> None:
    shims = with_uv / "shims"
    shims.mkdir()
    (shims / "python3.10").write_text("#!/bin/sh\nexit 127\n")
    (shims / "python3.10").chmod(0o755)
    done = bootstrap(with_uv, "run", PATH=str(shims), PYENV_ROOT=str(python310))
    assert done.returncode == 0
    found = Path((with_uv / ".tools" / "python310").read_text())
    assert found.resolve() == (python310 / "versions/3.10.9/bin/python3.10").resolve()


def test_a_second_time_it_has_nothing_to_do(with_uv: Path, python310: Path) -> None:
    first = bootstrap(with_uv, "run", PYENV_ROOT=str(python310))
    assert (first.returncode, first.stderr) == (0, "")
    assert "Installing the locked packages" in first.stdout
    second = bootstrap(with_uv, "run")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_run_leaves_the_tools_for_tests_where_they_are(with_uv: Path, python310: Path) -> None:
    bootstrap(with_uv, "dev", PYENV_ROOT=str(python310))
    (with_uv / "requirements" / "run.txt").write_text("# locked anew\n")
    done = bootstrap(with_uv, "run")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_lock_that_changed_is_installed(with_uv: Path, python310: Path) -> None:
    bootstrap(with_uv, "run", PYENV_ROOT=str(python310))
    (with_uv / "requirements" / "run.txt").write_text("# locked anew\n")
    assert "Installing the locked packages" in bootstrap(with_uv, "run").stdout


def test_a_full_disk_is_named_in_one_line(with_uv: Path, python310: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full on this system")
    (with_uv / ".tools" / "setup.log").symlink_to(full)
    done = bootstrap(with_uv, "run", PYENV_ROOT=str(python310))
    assert done.returncode == 1
    assert "The disk is full" in only_line(done.stderr)
