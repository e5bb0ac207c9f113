"""Each hotel's conversations in the hotel's own database."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker

from conserje.conversation_id import ConversationId
from conserje.databases import StoreError, engine
from conserje.hotels import hotels

T = TypeVar("T")


class _OneHotel(SQLTrackerStore):
    """Rasa's SQL store on the engine of one hotel, made once its tables are there."""

    def __init__(self, hotel: str, domain: Domain, event_broker: EventBroker | None) -> None:
        self.engine = engine(hotel)
        self.Base.metadata.create_all(self.engine)
        self.sessionmaker = sessionmaker(bind=self.engine)
        TrackerStore.__init__(self, domain, event_broker)


class HotelTrackerStore(TrackerStore):
    """Finds the hotel in `hotel:channel:guest` and reads and writes only there.

    Every failure is a `StoreError`: nothing falls back to memory, and no history is replaced
    by an empty one. Database work runs in threads, so that it does not hold up other guests.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        host: EndpointConfig | str | None = None,
        event_broker: EventBroker | None = None,
    ) -> None:
        self._stores: dict[str, _OneHotel] = {}
        self._opening = threading.Lock()
        super().__init__(domain, event_broker)

    async def save(self, tracker: DialogueStateTracker) -> None:
        await self._at_hotel(tracker.sender_id, lambda store: asyncio.run(store.save(tracker)))

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        return await self._at_hotel(sender_id, lambda store: asyncio.run(store.retrieve(sender_id)))

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        return await self._at_hotel(
            conversation_id,
            lambda store: asyncio.run(store.retrieve_full_tracker(conversation_id)),
        )

    async def keys(self) -> Iterable[str]:
        """Ids of all conversations of all hotels."""
        found: list[str] = []
        for hotel in hotels():
            found += await self._at_hotel(f"{hotel}:all:-", lambda store: asyncio.run(store.keys()))
        return found

    async def _at_hotel(self, sender_id: str, work: Callable[[_OneHotel], T]) -> T:
        try:
            hotel = hotels()[ConversationId.parse(sender_id).hotel].id
        except (KeyError, ValueError) as error:
            raise StoreError("conversation id of no known hotel") from error
        return await asyncio.to_thread(self._work, hotel, work)

    def _work(self, hotel: str, work: Callable[[_OneHotel], T]) -> T:
        try:
            with self._opening:  # two first guests at once would make the tables twice
                store = self._stores.get(hotel)
                if store is None:
                    store = self._stores[hotel] = _OneHotel(hotel, self.domain, self.event_broker)
            store.domain = self.domain
            return work(store)
        except SQLAlchemyError as error:
            raise StoreError(f"{hotel}: conversations cannot be read or written") from error
