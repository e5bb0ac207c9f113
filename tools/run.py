"""Starts Conserje and keeps it running: `python -m tools.run`, which is the end of `make run`.

Starts the programs side by side, waits until each answers, prints the addresses of the chats, and
starts again what dies. Ctrl-C or SIGTERM ends every process; killed itself, it leaves none behind.
"""

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from conserje.settings import DEMO_QLOAPPS_KEY, SettingsError, settings
from tools import valkey
from tools.bootstrap import ROOT, SetupError, explain, say
from tools.parent import die_with_parent
from tools.train import current_model, train

LOOK_EVERY = 0.1
"""Seconds between two looks at the programs."""
START_LIMIT = 300.0
"""Seconds until a program must answer."""
END_LIMIT = 10.0
"""Seconds that a program may take to end by itself."""
LONGEST_PAUSE = 30.0
"""Seconds at most before a program that keeps dying is started again."""
TAIL_LINES = 15


@dataclass(frozen=True)
class Program:
    """One program to keep running."""

    name: str
    """For the console and for the log's file name."""
    command: Sequence[str]
    port: int
    """Where it will listen on 127.0.0.1."""
    port_setting: str
    """The environment variable that moves it to another port."""
    ready_path: str | None
    """Answers 200 to GET once the program is ready; None for a Valkey, which answers PING."""


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there is something to end: end at once
    _end_with_make()
    try:
        state = settings().state_dir  # a wrong setting is told before anything starts
        ports = ports_from(os.environ)
        programs = conserje_programs(ports, current_model(ROOT), state)
        _set_addresses(ports)
        check_ports(programs)  # before minutes of training
        train(ROOT)
    except (SetupError, SettingsError) as error:
        print(f"conserje: {error}", file=sys.stderr)
        return 1
    return Supervisor(programs, state / "logs", lambda: _print_addresses(ports)).run()


@dataclass(frozen=True)
class Ports:
    assistant: int
    actions: int
    qloapps: int
    valkey: int


def ports_from(env: Mapping[str, str]) -> Ports:
    """The ports that the operator chose. Raises `SetupError` naming the wrong variable."""
    return Ports(
        assistant=_port(env, "ASSISTANT_PORT", 5005),
        actions=_port(env, "ACTIONS_PORT", 5055),
        qloapps=_port(env, "QLOAPPS_PORT", 8088),
        valkey=_port(env, "VALKEY_PORT", 6399),
    )


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SetupError(f"{name}: must be a port between 1 and 65535, not {text!r}")
    return int(text)


def conserje_programs(ports: Ports, model: Path, state: Path) -> list[Program]:
    """What `make run` starts; no stand-in and no Valkey when a QloApps and a Redis are given."""
    python = sys.executable
    assistant = [python, "-m", "assistant", "--port", str(ports.assistant), "--model", str(model)]
    actions = [python, "-m", "actions", "--port", str(ports.actions)]
    stand_in = [python, "-m", "demo.qloapps", "--port", str(ports.qloapps)]
    stand_in += ["--state", str(state / "qloapps.json"), "--key", DEMO_QLOAPPS_KEY]
    programs = [
        Program("assistant", assistant, ports.assistant, "ASSISTANT_PORT", "/health/ready"),
        Program("actions", actions, ports.actions, "ACTIONS_PORT", "/health"),
    ]
    if not os.environ.get("QLOAPPS_URL"):
        programs.append(Program("qloapps", stand_in, ports.qloapps, "QLOAPPS_PORT", "/"))
    if not os.environ.get("REDIS_URL"):
        store = valkey.command(ports.valkey, state / "valkey")
        programs.append(Program("valkey", store, ports.valkey, "VALKEY_PORT", None))
    return programs


def _set_addresses(ports: Ports) -> None:
    """Tells the programs, by the environment they inherit, where the others are."""
    os.environ.setdefault("ACTIONS_URL", f"http://127.0.0.1:{ports.actions}/webhook")
    os.environ["REDIS_URL"] = os.environ.get("REDIS_URL") or valkey.url(ports.valkey)
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["PYTHONUNBUFFERED"] = "1"  # the log's end is there when a program dies


def _print_addresses(ports: Ports) -> None:
    say("Ready. The hotels' chats:")
    for hotel in sorted(settings().hotels_dir.glob("*.yml")):
        print(f"  http://127.0.0.1:{ports.assistant}/chat/{hotel.stem}", flush=True)
    say("Ctrl-C ends everything.")


@dataclass
class _Running:
    """A program and its present process."""

    program: Program
    log: Path
    process: "subprocess.Popen[bytes]"
    started: float = field(default_factory=time.monotonic)
    ready: bool = False
    deaths: int = 0
    """In a row, since it was last ready for a while."""
    start_again_at: float | None = None


