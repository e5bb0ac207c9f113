"""Bodies of requests: XML or JSON, turned into plain dictionaries of text."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

from demo.qloapps.errors import (
    BOOKINGS_PHP,
    HOTEL_ARI_PHP,
    REQUEST_PHP,
    Complaint,
    ServiceError,
    notice,
    warning,
    xml_warnings,
)

Node = dict[str, Any]


def items(value: Any, child: str) -> list[Any]:
    """The entries of a list, in XML (`<rooms><room/>`) as in JSON (`[...]`)."""
    if isinstance(value, dict):
        value = value.get(child)
        if not isinstance(value, list):
            value = [value]
    if isinstance(value, list):
        return [entry for entry in value if entry not in (None, "")]
    return []


def node(value: Any) -> Node:
    """The value when it is an element with children, else an empty one."""
    return value if isinstance(value, dict) else {}


def whole_number(value: Any) -> int:
    """The number at the beginning of a text, 0 when there is none, as PHP reads it."""
    match = re.match(r"\s*[+-]?\d+", str(value))
    return int(match[0]) if match else 0


def parse_generic(body: str) -> Node:
    """The object of a generic resource, which is read from XML only.

    Raises ServiceError with status 500 when the body is no XML.
    """
    try:
        root = _parse(body)
    except ElementTree.ParseError:
        complaints = []
        if body:
            function = "SimpleXMLElement::__construct()"
            complaints = xml_warnings(body, function, REQUEST_PHP, 1388)
        text = "XML error : String could not be parsed as XML"
        text += f"\nXML length : {len(body.encode())}\nOriginal XML : {body}"
        raise ServiceError(500, *complaints, Complaint(127, text)) from None
    return node(_to_node(root[0])) if len(root) else {}


def parse_hotel_ari(body: str) -> Node:
    """The search of hotel_ari, XML only. Raises ServiceError with status 400."""
    if not body:
        text = "Validation error: ARI search parameters are missing."
        raise ServiceError(400, Complaint(85, text))
    try:
        root = _parse(body)
    except ElementTree.ParseError:
        warnings = xml_warnings(body, "simplexml_load_string()", HOTEL_ARI_PHP, 476)
        text = "Validation error: Invalid ARI search parameters found."
        raise ServiceError(400, *warnings, Complaint(85, text)) from None
    found = root.find("hotel_ari")
    return {} if found is None else node(_to_node(found))


def parse_booking(body: str) -> Node:
    """The booking of a body in XML or JSON. Raises ServiceError with status 400."""
    try:
        content = json.loads(body)
    except ValueError:
        return _parse_booking_xml(body)
    if isinstance(content, dict) and isinstance(content.get("booking"), dict):
        return node(content["booking"])
    raise ServiceError(400, Complaint(127, "Invalid request."), *_nothing_found("null"))


def _parse_booking_xml(body: str) -> Node:
    if not body:
        raise ServiceError(400, *_nothing_found("bool"))
    try:
        root = _parse(body)
    except ElementTree.ParseError:
        warnings = xml_warnings(body, "simplexml_load_string()", BOOKINGS_PHP, 374)
        raise ServiceError(400, *warnings, *_nothing_found("bool")) from None
    found = root.find("booking")
    if found is None:
        missing = notice("Undefined index: booking", BOOKINGS_PHP, 394)
        raise ServiceError(400, missing, *_nothing_found("null"))
    return node(_to_node(found))


def _parse(body: str) -> ElementTree.Element:
    # Only tests and people trying the demo send bodies, and expat limits expansion itself.
    return ElementTree.fromstring(body.encode())  # noqa: S314


def _nothing_found(given: str) -> list[Complaint]:
    text = f"array_merge(): Expected parameter 1 to be an array, {given} given"
    return [
        warning(text, BOOKINGS_PHP, 408),
        Complaint(404, "Please provide valid currency."),
    ]


def _to_node(element: ElementTree.Element) -> Any:
    if not len(element):
        return (element.text or "").strip()
    if element[0].tag == "language":
        return {child.get("id", ""): child.text or "" for child in element}
    result: Node = {}
    for child in element:
        value = _to_node(child)
        if child.tag not in result:
            result[child.tag] = value
        elif isinstance(result[child.tag], list):
            result[child.tag].append(value)
        else:
            result[child.tag] = [result[child.tag], value]
    return result
