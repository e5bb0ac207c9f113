"""Trains the model when none fits the present data: `python -m tools.train`.

A model's name holds a fingerprint of all that it depends on, so whether one fits is seen without
starting Rasa. `--path` prints the path of the fitting model and trains nothing. The link
`models/current.tar.gz` leads to the fitting model; an assistant that runs on it takes the new one.
"""

import argparse
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.bootstrap import ROOT, SetupError, explain, say
from tools.parent import die_with_parent
from tools.slips import check

SOURCES = ("config.yml", "domain.yml", "domain", "data", "nlu", "requirements/run.txt")
SUFFIXES = {".yml", ".yaml", ".json", ".txt", ".md", ".csv", ".py"}
MODELS_KEPT = 3
COLOUR = re.compile(r"\x1b\[\d*m")
RASA = """
import warnings, sanic.app  # which sets its own filter first
warnings.filterwarnings("ignore", category=DeprecationWarning)  # Rasa's pins are old
from rasa.__main__ import main
main()
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", action="store_true", help="print the fitting model's path only")
    if parser.parse_args().path:
        print(model_path(ROOT).relative_to(ROOT))
        return 0
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C needs no traceback
    try:
        refuse_slips(ROOT)
        train(ROOT)
    except SetupError as error:
        print(f"conserje: {error}", file=sys.stderr)
        return 1
    return 0


def model_path(root: Path) -> Path:
    """Where the model for the sources under `root` is, or will be once trained."""
    return root / "models" / f"conserje-{fingerprint(root)}.tar.gz"


def current_model(root: Path) -> Path:
    """The link that leads to the model trained last."""
    return root / "models" / "current.tar.gz"


def fingerprint(root: Path) -> str:
    """Twelve hexadecimal digits that change with any file that a model under `root` is made of."""
    return _digest(root, SOURCES)


def _digest(root: Path, names: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for path in _sources(root, names):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def _cache(root: Path) -> Path:
    """Rasa's cache of trained components, one for the present code of `nlu/`, the others gone.

    Rasa looks at a component's class alone; a change in a function it calls would be missed.
    """
    cache = root / ".rasa" / f"cache-{_digest(root, ('nlu',))}"
    for other in cache.parent.glob("cache*"):
        if other != cache:
            shutil.rmtree(other)
    return cache


def _sources(root: Path, names: Iterable[str]) -> Iterator[Path]:
    for name in names:
        place = root / name
        files = [place] if place.is_file() else sorted(place.rglob("*"))
        yield from (path for path in files if path.is_file() and path.suffix in SUFFIXES)


def train(root: Path) -> Path:
    """The model that fits the sources under `root`, trained first if there is none.

    Raises `SetupError` with what designers wrote wrong, or Rasa's own words, when it cannot be
    trained; the current model is then the same as before.
    """
    model = model_path(root)
    if not model.exists():
        refuse_slips(root)
        _train(root, model)
    model.touch()  # the newest are kept: newest by use
    _make_current(root, model)
    _drop_old(model.parent)
    return model


def refuse_slips(root: Path) -> None:
    """Raises `SetupError` with every slip in the YAML files under `root`, in Spanish."""
    slips = check(root)
    if slips:
        told = "\n".join(str(slip) for slip in slips)
        count = "un error" if len(slips) == 1 else f"{len(slips)} errores"
        raise SetupError(f"hay {count} en lo que se ha escrito:\n{told}")


def _train(root: Path, model: Path) -> None:
    say("Training the model (the first time takes a minute or two)…")
    started = time.monotonic()
    log = root / ".state" / "logs" / "train.log"
    fresh = root / ".rasa" / "trained"  # moved when whole: a broken training leaves no model
    try:
        # Rasa's own validation reads all data twice more; `make test` has it done.
        options = ("--out", str(fresh), "--fixed-model-name", model.name, "--skip-validation")
        _, output = rasa(root, log, "train", *options)
        trained = fresh / model.name
        if not trained.exists():
            raise SetupError(_why(output, log.relative_to(root)))
        model.parent.mkdir(exist_ok=True)
        trained.replace(model)
    except OSError as error:
        raise SetupError(explain(str(error), "training")) from error
    say(f"Model ready after {time.monotonic() - started:.0f} s: {model.relative_to(root)}")


def _make_current(root: Path, model: Path) -> None:
    """Who reads the link meanwhile finds the model before or this one, nothing else."""
    link = current_model(root)
    if link.is_symlink() and link.resolve() == model.resolve():
        return
    fresh = link.with_suffix(f".{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(model.name)
    fresh.replace(link)


def rasa(root: Path, log: Path, *arguments: str) -> tuple[int, str]:
    """Runs Rasa's command line in `root`: its exit code and all it said, which goes to `log`."""
    domain = "domain" if (root / "domain").is_dir() else "domain.yml"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        code = subprocess.run(
            [sys.executable, "-c", RASA, *arguments, "--quiet", "--domain", domain],
            cwd=root,
            env={
                **os.environ,
                "RASA_CACHE_DIRECTORY": str(_cache(root)),
                "RASA_TELEMETRY_ENABLED": "false",
                "TF_CPP_MIN_LOG_LEVEL": "3",
                "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent(os.getpid()),
            check=False,
        ).returncode
    return code, COLOUR.sub("", log.read_text())


def _why(output: str, log: Path) -> str:
    if "No space left" in output:
        return explain(output, "training")
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    told = "\n  ".join(lines[-12:])
    return f"Rasa could not train the model. All it said is in {log}; the end of it:\n  {told}"


def _drop_old(folder: Path) -> None:
    models = sorted(folder.glob("conserje-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for path in models[:-MODELS_KEPT]:
        path.unlink()


if __name__ == "__main__":
    sys.exit(main())
