"""How a party is spread over rooms."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conserje.pms import RoomType
from conserje.stay_request import AdultMissing, StayRequest, nearby_stays, takes_all

DOUBLE = RoomType("1", "Doble", max_adults=2, max_children=2, max_guests=4)
STUDIO = RoomType("11", "Estudio", max_adults=2, max_children=2, max_guests=3)
PARTIES = st.builds(
    lambda adults, ages: StayRequest(adults=adults, children=len(ages), child_ages=tuple(ages)),
    st.integers(1, 12),
    st.lists(st.integers(0, 17), max_size=8),
)


@given(PARTIES, st.integers(1, 5))
def test_nobody_is_lost_and_every_room_has_an_adult(party: StayRequest, rooms: int) -> None:
    if (party.adults or 0) < rooms:
        with pytest.raises(AdultMissing):
            party.in_rooms(rooms)
        return
    spread = party.in_rooms(rooms)
    assert len(spread) == rooms
    assert sum(room.adults for room in spread) == party.adults
    assert sorted(age for room in spread for age in room.child_ages) == sorted(party.child_ages)
    assert min(room.adults for room in spread) >= 1


@given(PARTIES)
def test_the_fewest_rooms_hold_the_party_and_one_less_does_not(party: StayRequest) -> None:
    fewest = party.fewest_rooms([DOUBLE, STUDIO], most=5)
    if fewest is None:
        return
    assert takes_all(DOUBLE, party.in_rooms(fewest)) or takes_all(STUDIO, party.in_rooms(fewest))
    if fewest > 1:
        assert not takes_all(DOUBLE, party.in_rooms(fewest - 1))


def test_a_party_that_needs_more_rooms_than_allowed_fits_in_none() -> None:
    assert StayRequest(adults=20).fewest_rooms([DOUBLE], most=5) is None


def test_ages_are_missing_until_each_child_has_one() -> None:
    family = StayRequest(adults=2, children=2)
    assert family.ages_missing == 2
    assert replace(family, child_ages=(4, 0)).ages_missing == 0


@given(st.integers(0, 30), st.integers(1, 14))
def test_nearby_stays_keep_their_length_and_never_begin_in_the_past(
    ahead: int, nights: int
) -> None:
    today = date(2026, 11, 23)
    start = today + timedelta(ahead)
    stays = nearby_stays(start, start + timedelta(nights), today, 7)
    assert all(check_in >= today for check_in, _ in stays)
    assert all((check_out - check_in).days == nights for check_in, check_out in stays)
    distances = [abs((check_in - start).days) for check_in, _ in stays]
    assert distances == sorted(distances)
