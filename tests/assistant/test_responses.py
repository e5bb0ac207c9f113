"""What our actions say stands in responses.yml, all of it and nothing else."""

import ast
import re
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from assistant.nlg import HotelResponses
from conserje.hotels import load_hotels
from tests.servers import ROOT

RESPONSES = Domain.load(ROOT / "responses.yml").responses
HOTELS = load_hotels(ROOT / "hotels")


def said_by_actions() -> tuple[set[str], set[str]]:
    """Names in our actions' code: whole ones, and beginnings of those that are put together."""
    whole, begun = set(), set()
    for path in (ROOT / "actions").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                first = node.values[0]
                if isinstance(first, ast.Constant) and str(first.value).startswith("utter_"):
                    begun.add(str(first.value))
            elif isinstance(node, ast.Constant) and re.fullmatch(r"utter_\w+", str(node.value)):
                whole.add(str(node.value))
    return whole - begun, begun


def test_every_response_that_an_action_says_is_there() -> None:
    whole, begun = said_by_actions()
    assert whole <= set(RESPONSES)
    assert all(any(name.startswith(start) for name in RESPONSES) for start in begun)


def test_no_response_is_said_by_nobody() -> None:
    whole, begun = said_by_actions()
    unused = {
        name
        for name in RESPONSES
        if name not in whole and not any(name.startswith(start) for start in begun)
    }
    assert not unused


def test_no_hotel_words_a_response_that_there_is_not() -> None:
    known = set(RESPONSES) | set(Domain.load(ROOT / "domain.yml").responses)
    for hotel in HOTELS.values():
        assert set(hotel.responses) <= known


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "responses.yml"
    path.write_text('responses:\n  utter_hi: [{text: "Hola desde {hotel_name}"}]\n')
    return path


async def said(responses: HotelResponses, hotel: str) -> str:
    tracker = DialogueStateTracker.from_events(f"{hotel}:web:ana", [])
    message = await responses.generate("utter_hi", tracker, "web")
    assert message
    return str(message["text"])


async def test_a_response_is_filled_from_the_hotel_of_the_conversation(words: Path) -> None:
    responses = HotelResponses(EndpointConfig(file=str(words)), Domain.empty())
    assert await said(responses, "mirador") == "Hola desde Hotel Mirador del Puerto"
    assert await said(responses, "dunas") == "Hola desde Apartamentos Dunas"


async def test_a_new_wording_holds_at_once_and_a_broken_file_changes_nothing(words: Path) -> None:
    responses = HotelResponses(EndpointConfig(file=str(words)), Domain.empty())
    await said(responses, "dunas")
    words.write_text('responses:\n  utter_hi: [{text: "Buenas"}]\n')
    assert await said(responses, "dunas") == "Buenas"
    words.write_text("responses: [this is: not\n")
    assert await said(responses, "dunas") == "Buenas"
