"""`python -m tools.report`: measures the assistant and writes `reports/informe.*`."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import time
import warnings
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
warnings.filterwarnings("ignore")  # Rasa's pins are old, not ours

from tools.bootstrap import ROOT, SetupError, say  # noqa: E402
from tools.report.figures import figures, mistakes  # noqa: E402
from tools.report.junit import junit  # noqa: E402
from tools.report.page import page  # noqa: E402
from tools.report.results import Results, Run  # noqa: E402
from tools.report.suites import played  # noqa: E402
from tools.train import train  # noqa: E402

RUNS_KEPT = 30
SUITES = {"fechas y grupo": "tests/nlu/stay/test_cases.py"}


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C needs no traceback
    try:
        results = measure(ROOT)
        write(results, ROOT / "reports")
    except SetupError as error:
        print(f"conserje: {error}", file=sys.stderr)
        return 1
    say(f"Informe hecho en {results.seconds:.0f} s: reports/informe.html")
    return 0


def measure(root: Path) -> Results:
    """Everything that is measured of the assistant under `root`. Takes minutes."""
    model = train(root)
    began = time.monotonic()
    from rasa.core.agent import Agent  # seconds of imports: not before a mistake is told
    from rasa.utils.log_utils import configure_structlog

    from tools.report.stories import told_stories
    from tools.report.understanding import cross_validation, kept_apart

    configure_structlog(logging.WARNING)
    with cross_validation(root / "config.yml", root / "data" / "nlu") as crossed:
        agent = Agent.load(str(model))
        say("Mensajes apartados…")
        messages, milliseconds = asyncio.run(kept_apart(agent, root / "tests" / "nlu" / "messages"))
        say("Historias…")
        stories = asyncio.run(told_stories(agent, root / "tests" / "stories"))
        cases = []
        for suite, tests in SUITES.items():
            say(f"{suite.capitalize()}…")
            cases += played(root, suite, tests)
        say("Validación cruzada de los ejemplos…")
        messages += crossed()
    before = _last(root / "reports" / "informe.json")
    return Results(
        run=Run(
            datetime.now().astimezone().isoformat(timespec="seconds"),
            model.name,
            figures(messages, stories, cases, milliseconds),
        ),
        seconds=time.monotonic() - began,
        messages=messages,
        stories=stories,
        cases=cases,
        history=_history(before),
        mistakes_before=(before or {}).get("mistakes", []),
    )


def write(results: Results, folder: Path) -> None:
    """`informe.html`, `.json` and `.xml` (JUnit); the JSON is what the next run compares with."""
    folder.mkdir(exist_ok=True)
    told = asdict(results)
    told["mistakes"] = mistakes(results.messages, results.stories, results.cases)
    (folder / "informe.html").write_text(page(results), encoding="utf-8")
    (folder / "informe.xml").write_text(junit(results), encoding="utf-8")
    (folder / "informe.json").write_text(json.dumps(told, ensure_ascii=False, indent=1))


def _last(file: Path) -> dict[str, Any] | None:
    """What the last run wrote; None where there is none that can be read."""
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return None
    return told


def _history(before: dict[str, Any] | None) -> list[Run]:
    if before is None:
        return []
    return [Run(**run) for run in [*before["history"], before["run"]]][-RUNS_KEPT:]


if __name__ == "__main__":
    sys.exit(main())
