"""A booking is changed as the guest wants it, or it stays as it was and the guest hears why.

`QLOAPPS_URL` and `QLOAPPS_KEY` name a live server; what needs faults is skipped there.
"""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from conserje.pms import (
    AnswerNotUnderstood,
    BookedRoom,
    Booking,
    BookingNotFound,
    BookingRequest,
    ChangeRefused,
    Guest,
    Occupancy,
    Offer,
    PmsDown,
    PmsError,
    Uncertain,
)
from conserje.pms.qloapps import QloApps
from tests.conserje.pms.conftest import (
    APARTMENT,
    DUNAS,
    MIRADOR,
    STUDIO,
    Control,
    RequestMaker,
    Server,
)

PUT = {"method": "PUT", "path": "/api/bookings"}
PUT_GUESTS = {"method": "PUT", "path": "/api/room_bookings"}
READ_ORDER = {"method": "GET", "path": r"/api/orders\?.*filter(%5B|\[)id(%5D|\])"}
NIGHT = timedelta(days=1)


async def _offers(
    pms: QloApps,
    booking: Booking,
    check_in: date,
    check_out: date,
    rooms: Sequence[Occupancy] | None = None,
) -> dict[str, Offer]:
    rooms = [room.occupancy for room in booking.rooms] if rooms is None else rooms
    offers = await pms.change_offers(booking, check_in, check_out, rooms)
    return {offer.room_type.id: offer for offer in offers}


async def _wanted(
    pms: QloApps,
    request: BookingRequest,
    booking: Booking,
    nights: tuple[int, int] = (0, 0),
    room_type_id: str | None = None,
    rooms: tuple[Occupancy, ...] | None = None,
) -> BookingRequest:
    """`request` at another quote; `nights`: by how many days check-in and check-out move."""
    wanted = replace(
        request,
        check_in=booking.check_in + nights[0] * NIGHT,
        check_out=booking.check_out + nights[1] * NIGHT,
        room_type_id=room_type_id or request.room_type_id,
        rooms=rooms or request.rooms,
    )
    offers = await _offers(pms, booking, wanted.check_in, wanted.check_out, wanted.rooms)
    return replace(wanted, total=offers[wanted.room_type_id].total)


async def _refused(pms: QloApps, booking: Booking, wanted: BookingRequest, reason: str) -> None:
    with pytest.raises(ChangeRefused) as caught:
        await pms.change(booking, wanted)
    assert caught.value.reason == reason


async def _stands_as_it_was(pms: QloApps, booking: Booking) -> bool:
    return await pms.find(booking.reference, booking.email) == booking


async def _desk_books(
    server: Server, room_type_id: str, check_in: date, check_out: date
) -> dict[str, Any]:
    """The hotel's desk takes a room past us."""
    unique = uuid.uuid4().hex[:12]
    line = {
        "id_room_type": int(room_type_id),
        "checkin_date": check_in.isoformat(),
        "checkout_date": check_out.isoformat(),
        "number_of_rooms": 1,
        "rooms": [{"adult": 1, "adults": 1, "child": 0, "id_tax_rules_group": 2}],
    }
    guest = {
        "firstname": "Rosa",
        "lastname": "Mesa",
        "email": f"rosa.{unique}@example.com",
        "phone": "+34922000111",
    }
    answer = await server.call(
        "POST",
        "bookings",
        json={
            "booking": {
                "id_property": DUNAS,
                "currency": "EUR",
                "booking_status": 1,
                "payment_status": 3,
                "source": f"desk-{unique}",
                "associations": {"customer_detail": guest, "room_types": [line]},
            }
        },
    )
    booked: dict[str, Any] = answer["booking"]
    return booked


# What can be changed


