"""filter, sort, limit and display of the generic resources."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from demo.qloapps.errors import Complaint, ServiceError, closest, filter_notices
from demo.qloapps.resources import Field, Resource, Row

Test = Callable[[str], bool]


def select(resource: Resource, rows: list[Row], query: Mapping[str, str], notices: bool) -> Any:
    """The rows that the query asks for, sorted and cut.

    Raises ServiceError when it names a field that is not there.
    """
    chosen = list(rows)
    if resource.listed_by != "id":
        chosen.sort(key=lambda row: str(row[resource.listed_by]))
    for key, value in query.items():
        if wanted := re.fullmatch(r"filter\[(\w+)\]", key):
            chosen = _filtered(resource, chosen, wanted[1], value, query, notices)
    if "sort" in query:
        chosen = _sorted(resource, chosen, query["sort"], notices)
    return _limited(chosen, query["limit"]) if "limit" in query else chosen


def displayed(resource: Resource, query: Mapping[str, str], notices: bool) -> list[str] | None:
    """The fields to show: all of them for `full`, None when only ids are asked for."""
    display = query.get("display")
    if not display:
        return None
    if display == "full":
        return resource.names
    wanted = display.strip("[]").split(",")
    for name in wanted:
        if name not in resource.names:
            text = f'Unable to display this field "{name}". However, these are available: '
            _refuse(35, text + ", ".join(resource.displayable), notices)
    return [name for name in resource.names if name in wanted]


def _refuse(code: int, text: str, notices: bool) -> None:
    complaint = Complaint(code, text)
    if notices:
        raise ServiceError(500, complaint, *filter_notices())
    raise ServiceError(400, complaint)


def _filtered(
    resource: Resource,
    rows: list[Row],
    name: str,
    value: str,
    query: Mapping[str, str],
    notices: bool,
) -> list[Row]:
    field = resource.field(name)
    usable = ["id", *(f.name for f in resource.fields if "date" in query or not f.is_date)]
    if name not in usable:
        full = ", ".join(f'"{word}"' for word in usable)
        text = f'This filter does not exist. Did you mean: "{closest(name, usable)}"?'
        _refuse(32, f"{text} The full list is: {full}", notices)
    if field and field.not_filterable:
        text = f'The field "{name}" is dynamic. It is not possible to filter GET query with this'
        _refuse(34, f"{text} field.", notices)
    fits = _test(value, field)
    return [row for row in rows if any(fits(text) for text in _texts(row, name, field))]


def _texts(row: Row, name: str, field: Field | None) -> list[str]:
    """What the table holds for a field: several texts when it has several languages."""
    if field and field.stored_elsewhere:
        return [""]
    value = row[name]
    if isinstance(value, dict):
        return [str(text) for text in value.values()]
    return ["" if value in (None, False) else str(value)]


def _test(value: str, field: Field | None) -> Test:
    def comparable(text: str) -> tuple[int, float, str]:
        if field and field.is_date and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            text += " 00:00:00"
        try:
            return (0, float(text), "")
        except ValueError:
            return (1, 0.0, text.lower())

    if value.startswith("!"):
        unlike = _test(value[1:], field)
        return lambda text: not unlike(text)
    if value[:1] in ("<", ">"):
        limit = comparable(value[1:].strip("[]"))
        if value[0] == "<":
            return lambda text: comparable(text) < limit
        return lambda text: comparable(text) > limit
    if value.startswith("%") or value.endswith("%"):
        return _like(value)
    inner = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    if inner != value and "," in inner:
        low, _, high = inner.partition(",")
        return lambda text: comparable(low) <= comparable(text) <= comparable(high)
    allowed = {comparable(one) for one in (inner.split("|") if inner != value else [inner])}
    return lambda text: comparable(text) in allowed


def _like(value: str) -> Test:
    part = value.strip("%").strip("[]").lower()
    before, after = value.startswith("%"), value.endswith("%")
    if before and after:
        return lambda text: part in text.lower()
    if before:
        return lambda text: text.lower().endswith(part)
    return lambda text: text.lower().startswith(part)


def _sorted(resource: Resource, rows: list[Row], sort: str, notices: bool) -> list[Row]:
    for order in reversed(sort.strip("[]").split(",")):
        name, _, direction = order.rpartition("_")
        if name not in resource.names:
            plain = ["id", *(f.name for f in resource.fields if not f.multilingual)]
            usable = [n for n in plain if n not in ("date_add", "date_upd")]
            text = "Unable to filter by this field. However, these are available: "
            many = ", ".join(f.name for f in resource.fields if f.multilingual)
            text += ", ".join(usable) + f", for i18n fields:{many}"
            _refuse(38, text, notices)
        rows = sorted(rows, key=lambda row: _sort_key(row[name]), reverse=direction == "DESC")
    return rows


def _sort_key(value: Any) -> tuple[int, float, str]:
    text = "" if value in (None, False) else str(value)
    try:
        return (0, float(text), "")
    except ValueError:
        return (1, 0.0, text.lower())


def _limited(rows: list[Row], limit: str) -> list[Row]:
    """`3` or `offset,count`; a limit that is no number finds nothing."""
    parts = limit.split(",")
    if not all(part.strip().isdigit() for part in parts) or len(parts) > 2:
        return []
    first, count = (0, int(parts[0])) if len(parts) == 1 else (int(parts[0]), int(parts[1]))
    return rows[first : first + count]
