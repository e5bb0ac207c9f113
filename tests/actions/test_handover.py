"""When a person answers, by the desk's hours."""

from datetime import datetime

import pytest

from actions.handover import open_hours, when_answered
from conserje.hotels import load_hotels
from tests.servers import ROOT

HOTELS = load_hotels(ROOT / "hotels")


@pytest.mark.parametrize(
    ("hotel", "now", "said"),
    [
        ("mirador", "2026-11-23T10:00", "en cuanto puedan"),
        ("mirador", "2026-11-23T06:30", "hoy a partir de las 07:00"),
        ("mirador", "2026-11-23T23:00", "mañana a partir de las 07:00"),
        ("dunas", "2026-11-28T15:00", "el lunes a partir de las 09:00"),
        ("dunas", "2026-11-29T12:00", "mañana a partir de las 09:00"),
    ],
    ids=["open", "before opening", "just closed", "Sunday is closed", "on the closed day"],
)
def test_the_guest_hears_when_somebody_answers(hotel: str, now: str, said: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=HOTELS[hotel].zone)
    assert when_answered(HOTELS[hotel], at) == said
    assert bool(open_hours(HOTELS[hotel], at)) == (said == "en cuanto puedan")
