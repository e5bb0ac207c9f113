"""Real server processes for tests: started on a free port, awaited, stopped by their own id."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from conserje.settings import DEMO_QLOAPPS_KEY

ROOT = Path(__file__).resolve().parents[1]
_POLL_SECONDS = 0.05


def free_port() -> int:
    """A TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def started(
    command: Sequence[str],
    ready_url: str,
    *,
    env: Mapping[str, str] | None = None,
    within: float = 60.0,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process from the project's folder, as soon as `ready_url` answers below 500.

    `within` is in seconds. Raises `RuntimeError` with the process's output when it ends or
    stays silent before.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            if not _becomes_ready(process, ready_url, within):
                output.seek(0)
                said = output.read().decode(errors="replace")[-4000:]
                raise RuntimeError(f"{' '.join(command)} is not ready:\n{said}")
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Asks the process to end, and makes it after 10 s."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _becomes_ready(process: subprocess.Popen[bytes], url: str, within: float) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:  # noqa: PERF203 - it lives: the loop is for this
            if _answers(url):
                return True
        else:
            return False
    return False


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - an address of our own
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


@contextmanager
def qloapps_stand_in(folder: Path, key: str = DEMO_QLOAPPS_KEY) -> Iterator[str]:
    """The address of a QloApps stand-in of one's own, its state in `folder`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "demo.qloapps", "--port", str(port), "--key", key]
    with started([*command, "--state", str(folder / "qloapps.json")], f"{url}/"):
        yield url
