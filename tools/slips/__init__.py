"""Slips of the pen in what designers and operators write: file, line, what is wrong, a hint.

Read by people who do not program, so all that is said is in Spanish. `check` takes a second or
two; `tools.train` runs it before each training, `tools.validate` on request.
"""

from pathlib import Path

from tools.slips._domain import Names, check_domain
from tools.slips._hotels import check_hotels
from tools.slips._nlu import check_nlu
from tools.slips._slip import Slip
from tools.slips._stories import check_stories
from tools.slips._yaml import Document, read

__all__ = ["Slip", "check"]

_SETTINGS = ("config.yml", "endpoints.yml", "credentials.yml")
_DOMAIN = ("domain.yml", "domain", "responses.yml")
_DATA = ("data", "tests/stories", "tests/nlu/messages")
_OTHERS = ("hotels", "tests/conversations", "tests/nlu/stay/cases")


def check(root: Path) -> list[Slip]:
    """Every slip in the YAML files under `root`, by file and line."""
    slips: list[Slip] = []
    domain = _read(root, _DOMAIN, slips)
    data = _read(root, _DATA, slips)
    _read(root, _SETTINGS + _OTHERS, slips)
    whole = not slips  # an unreadable domain knows no names: all others would be blamed
    names = Names()
    slips += check_domain(domain, names)
    if whole:
        slips += check_nlu(data, names)
        slips += check_stories(data, names)
        slips += check_hotels(root)
    return sorted(slips)


def _read(root: Path, places: tuple[str, ...], slips: list[Slip]) -> list[Document]:
    """The files that can be read; why not, of the others, goes to `slips`."""
    documents = []
    for place in places:
        start = root / place
        for path in [start] if start.is_file() else sorted(start.rglob("*.y*ml")):
            read_one = read(root, path)
            if isinstance(read_one, Slip):
                slips.append(read_one)
            else:
                documents.append(read_one)
                slips += read_one.twice()
    return documents
