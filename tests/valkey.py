"""A real Valkey process for tests: started on a free port, awaited, stopped by its own id."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import ROOT, free_port, stop
from tools import valkey

_START_SECONDS = 30.0
_POLL_SECONDS = 0.02


@dataclass
class ValkeyServer:
    """A Valkey that can be ended and started again with what it held."""

    port: int
    data: Path
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return valkey.url(self.port)

    def start(self) -> None:
        """Returns when it answers. Raises `RuntimeError` when it does not."""
        process = subprocess.Popen(
            valkey.command(self.port, self.data), cwd=ROOT, stdout=subprocess.DEVNULL
        )
        self._process = process
        until = time.monotonic() + _START_SECONDS
        while not valkey.answers(self.port):
            if process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise RuntimeError("Valkey does not start")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process)
            self._process = None


@contextmanager
def running_valkey(folder: Path) -> Iterator[ValkeyServer]:
    """A Valkey of one's own on a free port, its append-only file in `folder`."""
    server = ValkeyServer(free_port(), folder / "valkey")
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The `REDIS_URL` of a Valkey that all tests share: name hotels as no other test does."""
    with running_valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server.url
