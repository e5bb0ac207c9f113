"""Start the stand-in: `python -m demo.qloapps --port 8088`."""

from __future__ import annotations

import argparse
from pathlib import Path

from aiohttp import web

from demo.qloapps.server import make_app
from demo.qloapps.state import State
from demo.qloapps.webservice import DEMO_KEY, KEY_LENGTH

# Hanging requests must not keep the process alive after SIGTERM.
SHUTDOWN_SECONDS = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(prog="demo.qloapps", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8088)
    parser.add_argument("--state", type=Path, default=Path(".state/qloapps.json"))
    parser.add_argument("--key", default=DEMO_KEY, help=f"{KEY_LENGTH} characters")
    options = parser.parse_args()
    if len(options.key) != KEY_LENGTH:
        parser.error(f"the key must have {KEY_LENGTH} characters")
    web.run_app(
        make_app(State(options.state), options.key),
        host=options.host,
        port=options.port,
        shutdown_timeout=SHUTDOWN_SECONDS,
        access_log=None,
    )


if __name__ == "__main__":
    main()
