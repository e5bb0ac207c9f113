"""What a guest sees and does on a hotel's chat page, in a real browser."""

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

SECONDS = 30
MIRADOR = "Hotel Mirador del Puerto"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="es-ES", viewport={"width": 1000, "height": 700})
    context.set_default_timeout(SECONDS * 1000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, assistant: str) -> Page:
    """Mirador's page, opened and ready."""
    page = context.new_page()
    page.goto(f"{assistant}/chat/mirador")
    expect(page.get_by_role("button", name="Tengo una reserva")).to_be_visible()
    return page


@pytest.fixture
def phone(browser: Browser, assistant: str) -> Iterator[Page]:
    """Dunas's page on a small phone."""
    context = browser.new_context(
        locale="es-ES", viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(f"{assistant}/chat/dunas")
    expect(page.get_by_role("button", name="Tengo una reserva")).to_be_visible()
    yield page
    context.close()


def write(page: Page, text: str) -> None:
    page.get_by_label("Tu mensaje").fill(text)
    page.keyboard.press("Enter")


def said(page: Page) -> list[str]:
    """The messages on the page after its welcome, without who said them and when."""
    bubbles = page.locator("#past .bubble, #live .bubble").all_inner_texts()
    return [bubble.split(":", 1)[1].strip() for bubble in bubbles]


def test_the_page_is_in_the_hotels_name_and_colours(page: Page, phone: Page) -> None:
    for each, name, colour, number in (
        (page, MIRADOR, "rgb(11, 79, 108)", "+34 928 000 111"),
        (phone, "Apartamentos Dunas", "rgb(138, 75, 18)", "+34 922 000 222"),
    ):
        expect(each).to_have_title(f"{name} · Chat")
        expect(each.get_by_role("heading", level=1)).to_have_text(name)
        expect(each.get_by_role("banner")).to_have_css("background-color", colour)
        expect(each.get_by_role("contentinfo")).to_contain_text(number)
        expect(each.locator("html")).to_have_attribute("lang", "es")


def test_a_guest_talks_with_the_keyboard_alone(page: Page) -> None:
    page.keyboard.type("Buenas")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("tardes")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Has dicho: Buenas")
    assert said(page) == ["Buenas\ntardes", "Has dicho: Buenas\ntardes"]
    page.keyboard.type("Ver precios y disponibilidad")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Enviar")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Otras fechas")).to_be_visible()
    page.get_by_label("Tu mensaje").focus()
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    deluxe = page.get_by_role("button", name="Doble deluxe")
    expect(deluxe).to_be_focused()
    outline = deluxe.evaluate("button => getComputedStyle(button).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Doble deluxe, perfecto.")
    expect(page.get_by_label("Tu mensaje")).to_be_focused()


def test_a_pressed_button_says_its_title_and_closes_the_question(page: Page) -> None:
    page.get_by_role("button", name="Ver precios y disponibilidad").click()
    page.get_by_role("button", name="Doble deluxe").click()
    expect(page.get_by_role("log")).to_contain_text("Doble deluxe, perfecto.")
    assert said(page)[-2:] == ["Doble deluxe · 412,50 €", "Doble deluxe, perfecto."]
    expect(page.get_by_role("log").get_by_role("button")).to_have_count(0)


def test_a_reload_keeps_what_was_said_and_the_open_question(page: Page) -> None:
    write(page, "hola")
    expect(page.get_by_role("log")).to_contain_text("Has dicho: hola")
    write(page, "Ver precios y disponibilidad")
    expect(page.get_by_role("button", name="Doble deluxe")).to_be_visible()
    before = said(page)
    page.reload()
    expect(page.get_by_role("button", name="Doble deluxe")).to_be_visible()
    assert said(page) == before
    expect(page.get_by_role("button", name="Tengo una reserva")).to_be_hidden()
    page.get_by_role("button", name="Doble deluxe").click()
    expect(page.get_by_role("log")).to_contain_text("Doble deluxe, perfecto.")
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("Doble deluxe, perfecto.")
    assert said(page)[-2:] == ["Doble deluxe · 412,50 €", "Doble deluxe, perfecto."]


def test_an_answer_that_came_while_the_page_was_away_is_there_on_return(
    page: Page, assistant: str
) -> None:
    write(page, "espera")
    requests.post(f"{assistant}/arrived", timeout=SECONDS)
    page.reload()
    expect(page.get_by_role("status")).to_have_text(f"{MIRADOR} está escribiendo")
    requests.post(f"{assistant}/release", timeout=SECONDS)
    expect(page.get_by_role("log")).to_contain_text("Has dicho: espera")
    assert said(page) == ["espera", "Has dicho: espera"]


