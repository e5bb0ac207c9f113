"""Builds HTML and SVG as trees: nothing that a guest wrote can break out of its place."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element


def tag(
    name: str, /, *parts: Element | str | Iterable[Element | str], **attributes: object
) -> Element:
    """An element with its parts inside. `class_` is class, `stroke_width` is stroke-width."""
    element = Element(
        name,
        {key.rstrip("_").replace("_", "-"): str(value) for key, value in attributes.items()},
    )
    for part in parts:
        for one in [part] if isinstance(part, Element | str) else part:
            _append(element, one)
    return element


def _append(element: Element, part: Element | str) -> None:
    if isinstance(part, Element):
        element.append(part)
    elif len(element):
        element[-1].tail = (element[-1].tail or "") + part
    else:
        element.text = (element.text or "") + part


def written(element: Element) -> str:
    return ElementTree.tostring(element, encoding="unicode", method="html")
