"""One slip, as it is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


@dataclass(frozen=True, order=True)
class Slip:
    path: Path
    """Relative to the project's folder."""
    line: int
    """From 1."""
    what: str
    hint: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}\n    → {self.hint}"


def meant(name: str, known: Iterable[str], otherwise: str) -> str:
    """A hint at the known name that `name` looks like, or `otherwise`."""
    close = get_close_matches(name, sorted(known), n=1)
    return f"¿Querías decir «{close[0]}»?" if close else otherwise