def test_the_hotel_is_seen_typing_until_it_answers(page: Page, assistant: str) -> None:
    write(page, "espera")
    write(page, "hola")
    expect(page.get_by_role("status")).to_have_text(f"{MIRADOR} está escribiendo")
    requests.post(f"{assistant}/arrived", timeout=SECONDS)
    requests.post(f"{assistant}/release", timeout=SECONDS)
    expect(page.get_by_role("log")).to_contain_text("Has dicho: hola")
    expect(page.get_by_role("status")).to_have_text("")
    assert said(page) == ["espera", "hola", "Has dicho: espera", "Has dicho: hola"]


def test_no_request_goes_to_a_foreign_host_and_nothing_breaks_the_pages_policy(
    context: BrowserContext, assistant: str
) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{assistant}/chat/mirador")
    for text in ("trucos", "Ver precios y disponibilidad"):
        write(page, text)
    expect(page.get_by_role("button", name="Otras fechas")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Otras fechas")).to_be_visible()
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith(assistant + "/")] == []
    assert complaints == []


def test_what_is_said_is_shown_as_text_with_its_links_and_bold_words(page: Page) -> None:
    write(page, "<b>trucos</b> **no** https://example.com")
    expect(page.get_by_role("log")).to_contain_text("<b>trucos</b> **no** https://example.com")
    assert page.locator(".guest").locator("b, strong, a").count() == 0
    write(page, "trucos")
    expect(page.get_by_role("log")).to_contain_text("<img src=x onerror=alert(1)> a")
    assert page.get_by_role("log").locator("img").count() == 0
    expect(page.get_by_role("log")).to_contain_text("2*3*4")
    answer = page.locator("#live .hotel").last
    links = answer.get_by_role("link").evaluate_all("all => all.map(a => a.href)")
    assert links == [
        "https://example.com/a?b=1&c=2",
        "mailto:recepcion@example.com",
        "tel:+34922000111",
    ]


def test_a_failure_is_told_and_the_message_can_be_sent_again(page: Page, assistant: str) -> None:
    requests.post(f"{assistant}/break", timeout=SECONDS)
    write(page, "hola")
    again = page.get_by_role("button", name="Reintentar")
    expect(again).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("Perdona, algo ha fallado por nuestra parte.")
    requests.post(f"{assistant}/mend", timeout=SECONDS)
    again.click()
    expect(page.get_by_role("log")).to_contain_text("Has dicho: hola")
    expect(again).to_be_hidden()


def test_without_connection_the_page_says_so_and_keeps_the_message(page: Page) -> None:
    page.context.set_offline(True)
    expect(page.get_by_role("alert")).to_have_text("No tienes conexión a internet.")
    write(page, "hola")
    expect(page.get_by_role("log")).to_contain_text("No enviado. No tienes conexión.")
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_have_text("")
    page.get_by_role("button", name="Reintentar").click()
    expect(page.get_by_role("log")).to_contain_text("Has dicho: hola")
    assert said(page) == ["hola", "Has dicho: hola"]


def test_a_message_whose_answer_was_lost_on_the_way_is_not_said_twice(page: Page) -> None:
    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/message", lose_answer)
    write(page, "sí")
    again = page.get_by_role("button", name="Reintentar")
    expect(again).to_be_visible()
    page.unroute("**/message")
    again.click()
    expect(page.get_by_role("log")).to_contain_text("Has dicho: sí")
    assert said(page) == ["sí", "Has dicho: sí"]


def test_a_history_that_cannot_be_read_is_said_and_read_on_request(
    page: Page, assistant: str
) -> None:
    write(page, "hola")
    expect(page.get_by_role("log")).to_contain_text("Has dicho: hola")
    requests.post(f"{assistant}/break", timeout=SECONDS)
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("No podemos mostrar lo que hablamos antes.")
    requests.post(f"{assistant}/mend", timeout=SECONDS)
    page.get_by_role("button", name="Reintentar").click()
    expect(page.get_by_role("log")).to_contain_text("Has dicho: hola")


def test_a_new_conversation_forgets_the_old_one_on_this_device(page: Page) -> None:
    write(page, "hola")
    expect(page.get_by_role("log")).to_contain_text("Has dicho: hola")
    page.get_by_role("button", name="Conversación nueva").click()
    page.get_by_role("button", name="Seguir con esta").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert said(page) == ["hola", "Has dicho: hola"]
    page.get_by_role("button", name="Conversación nueva").click()
    page.get_by_role("button", name="Empezar de nuevo").click()
    expect(page.get_by_role("button", name="Tengo una reserva")).to_be_visible()
    assert said(page) == []


