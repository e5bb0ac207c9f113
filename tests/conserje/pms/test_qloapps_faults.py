"""Whatever QloApps does to a request, a guest is told the truth and is booked at most once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from conserje.pms import (
    AnswerNotUnderstood,
    BookingRequest,
    GuestDataRejected,
    NotAuthorised,
    PmsDown,
    PmsError,
    Uncertain,
)
from conserje.pms.qloapps import QloApps, new_session
from demo.qloapps.webservice import LIMITED_KEY
from tests.conserje.pms.conftest import DUNAS, STUDIO, Control, RequestMaker, Server
from tests.servers import free_port

CREATE = {"method": "POST", "path": "/api/bookings"}
CANCEL = {"method": "POST", "path": "/api/order_histories"}
READ_BACK = {"method": "GET", "path": r"/api/orders\?.*filter(%5B|\[)id(%5D|\])"}
SEARCH = {"method": "GET", "path": r"/api/orders\?.*filter(%5B|\[)source(%5D|\])"}


@pytest.mark.parametrize("kind", ["created_but_500", "reset", "half_answer"])
async def test_a_booking_that_was_made_without_a_clean_answer_is_found(
    server: Server, control: Control, dunas: QloApps, request_of: RequestMaker, kind: str
) -> None:
    request = await request_of(dunas, STUDIO)
    await control.fault(kind, **CREATE)

    booking = await dunas.book(request)

    assert booking.status == "confirmed"
    assert booking.marker == request.marker
    assert booking == await dunas.find(booking.reference, booking.email)
    assert len(await server.orders_marked(request.marker)) == 1


async def test_a_create_that_outlasts_our_patience_is_found_when_it_is_done(
    server: Server, control: Control, request_of: RequestMaker
) -> None:
    pms = server.adapter(DUNAS, create_timeout=0.2, retry_pauses=[0.3] * 30)
    request = await request_of(pms, STUDIO)
    await control.post("settings", write_delay_seconds=0.8)

    booking = await pms.book(request)

    assert booking.status == "confirmed"
    assert len(await server.orders_marked(request.marker)) == 1
    await pms.close()


@pytest.mark.parametrize("kind", ["refuse", "hang"])
async def test_a_create_without_an_answer_and_without_a_booking_is_uncertain(
    server: Server, control: Control, request_of: RequestMaker, kind: str
) -> None:
    pms = server.adapter(DUNAS, create_timeout=0.3)
    request = await request_of(pms, STUDIO)
    await control.fault(kind, **CREATE)

    with pytest.raises(Uncertain) as caught:
        await pms.book(request)

    assert caught.value.marker == request.marker
    assert await control.requests("POST", "bookings") == 1
    await pms.close()


async def test_trying_again_after_an_uncertain_create_books_once(
    server: Server, control: Control, dunas: QloApps, request_of: RequestMaker
) -> None:
    pms = server.adapter(DUNAS, create_timeout=0.2, retry_pauses=[])
    request = await request_of(pms, STUDIO)
    await control.post("settings", write_delay_seconds=0.5)
    with pytest.raises(Uncertain):
        await pms.book(request)
    await _until(lambda: server.orders_marked(request.marker))

    booking = await dunas.book(request)

    assert booking.status == "confirmed"
    assert len(await server.orders_marked(request.marker)) == 1
    await pms.close()


@pytest.mark.parametrize("kind", ["html_200", "empty_500"])
async def test_a_create_that_dies_without_a_booking_has_rejected_the_guests_data(
    server: Server, control: Control, dunas: QloApps, request_of: RequestMaker, kind: str
) -> None:
    request = await request_of(dunas, STUDIO)
    await control.fault(kind, **CREATE)

    with pytest.raises(GuestDataRejected) as caught:
        await dunas.book(request)

    assert caught.value.field == "unknown"
    assert await server.orders_marked(request.marker) == []
    assert (await dunas.book(request)).status == "confirmed"


async def test_a_create_refused_although_a_room_is_free_is_not_called_unavailable(
    server: Server, dunas: QloApps, control: Control, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)

    with pytest.raises(GuestDataRejected):
        await dunas.book(replace(request, currency="XXX"))

    assert await server.orders_marked(request.marker) == []


async def test_a_create_at_a_webservice_switched_off_finds_the_pms_down(
    server: Server, control: Control, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    await control.fault("unavailable_503", **CREATE)

    with pytest.raises(PmsDown):
        await dunas.book(request)

    assert await server.orders_marked(request.marker) == []


async def test_a_booking_made_but_not_readable_is_uncertain(
    server: Server, control: Control, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    await control.fault("unavailable_503", times=None, **READ_BACK)

    with pytest.raises(Uncertain) as caught:
        await dunas.book(request)

    assert caught.value.marker == request.marker
    assert len(await server.orders_marked(request.marker)) == 1


async def test_a_hiccup_while_reading_back_goes_unnoticed(
    control: Control, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    await control.fault("refuse", **READ_BACK)

    assert (await dunas.book(request)).status == "confirmed"


async def test_a_booking_that_cannot_be_looked_for_is_uncertain(
    control: Control, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    await control.fault("hang", seconds=0.5, **CREATE)
    booking = asyncio.ensure_future(dunas.book(request))
    await _until(lambda: control.requests("POST", "bookings"))
    await control.fault("unavailable_503", times=None, **SEARCH)

    with pytest.raises(Uncertain):
        await booking


@pytest.mark.parametrize("kind", ["created_but_500", "reset", "half_answer"])
async def test_a_cancellation_that_worked_without_a_clean_answer_is_seen(
    control: Control, dunas: QloApps, request_of: RequestMaker, kind: str
) -> None:
    booking = await dunas.book(await request_of(dunas, STUDIO))
    await control.fault(kind, **CANCEL)

    assert (await dunas.cancel(booking)).status == "cancelled"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("refuse", Uncertain),
        ("html_200", AnswerNotUnderstood),
        ("unavailable_503", PmsDown),
    ],
)
async def test_a_cancellation_that_did_not_work_is_not_taken_for_one(
    control: Control,
    dunas: QloApps,
    request_of: RequestMaker,
    kind: str,
    error: type[PmsError],
) -> None:
    booking = await dunas.book(await request_of(dunas, STUDIO))
    await control.fault(kind, **CANCEL)

    with pytest.raises(error):
        await dunas.cancel(booking)

    assert (await dunas.find(booking.reference, booking.email)).status == "confirmed"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("refuse", PmsDown),
        ("reset", PmsDown),
        ("half_answer", PmsDown),
        ("empty_500", PmsDown),
        ("unavailable_503", PmsDown),
        ("html_200", AnswerNotUnderstood),
    ],
)
async def test_a_question_that_fails_says_how(
    control: Control,
    dunas: QloApps,
    request_of: RequestMaker,
    kind: str,
    error: type[PmsError],
) -> None:
    request = await request_of(dunas, STUDIO)
    for path in ("/api/hotel_ari", "/api/orders"):
        await control.fault(kind, path=path)

    with pytest.raises(error):
        await dunas.offers(request.check_in, request.check_out, request.rooms)
    with pytest.raises(error):
        await dunas.find("ABCDEFGHI", "ana@example.com")


async def test_a_question_that_hangs_is_given_up(
    server: Server, control: Control, request_of: RequestMaker
) -> None:
    pms = server.adapter(DUNAS, read_timeout=0.3)
    await control.fault("hang", path="/api/hotel_room_types")

    with pytest.raises(PmsDown):
        await pms.room_types()

    await pms.close()


async def test_a_pms_that_does_not_listen_is_down_and_was_sent_nothing(
    control: Control, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    nowhere = QloApps(f"http://127.0.0.1:{free_port()}", "X" * 32, DUNAS)

    with pytest.raises(PmsDown):
        await nowhere.offers(request.check_in, request.check_out, request.rooms)
    with pytest.raises(PmsDown):
        await nowhere.book(request)
    with pytest.raises(PmsDown):
        await nowhere.find("ABCDEFGHI", "ana@example.com")

    await nowhere.close()


async def test_a_key_without_the_needed_permissions_is_not_authorised(
    server: Server, control: Control
) -> None:
    pms = server.adapter(DUNAS, key=LIMITED_KEY)

    with pytest.raises(NotAuthorised):
        await pms.room_types()

    await pms.close()


async def test_a_hotel_that_the_pms_does_not_know_is_not_taken_for_a_full_one(
    server: Server, control: Control, request_of: RequestMaker
) -> None:
    pms = server.adapter(99)

    with pytest.raises(AnswerNotUnderstood):
        await pms.offers(request_of.check_in, request_of.check_out, [])

    await pms.close()


async def test_no_cookie_of_one_guest_is_sent_with_the_next_request(
    server: Server, control: Control, request_of: RequestMaker
) -> None:
    async with new_session() as session:
        pms = server.adapter(DUNAS, session=session)
        await pms.book(await request_of(pms, STUDIO))
        await pms.close()

        assert not list(session.cookie_jar)
        assert not session.closed, "a session from outside is not ours to close"


async def test_neither_log_nor_errors_show_the_guest_the_key_or_the_pmss_texts(
    server: Server,
    control: Control,
    dunas: QloApps,
    request_of: RequestMaker,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    request = await request_of(dunas, STUDIO)
    said = []
    for kind, where in [
        ("html_200", CREATE),
        ("empty_500", CREATE),
        ("refuse", CREATE),
        ("unavailable_503", CREATE),
    ]:
        await control.fault(kind, **where)
        said.append(await _error_text(dunas, request))
    said.append(await _error_text(dunas, replace(request, currency="XXX")))
    await control.post("settings", webservice=False)
    said.append(await _error_text(dunas, request))

    told = "\n".join(said) + caplog.text
    guest = request.guest
    for secret in (
        guest.first_name,
        guest.last_name,
        guest.email,
        guest.phone,
        server.key,
        aiohttp.BasicAuth(server.key).encode(),
        "Fatal error",
        "currency",
        "Back Office",
        "filter",
    ):
        assert secret not in told


async def _error_text(pms: QloApps, request: BookingRequest) -> str:
    with pytest.raises(PmsError) as caught:
        await pms.book(request)
    return f"{caught.value!r} {caught.value.__cause__!r}"


async def _until(question: Callable[[], Awaitable[Any]]) -> None:
    """Asks the server again and again until it says yes."""

    async def asking() -> None:
        while not await question():
            pass

    await asyncio.wait_for(asking(), timeout=30)
