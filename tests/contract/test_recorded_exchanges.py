"""The server answers the recorded requests as QloApps 1.6.1 did.

Without further ado the stand-in is asked, and every answer must be the recorded one but for
times, hashes and cookies. With QLOAPPS_URL and QLOAPPS_KEY a live server is asked instead; as it
has its own numbers, texts and bookings, status, type, shape and what the request determined count.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from yarl import URL

from demo.qloapps.state import State
from tests.contract.compare import differences, normal, parsed
from tests.contract.live import live_target, reason_to_spare
from tests.contract.race import run_race, same_guest
from tests.contract.recorded import (
    RACES,
    RECORDED,
    RECORDED_HOST,
    Exchange,
    exchange,
    out_of_scope,
    raced,
    replayed,
    runs,
)
from tests.contract.replay import Reply, recorded_state, replay, stand_in
from tests.contract.target import Target

Replies = dict[str, Reply]
LIVE = live_target()


@pytest.fixture(scope="module")
def replies(tmp_path_factory: pytest.TempPathFactory) -> Replies:
    """The answers to all recorded requests, each run of them from the seed."""
    return asyncio.run(_replay_all(tmp_path_factory.mktemp("state")))


async def _replay_all(folder: Path) -> Replies:
    found: Replies = {}
    for run, names in runs().items():
        if LIVE:
            found |= await replay(LIVE, names, reason_to_spare)
            continue
        async with stand_in(recorded_state(folder / f"{run}.json", names)) as target:
            found |= await replay(target, names, reason_to_spare)
    return found


@pytest.mark.parametrize("name", replayed())
def test_answers_as_recorded(name: str, replies: Replies) -> None:
    """Status, type and body are those that QloApps gave."""
    recorded = exchange(name)
    if LIVE:
        _check_live(recorded, replies[name], LIVE)
        return
    reply = replies[name]
    assert (reply.status, reply.content_type) == (recorded.status, recorded.content_type)
    assert parsed(reply.body, normal) == parsed(recorded.answer, normal)


def _check_live(recorded: Exchange, reply: Reply, target: Target) -> None:
    if reply.spared:
        pytest.skip(reply.spared)
    if reply.status == 400 and recorded.status == 200 and "available" in reply.body:
        pytest.skip("others have taken the rooms of those dates on this server")
    if recorded.status == 500 and reply.status in (200, 400):
        pytest.skip("this server hides the notices of PHP")
    assert (reply.status, reply.content_type) == (recorded.status, recorded.content_type)
    expected, found = (
        parsed(target.later(recorded.answer), _hostless),
        parsed(reply.body, _hostless),
    )
    assert differences(expected, found, _is_about_our_own(recorded)) == []


def _is_about_our_own(recorded: Exchange) -> bool:
    """Whether the answer holds our own booking or search, not the bookings of others."""
    path = recorded.path
    searched = path.startswith("/api/hotel_ari") or "filter[id_order]" in path
    return (
        searched
        or bool(re.match(r"/api/(bookings|orders|room_bookings)/\d", path))
        or (recorded.method == "POST" and path.startswith("/api/bookings"))
    )


def _hostless(text: str) -> str:
    """Without the address of the server, which a booking without a source gets for one."""
    hosts = [RECORDED_HOST, *([URL(LIVE.base).authority] if LIVE else [])]
    for host in hosts:
        text = text.replace(host, "<host>")
    return normal(text)


@pytest.mark.skipif(LIVE is not None, reason="who wins a race on a live server is chance")
@pytest.mark.parametrize("race", RACES)
async def test_two_parallel_bookings_of_the_last_room_end_as_recorded(
    race: str, tmp_path: Path
) -> None:
    """Both get 200; what is stored afterwards is what QloApps stored."""
    async with stand_in(State(tmp_path / "state.json")) as target:
        answers = await run_race(target, race)
    for recorded, reply in answers:
        assert (reply.status, reply.content_type) == (recorded.status, recorded.content_type)
        expected, found = parsed(recorded.answer, same_guest), parsed(reply.body, same_guest)
        assert differences(expected, found) == [], recorded.name
        assert len(expected.get("bookings", [])) == len(found.get("bookings", []))


def test_every_recorded_exchange_is_replayed_or_excused() -> None:
    """No recording is forgotten: what is not replayed is listed with its reason."""
    covered = [*replayed(), *(name for race in RACES for name in raced(race))]
    assert len(set(covered) | set(out_of_scope())) == RECORDED
    assert not set(covered) & set(out_of_scope())
