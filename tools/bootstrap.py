"""Sets up what `make` needs: Python 3.10, uv and the locked environment in `.venv`.

`python3 tools/bootstrap.py run|dev` runs on any Python from 3.8 with nothing but the standard
library, does nothing the second time, and ends with one clear line when it cannot go on.
"""

from __future__ import annotations

import argparse
import glob
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
LOG = TOOLS / "setup.log"
PYTHON_MEMORY = TOOLS / "python310"
ROOM_FOR_ENVIRONMENT = 4 * 1024**3
"""Bytes: the environment takes 3.1 GB, the downloads beside it the rest."""

NO_PYTHON = (
    "No Python 3.10 on PATH, in pyenv or with uv (Rasa 3.6 runs on no later one). Install it, for "
    "example with `pyenv install 3.10` or your system's package python3.10, and run this again."
)
NO_VENV = (
    "This Python cannot make virtual environments: install your system's package python3-venv "
    "and run this again."
)
NO_REGISTRY = (
    "The package registry cannot be reached: check the network and HTTPS_PROXY, or name a mirror "
    f"in PIP_INDEX_URL, and run this again. Details: {LOG.relative_to(ROOT)}"
)
NO_SPACE = "The disk is full: make room where the clone lies ({}) and run this again."
WRONG_HASH = (
    "A package is not the one that was locked (its hash differs): check the mirror it came from. "
    f"Details: {LOG.relative_to(ROOT)}"
)

UNREACHABLE_SIGNS = (
    "dns error",
    "error sending request",
    "failed to fetch",
    "connectionerror",
    "newconnectionerror",
    "connection refused",
    "timed out",
    "certificate",
    "no matching distribution found",
    "network connectivity is disabled",
)


class SetupError(Exception):
    """Set-up cannot go on; the message is one line that says what to do."""


