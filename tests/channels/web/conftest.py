"""A running assistant with the real connectors, small enough to know its answers."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tools.browser import launch

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def assistant() -> Iterator[str]:
    """Its address, `http://127.0.0.1:PORT`; what it answers stands in small_assistant.py."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.channels.web.small_assistant", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a module; none of them here is asynchronous."""
    with sync_playwright() as playwright, launch(playwright) as browser:
        yield browser
