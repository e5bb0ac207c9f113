"""Answers in the words of the hotel of the conversation."""

from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from conserje import spanish
from conserje.conversation_id import ConversationId
from conserje.hotels import Hotel, hotels


class HotelResponses(TemplatedNaturalLanguageGenerator):
    """Rasa's responses, with the hotel's facts to fill in and its own wording where it has one."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        super().__init__(domain.responses)

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """The message for `utter_action`, or None for a name that domain.yml does not have."""
        hotel = hotels()[ConversationId.parse(tracker.sender_id).hotel]
        values = {**facts(hotel), **kwargs}
        message: dict[str, Any] | None = await super().generate(
            utter_action, tracker, output_channel, **values
        )
        own_words = hotel.responses.get(utter_action)
        if message is not None and own_words is not None:
            slots = tracker.current_slot_values()
            message.update(self._fill_response({"text": own_words}, slots, **values))
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
