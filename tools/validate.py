"""Looks over what the designers wrote: `python -m tools.validate`; a warning is a failure.

First for slips of the pen, told in Spanish with file, line and a hint; then by Rasa's own
validation, which lets most of its warnings pass even with --fail-on-warnings; here none passes.
What is valid for Rasa is not validated again until it changes.
"""

import re
import signal
import sys
from pathlib import Path

from tools.bootstrap import ROOT, SetupError, say
from tools.train import fingerprint, rasa, refuse_slips

WARNING = re.compile(r"^.*UserWarning: ", re.MULTILINE)


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C needs no traceback
    try:
        validate(ROOT)
    except SetupError as error:
        print(f"conserje: {error}", file=sys.stderr)
        return 1
    return 0


def validate(root: Path) -> None:
    """Raises `SetupError` with the slips, or with Rasa's own words, when there is anything."""
    refuse_slips(root)
    stamp = root / ".rasa" / "validated"
    present = fingerprint(root)
    if stamp.exists() and stamp.read_text() == present:
        return
    say("Validating what the designers wrote…")
    log = root / ".state" / "logs" / "validate.log"
    code, output = rasa(root, log, "data", "validate", "--fail-on-warnings")
    told, *warnings = WARNING.split(output)
    if code != 0 or warnings:
        found = "\n".join([told.strip(), *(f"- {each.strip()}" for each in warnings)])
        raise SetupError(f"rasa data validate found something:\n{found}")
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(present)


if __name__ == "__main__":
    sys.exit(main())