def test_one_browser_is_two_strangers_at_two_hotels(page: Page, assistant: str) -> None:
    write(page, "hola")
    expect(page.get_by_role("log")).to_contain_text("Has dicho: hola")
    page.goto(f"{assistant}/chat/dunas")
    expect(page.get_by_role("button", name="Tengo una reserva")).to_be_visible()
    assert said(page) == []


def test_a_screen_reader_finds_names_and_roles(page: Page) -> None:
    page.get_by_role("button", name="Ver precios y disponibilidad").click()
    expect(page.get_by_role("button", name="Otras fechas")).to_be_visible()
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    expect(page.locator("body")).to_match_aria_snapshot(
        """
        - banner:
          - heading "Hotel Mirador del Puerto" [level=1]
          - link "Llamar a Hotel Mirador del Puerto"
          - button "Conversación nueva"
        - main:
          - log "Conversación con Hotel Mirador del Puerto":
            - text: "Tú:"
            - paragraph: Ver precios y disponibilidad
            - text: "Hotel Mirador del Puerto:"
            - list:
              - listitem:
                - strong: 330,00 €
              - listitem:
                - strong: 412,50 €
            - group "Respuestas":
              - button "Doble estándar · 330,00 €"
              - button "Doble deluxe · 412,50 €"
              - button "Otras fechas"
          - status
        - form "Escribir un mensaje":
          - textbox "Tu mensaje"
          - button "Enviar"
        - contentinfo
        """
    )


CONTRAST = """() => {
  const rgba = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (text) => {
    const [r, g, b] = rgba(text).map((c) => c / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return rgba(colour)[3] === 0 ? ground(element.parentElement) : colour;
  };
  const texts = [...document.body.querySelectorAll("*")].filter((element) =>
    element.checkVisibility() && [...element.childNodes].some((node) => node.nodeValue?.trim()));
  return texts.map((element) => {
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))];
    return [element.textContent.trim(), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}"""


def test_every_text_stands_out_from_its_ground(page: Page, phone: Page) -> None:
    for each in (page, phone):
        each.get_by_role("button", name="Ver precios y disponibilidad").click()
        expect(each.get_by_role("button", name="Otras fechas")).to_be_visible()
        each.mouse.move(1, 1)
        measured = each.evaluate(CONTRAST)
        assert len(measured) > 15
        assert [text for text, contrast in measured if contrast < 4.5] == []


def test_on_a_small_phone_nothing_overflows_and_all_can_be_hit(phone: Page) -> None:
    write(phone, "Donaudampfschifffahrt" * 10 + " https://example.com/" + "a" * 200)
    expect(phone.get_by_role("log")).to_contain_text("Has dicho: Donau")
    write(phone, "Ver precios y disponibilidad")
    expect(phone.get_by_role("button", name="Otras fechas")).to_be_in_viewport()
    widths = phone.evaluate(
        "[document.documentElement, ...document.querySelectorAll('.chat, #log')]"
        ".map(element => element.scrollWidth)"
    )
    assert max(widths) <= 360
    for target in phone.locator("button:visible, header a, footer a").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, target.inner_text()
    sizes = phone.evaluate(
        "[...document.querySelectorAll('textarea, .bubble p, .options button')]"
        ".map(element => parseFloat(getComputedStyle(element).fontSize))"
    )
    assert min(sizes) >= 16


def test_without_motion_wanted_the_typing_sign_stands_still(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    assert page.locator("#typing i").first.evaluate("i => getComputedStyle(i).animationName") == (
        "none"
    )


def test_an_unknown_hotel_gets_a_friendly_page(context: BrowserContext, assistant: str) -> None:
    page = context.new_page()
    for path in ("/chat/nope", "/chat", "/chat/%3Cscript%3E"):
        answer = page.goto(assistant + path)
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading")).to_have_text("Aquí no hay ningún hotel")


def test_the_page_is_asked_anew_and_its_parts_are_kept_for_ever(assistant: str) -> None:
    page = requests.get(f"{assistant}/chat/mirador", timeout=SECONDS)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-cache"
    parts = re.findall(r'(?:href|src)="(/chat/static/[^"]+)"', page.text)
    assert len(parts) == 3
    for path in parts:
        part = requests.get(assistant + path, timeout=SECONDS)
        assert part.status_code == 200
        assert "immutable" in part.headers["Cache-Control"]
        other = requests.get(
            assistant + re.sub("static/[^/]+", "static/old", path), timeout=SECONDS
        )
        assert other.headers["Cache-Control"] == "no-cache"
    lost = requests.get(f"{assistant}/chat/static/x/page.py", timeout=SECONDS)
    assert lost.status_code == 404
