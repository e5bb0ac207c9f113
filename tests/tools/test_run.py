"""What `make run` does with its programs, tried with small ones."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from tools.bootstrap import ROOT
from tools.run import Program

SERVES = """
import http.server, os, sys
print("pid", os.getpid(), flush=True)
http.server.ThreadingHTTPServer(
    ("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler
).serve_forever()
"""
IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + SERVES
BREAKS = "print('no such hotel: mirador'); raise SystemExit(3)"
SUPERVISES = """
import json, pathlib, sys
from tools import run
run.END_LIMIT = 1.0
programs = [run.Program(**each) for each in json.loads(sys.argv[2])]
supervisor = run.Supervisor(programs, pathlib.Path(sys.argv[1]), lambda: run.say("All ready."))
sys.exit(supervisor.run())
"""
Supervise = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def supervise(logs: Path) -> Iterator[Supervise]:
    """Starts a supervisor of the given programs, in a process of its own."""
    started = []

    def start(*programs: Program) -> "subprocess.Popen[str]":
        listed = json.dumps([asdict(each) for each in programs])
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISES, str(logs), listed],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def program(name: str, code: str = SERVES, port: int | None = None) -> Program:
    port = port or free_port()
    command = [sys.executable, "-c", code, str(port)]
    return Program(name, command, port, f"{name.upper()}_PORT", "/")


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    """What the supervisor says up to the line that holds `words`."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it never said {words!r} but:\n{said}")


class Child:
    """A supervised process, held so that its end can be awaited."""

    def __init__(self, logs: Path, name: str) -> None:
        self.pid = int(re.findall(r"^pid (\d+)$", (logs / f"{name}.log").read_text(), re.M)[-1])
        self._handle = os.pidfd_open(self.pid)

    def ended(self) -> bool:
        """Whether it ends, or has ended already."""
        ready, _, _ = select.select([self._handle], [], [], 30)
        os.close(self._handle)
        return bool(ready)


def test_a_port_in_use_is_named_with_the_setting_that_moves_it(supervise: Supervise) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = supervise(program("assistant", port=port))
        said, _ = process.communicate()
    assert process.returncode == 1
    assert said.splitlines() == [
        f"conserje: Port {port} (assistant) is in use by another program: stop it, "
        "or set ASSISTANT_PORT to a free port."
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_program(
    supervise: Supervise, logs: Path, number: signal.Signals
) -> None:
    process = supervise(program("assistant"), program("actions"))
    read_until(process, "All ready.")
    children = [Child(logs, "assistant"), Child(logs, "actions")]
    process.send_signal(number)
    assert process.wait() == 0
    assert all(child.ended() for child in children)


def test_a_program_that_does_not_end_by_itself_is_killed(supervise: Supervise, logs: Path) -> None:
    process = supervise(program("assistant", IGNORES_SIGTERM))
    read_until(process, "All ready.")
    child = Child(logs, "assistant")
    process.terminate()
    assert process.wait() == 0
    assert child.ended()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of this death")
def test_a_killed_supervisor_leaves_no_program_behind(supervise: Supervise, logs: Path) -> None:
    process = supervise(program("assistant"), program("actions"))
    read_until(process, "All ready.")
    children = [Child(logs, "assistant"), Child(logs, "actions")]
    process.kill()
    assert all(child.ended() for child in children)


def test_a_program_that_dies_is_started_again(supervise: Supervise, logs: Path) -> None:
    process = supervise(program("assistant"), program("actions"))
    read_until(process, "All ready.")
    child, other = Child(logs, "assistant"), Child(logs, "actions")
    os.kill(child.pid, signal.SIGKILL)
    assert "assistant died (SIGKILL)" in read_until(process, "starting it again")
    read_until(process, "assistant is ready again")
    assert Child(logs, "assistant").pid != child.pid
    assert Child(logs, "actions").pid == other.pid


def test_a_program_that_breaks_at_start_ends_all_with_its_last_words(
    supervise: Supervise,
) -> None:
    process = supervise(program("actions"), program("assistant", BREAKS))
    said, _ = process.communicate()
    assert process.returncode == 1
    assert "assistant ended at start (exit code 3)" in said
    assert "no such hotel: mirador" in said


def test_a_wrong_port_setting_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.run"],
        cwd=ROOT,
        env={**os.environ, "ACTIONS_PORT": "many"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "conserje: ACTIONS_PORT: must be a port between 1 and 65535, not 'many'\n"