async def test_new_dates_are_booked_at_the_new_quote_and_the_old_nights_are_free_again(
    server: Server, mirador: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(mirador, "1")
    booking = await mirador.book(request)
    wanted = await _wanted(mirador, request, booking, nights=(3, 4))

    changed = await mirador.change(booking, wanted)

    assert (changed.check_in, changed.check_out) == (wanted.check_in, wanted.check_out)
    # Three nights, the service included that QloApps itself would leave out.
    assert changed.total == wanted.total == Decimal("280.50")
    unchanged = ("id", "reference", "status", "marker", "email", "guest_name", "paid")
    assert all(getattr(changed, name) == getattr(booking, name) for name in unchanged)
    assert changed == await mirador.find(booking.reference, booking.email)
    before = await mirador.offers(request.check_in, request.check_out, request.rooms)
    assert before[0].rooms_free == 5
    (order,) = await server.orders_marked(request.marker)
    assert order["current_state"] == "1"
    await mirador.cancel(changed)


async def test_another_room_type_and_other_guests_come_in_one_change(
    mirador: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(mirador, "1")
    booking = await mirador.book(request)
    rooms = (Occupancy(2, (0, 9)),)
    wanted = await _wanted(mirador, request, booking, room_type_id="3", rooms=rooms)

    changed = await mirador.change(booking, wanted)

    assert changed.rooms == (
        BookedRoom("3", "Salas Ejecutivas", 2, 2, booking.check_in, booking.check_out, (0, 9)),
    )
    assert changed.total == Decimal("341.00")
    await mirador.cancel(changed)


async def test_other_guests_alone_change_neither_room_nor_price(
    server: Server, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, APARTMENT)
    booking = await dunas.book(request)
    (order,) = await server.orders_marked(request.marker)
    (row,) = await server.live_rooms(order)
    rooms = (Occupancy(1, (4, 11)),)
    offers = await _offers(dunas, booking, booking.check_in, booking.check_out, rooms)
    assert (offers[APARTMENT].total, offers[APARTMENT].rooms_free) == (booking.total, 1)

    changed = await dunas.change(booking, replace(request, rooms=rooms))

    assert [room.occupancy for room in changed.rooms] == list(rooms)
    assert changed == replace(booking, rooms=changed.rooms)
    (after,) = await server.live_rooms(order)
    ours = {"adults": "1", "children": "2", "child_ages": "[4,11]", "date_upd": after["date_upd"]}
    assert after == row | ours
    await dunas.cancel(changed)


async def test_of_two_rooms_only_the_one_whose_guests_change_is_touched(
    server: Server, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO, (Occupancy(2, (5,)), Occupancy(1)))
    booking = await dunas.book(request)
    rooms = (Occupancy(1, (7,)), Occupancy(2, (5,)))

    changed = await dunas.change(booking, replace(request, rooms=rooms))

    found = {room.occupancy for room in changed.rooms}
    assert found == set(rooms)
    assert changed.rooms[0].occupancy == Occupancy(2, (5,)), "the first room kept its guests"
    await dunas.cancel(changed)


async def test_two_rooms_with_children_move_together(
    dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO, (Occupancy(2, (5,)), Occupancy(1)))
    booking = await dunas.book(request)
    wanted = await _wanted(dunas, request, booking, nights=(5, 6))

    changed = await dunas.change(booking, wanted)

    assert {room.occupancy for room in changed.rooms} == set(request.rooms)
    assert {(room.check_in, room.check_out) for room in changed.rooms} == {
        (wanted.check_in, wanted.check_out)
    }
    assert changed.total == wanted.total == Decimal("429.00")
    await dunas.cancel(changed)


async def test_a_change_into_the_season_costs_what_the_season_costs(
    server: Server, control: Control, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = replace(
        await request_of(dunas, STUDIO),
        check_in=date(2026, 12, 10),
        check_out=date(2026, 12, 12),
    )
    booking = await dunas.book(request)
    offers = await _offers(dunas, booking, date(2026, 12, 23), date(2026, 12, 27))
    wanted = replace(
        request,
        check_in=date(2026, 12, 23),
        check_out=date(2026, 12, 27),
        total=offers[STUDIO].total,
    )

    changed = await dunas.change(booking, wanted)

    assert changed.total == Decimal("352.00")


async def test_a_paid_booking_stays_paid(
    server: Server, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    booking = await dunas.book(request)
    entry = f"<id_order_state>2</id_order_state><id_order>{booking.id}</id_order>"
    await server.call(
        "POST",
        "order_histories",
        data=f"<qloapps><order_history>{entry}</order_history></qloapps>",
    )
    wanted = await _wanted(dunas, request, booking, nights=(3, 3))

    await dunas.change(booking, wanted)

    (order,) = await server.orders_marked(request.marker)
    assert order["current_state"] == "2"


# The own room in the way


@pytest.mark.parametrize("nights", [(0, 1), (-1, 0), (-1, 2)])
async def test_a_stay_grows_by_nights_that_adjoin_though_no_other_room_is_free(
    server: Server, dunas: QloApps, request_of: RequestMaker, nights: tuple[int, int]
) -> None:
    request = await request_of(dunas, APARTMENT)
    booking = await dunas.book(request)
    wanted = await _wanted(dunas, request, booking, nights=nights)
    added = wanted.check_out - wanted.check_in - 2 * NIGHT
    assert wanted.total == Decimal("105.05") * (2 + added.days)

    changed = await dunas.change(booking, wanted)

    (room,) = changed.rooms
    assert (changed.check_in, changed.check_out) == (wanted.check_in, wanted.check_out)
    assert (room.check_in, room.check_out) == (wanted.check_in, wanted.check_out)
    assert changed.total == wanted.total
    (order,) = await server.orders_marked(request.marker)
    assert {row["id_room"] for row in await server.live_rooms(order)} == {"24"}
    assert changed == await dunas.find(booking.reference, booking.email)
    await dunas.cancel(changed)


async def test_a_stay_that_grew_can_grow_and_change_its_guests_again(
    dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, APARTMENT)
    booking = await dunas.book(request)
    for _ in range(2):
        wanted = await _wanted(dunas, request, booking, nights=(0, 1))
        booking = await dunas.change(booking, wanted)

    changed = await dunas.change(booking, replace(wanted, rooms=(Occupancy(1),)))

    (room,) = changed.rooms
    assert (room.check_out - room.check_in, room.occupancy) == (4 * NIGHT, Occupancy(1))
    assert changed.total == Decimal("420.20")
    await dunas.cancel(changed)


async def test_a_grown_stay_pays_the_service_for_the_added_nights_too(
    server: Server, mirador: QloApps, request_of: RequestMaker
) -> None:
    """All five rooms of a type in one booking: no other is free."""
    request = await request_of(mirador, "1", (Occupancy(2),) * 5)
    booking = await mirador.book(request)
    wanted = await _wanted(mirador, request, booking, nights=(0, 1))

    changed = await mirador.change(booking, wanted)

    assert changed.total == wanted.total == Decimal("93.50") * 3 * 5
    assert {(room.check_in, room.check_out) for room in changed.rooms} == {
        (wanted.check_in, wanted.check_out)
    }
    (order,) = await server.orders_marked(request.marker)
    by_night: dict[str, list[str]] = {}
    for row in await server.live_rooms(order):
        by_night.setdefault(row["date_from"], []).append(row["id_room"])
    assert [sorted(rooms) for rooms in by_night.values()] == [["1", "2", "3", "4", "5"]] * 2
    await mirador.cancel(changed)


async def test_a_stay_does_not_grow_into_a_room_that_is_not_its_own(
    server: Server, dunas: QloApps, request_of: RequestMaker
) -> None:
    """Guests would have to change rooms at midstay: nobody asked for that."""
    request = await request_of(dunas, STUDIO)
    own = await dunas.book(request)
    rest = await dunas.book(await request_of(dunas, STUDIO, (Occupancy(1), Occupancy(1))))
    await _desk_books(server, STUDIO, own.check_out, own.check_out + NIGHT)

    offers = await _offers(dunas, own, own.check_in, own.check_out + NIGHT)

    assert offers[STUDIO].rooms_free == 0
    wanted = replace(request, check_out=own.check_out + NIGHT, total=Decimal("500"))
    await _refused(dunas, own, wanted, "no_room")
    assert await _stands_as_it_was(dunas, own)
    await dunas.cancel(own)
    await dunas.cancel(rest)


@pytest.mark.parametrize("nights", [(0, -1), (1, 0), (1, 1)])
async def test_what_qloapps_cannot_do_with_only_the_own_room_free_is_neither_offered_nor_done(
    dunas: QloApps, request_of: RequestMaker, nights: tuple[int, int]
) -> None:
    request = await request_of(dunas, APARTMENT)
    booking = await dunas.book(request)
    wanted = await _wanted(dunas, request, booking, nights=nights)

    offers = await _offers(dunas, booking, wanted.check_in, wanted.check_out)

    assert (offers[APARTMENT].rooms_free, offers[STUDIO].rooms_free) == (0, 3)
    await _refused(dunas, booking, wanted, "not_possible")
    assert await _stands_as_it_was(dunas, booking)
    await dunas.cancel(booking)


async def test_a_stay_gets_shorter_where_another_room_is_free(
    dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    booking = await dunas.book(request)
    wanted = await _wanted(dunas, request, booking, nights=(0, -1))

    changed = await dunas.change(booking, wanted)

    assert (changed.check_out, changed.total) == (booking.check_out - NIGHT, Decimal("71.50"))
    await dunas.cancel(changed)


# What cannot


async def test_the_offers_for_a_change_show_only_what_a_change_would_do(
    server: Server, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    booking = await dunas.book(request)
    await _desk_books(server, APARTMENT, booking.check_in, booking.check_out)

    same = await _offers(dunas, booking, booking.check_in, booking.check_out)

    assert set(same) == {APARTMENT}, "the present room is no change"
    assert same[APARTMENT].rooms_free == 0
    wanted = replace(request, room_type_id=APARTMENT, total=same[APARTMENT].total)
    await _refused(dunas, booking, wanted, "no_room")
    await _refused(dunas, booking, request, "unchanged")
    await _refused(dunas, booking, replace(request, room_type_id="1"), "no_room")
    await _refused(dunas, booking, replace(request, rooms=(Occupancy(1),) * 2), "not_possible")
    assert await _stands_as_it_was(dunas, booking)
    await dunas.cancel(booking)


async def test_a_total_below_the_price_of_now_changes_nothing(
    dunas: QloApps, request_of: RequestMaker
) -> None:
    """QloApps would take the full price and say 500."""
    request = await request_of(dunas, STUDIO)
    booking = await dunas.book(request)
    wanted = await _wanted(dunas, request, booking, nights=(3, 4))

    await _refused(dunas, booking, replace(wanted, total=wanted.total - 1), "not_possible")

    assert await _stands_as_it_was(dunas, booking)
    await dunas.cancel(booking)


async def test_a_cancelled_booking_is_not_brought_back_to_life(
    server: Server, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    booking = await dunas.book(request)
    wanted = await _wanted(dunas, request, booking, nights=(3, 4))
    cancelled = await dunas.cancel(booking)

    await _refused(dunas, booking, wanted, "cancelled")
    with pytest.raises(ChangeRefused):
        await dunas.change_offers(booking, wanted.check_in, wanted.check_out, wanted.rooms)

    assert await _stands_as_it_was(dunas, cancelled)
    (order,) = await server.orders_marked(request.marker)
    assert await server.live_rooms(order) == []


async def test_a_refunded_booking_is_not_brought_back_to_life(
    server: Server, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    booking = await dunas.book(request)
    entry = f"<id_order_state>5</id_order_state><id_order>{booking.id}</id_order>"
    await server.call(
        "POST",
        "order_histories",
        data=f"<qloapps><order_history>{entry}</order_history></qloapps>",
    )

    await _refused(dunas, booking, replace(request, rooms=(Occupancy(1),)), "cancelled")

    assert (await dunas.find(booking.reference, booking.email)).status == "refunded"


@pytest.mark.parametrize(
    ("day", "nights", "reason"),
    [
        (3, (5, 5), "past"),  # it was over yesterday
        (0, (-1, 0), "past"),
        (1, (3, 3), "not_possible"),  # its guests are in the house
        (1, (0, -2), None),
    ],
)
async def test_past_days_are_past(
    server: Server,
    dunas: QloApps,
    request_of: RequestMaker,
    day: int,
    nights: tuple[int, int],
    reason: str | None,
) -> None:
    request = await request_of(dunas, STUDIO)
    booking = await dunas.book(request)
    then = await _on(server, booking.check_in + day * NIGHT)
    wanted = replace(
        request,
        check_in=booking.check_in + nights[0] * NIGHT,
        check_out=booking.check_out + nights[1] * NIGHT,
        total=Decimal(900),
    )

    if reason:
        await _refused(then, booking, wanted, reason)
    else:
        with pytest.raises(ValueError, match="check_out"):
            await then.change(booking, wanted)

    assert await _stands_as_it_was(dunas, booking)
    await dunas.cancel(booking)
    await then.close()


async def _on(server: Server, day: date) -> QloApps:
    """Our side of Dunas on another day."""
    return server.adapter(
        DUNAS, now=lambda: datetime.combine(day, time(9), tzinfo=timezone(NIGHT / 24))
    )


@pytest.mark.parametrize("day", [1, 2])
async def test_guests_in_the_house_may_stay_on_in_their_room_until_the_day_they_leave(
    server: Server, dunas: QloApps, request_of: RequestMaker, day: int
) -> None:
    request = await request_of(dunas, STUDIO)
    booking = await dunas.book(request)
    then = await _on(server, booking.check_in + day * NIGHT)
    wanted = await _wanted(then, request, booking, nights=(0, 1))

    changed = await then.change(booking, wanted)

    assert changed.check_out == booking.check_out + NIGHT
    (order,) = await server.orders_marked(request.marker)
    assert len({row["id_room"] for row in await server.live_rooms(order)}) == 1
    await dunas.cancel(changed)
    await then.close()


async def test_a_booking_with_extras_goes_to_a_person(
    server: Server, mirador: QloApps, request_of: RequestMaker
) -> None:
    """QloApps would drop the breakfast."""
    request = await request_of(mirador, "1")
    booking = await mirador.book(request)
    await server.call("PUT", f"bookings/{booking.id}", json=_with_breakfast(booking))
    moved = await mirador.find(booking.reference, booking.email)
    wanted = replace(
        request, check_in=booking.check_in, check_out=booking.check_out, total=Decimal(900)
    )

    await _refused(mirador, moved, wanted, "not_possible")

    assert await _stands_as_it_was(mirador, moved)
    await mirador.cancel(moved)


def _with_breakfast(booking: Booking) -> dict[str, Any]:
    first_name, last_name = booking.guest_name.split(" ", 1)
    room = {
        "adult": 2,
        "adults": 2,
        "id_tax_rules_group": 2,
        "services": [{"id_service": 9, "quantity": 2, "id_tax_rules_group": 2}],
    }
    return {
        "booking": {
            "id": int(booking.id),
            "id_property": MIRADOR,
            "currency": "EUR",
            "associations": {
                "customer_detail": {
                    "firstname": first_name,
                    "lastname": last_name,
                    "email": booking.email,
                    "phone": "+34600123456",
                },
                "room_types": [
                    {
                        "id_room_type": 1,
                        "checkin_date": (booking.check_in + 7 * NIGHT).isoformat(),
                        "checkout_date": (booking.check_out + 7 * NIGHT).isoformat(),
                        "number_of_rooms": 1,
                        "rooms": [room],
                    }
                ],
            },
        }
    }


# Whose it is


async def test_only_the_booking_itself_and_its_own_guest_are_touched(
    server: Server, dunas: QloApps, mirador: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    booking = await dunas.book(request)
    other_request = await request_of(dunas, STUDIO)
    other = await dunas.book(other_request)
    wanted = await _wanted(dunas, request, booking, nights=(3, 3))
    impostor = Guest("Otra", "Persona", other.email, "+34611111111")

    with pytest.raises(BookingNotFound):
        await mirador.change(booking, wanted)
    with pytest.raises(BookingNotFound):
        await dunas.change(replace(booking, reference=other.reference), wanted)
    changed = await dunas.change(booking, replace(wanted, guest=impostor, marker="someone-else"))

    assert (changed.guest_name, changed.email) == (booking.guest_name, booking.email)
    assert changed.marker == booking.marker
    assert await _stands_as_it_was(dunas, other)
    for each, phone in [(booking, request.guest.phone), (other, other_request.guest.phone)]:
        params = {"filter[email]": each.email, "display": "[id,firstname,phone]"}
        (customer,) = (await server.call("GET", "customers", params=params))["customers"]
        assert (customer["firstname"], customer["phone"]) == ("Iñaki", phone)
    await dunas.cancel(changed)
    await dunas.cancel(other)


async def test_a_booking_is_found_by_its_marker_in_any_state(
    dunas: QloApps, mirador: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    assert await dunas.find_by_marker(request.marker) is None

    booking = await dunas.book(request)
    assert await dunas.find_by_marker(request.marker) == booking
    assert await mirador.find_by_marker(request.marker) is None

    cancelled = await dunas.cancel(booking)
    assert await dunas.find_by_marker(request.marker) == cancelled

    anew = await dunas.book(request)
    assert await dunas.find_by_marker(request.marker) == anew
    with pytest.raises(ValueError, match="marker"):
        await dunas.find_by_marker("[conserje]%")
    await dunas.cancel(anew)


async def test_a_guests_upcoming_live_bookings_are_found_by_email_and_by_phone(
    server: Server, dunas: QloApps, mirador: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    phone = f"+346{uuid.uuid4().int % 10**8:08}"
    guest = replace(request.guest, phone=phone.removeprefix("+34"))
    first = await dunas.book(replace(request, guest=guest))
    second = await dunas.book(
        replace(await request_of(dunas, APARTMENT), guest=guest, check_in=first.check_in + NIGHT)
    )
    gone = await dunas.book(replace(await request_of(dunas, STUDIO), guest=guest))
    await dunas.cancel(gone)
    elsewhere = await mirador.book(replace(await request_of(mirador, "1"), guest=guest))
    someone = await dunas.book(await request_of(dunas, STUDIO))

    assert await dunas.find_by_guest(email=guest.email.upper()) == [first, second]
    assert await dunas.find_by_guest(phone=phone) == [first, second]
    assert await dunas.find_by_guest(email=someone.email, phone=phone) == [first, someone, second]
    assert await mirador.find_by_guest(phone=phone) == [elsewhere]
    for nobody in ({"phone": "+33" + phone[3:]}, {"phone": "x"}, {"email": "%@example.com"}, {}):
        assert await dunas.find_by_guest(**nobody) == []
    later = await _on(server, first.check_out + NIGHT)
    assert await later.find_by_guest(phone=phone) == []
    await later.close()
    for pms, booking in [(dunas, first), (dunas, second), (dunas, someone), (mirador, elsewhere)]:
        await pms.cancel(booking)


# When QloApps fails


@pytest.mark.parametrize("kind", ["created_but_500", "reset", "half_answer"])
async def test_a_change_that_was_made_without_a_clean_answer_is_seen(
    control: Control, dunas: QloApps, request_of: RequestMaker, kind: str
) -> None:
    request = await request_of(dunas, STUDIO)
    booking = await dunas.book(request)
    wanted = await _wanted(dunas, request, booking, nights=(3, 4))
    await control.fault(kind, **PUT)

    changed = await dunas.change(booking, wanted)

    assert (changed.check_in, changed.total) == (wanted.check_in, wanted.total)
    assert await control.requests("PUT", f"bookings/{booking.id}") == 1


async def test_a_change_that_outlasts_our_patience_is_seen_when_it_is_done(
    server: Server, control: Control, request_of: RequestMaker
) -> None:
    pms = server.adapter(DUNAS, create_timeout=0.5, retry_pauses=[0.3] * 30)
    request = await request_of(pms, STUDIO)
    booking = await pms.book(request)
    wanted = await _wanted(pms, request, booking, nights=(3, 4))
    await control.post("settings", write_delay_seconds=1.0)

    changed = await pms.change(booking, wanted)

    assert (changed.check_in, changed.total) == (wanted.check_in, wanted.total)
    await pms.close()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("refuse", Uncertain),  # for all we know it may still be at work
        ("hang", Uncertain),
        ("empty_500", PmsDown),
        ("unavailable_503", PmsDown),
        ("html_200", AnswerNotUnderstood),
    ],
)
@pytest.mark.parametrize("guests_only", [False, True])
async def test_a_change_that_was_not_made_is_not_taken_for_one(
    server: Server,
    control: Control,
    request_of: RequestMaker,
    kind: str,
    error: type[PmsError],
    guests_only: bool,
) -> None:
    pms = server.adapter(DUNAS, create_timeout=0.3)
    request = await request_of(pms, STUDIO)
    booking = await pms.book(request)
    if guests_only:
        wanted = replace(request, rooms=(Occupancy(1),))
        await control.fault(kind, times=None, **PUT_GUESTS)
    else:
        wanted = await _wanted(pms, request, booking, nights=(3, 4))
        await control.fault(kind, times=None, **PUT)

    with pytest.raises(error) as caught:
        await pms.change(booking, wanted)

    if isinstance(caught.value, Uncertain):
        assert caught.value.marker == booking.marker
    assert await _stands_as_it_was(pms, booking)
    await pms.close()


@pytest.mark.parametrize("kind", ["created_but_500", "reset", "refuse", "unavailable_503"])
async def test_a_hiccup_while_the_guests_of_two_rooms_change_goes_unnoticed(
    control: Control, dunas: QloApps, request_of: RequestMaker, kind: str
) -> None:
    request = await request_of(dunas, STUDIO, (Occupancy(2), Occupancy(2)))
    booking = await dunas.book(request)
    wanted = replace(request, rooms=(Occupancy(1), Occupancy(1, (3,))))
    await control.fault(kind, **PUT_GUESTS)

    changed = await dunas.change(booking, wanted)

    assert {room.occupancy for room in changed.rooms} == set(wanted.rooms)


async def test_half_of_a_change_of_guests_is_uncertain_and_trying_again_completes_it(
    server: Server, control: Control, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO, (Occupancy(2), Occupancy(2)))
    booking = await dunas.book(request)
    wanted = replace(request, rooms=(Occupancy(1), Occupancy(1)))
    (order,) = await server.orders_marked(request.marker)
    last = (await server.live_rooms(order))[-1]["id"]
    await control.fault("unavailable_503", times=3, method="PUT", path=f"/api/room_bookings/{last}")

    with pytest.raises(Uncertain) as caught:
        await dunas.change(booking, wanted)
    changed = await dunas.change(booking, wanted)

    assert caught.value.marker == booking.marker
    assert [room.occupancy for room in changed.rooms] == list(wanted.rooms)


async def test_a_change_made_but_not_readable_is_uncertain(
    server: Server, control: Control, dunas: QloApps, request_of: RequestMaker
) -> None:
    request = await request_of(dunas, STUDIO)
    booking = await dunas.book(request)
    wanted = await _wanted(dunas, request, booking, nights=(3, 4))
    await control.fault("hang", seconds=0.5, **PUT)
    changing = asyncio.ensure_future(dunas.change(booking, wanted))
    await _arrives(control, "PUT", f"bookings/{booking.id}")
    await control.fault("unavailable_503", times=None, **READ_ORDER)

    with pytest.raises(Uncertain) as caught:
        await changing

    assert caught.value.marker == booking.marker


async def test_a_change_with_another_total_than_agreed_is_uncertain(
    server: Server, control: Control, dunas: QloApps, request_of: RequestMaker
) -> None:
    """The price goes up between our last question and the change."""
    request = await request_of(dunas, STUDIO)
    booking = await dunas.book(request)
    wanted = await _wanted(dunas, request, booking, nights=(3, 4))
    await control.fault("slow", seconds=1.0, **PUT)
    changing = asyncio.ensure_future(dunas.change(booking, wanted))
    await _arrives(control, "PUT", f"bookings/{booking.id}")
    await _raise_price(server, wanted.check_in)

    with pytest.raises(Uncertain) as caught:
        await changing

    assert caught.value.marker == booking.marker


async def _raise_price(server: Server, day: date) -> None:
    params = {"display": "full", "limit": "1"}
    (rule,) = (await server.call("GET", "feature_prices", params=params))["feature_prices"]
    changes = {
        "date_from": f"{day}",
        "date_to": f"{day + 9 * NIGHT}",
        "id_product": STUDIO,
        "active": "1",
        "impact_value": "20",
        "impact_way": "2",
        "impact_type": "2",
    }
    fields = "".join(
        f"<{name}>{value}</{name}>"
        for name, value in (rule | changes).items()
        if isinstance(value, (str, int))
    )
    body = f"<qloapps><feature_price>{fields}</feature_price></qloapps>"
    await server.call("PUT", f"feature_prices/{rule['id']}", data=body)


# When the desk is at it too


@pytest.mark.parametrize("overbooking_action", [1, 2])
@pytest.mark.parametrize("double_booking_share", [0.0, 1.0])
@pytest.mark.parametrize("growing", [False, True])
async def test_a_change_and_the_desk_after_the_last_room_leave_everybody_with_one_room(
    server: Server,
    control: Control,
    dunas: QloApps,
    request_of: RequestMaker,
    overbooking_action: int,
    double_booking_share: float,
    growing: bool,
) -> None:
    request = await request_of(dunas, APARTMENT)
    booking = await dunas.book(request)
    wanted = await _wanted(dunas, request, booking, nights=(0, 1) if growing else (3, 4))
    await control.post(
        "settings",
        overbooking_action=overbooking_action,
        double_booking_share=double_booking_share,
        write_delay_seconds=0.9,
    )
    desk = asyncio.ensure_future(
        _desk_books(server, APARTMENT, wanted.check_out - NIGHT, wanted.check_out)
    )
    await _arrives(control, "POST", "bookings", times=2)

    await _refused(dunas, booking, wanted, "no_room")

    assert await control.requests("PUT", f"bookings/{booking.id}") == 2, "there and back"
    desks = await server.live_rooms(await desk)
    assert [row["is_back_order"] for row in desks] == ["0"]
    after = await dunas.find(booking.reference, booking.email)
    assert after == booking


async def test_two_own_changes_after_the_last_room_wait_for_one_another(
    dunas: QloApps, request_of: RequestMaker
) -> None:
    requests = [await request_of(dunas, STUDIO), await request_of(dunas, STUDIO)]
    bookings = [await dunas.book(request) for request in requests]
    wanted = [
        await _wanted(dunas, request, booking, room_type_id=APARTMENT)
        for request, booking in zip(requests, bookings, strict=True)
    ]

    outcomes = await asyncio.gather(
        *(dunas.change(*pair) for pair in zip(bookings, wanted, strict=True)),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [Booking, ChangeRefused]
    assert await _stands_as_it_was(dunas, bookings[1])
    for booking in bookings:
        await dunas.cancel(booking)


async def _arrives(control: Control, method: str, resource: str, times: int = 1) -> None:
    """Asks until QloApps has got so many requests of this kind."""

    async def asking() -> None:
        while await control.requests(method, resource) < times:
            pass

    await asyncio.wait_for(asking(), timeout=30)
