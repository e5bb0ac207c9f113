"""Whose conversation it is."""

import re
from dataclasses import dataclass

_HOTEL = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CHANNEL = re.compile(r"[a-z]{1,20}")
_GUEST = re.compile(r"[A-Za-z0-9._@+-]{1,128}")


@dataclass(frozen=True)
class ConversationId:
    """`hotel:channel:guest`, Rasa's `sender_id`. The same guest at two hotels is two strangers.

    Raises `ValueError`, naming the part, when one has characters it may not have.
    """

    hotel: str
    channel: str
    guest: str

    def __post_init__(self) -> None:
        for part, pattern in (("hotel", _HOTEL), ("channel", _CHANNEL), ("guest", _GUEST)):
            if not pattern.fullmatch(getattr(self, part)):
                raise ValueError(f"{part}: not a valid part of a conversation id")

    def __str__(self) -> str:
        return f"{self.hotel}:{self.channel}:{self.guest}"

    @classmethod
    def parse(cls, text: str) -> "ConversationId":
        """Reads `hotel:channel:guest`; raises `ValueError` for anything else."""
        parts = text.split(":")
        if len(parts) != 3:
            raise ValueError("not of the form hotel:channel:guest")
        return cls(*parts)
