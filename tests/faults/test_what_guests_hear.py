"""Whatever happens at the guest's yes: one true answer, at most one booking."""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.assistant.installation import Installation, Part, installation

WISH = "quiero la general del 10 al 12 de diciembre para dos, soy Ana Ruiz, {mail}, 600123456"
BOOKED = "Reserva hecha"
NOTHING = "no he reservado nada"
AWAY = "no puedo consultar"
CHECKING = "lo estoy comprobando"
NOT_DONE = "no llegó a entrar"
SORRY = "algo ha fallado"
WITHIN = 40
"""Seconds in which the last answer comes."""
CREATE = {"method": "POST", "path": "/bookings"}
READ_BACK = {"method": "GET", "path": r"/api/orders\?.*filter(%5B|\[)id(%5D|\])"}

Recorder = Callable[[str, object], None]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("faults"), "sqlite") as made:
        yield made


@dataclass
class Guest:
    """Ana, at the summary of what she wants."""

    place: Installation
    id: str = field(default_factory=lambda: f"g-{uuid.uuid4().hex}")

    @property
    def mail(self) -> str:
        return f"{self.id}@example.com"

    def asks(self) -> str:
        return self.says(WISH.format(mail=self.mail))

    def says(self, text: str) -> str:
        """What the hotel answers; the page's own words where there is no answer."""
        answer = self.place.post("mirador", self.id, text)
        said = answer.json()
        if answer.status_code != 200:
            return str(said["message"])
        return "\n".join(each.get("text") or "" for each in said)

    def heard(self) -> list[str]:
        """All that the hotel has said, as the page shows it."""
        said = self.place.house.conversation("mirador", self.id)
        return [each["text"] for each in said if each["who"] == "hotel"]

    def hears(self, words: str) -> float:
        """Waits for these words; after how many seconds they came."""
        return self._waits(lambda: any(words in text for text in self.heard()))

    def hears_the_end(self) -> float:
        return self._waits(lambda: self.finals() > 0)

    def _waits(self, heard: Callable[[], bool]) -> float:
        began = time.monotonic()
        while not heard():
            assert time.monotonic() - began < WITHIN, self.heard()
            time.sleep(0.1)
        return time.monotonic() - began

    def bookings(self) -> int:
        """How many rooms are blocked in the PMS for this guest."""
        house = self.place.house
        customers = house.pms("customers", **{"filter[email]": self.mail, "display": "[id]"})
        ids = [str(one["id"]) for one in customers["customers"]] if customers else []
        rooms = [
            house.pms("room_bookings", **{"filter[id_customer]": one, "display": "full"})
            for one in ids
        ]
        every = [room for found in rooms if found for room in found["bookings"]]
        return sum(room["is_cancelled"] == "0" for room in every)

    def finals(self) -> int:
        """How many final answers of the booking were heard."""
        return sum(any(end in text for end in (BOOKED, NOTHING, NOT_DONE)) for text in self.heard())


@pytest.fixture
def guest(place: Installation) -> Iterator[Guest]:
    place.house.control("POST", "reset")
    made = Guest(place)
    assert "¿Hago la reserva?" in made.asks()
    yield made
    place.house.control("POST", "reset")


@dataclass(frozen=True)
class Case:
    name: str
    hears: str
    booked: int
    faults: tuple[dict[str, Any], ...] = ()
    then: str = ""
    """What the guest hears by itself, once the faults are over."""


