"""What can go wrong at a PMS, by what the dialogue does about it."""

from typing import Literal

ChangeReason = Literal["cancelled", "past", "no_room", "unchanged", "not_possible"]
"""`not_possible`: by itself the PMS cannot do it; a person at the hotel may."""


class PmsError(Exception):
    """Base. The message is for operators: it never holds the PMS's own text or guest data."""


class RoomUnavailable(PmsError):
    """The room type is not free (any more) for the dates asked. Nothing was booked."""


class GuestDataRejected(PmsError):
    """The PMS would not take a guest's datum. Nothing was booked."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        """One of name, email, phone, or "unknown" where the PMS does not say which."""


class ChangeRefused(PmsError):
    """A booking cannot be changed like this. It stands as it was."""

    def __init__(self, reason: ChangeReason) -> None:
        super().__init__(f"a change was refused: {reason}")
        self.reason = reason


class NotAuthorised(PmsError):
    """The key is missing, wrong, or may not do this. For the operator to mend."""


class PmsDown(PmsError):
    """No answer, or one that says that the PMS cannot serve now. Nothing was changed."""


class AnswerNotUnderstood(PmsError):
    """An answer that the adapter cannot read (wrong type, missing root, bad field)."""


class Uncertain(PmsError):
    """A change was sent and it could not be found out whether the PMS carried it out."""

    def __init__(self, message: str, marker: str) -> None:
        super().__init__(message)
        self.marker = marker
        """The marker (QloApps: `source`) by which the booking can be looked for later."""


class BookingNotFound(PmsError):
    """No booking of this hotel has this reference and this e-mail together."""
