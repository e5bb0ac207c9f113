"""One turn of a conversation, as our actions see it."""

import logging
from abc import ABC, abstractmethod
from datetime import date, datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from conserje import clock
from conserje.conversation_id import ConversationId
from conserje.hotels import Hotel, hotels
from conserje.metrics import FAILURES
from conserje.pms import PmsError
from conserje.pms.connect import pms_of
from conserje.pms.guarded import GuardedPms
from conserje.reservations import Desk
from conserje.reservations.connect import desk_of
from conserje.stay_request import StayRequest

logger = logging.getLogger(__name__)

Button = dict[str, str]

DECIDES = {
    "booking_confirmation",
    "cancellation_confirmation",
    "change_confirmation",
    "human_offer",
}
"""The questions whose yes has a rule of its own."""


def button(title: str, payload: str | None = None) -> Button:
    """A choice; what it sends is plain Spanish that can as well be typed."""
    return {"title": title, "payload": payload or title}


class Turn:
    """What the guest said, what is known, and what is answered."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self.conversation = ConversationId.parse(tracker.sender_id)
        self.hotel: Hotel = hotels()[self.conversation.hotel]
        self.message: dict[str, Any] = tracker.latest_message or {}
        self._dispatcher = dispatcher
        self._slots: dict[str, Any] = dict(tracker.slots)
        self._set: dict[str, Any] = {}

    @property
    def text(self) -> str:
        return self.message.get("text") or ""

    @property
    def intent(self) -> str:
        return (self.message.get("intent") or {}).get("name") or ""

    def entities(self, name: str) -> list[Any]:
        """The values of the entities of this name, in the order said."""
        return [
            entity["value"]
            for entity in self.message.get("entities") or []
            if entity["entity"] == name
        ]

    def get(self, slot: str) -> Any:
        return self._set.get(slot, self._slots.get(slot))

    def set(self, **slots: Any) -> None:
        self._set.update(slots)

    def events(self) -> list[EventType]:
        return [
            SlotSet(name, value)
            for name, value in self._set.items()
            if value != self._slots.get(name)
        ]

    def say(
        self,
        response: str,
        buttons: list[Button] | None = None,
        *,
        notice: str | None = None,
        **values: Any,
    ) -> None:
        """Utters a response of responses.yml, filled with `values`.

        `notice` is the id of what the guest must hear exactly once (see `assistant.notices`).
        """
        if notice:
            values["notice"] = notice
        self._dispatcher.utter_message(response=response, buttons=buttons or [], **values)

    def unsay(self) -> None:
        """Takes back what this turn has said so far."""
        self._dispatcher.messages.clear()

    def heard(self, *facts: str) -> bool:
        """Whether this message brought any of these facts (see `actions.slots`)."""
        return bool(set(facts) & set(self.get("heard") or []))

    @property
    def now(self) -> datetime:
        return clock.now(self.hotel)

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def pms(self) -> GuardedPms:
        return pms_of(self.hotel)

    @property
    def desk(self) -> Desk:
        return desk_of(self.hotel)

    @property
    def stay(self) -> StayRequest:
        """The stay as far as it is known."""
        check_in, check_out = self.get("check_in"), self.get("check_out")
        return StayRequest(
            check_in=date.fromisoformat(check_in) if check_in else None,
            check_out=date.fromisoformat(check_out) if check_out else None,
            adults=self.get("adults"),
            children=self.get("children") or 0,
            child_ages=tuple(self.get("child_ages") or ()),
            rooms=self.get("rooms") or 1,
        )


def pms_away(turn: Turn, *, notice: str | None = None) -> None:
    """Says so, keeps everything, and offers to tell the guest when it is back, or a person."""
    turn.say("utter_pms_down", notice=notice)
    turn.set(awaiting="retry")


class HotelAction(Action, ABC):
    """An action of ours: the guest hears an honest sentence whatever goes wrong in it."""

    unasked = False
    """No guest has asked for it, so none is to hear of its failure; who runs it tries again."""

    @abstractmethod
    async def act(self, turn: Turn) -> None:
        """Answers the turn: says and sets through it."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        turn = Turn(dispatcher, tracker)
        try:
            await self.act(turn)
        except PmsError as error:
            logger.error("%s: %s: %s", turn.hotel.id, type(error).__name__, error)
            FAILURES.labels(turn.hotel.id, type(error).__name__).inc()
            if self.unasked:
                raise
            pms_away(turn)
        except Exception:  # a guest must never be met by silence; the operator gets the trace
            logger.exception("%s: %s failed", turn.hotel.id, self.name())
            FAILURES.labels(turn.hotel.id, "defect").inc()
            if self.unasked:
                raise
            turn.unsay()
            turn.say("utter_technical_problem")
            return []  # what was known before still holds, and may be tried again
        return turn.events()
