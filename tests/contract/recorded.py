"""The exchanges recorded from a running QloApps 1.6.1, in the order of the recording."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
RECORDED = 419
RECORDED_HOST = "127.0.0.1:8088"
RACES = (
    "overbooking/loser-cancelled",
    "overbooking/true-double-booking",
    "overbooking/action-none/both-live-one-back-order",
    "overbooking/action-none/true-double-booking",
)


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; bodies are verbatim."""

    name: str
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    content_type: str | None
    answer: str


@cache
def exchange(name: str) -> Exchange:
    content = json.loads((HERE / "exchanges" / f"{name}.json").read_text(encoding="utf-8"))
    request, response = content["request"], content["response"]
    return Exchange(
        name=name,
        method=request["method"],
        path=request["path"],
        headers=request["headers"],
        body=request["body"] or "",
        status=response["status"],
        content_type=response["headers"].get("Content-Type"),
        answer=response["body"] or "",
    )


@cache
def runs() -> dict[str, list[str]]:
    """The names of the exchanges, in runs that each began from the seed."""
    content: dict[str, list[str]] = json.loads((HERE / "runs.json").read_text(encoding="utf-8"))
    return content


@cache
def out_of_scope() -> dict[str, str]:
    """The exchanges that are not replayed, with the reason."""
    text = (HERE / "out_of_scope.json").read_text(encoding="utf-8")
    content: dict[str, str] = json.loads(text)
    return content


def replayed() -> list[str]:
    return [name for run in runs().values() for name in run]


def raced(race: str) -> list[str]:
    """The exchanges of two parallel bookings of the last room and what followed."""
    folder = HERE / "exchanges" / race
    return [f"{race}/{file.stem}" for file in sorted(folder.glob("*.json"))]


def references(run: list[str]) -> dict[int, str]:
    """The recorded references of a run by the number of their order."""
    found: dict[int, str] = {}
    for name in run:
        recorded = exchange(name)
        if "/orders" in recorded.path and recorded.answer.startswith('{"order'):
            content = json.loads(recorded.answer)
            for order in content.get("orders") or [content.get("order", {})]:
                if "reference" in order:
                    found[int(order["id"])] = order["reference"]
    payments = [one for one in run if one == "orders/payments-json"]
    return found | _paid_references(payments)


def _paid_references(names: list[str]) -> dict[int, str]:
    """Payments name references only; the first three belong to these orders."""
    found: dict[int, str] = {}
    for name in names:
        for payment in json.loads(exchange(name).answer)["order_payments"]:
            order = {1: 9, 2: 11, 3: 23}[int(payment["id"])]
            found[order] = payment["order_reference"]
    return found