CASES = [
    Case("slow (2 s)", BOOKED, 1, ({"kind": "slow", "seconds": 2, **CREATE},)),
    Case("500, but booked", BOOKED, 1, ({"kind": "created_but_500", **CREATE},)),
    Case("reset after booking", BOOKED, 1, ({"kind": "reset", **CREATE},)),
    Case("half an answer", BOOKED, 1, ({"kind": "half_answer", **CREATE},)),
    Case("HTML with 200", NOTHING, 0, ({"kind": "html_200", **CREATE},)),
    Case("empty 500", NOTHING, 0, ({"kind": "empty_500", **CREATE},)),
    Case("503 to the booking", AWAY, 0, ({"kind": "unavailable_503", **CREATE},)),
    Case("503 to everything", AWAY, 0, ({"kind": "unavailable_503", "times": None},)),
    Case("connection refused", AWAY, 0, ({"kind": "refuse", "times": None},)),
    Case(
        "hangs, not booked",
        CHECKING,
        0,
        ({"kind": "hang", "seconds": 0.5, **CREATE},),
        then=NOT_DONE,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_fault_at_the_yes(guest: Guest, case: Case, record_property: Recorder) -> None:
    for fault in case.faults:
        guest.place.house.control("POST", "faults", **fault)
    answer = guest.says("sí")
    assert case.hears in answer
    if not case.then:
        guest.place.house.control("DELETE", "faults")
    seconds = guest.hears(case.then) if case.then else 0.0
    guest.place.house.control("DELETE", "faults")
    _note(record_property, guest, case.name, "create", (case.hears, case.then), seconds)
    assert guest.bookings() == case.booked
    assert guest.finals() == (0 if case.hears == AWAY else 1)


def test_reading_fails_after_a_create_without_a_clean_answer(
    guest: Guest, record_property: Recorder
) -> None:
    control = guest.place.house.control
    control("POST", "settings", write_delay_seconds=1.5)
    control("POST", "faults", kind="created_but_500", **CREATE)
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(guest.says, "sí")
        _await(lambda: _is_used_up(guest.place))
        control("POST", "faults", kind="unavailable_503", method="GET", times=None)
        assert CHECKING in answer.result()
    control("DELETE", "faults")
    seconds = guest.hears(BOOKED)
    _note(record_property, guest, "booked, 503 to reading", "create", (CHECKING, BOOKED), seconds)
    assert guest.bookings() == 1
    assert guest.finals() == 1


def test_a_name_that_is_not_found(place: Installation, record_property: Recorder) -> None:
    guest = Guest(place)
    with place.actions.told(QLOAPPS_URL="http://qloapps.invalid"):
        assert AWAY in guest.asks()
        _note(record_property, guest, "DNS failure", "offers", (AWAY,), 0.0)
    assert guest.says("inténtalo otra vez").endswith("¿Hago la reserva?")
    assert guest.bookings() == 0


def test_without_valkey_nothing_is_booked_and_with_it_all_goes_on(
    guest: Guest, record_property: Recorder
) -> None:
    guest.place.valkey.stop()
    assert guest.place.get("/health/ready").json()["degraded"] == ["valkey"]
    assert AWAY in guest.says("sí")
    _note(record_property, guest, "Valkey away", "create", (AWAY,), 0.0)
    assert guest.bookings() == 0
    guest.place.valkey.start()
    assert guest.place.get("/health/ready").json()["degraded"] == []
    assert "¿Hago la reserva?" in guest.says("inténtalo otra vez")
    assert BOOKED in guest.says("sí")
    assert guest.bookings() == 1


@pytest.mark.parametrize("part", ["actions", "assistant"])
def test_a_process_killed_once_it_has_booked(
    guest: Guest, part: str, record_property: Recorder
) -> None:
    place = guest.place
    place.house.control("POST", "faults", kind="slow", seconds=2.0, **READ_BACK)
    first = _kill(guest, getattr(place, part), lambda: guest.bookings() == 1)
    seconds = guest.hears(BOOKED)
    _note(record_property, guest, f"SIGKILL of {part}", "read back", (first, BOOKED), seconds)
    assert guest.bookings() == 1
    assert guest.finals() == 1


def test_a_process_killed_while_the_create_is_on_its_way(
    guest: Guest, record_property: Recorder
) -> None:
    place = guest.place
    place.house.control("POST", "faults", kind="slow", seconds=1.0, **CREATE)
    first = _kill(guest, place.actions, lambda: _is_used_up(place))
    seconds = guest.hears_the_end()
    booked = guest.bookings()
    end = BOOKED if booked else NOT_DONE
    _note(record_property, guest, "SIGKILL of actions", "create", (first, end), seconds)
    assert any(end in text for text in guest.heard())
    assert guest.finals() == 1


def _kill(guest: Guest, part: Part, when: Callable[[], bool]) -> str:
    """The guest says yes, and the process is killed and started again; what the guest sees."""
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(_says_or_breaks, guest, "sí")
        _await(when)
        part.kill()
        part.start()
        return answer.result()


def _says_or_breaks(guest: Guest, text: str) -> str:
    try:
        return SORRY if SORRY in guest.says(text) else "?"
    except requests.ConnectionError:
        return "(connection broken)"


def _is_used_up(place: Installation) -> bool:
    """Whether the request that a fault waits for has come."""
    return not requests.get(f"{place.house.qloapps_url}/_control/faults", timeout=10).json()


def _await(when: Callable[[], bool]) -> None:
    until = time.monotonic() + WITHIN
    while not when():
        assert time.monotonic() < until
        time.sleep(0.01)


def _note(
    record: Recorder, guest: Guest, fault: str, at: str, said: tuple[str, ...], seconds: float
) -> None:
    record("fault", fault)
    record("at", at)
    record("the guest hears", " → ".join(f"«{words}»" for words in said if words))
    record("in QloApps", f"{guest.bookings()} booking(s)")
    record("final answer after", f"{seconds:.1f} s" if seconds else "at once")
