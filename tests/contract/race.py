"""Two parallel bookings of the last room, as recorded, sent to the stand-in."""

from __future__ import annotations

import asyncio
import json
import re

from aiohttp import ClientSession

from tests.contract.recorded import Exchange, exchange, raced
from tests.contract.replay import Reply, open_session, request, send
from tests.contract.target import Target, booking_id

SETTINGS: dict[str, dict[str, int]] = {
    "overbooking/loser-cancelled": {"overbooking_action": 1, "double_booking_share": 0},
    "overbooking/true-double-booking": {"overbooking_action": 1, "double_booking_share": 1},
    "overbooking/action-none/both-live-one-back-order": {
        "overbooking_action": 2,
        "double_booking_share": 0,
    },
    "overbooking/action-none/true-double-booking": {
        "overbooking_action": 2,
        "double_booking_share": 1,
    },
}


async def run_race(target: Target, race: str) -> list[tuple[Exchange, Reply]]:
    """Send both bookings at once and then what was asked afterwards.

    Which of the two wins is chance; the answers are put beside the recorded ones of the
    same part, winner beside winner.
    """
    recorded = [exchange(name) for name in raced(race)]
    posts, later = recorded[:2], recorded[2:]
    async with open_session() as session:
        settings = json.dumps(SETTINGS[race])
        await request(session, target, "POST", "/_control/settings", settings)
        replies = list(await asyncio.gather(*(send(session, target, post) for post in posts)))
        if await _turned(session, target, race, replies):
            replies.reverse()
        for post, reply in zip(posts, replies, strict=True):
            target.learn(post.answer, reply.body)
        asked = [await send(session, target, one) for one in later]
    return list(zip(recorded, [*replies, *asked], strict=True))


async def _turned(session: ClientSession, target: Target, race: str, replies: list[Reply]) -> bool:
    """Whether the other one of the two lost, compared with the recording."""
    lost = []
    for letter, reply in zip("ab", replies, strict=True):
        kept = exchange(f"{race}/4-room-booking-after-{letter}").answer
        path = f"/api/room_bookings?filter[id_order]={booking_id(reply.body)}&display=full"
        found = await request(session, target, "GET", path + "&output_format=JSON")
        lost.append([json.loads(one)["bookings"][0]["is_back_order"] for one in (kept, found.body)])
    return any(recorded != actual for recorded, actual in lost)


def same_guest(text: str) -> str:
    """The two guests of a race made equal, as either may have won."""
    return re.sub(r"(chatbot-\w+)-\d", r"\1", text)
