"""What pytest plays for us: phrases of dates and parties, whole conversations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from tools.bootstrap import SetupError
from tools.report.results import Case

# Names of cases hold what guests say; without this, "niños" would be "ni\\xf1os".
_AS_WRITTEN = ("-o", "disable_test_id_escaping_and_forfeit_all_rights_to_community_support=true")


def played(root: Path, suite: str, tests: str) -> list[Case]:
    """Every case of the tests at `tests`, below `root`.

    Raises `SetupError` with pytest's own words when it could not play them.
    """
    with TemporaryDirectory() as folder:
        found = Path(folder) / "cases.xml"
        command = [sys.executable, "-m", "pytest", tests, "-q", f"--junitxml={found}", *_AS_WRITTEN]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):  # 1: some cases went otherwise
            raise SetupError(f"pytest {tests}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        tree = ElementTree.parse(found)  # noqa: S314 - written by our own process a moment ago
    return [_case(suite, one) for one in tree.iter("testcase")]


def _case(suite: str, told: ElementTree.Element) -> Case:
    whole = told.get("name", "")
    name = whole[whole.find("[") + 1 :].removesuffix("]")
    fault = told.find("failure")
    if fault is None:
        fault = told.find("error")
    why = None if fault is None else (fault.text or fault.get("message") or "").strip()
    return Case(suite, name, why)
