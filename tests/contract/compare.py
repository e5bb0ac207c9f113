"""Two answers held against each other: word for word, or by shape."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

# What our own request determines, so that it must come back from any server.
DETERMINED = {
    "adults",
    "booking_status",
    "checkin_date",
    "checkout_date",
    "child",
    "children",
    "child_ages",
    "currency",
    "current_state",
    "date_from",
    "date_to",
    "id_property",
    "id_room_type",
    "is_back_order",
    "is_cancelled",
    "is_refunded",
    "number_of_rooms",
    "remarks",
    "source",
}

Clean = Callable[[str], str]


def parsed(body: str, clean: Clean) -> Any:
    """JSON or XML as plain values, every text cleaned; anything else as text."""
    if body.startswith("<?xml"):
        # The server under test is ours or our own hotel's.
        return _element(ElementTree.fromstring(body), clean)  # noqa: S314
    try:
        return _cleaned(json.loads(body), clean)
    except ValueError:
        return clean(body)


def normal(text: str) -> str:
    """Times of the recording's day and random hashes made equal; all else is left."""
    text = re.sub(r"2026-11-23 \d\d:\d\d:\d\d", "2026-11-23 <time>", text)
    return re.sub(r"\b[0-9a-f]{32}\b", "<hash>", text)


def _cleaned(value: Any, clean: Clean) -> Any:
    if isinstance(value, dict):
        return {key: _cleaned(one, clean) for key, one in value.items()}
    if isinstance(value, list):
        return [_cleaned(one, clean) for one in value]
    return clean(value) if isinstance(value, str) else value


def _element(element: ElementTree.Element, clean: Clean) -> Any:
    text = clean((element.text or "").strip())
    attributes = {name: clean(value) for name, value in element.attrib.items()}
    return {element.tag: [attributes, text, [_element(child, clean) for child in element]]}


def differences(recorded: Any, actual: Any, determined: bool = True, place: str = "") -> list[str]:
    """What differs in shape: roots, names, kinds of values.

    `determined`: compare also the values that the request determined.
    """
    if isinstance(recorded, dict) and isinstance(actual, dict):
        found = [f"{place}: without {name}" for name in sorted(set(recorded) - set(actual))]
        found += [f"{place}: with {name}" for name in sorted(set(actual) - set(recorded))]
        for name in set(recorded) & set(actual):
            one, other = recorded[name], actual[name]
            if (
                determined
                and name in DETERMINED
                and not isinstance(one, (dict, list))
                and one != other
            ):
                found.append(f"{place}.{name}: {one!r} became {other!r}")
            found += differences(one, other, determined, f"{place}.{name}")
        return found
    if isinstance(recorded, list) and isinstance(actual, list):
        pairs = zip(recorded, actual, strict=False)
        return [one for pair in pairs for one in differences(*pair, determined, place + "[]")]
    if _kind(recorded) != _kind(actual):
        return [f"{place}: {_kind(recorded)} became {_kind(actual)}"]
    return []


def _kind(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "empty"
    if isinstance(value, (int, float)):
        return "number"
    return "object" if value == [] else type(value).__name__.replace("dict", "object")
