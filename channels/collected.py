"""What a turn answers, collected to be sent together."""

import asyncio
import logging
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel

from conserje.databases import StoreError
from conserje.hotels import Hotel
from conserje.reservations.connect import ledger_of

logger = logging.getLogger(__name__)


class Collected(CollectingOutputChannel):
    """Knows which final answers of changes are among the messages."""

    def __init__(self) -> None:
        super().__init__()
        self._notices: list[str] = []

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        if notice := message.get("notice"):
            self._notices.append(notice)
        await super().send_response(recipient_id, message)

    async def told(self, hotel: Hotel) -> None:
        """Call it once the messages cannot be lost any more: recovery would tell them again."""
        try:
            ledger = await asyncio.to_thread(ledger_of, hotel)
            for notice in self._notices:
                await asyncio.to_thread(ledger.told, notice)
        except StoreError as error:  # recovery finds the messages in the conversation
            logger.error("%s: final answers are not marked as told: %s", hotel.id, error)