class Supervisor:
    """Keeps programs running until a signal ends it."""

    def __init__(
        self, programs: Sequence[Program], logs: Path, on_ready: Callable[[], None]
    ) -> None:
        self._programs = programs
        self._logs = logs
        self._on_ready = on_ready
        self._running: list[_Running] = []
        self._told_to_end = threading.Event()

    def run(self) -> int:
        """The exit code: 0 when a signal ended it, 1 when a program could not be started."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._told_to_end.set())
        try:
            check_ports(self._programs)
            self._logs.mkdir(parents=True, exist_ok=True)
            names = ", ".join(program.name for program in self._programs)
            say(f"Starting {names} (logs in {_shown(self._logs)})…")
            self._running = [self._start(program) for program in self._programs]
            if self._wait_until_ready():
                self._on_ready()
                self._keep_running()
        except SetupError as error:
            print(f"conserje: {error}", file=sys.stderr)
            return 1
        except OSError as error:  # no room for the logs
            print(f"conserje: {explain(str(error), 'starting')}", file=sys.stderr)
            return 1
        finally:
            self._end_all()
        return 0

    def _start(self, program: Program) -> _Running:
        log = self._logs / f"{program.name}.log"
        return _Running(program, log, _spawn(program, log, "wb"))

    def _wait_until_ready(self) -> bool:
        """Whether all are ready; False when told to end. Raises `SetupError`."""
        while not all(each.ready for each in self._running):
            if self._told_to_end.wait(LOOK_EVERY):
                return False
            for each in self._running:
                self._look_at_start(each)
        return True

    def _look_at_start(self, each: _Running) -> None:
        code, name = each.process.poll(), each.program.name
        if code is not None:
            raise SetupError(f"{name} ended at start ({_ending(code)}):\n{_tail(each.log)}")
        seconds = time.monotonic() - each.started
        if not each.ready and _answers(each.program):
            each.ready = True
            say(f"{name} is ready ({seconds:.0f} s).")
        elif not each.ready and seconds > START_LIMIT:
            raise SetupError(f"{name} is not ready after {seconds:.0f} s:\n{_tail(each.log)}")

    def _keep_running(self) -> None:
        while not self._told_to_end.wait(LOOK_EVERY):
            for each in self._running:
                self._look_after(each)

    def _look_after(self, each: _Running) -> None:
        now, name = time.monotonic(), each.program.name
        if each.start_again_at is not None:
            if now >= each.start_again_at:
                each.process = _spawn(each.program, each.log, "ab")
                each.started, each.start_again_at = now, None
        elif (code := each.process.poll()) is not None:
            _end_group(each.process, signal.SIGKILL)  # what it may have left behind
            each.deaths = 1 if now - each.started > 2 * LONGEST_PAUSE else each.deaths + 1
            pause = min(2.0 ** (each.deaths - 1), LONGEST_PAUSE)
            each.start_again_at, each.ready = now + pause, False
            say(
                f"{name} died ({_ending(code)}); starting it again in {pause:.0f} s. "
                f"Its last words are in {_shown(each.log)}"
            )
        elif not each.ready and _answers(each.program):
            each.ready = True
            say(f"{name} is ready again.")

    def _end_all(self) -> None:
        if not self._running:
            return
        say("Ending everything…")
        for each in self._running:
            _end_group(each.process, signal.SIGTERM)
        deadline = time.monotonic() + END_LIMIT
        for each in self._running:
            try:
                each.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"{each.program.name} does not end by itself: killing it.")
            _end_group(each.process, signal.SIGKILL)
            each.process.wait()


def check_ports(programs: Sequence[Program]) -> None:
    """Raises `SetupError` when a port of theirs is taken."""
    for program in programs:
        _check_port(program)


def _check_port(program: Program) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", program.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise SetupError(
                    f"Port {program.port} ({program.name}) is in use by another program: stop it, "
                    f"or set {program.port_setting} to a free port."
                ) from None
            raise SetupError(
                f"Port {program.port} ({program.name}) cannot be used ({error.strerror}): "
                f"set {program.port_setting} to another."
            ) from None


def _spawn(program: Program, log: Path, mode: str) -> "subprocess.Popen[bytes]":
    try:
        with log.open(mode) as output:
            return subprocess.Popen(
                list(program.command),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone; we end the others
                preexec_fn=die_with_parent(os.getpid()),
            )
    except OSError as error:
        raise SetupError(f"{program.name} cannot be started: {error}") from error


def _end_group(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # all of it has ended
        os.killpg(process.pid, number)


def _end_with_make() -> None:
    """Ends this program with `make`, even when somebody kills that alone."""
    ask_kernel = die_with_parent(os.getppid())
    if "MAKELEVEL" in os.environ and ask_kernel is not None:
        ask_kernel()


def _answers(program: Program) -> bool:
    if program.ready_path is None:
        return valkey.answers(program.port)
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=2)
    try:
        connection.request("GET", program.ready_path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):  # not listening yet, or not talking HTTP yet
        return False
    finally:
        connection.close()


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join(f"  {line}" for line in [*lines, f"(all of it: {_shown(log)})"])


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main())
