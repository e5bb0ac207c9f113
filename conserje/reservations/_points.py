"""The named points of the booking path, in their order: where a process may die."""

import logging
from collections.abc import Callable

from conserje.reservations.ledger import Change

logger = logging.getLogger(__name__)

RECORDED = "recorded"
"""The yes is in the ledger."""
LOCKED = "locked"
"""No other change of this hotel is under way."""
PRICED = "priced"
"""The price was asked again and is the one that was said."""
SENDING = "sending"
"""The ledger says that it is being sent; nothing was sent."""
SENT = "sent"
"""The PMS did it and it was read back; the ledger does not know."""
CHECKED = "checked"
"""The lock is still ours."""
CONFIRMED = "confirmed"
"""The ledger knows; the guest does not."""
TOLD = "told"
"""The guest was told, and the ledger knows that too."""

POINTS = (RECORDED, LOCKED, PRICED, SENDING, SENT, CHECKED, CONFIRMED, TOLD)


Observer = Callable[[str, Change], None]
"""Called when a change has come to a point, with the change as it was last read."""


def log_point(point: str, change: Change) -> None:
    logger.debug("change %s (%s): %s", change.id, change.kind, point)
