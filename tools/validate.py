"""Has Rasa validate what the designers wrote: `python -m tools.validate`; a warning is a failure.

Rasa lets most of its warnings pass even with --fail-on-warnings; here none passes, but one that
is wrong: responses which only our actions say look unused to Rasa, which does not read actions.
What is valid is not validated again until it changes.
"""

import re
import signal
import sys
from pathlib import Path

from tools.bootstrap import ROOT, SetupError, say
from tools.train import fingerprint, rasa

WARNING = re.compile(r"^.*UserWarning: ", re.MULTILINE)
UNUSED = re.compile(r"The utterance '(\w+)' is not used in any story or rule\.\s*$")
SAID_BY_ACTIONS = re.compile(r'"(utter_\w+)(\{?)')
"""A response's name in our code; before a brace, the beginning of one."""


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C needs no traceback
    try:
        validate(ROOT)
    except SetupError as error:
        print(f"conserje: {error}", file=sys.stderr)
        return 1
    return 0


def validate(root: Path) -> None:
    """Raises `SetupError` with Rasa's own words when it finds anything."""
    stamp = root / ".rasa" / "validated"
    said = set(SAID_BY_ACTIONS.findall(_code(root)))
    present = f"{fingerprint(root)} {sorted(said)}"
    if stamp.exists() and stamp.read_text() == present:
        return
    say("Validating what the designers wrote…")
    log = root / ".state" / "logs" / "validate.log"
    code, output = rasa(root, log, "data", "validate", "--fail-on-warnings")
    told, *warnings = WARNING.split(output)
    wrong = [each.strip() for each in warnings if not _said(each, said)]
    if code != 0 or wrong:
        found = "\n".join([told.strip(), *(f"- {each}" for each in wrong)])
        raise SetupError(f"rasa data validate found something:\n{found}")
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(present)


def _code(root: Path) -> str:
    return "\n".join(path.read_text() for path in sorted((root / "actions").rglob("*.py")))


def _said(warning: str, said: set[tuple[str, str]]) -> bool:
    """Whether the warning is of a response that our actions say."""
    unused = UNUSED.match(warning)
    return unused is not None and any(
        unused[1] == name or (brace and unused[1].startswith(name)) for name, brace in said
    )


if __name__ == "__main__":
    sys.exit(main())
