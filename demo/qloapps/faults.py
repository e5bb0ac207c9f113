"""Failures that the stand-in can be told to show."""

from __future__ import annotations

import re
from dataclasses import dataclass

KINDS = (
    "slow",
    "hang",
    "refuse",
    "reset",
    "half_answer",
    "html_200",
    "empty_500",
    "created_but_500",
    "unavailable_503",
)


@dataclass
class Fault:
    """A failure of the requests whose method and path (with the query) fit.

    `times`: how many requests it hits, None for all until it is removed.
    `seconds`: how long `slow` waits before the work and `hang` before the connection ends.
    """

    kind: str
    method: str = ""
    path: str = ""
    seconds: float = 3600.0
    times: int | None = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        re.compile(self.path)

    def fits(self, method: str, path: str) -> bool:
        same_method = not self.method or self.method.upper() == method
        return same_method and re.search(self.path, path) is not None


class Faults:
    """The faults in force; the first that fits is used up."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, method: str, path: str) -> Fault | None:
        fault = next((one for one in self.waiting if one.fits(method, path)), None)
        if fault and fault.times is not None:
            fault.times -= 1
            if fault.times < 1:
                self.waiting.remove(fault)
        return fault
