"""How dates, money and people are said."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conserje import spanish

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("adults", "ages", "said"),
    [
        (1, (), "1 adulto"),
        (2, (1,), "2 adultos y 1 niño (1 año)"),
        (2, (8, 5), "2 adultos y 2 niños (5 y 8 años)"),
        (2, (0,), "2 adultos y 1 bebé"),
        (2, (0, 7, 0), "2 adultos, 1 niño (7 años) y 2 bebés"),
    ],
)
def test_a_party_is_said_in_singular_and_plural(
    adults: int, ages: tuple[int, ...], said: str
) -> None:
    assert spanish.party(adults, ages) == said


@pytest.mark.parametrize(
    ("check_in", "check_out", "said"),
    [
        ("2026-12-10", "2026-12-11", "del jueves 10 al viernes 11 de diciembre (1 noche)"),
        (
            "2026-11-30",
            "2026-12-02",
            "del lunes 30 de noviembre al miércoles 2 de diciembre (2 noches)",
        ),
        (
            "2026-12-30",
            "2027-01-02",
            "del miércoles 30 de diciembre de 2026 al sábado 2 de enero de 2027 (3 noches)",
        ),
    ],
)
def test_a_stay_names_months_and_years_only_where_they_differ(
    check_in: str, check_out: str, said: str
) -> None:
    days = date.fromisoformat(check_in), date.fromisoformat(check_out)
    assert spanish.stay(*days, TODAY) == said


def test_a_bill_keeps_its_cents_and_a_button_drops_the_empty_ones() -> None:
    assert spanish.money(Decimal("1309.00"), "EUR") == "1.309,00 €"
    assert spanish.short_money(Decimal("1309.00"), "EUR") == "1.309 €"
    assert spanish.short_money(Decimal("93.50"), "EUR") == "93,50 €"


@given(st.dates(date(2024, 1, 1), date(2035, 1, 1)), st.integers(1, 30))
def test_every_stay_says_its_nights_and_both_days(check_in: date, nights: int) -> None:
    said = spanish.stay(check_in, check_in + timedelta(nights), TODAY)
    assert f" {check_in.day} " in said
    assert f" {(check_in + timedelta(nights)).day} de " in said
    assert said.endswith(f"({nights} {'noche' if nights == 1 else 'noches'})")
