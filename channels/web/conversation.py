"""What guest and hotel have said, for showing it again."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import Literal, TypedDict

from rasa.shared.core.events import BotUttered, Event, UserUttered


class Button(TypedDict):
    title: str
    payload: str


class Said(TypedDict):
    who: Literal["guest", "hotel"]
    text: str
    buttons: list[Button]
    at: str
    """ISO 8601, in UTC."""


def what_was_said(events: Iterable[Event]) -> list[Said]:
    """The messages among a conversation's events, oldest first, as the guest saw them.

    A pressed button shows its title, as the page did when it was pressed.
    """
    titles: dict[str, str] = {}
    said: list[Said] = []
    for event in events:
        if isinstance(event, UserUttered) and event.text:
            said.append(_entry("guest", titles.get(event.text, event.text), event))
        elif isinstance(event, BotUttered):
            buttons = [_button(button) for button in event.data.get("buttons") or ()]
            if buttons:  # the page shows those of the last question only
                titles = {button["payload"]: button["title"] for button in buttons}
            said.extend(_answers(event, buttons))
    return said


def _button(button: dict[str, str]) -> Button:
    return {"title": button["title"], "payload": button.get("payload", button["title"])}


def _answers(event: BotUttered, buttons: list[Button]) -> Iterator[Said]:
    if buttons:
        yield _entry("hotel", event.text or "", event, buttons)
    elif event.text:
        # Rasa's REST channel sends the paragraphs of a plain text as messages of their own.
        for part in event.text.strip().split("\n\n"):
            yield _entry("hotel", part, event)
    image = event.data.get("image")
    if image:
        yield _entry("hotel", image, event)


def _entry(
    who: Literal["guest", "hotel"], text: str, event: Event, buttons: list[Button] | None = None
) -> Said:
    at = datetime.fromtimestamp(event.timestamp, timezone.utc)
    return {"who": who, "text": text, "buttons": buttons or [], "at": at.isoformat()}