def say(text: str) -> None:
    print(f"conserje: {text}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["run", "dev"], help="which locked packages")
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C needs no traceback
    try:
        set_up(parser.parse_args().kind)
    except SetupError as error:
        print(f"conserje: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"conserje: {explain(str(error), 'setting up')}", file=sys.stderr)
        return 1
    return 0


def set_up(kind: str) -> None:
    """Brings `.venv` to the locked packages of `kind`; "dev" holds all of "run".

    Raises `SetupError`.
    """
    stamp = VENV / ".conserje"
    present = stamp.read_text() if stamp.exists() else ""
    python = remembered_python()
    if python and present in {_stamp(each, python) for each in {kind, "dev"}}:
        return
    if present.startswith("dev"):
        kind = "dev"  # never take the tools for tests away again
    TOOLS.mkdir(exist_ok=True)
    LOG.write_text("")
    if not python:
        python = find_python()
        PYTHON_MEMORY.write_text(python)
    uv = install_uv(python)
    if not present:
        _check_room()
    if not (VENV / "bin" / "python").exists() or _stamp_python(present) != python:
        command = [uv, "venv", "--quiet", "--clear", "--python", python, str(VENV)]
        call(command, "making the environment")
    say(f"Installing the locked packages for `{kind}` (the first time takes a few minutes)…")
    started = time.monotonic()
    lock = ROOT / "requirements" / f"{kind}.txt"
    command = [uv, "pip", "sync", "--require-hashes", "--compile-bytecode", "--python"]
    call([*command, str(VENV / "bin" / "python"), str(lock)], "installing the packages")
    stamp.write_text(_stamp(kind, python))
    say(f"Packages ready after {time.monotonic() - started:.0f} s.")


def remembered_python() -> Optional[str]:
    """The interpreter found last time, if it is still there."""
    if not PYTHON_MEMORY.exists():
        return None
    python = PYTHON_MEMORY.read_text().strip()
    return python if os.access(python, os.X_OK) else None


def find_python() -> str:
    """The path of a CPython 3.10: from PATH, from pyenv, with uv. Raises `SetupError`."""
    say("Looking for Python 3.10…")
    for candidate in _python_candidates():
        found = _interpreter(candidate)
        if found:
            return found
    found = _python_by_uv()
    if not found:
        raise SetupError(NO_PYTHON)
    return found


def _python_candidates() -> Iterator[str]:
    for folder in os.get_exec_path():
        yield os.path.join(folder, "python3.10")
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    yield from sorted(glob.glob(os.path.join(pyenv, "versions", "3.10*", "bin", "python3.10")))


def _interpreter(candidate: str) -> Optional[str]:
    """The interpreter behind `candidate` (which may be a shim), if it is CPython 3.10."""
    if not os.access(candidate, os.X_OK):
        return None
    question = (
        "import sys; v = sys.version_info[:2] == (3, 10) and sys.implementation.name == 'cpython'; "
        "print(getattr(sys, '_base_executable', sys.executable) if v else '')"
    )
    try:
        asked = subprocess.run(
            [candidate, "-c", question],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
        )
    except OSError:  # not a program at all
        return None
    return asked.stdout.strip() or None


def _python_by_uv() -> Optional[str]:
    try:
        uv = install_uv(None)
    except SetupError:
        return None  # the missing Python is what has to be told
    find = [uv, "python", "find", "--managed-python", "3.10"]
    try:
        return call(find, "finding Python").strip()
    except SetupError:
        pass
    say("Installing Python 3.10 with uv…")
    try:
        call([uv, "python", "install", "--quiet", "3.10"], "installing Python 3.10")
        return call(find, "finding Python").strip()
    except SetupError:
        return None


def install_uv(python: Optional[str]) -> str:
    """The path of the locked uv, installed in `.tools/uv` when it is not there yet.

    The environment is made with this interpreter or, when that cannot, with `python`.
    Raises `SetupError`.
    """
    folder = TOOLS / "uv"
    uv = folder / "bin" / "uv"
    lock = ROOT / "requirements" / "uv.txt"
    stamp = folder / ".conserje"
    wanted = _digest(lock.read_bytes())
    if uv.exists() and stamp.exists() and stamp.read_text() == wanted:
        return str(uv)
    say("Installing uv…")
    for maker in filter(None, (sys.executable, python)):
        shutil.rmtree(folder, ignore_errors=True)
        made = _logged([maker, "-m", "venv", str(folder)])
        if made.returncode == 0:
            break
    else:
        full = "no space left" in made.stdout.lower()
        raise SetupError(NO_SPACE.format(ROOT) if full else NO_VENV)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--retries", "2"]
    options = ["--disable-pip-version-check", "--require-hashes", "-r", str(lock)]
    call([*pip, *options], "installing uv")
    stamp.write_text(wanted)
    return str(uv)


def call(command: Sequence[str], doing: str) -> str:
    """What `command` prints; it goes to the log, too. Raises `SetupError` when it fails."""
    done = _logged(command)
    if done.returncode != 0:
        raise SetupError(explain(done.stdout, doing))
    return done.stdout


def explain(output: str, doing: str) -> str:
    """One line for a person out of what a failed program printed while `doing` something."""
    low = output.lower()
    if "no space left" in low:
        return NO_SPACE.format(ROOT)
    if "hash mismatch" in low or "do not match the hashes" in low:
        return WRONG_HASH
    if any(sign in low for sign in UNREACHABLE_SIGNS):
        return NO_REGISTRY
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    last = lines[-1] if lines else "no message"
    return f"Failed while {doing}: {last} Details: {LOG.relative_to(ROOT)}"


def _logged(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        list(command),
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    )
    with LOG.open("a") as log:
        log.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    return done


def _environment() -> Dict[str, str]:
    """This environment; uv takes the index that pip was told of and the system's certificates."""
    env = dict(os.environ)
    env.pop("VIRTUAL_ENV", None)
    env.setdefault("UV_SYSTEM_CERTS", "1")
    if env.get("PIP_INDEX_URL"):
        env.setdefault("UV_DEFAULT_INDEX", env["PIP_INDEX_URL"])
    return env


def _check_room() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < ROOM_FOR_ENVIRONMENT:
        raise SetupError(
            f"Too little room on the disk of {ROOT}: {free / 1024**3:.1f} GB free, "
            f"{ROOM_FOR_ENVIRONMENT / 1024**3:.0f} GB needed. Make room and run this again."
        )


def _stamp(kind: str, python: str) -> str:
    lock = ROOT / "requirements" / f"{kind}.txt"
    return f"{kind} {_digest(lock.read_bytes())} {python}"


def _stamp_python(stamp: str) -> str:
    parts: List[str] = stamp.split(" ", 2)
    return parts[2] if len(parts) == 3 else ""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
