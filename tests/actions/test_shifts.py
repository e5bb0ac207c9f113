"""By how many days a guest wants to move arrival and departure."""

import pytest

from actions.shifts import shift


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("quiero quedarme una noche más", (0, 1)),
        ("¿puedo agregar dos noches?", (0, 2)),
        ("alargar la estancia un par de días", (0, 2)),
        ("una semana más por favor", (0, 7)),
        ("necesito quitar una noche", (0, -1)),
        ("una noche menos", (0, -1)),
        ("llegaremos un día antes", (-1, 0)),
        ("vamos a llegar 2 días después", (2, 0)),
        ("tengo que salir un día antes", (0, -1)),
        ("adelantar la reserva dos días", (-2, -2)),
        ("retrasar todo una semana", (7, 7)),
        ("del 10 al 12 para dos noches", None),
        ("quiero tres noches", None),
        ("llegamos el lunes", None),
    ],
)
def test_an_end_of_the_stay_is_moved_by_what_is_said(
    said: str, days: tuple[int, int] | None
) -> None:
    assert shift(said) == days
