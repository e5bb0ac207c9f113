"""A guest with a real browser: books at the hotel's chat page, looks the booking up, cancels it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.house import House, house

REFERENCE = re.compile(r"Tu localizador es ([A-Z]{9})")
TOTAL = re.compile(r"Total: ([\d.]+,\d\d) €")
SECONDS = 30


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def page(browser: Browser, open_house: House) -> Iterator[Page]:
    """The chat of `mirador` on a phone."""
    context = browser.new_context(
        locale="es-ES", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    page.goto(f"{open_house.url}/chat/mirador")
    yield page
    context.close()


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def last_answer(page: Page) -> Locator:
    return page.locator(".message.hotel .bubble").last


def write(page: Page, text: str, answer: str | re.Pattern[str]) -> None:
    """The guest writes, and waits until the hotel's last words hold the answer."""
    page.get_by_label("Tu mensaje").fill(text)
    page.get_by_role("button", name="Enviar").click()
    expect(last_answer(page)).to_contain_text(answer, timeout=SECONDS * 1000)


def press(page: Page, button: str | re.Pattern[str], answer: str | re.Pattern[str]) -> None:
    """The guest presses a button, and waits as after writing."""
    log(page).get_by_role("button", name=button).click()
    expect(last_answer(page)).to_contain_text(answer, timeout=SECONDS * 1000)


def bubbles(page: Page) -> list[str]:
    return page.locator("#past .bubble, #live .bubble").all_inner_texts()


def held(open_house: House, reference: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The order and its one room as the PMS holds them."""
    (order,) = open_house.pms("orders", **{"filter[reference]": reference, "display": "full"})[
        "orders"
    ]
    (room,) = open_house.pms(
        "room_bookings", **{"filter[id_order]": str(order["id"]), "display": "full"}
    )["bookings"]
    return order, room


def test_a_guest_books_looks_the_booking_up_and_cancels_it(page: Page, open_house: House) -> None:
    press(page, "Ver precios y disponibilidad", "¿Qué día llegas")
    write(page, "del 10 al 12 de diciembre", "¿Cuántas personas")
    write(page, "somos dos adultos", "¿Cuál prefieres?")
    press(page, re.compile("Deluxe"), "nombre y apellidos")
    write(page, "Ana Ruiz", "correo")
    write(page, "ana.ruiz@example.com", "teléfono")
    write(page, "600 123 456", "¿Hago la reserva?")
    summary = last_answer(page).inner_text()
    for said in ("Habitación Deluxe", "2 adultos", "Ana Ruiz", "ana.ruiz@example.com"):
        assert said in summary
    told = TOTAL.search(summary)
    assert told
    press(page, "Sí, resérvala", REFERENCE)
    found = REFERENCE.search(last_answer(page).inner_text())
    assert found
    reference = found[1]

    order, room = held(open_house, reference)
    total = float(told[1].replace(".", "").replace(",", "."))
    assert float(order["total_paid_tax_incl"]) == total
    assert (room["id_product"], room["id_hotel"]) == ("2", "1")
    assert re.fullmatch(r"20\d\d-12-10 .*", room["date_from"])
    assert re.fullmatch(r"20\d\d-12-12 .*", room["date_to"])
    assert (room["adults"], room["children"], room["is_cancelled"]) == ("2", "0", "0")

    before = bubbles(page)
    page.reload()
    expect(last_answer(page)).to_contain_text(reference)
    assert bubbles(page) == before
    expect(log(page).get_by_role("button")).to_have_count(0)

    write(page, "quiero ver mi reserva", "confirmada")
    details = last_answer(page).inner_text()
    assert reference in details and "Ana Ruiz" in details and told[1] in details
    press(page, "Cancelar la reserva", "¿La cancelo?")
    expect(last_answer(page)).to_contain_text("48 horas")
    press(page, "Sí, cancélala", "está cancelada")

    _, room = held(open_house, reference)
    assert room["is_cancelled"] == "1"


def test_another_browser_sees_nothing_of_the_talk(
    page: Page, browser: Browser, open_house: House
) -> None:
    write(page, "me llamo Berta Soler", "")
    context = browser.new_context(locale="es-ES")
    other = context.new_page()
    other.goto(f"{open_house.url}/chat/mirador")
    expect(other.get_by_role("button", name="Tengo una reserva")).to_be_visible()
    assert bubbles(other) == []
    context.close()


def test_the_page_shows_what_the_hotel_says_by_itself(page: Page, open_house: House) -> None:
    open_house.control("POST", "faults", kind="unavailable_503", times=None)
    write(page, "quiero la deluxe del 10 al 12 de diciembre para dos", "¿Te aviso aquí")
    press(page, "Avísame", "te escribo aquí")
    open_house.control("DELETE", "faults")
    expect(page.locator(".message.hotel", has_text="Ya vuelve a funcionar")).to_have_count(
        1, timeout=SECONDS * 1000
    )
    expect(last_answer(page)).to_contain_text("nombre y apellidos")
    write(page, "Ana Ruiz", "correo")
    before = bubbles(page)
    page.reload()
    expect(last_answer(page)).to_contain_text("correo")
    assert bubbles(page) == before
