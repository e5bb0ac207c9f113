"""Answers in the words of the hotel of the conversation."""

import logging
from pathlib import Path
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from conserje import spanish
from conserje.conversation_id import ConversationId
from conserje.hotels import Hotel, hotels

logger = logging.getLogger(__name__)

Responses = dict[str, list[dict[str, Any]]]


class HotelResponses(TemplatedNaturalLanguageGenerator):
    """Rasa's responses, with the hotel's facts to fill in and its own wording where it has one.

    What rules say themselves stands in the domain, and so in the model. What our actions say
    stands in the file that endpoints.yml names (`file`), in the same form; it is read again when
    it has changed, so that a new wording needs no training and no restart.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        self._file = Path(endpoint_config.kwargs["file"])
        self._read_at: float | None = None
        self._from_file: Responses = {}
        self._from_domain: Responses = {}
        super().__init__(domain.responses)

    @property
    def responses(self) -> Responses:
        changed = self._file.stat().st_mtime
        if changed != self._read_at:
            try:
                self._from_file = Domain.load(self._file).responses
            except RasaException:
                if self._read_at is None:
                    raise
                # A slip of the pen must not silence the hotels: the last good words go on.
                logger.exception("%s cannot be read; the last good one stays", self._file)
            self._read_at = changed
        return {**self._from_domain, **self._from_file}

    @responses.setter
    def responses(self, responses: Responses) -> None:  # Rasa sets them with each model
        self._from_domain = responses

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """The message for `utter_action`, or None for a name that there is not."""
        hotel = hotels()[ConversationId.parse(tracker.sender_id).hotel]
        values = {**facts(hotel), **kwargs}
        message: dict[str, Any] | None = await super().generate(
            utter_action, tracker, output_channel, **values
        )
        own_words = hotel.responses.get(utter_action)
        if message is not None and own_words is not None:
            slots = tracker.current_slot_values()
            message.update(self._fill_response({"text": own_words}, slots, **values))
        if message is not None and "notice" in kwargs:
            message["notice"] = kwargs["notice"]  # what else stands in a message is its metadata
        return message


def facts(hotel: Hotel) -> dict[str, str]:
    """What any response may say of the hotel, by the name between braces."""
    return {
        "hotel_name": hotel.name,
        "hotel_phone": hotel.contact.phone,
        "hotel_email": hotel.contact.email,
        "hotel_address": hotel.place.address,
        "hotel_check_in": spanish.clock(hotel.arrival.check_in),
        "hotel_check_out": spanish.clock(hotel.arrival.check_out),
        "hotel_cancellation": hotel.policies.cancellation,
    }
