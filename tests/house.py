"""The whole house for a test: QloApps stand-in, Valkey, action server and assistant, all real."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from conserje.settings import DEMO_QLOAPPS_KEY
from tests.servers import ROOT, free_port, qloapps_stand_in, started
from tests.valkey import running_valkey
from tools.train import train

TODAY = "2026-11-23T10:00:00"
"""When the conversations of the tests are held; the recorded prices are of that day."""
HURRY = {
    "CONSERJE_AVAILABILITY_SECONDS": "0",  # the desk books past us between two sentences
    "CONSERJE_BREAKER_OPEN_SECONDS": "0.2",
    "CONSERJE_RECOVERY_SECONDS": "1",
}
"""Nobody has a minute in a test."""


@dataclass(frozen=True)
class House:
    url: str
    """The assistant's address."""
    qloapps_url: str
    qloapps_key: str

    def say(self, hotel: str, guest: str, text: str) -> list[dict[str, Any]]:
        """What the assistant answers, as Rasa's REST channel gives it."""
        answer = requests.post(
            f"{self.url}/webhooks/web/{hotel}/message",
            json={"sender": guest, "message": text},
            timeout=60,
        )
        answer.raise_for_status()
        messages: list[dict[str, Any]] = answer.json()
        return messages

    def conversation(self, hotel: str, guest: str) -> list[dict[str, Any]]:
        """What the guest's page shows when it is opened again."""
        answer = requests.get(
            f"{self.url}/webhooks/web/{hotel}/conversation", params={"sender": guest}, timeout=60
        )
        answer.raise_for_status()
        said: list[dict[str, Any]] = answer.json()
        return said

    def control(self, method: str, path: str, /, **json: Any) -> None:
        """Speaks to the stand-in's control endpoint."""
        requests.request(
            method, f"{self.qloapps_url}/_control/{path}", json=json, timeout=10
        ).raise_for_status()

    def pms(self, path: str, **query: str) -> Any:
        """Reads the PMS as its owner would; `[]` where nothing is found."""
        answer = requests.get(
            f"{self.qloapps_url}/api/{path}",
            params={"output_format": "JSON", **query},
            auth=(self.qloapps_key, ""),
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()

    def pms_post(self, path: str, body: dict[str, Any]) -> Any:
        """Writes to the PMS as its desk would."""
        answer = requests.post(
            f"{self.qloapps_url}/api/{path}",
            params={"output_format": "JSON"},
            json=body,
            auth=(self.qloapps_key, ""),
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()


@contextmanager
def house(folder: Path, env: Mapping[str, str] | None = None) -> Iterator[House]:
    """Starts everything on free ports with its state in `folder`, always with a stand-in.

    It is `TODAY` at the hotels.
    """
    with (
        qloapps_stand_in(folder) as qloapps,
        _processes(
            folder, qloapps, DEMO_QLOAPPS_KEY, {"CONSERJE_NOW": TODAY, **HURRY, **(env or {})}
        ) as made,
    ):
        yield made


@contextmanager
def house_on_live_qloapps(folder: Path) -> Iterator[House]:
    """The same on the server of QLOAPPS_URL and QLOAPPS_KEY, at the real time."""
    with _processes(folder, os.environ["QLOAPPS_URL"], os.environ["QLOAPPS_KEY"], {}) as made:
        yield made


@contextmanager
def _processes(folder: Path, qloapps: str, key: str, env: Mapping[str, str]) -> Iterator[House]:
    model = train(ROOT)
    ports = free_port(), free_port()
    actions, assistant = (f"http://127.0.0.1:{port}" for port in ports)
    python = [sys.executable, "-m"]
    with running_valkey(folder) as valkey:
        shared = {
            "QLOAPPS_URL": qloapps,
            "QLOAPPS_KEY": key,
            "CONSERJE_STATE": str(folder / "state"),
            "ACTIONS_URL": f"{actions}/webhook",
            "REDIS_URL": valkey.url,
            **env,
        }
        with (
            started([*python, "actions", "--port", str(ports[0])], f"{actions}/health", env=shared),
            started(
                [*python, "assistant", "--port", str(ports[1]), "--model", str(model)],
                f"{assistant}/health/ready",
                env=shared,
                within=180,
            ),
        ):
            yield House(assistant, qloapps, key)
