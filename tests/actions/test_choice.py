"""Which of the rooms offered a guest means."""

import pytest

from actions.choice import chosen_offer, without_questions
from conserje.hotels import load_hotels
from tests.servers import ROOT

MIRADOR = load_hotels(ROOT / "hotels")["mirador"]
OFFERS = [
    {"id": "1", "name": "Habitación General", "total": "187.00"},
    {"id": "2", "name": "Habitación Deluxe", "total": "253.00"},
    {"id": "3", "name": "Sala Ejecutiva", "total": "341.00"},
    {"id": "4", "name": "Habitación de Lujo", "total": "495.00"},
]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Habitación Deluxe", "2"),
        ("la delux porfa", "2"),
        ("la de las vistas al mar", "4"),
        ("la primera", "1"),
        ("la última", "4"),
        ("quiero la más barata", "1"),
        ("la económica", "1"),
        ("la más cara", "4"),
        ("me da igual", "1"),
        ("la de 341", "3"),
        ("253,00 €", "2"),
        ("2", "2"),
        ("la doble", None),
        ("no sé", None),
        ("", None),
    ],
)
def test_a_room_is_chosen_by_name_order_price_or_cheapness(said: str, meant: str | None) -> None:
    assert chosen_offer(said, OFFERS, answering=True, hotel=MIRADOR) == meant


@pytest.mark.parametrize("said", ["la primera vez que voy", "llegamos a las 2", "somos 2"])
def test_order_and_numbers_choose_nothing_when_no_room_was_asked_for(said: str) -> None:
    assert chosen_offer(said, OFFERS, answering=False, hotel=MIRADOR) is None


@pytest.mark.parametrize(
    ("said", "stated"),
    [
        ("la general, ¿y hay parking?", "la general,"),
        ("¿qué incluye la deluxe?", ""),
        ("que incluye la deluxe", ""),
        ("la deluxe", "la deluxe"),
    ],
)
def test_what_is_asked_is_not_taken_for_stated(said: str, stated: str) -> None:
    assert without_questions(said).strip() == stated
