"""A Chromium for the browser tests: `python -m tools.browser` finds or fetches one and tries it.

Taken from CONSERJE_CHROMIUM or PATH; otherwise unpacked from the system's own Debian packages
into `.tools/chromium`, which needs no root.
"""

import os
import shlex
import shutil
import sys

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from tools.bootstrap import LOG, ROOT, TOOLS, SetupError, call, say

MEMORY = TOOLS / "chromium-path"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core")
NO_CHROMIUM = (
    "No Chromium for the browser tests on PATH, and none can be fetched here (that takes a Debian "
    "system and its package servers): install chromium, or name one in CONSERJE_CHROMIUM, and run "
    f"this again. Details: {LOG.relative_to(ROOT)}"
)
QUIET_ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
LAUNCHER = """#!/bin/sh
export LD_LIBRARY_PATH={libraries} FONTCONFIG_FILE={folder}/fonts.conf
exec {folder}/usr/lib/chromium/chromium "$@"
"""
FONTS = """<fontconfig>
  <dir>{folder}/usr/share/fonts</dir>
  <cachedir>{folder}/fontcache</cachedir>
</fontconfig>
"""


def main() -> int:
    try:
        path = chromium_path()
        if not path:
            path = find_chromium()
            MEMORY.write_text(path)
            say(f"Chromium for the browser tests: {path}")
    except (SetupError, OSError) as error:
        print(f"conserje: {error}", file=sys.stderr)
        return 1
    return 0


def chromium_path() -> str | None:
    """The Chromium found last time, if it is still there and nobody asks for another."""
    path = MEMORY.read_text().strip() if MEMORY.exists() else ""
    wanted = os.environ.get("CONSERJE_CHROMIUM") or path
    return path if path == wanted and os.access(path, os.X_OK) else None


def launch(playwright: Playwright) -> Browser:
    """A headless browser that talks to nobody by itself. Raises `SetupError` without Chromium."""
    path = chromium_path()
    if not path:
        raise SetupError("No Chromium yet: run `make test` once, which finds or fetches one.")
    return _launch(playwright, path)


def find_chromium() -> str:
    """The path of a Chromium that works. Raises `SetupError`."""
    wanted = os.environ.get("CONSERJE_CHROMIUM")
    if wanted:
        if not _works(wanted):
            raise SetupError(f"CONSERJE_CHROMIUM: {wanted} does not run here")
        return wanted
    installed = filter(None, map(shutil.which, NAMES))
    found = next(filter(_works, installed), None)
    if found:
        return found
    try:
        fetched = _fetch()
    except (SetupError, OSError) as error:
        raise SetupError(NO_CHROMIUM) from error
    if not _works(fetched):
        raise SetupError(NO_CHROMIUM)
    return fetched


def _fetch() -> str:
    """Unpacks Debian's Chromium, with the libraries missing here, into `.tools/chromium`."""
    say("Fetching Chromium for the browser tests (about a minute)…")
    state, cache, folder = TOOLS / "apt" / "state", TOOLS / "apt" / "cache", TOOLS / "chromium"
    for each in (state / "lists" / "partial", cache / "archives" / "partial", folder):
        each.mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::State": state,
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": cache,
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "",
        "APT::Install-Recommends": "0",
    }
    apt = ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in settings.items())]
    call([*apt, "update"], "reading the lists of packages")
    call([*apt, "install", "--yes", "--download-only", *PACKAGES], "fetching Chromium")
    for package in sorted((cache / "archives").glob("*.deb")):
        call(["dpkg", "-x", str(package), str(folder)], "unpacking Chromium")
    shutil.rmtree(TOOLS / "apt")
    libraries = ":".join(str(path) for path in sorted(folder.glob("**/lib/*-linux-gnu*")))
    (folder / "fonts.conf").write_text(FONTS.format(folder=folder))
    launcher = folder / "chromium"
    launcher.write_text(
        LAUNCHER.format(folder=shlex.quote(str(folder)), libraries=shlex.quote(libraries))
    )
    launcher.chmod(0o755)
    return str(launcher)


def _works(path: str) -> bool:
    """Whether it draws a page."""
    try:
        with sync_playwright() as playwright, _launch(playwright, path) as browser:
            page = browser.new_page()
            page.goto("data:text/html,<h1>Buenos días</h1>")
            return page.screenshot().startswith(b"\x89PNG")
    except Error as error:
        with LOG.open("a") as log:
            log.write(f"{path}: {error}\n")
        return False


def _launch(playwright: Playwright, path: str) -> Browser:
    return playwright.chromium.launch(executable_path=path, args=QUIET_ARGUMENTS)


if __name__ == "__main__":
    sys.exit(main())
