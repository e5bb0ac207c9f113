"""By how much a guest wants to move an end of a stay: "una noche más", "llegar un día antes"."""

import re
from collections.abc import Sequence

from conserje.text import plain

_NUMBER = r"(?P<number>\d{1,2}|una?|un par de|dos|tres|cuatro|cinco|seis|siete)"
_NUMBERS = {"un": 1, "una": 1, "un par de": 2, "dos": 2, "tres": 3, "cuatro": 4}
_NUMBERS |= {"cinco": 5, "seis": 6, "siete": 7}
_SPAN = rf"{_NUMBER} (?P<unit>noches?|dias?|semanas?)"
_COMES = r"\b(lleg\w+|entr\w+|ir|vamos|voy)\b"
_LEAVES = r"\b(sal\w+|ir(me|nos)|marchar\w*|qued\w+)\b"
_SHIFTS: Sequence[tuple[re.Pattern[str], int, int]] = [
    (re.compile(rf"{_COMES}.*\b{_SPAN} (antes|mas temprano)\b"), -1, 0),
    (re.compile(rf"{_COMES}.*\b{_SPAN} (despues|mas tarde)\b"), 1, 0),
    (re.compile(rf"{_LEAVES}.*\b{_SPAN} (antes|menos)\b"), 0, -1),
    (re.compile(rf"{_LEAVES}.*\b{_SPAN} despues\b"), 0, 1),
    (re.compile(rf"\b{_SPAN} (mas|adicional(es)?|extras?)\b"), 0, 1),
    (re.compile(rf"\b{_SPAN} menos\b"), 0, -1),
    (re.compile(rf"\b(alarg|ampli|extend|extiend|prolong|anad|agreg|sum)\w*\b.*\b{_SPAN}"), 0, 1),
    (re.compile(rf"\b(acort|reduc|quit)\w*\b.*\b{_SPAN}"), 0, -1),
    (re.compile(rf"\badelant\w+\b.*\b{_SPAN}|\b{_SPAN.replace('P<', 'P<a_')} antes\b"), -1, -1),
    (re.compile(rf"\b(retras|atras|pospon|pospong|aplaz)\w*\b.*\b{_SPAN}"), 1, 1),
]


def shift(text: str) -> tuple[int, int] | None:
    """By how many days arrival and departure are to move: "una noche más" is (0, 1)."""
    said = plain(text)
    for pattern, arrival, departure in _SHIFTS:
        if match := pattern.search(said):
            groups = match.groupdict()
            number = groups["number"] or groups.get("a_number") or "1"
            unit = groups["unit"] or groups.get("a_unit") or "noche"
            days = _NUMBERS.get(number) or int(number)
            days *= 7 if unit.startswith("semana") else 1
            return arrival * days, departure * days
    return None
