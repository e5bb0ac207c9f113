"""Giving a conversation to a person at the desk."""

import logging
from datetime import datetime, timedelta

from actions._turn import HotelAction, Turn
from conserje import spanish
from conserje.hotels import WEEKDAYS, Hotel, Hours
from conserje.metrics import HANDOVERS

logger = logging.getLogger(__name__)


def hand_over(turn: Turn, reason: str) -> None:
    """Marks the conversation for a person and tells the guest when somebody will answer."""
    hours = open_hours(turn.hotel, turn.now)
    if turn.get("handed_over"):
        turn.say("utter_already_handed_over", when=when_answered(turn.hotel, turn.now))
        return
    turn.set(handed_over={"since": turn.now.isoformat(), "reason": reason})
    HANDOVERS.labels(turn.hotel.id).inc()
    logger.info("%s: handed over (%s): %s", turn.hotel.id, reason, turn.conversation)
    if hours:
        turn.say("utter_handed_over_open", until=spanish.clock(hours.closes))
    else:
        turn.say("utter_handed_over_closed", when=when_answered(turn.hotel, turn.now))


def offer_human(turn: Turn) -> None:
    """Asks whether a person should come in."""
    turn.set(awaiting="human_offer")
    turn.say("utter_offer_human")


def open_hours(hotel: Hotel, now: datetime) -> Hours | None:
    """Today's hours when the desk is open at `now`."""
    hours = hotel.desk[WEEKDAYS[now.weekday()]]
    return hours if hours and hours.opens <= now.time() < hours.closes else None


def when_answered(hotel: Hotel, now: datetime) -> str:
    """`en cuanto puedan`, `hoy a partir de las 9:00`, `mañana …`, `el lunes …`."""
    if open_hours(hotel, now):
        return "en cuanto puedan"
    for days in range(8):
        weekday = WEEKDAYS[(now + timedelta(days)).weekday()]
        hours = hotel.desk[weekday]
        if hours and (days or now.time() < hours.opens):
            day = {0: "hoy", 1: "mañana"}.get(days, f"el {weekday}")
            return f"{day} a partir de las {spanish.clock(hours.opens)}"
    return "en cuanto puedan"


class Complain(HotelAction):
    """Says sorry, and offers a person."""

    def name(self) -> str:
        return "action_complain"

    async def act(self, turn: Turn) -> None:
        turn.say("utter_sorry")
        offer_human(turn)
