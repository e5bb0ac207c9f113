"""The main conversation on a live QloApps, seeded as the recorded one (hotel 1, EUR)."""

import os
import random
import re
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.house import House, house_on_live_qloapps

pytestmark = pytest.mark.skipif(
    not os.environ.get("QLOAPPS_URL"), reason="needs a live QloApps: QLOAPPS_URL and QLOAPPS_KEY"
)


def said(house: House, guest: str, text: str) -> str:
    return "\n".join(answer.get("text") or "" for answer in house.say("mirador", guest, text))


def test_a_guest_books_looks_up_and_cancels(tmp_path: Path) -> None:
    """The room is in QloApps at the total that was said, and cancelled there in the end."""
    guest = f"g{uuid.uuid4().hex}"
    email = f"{guest[:12]}@example.com"
    check_in = date.today() + timedelta(random.randrange(60, 300))  # noqa: DTZ011 - as guests say
    check_out = check_in + timedelta(2)
    with house_on_live_qloapps(tmp_path) as house:
        stay = f"del {check_in:%d/%m/%Y} al {check_out:%d/%m/%Y}"
        offers = said(house, guest, f"Quiero reservar una habitación para dos {stay}")
        assert "€" in offers
        said(house, guest, "la más barata")
        summary = said(
            house, guest, f"Me llamo Ana Ruiz, mi correo es {email} y mi móvil 600123456"
        )
        total = re.search(r"Total: ([\d.,]+) €", summary)
        assert total, summary
        booked = said(house, guest, "sí, resérvala")
        reference = re.search(r"localizador es ([A-Z]{9})", booked)
        assert reference, booked
        order = house.pms("orders", **{"filter[reference]": reference[1], "display": "full"})
        order = order["orders"][0]
        wanted = float(total[1].replace(".", "").replace(",", "."))
        assert float(order["total_paid_tax_incl"]) == pytest.approx(wanted, abs=0.01)
        (room,) = house.pms(
            "room_bookings", **{"filter[id_order]": str(order["id"]), "display": "full"}
        )["bookings"]
        assert (room["date_from"][:10], room["date_to"][:10]) == (
            check_in.isoformat(),
            check_out.isoformat(),
        )
        assert reference[1] in said(house, guest, "quiero ver mi reserva")
        said(house, guest, "quiero cancelar mi reserva")
        assert "cancelada" in said(house, guest, "sí, cancélala")
        after = house.pms(f"orders/{order['id']}")["order"]
        assert str(after["current_state"]) == "4"
