"""Answers of the generic resources and lists of errors, as JSON and as XML."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from demo.qloapps.errors import Complaint
from demo.qloapps.resources import Association, Resource, Row

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
HEAD += '<qloapps xmlns:xlink="http://www.w3.org/1999/xlink">\n'
TAIL = "</qloapps>\n"


@dataclass(frozen=True)
class View:
    """How an answer is to look: address of the server, languages, one of them or all."""

    base: str
    languages: list[str]
    one_language: bool

    def link(self, resource: str, number: object) -> str:
        return f'xlink:href="{self.base}/api/{resource}/{number}"'


def json_text(content: Any, ascii_only: bool = False) -> str:
    """JSON as PHP writes it: no spaces and escaped slashes."""
    text = json.dumps(content, ensure_ascii=ascii_only, separators=(",", ":"))
    return text.replace("/", "\\/")


def cdata(value: object) -> str:
    return f"<![CDATA[{value}]]>"


def document(content: str) -> str:
    return HEAD + content + TAIL


def errors_json(complaints: Iterable[Complaint]) -> list[dict[str, Any]]:
    return [{"code": one.code, "message": one.message} for one in complaints]


def errors_xml(complaints: Iterable[Complaint]) -> str:
    entries = "".join(
        f"<error>\n<code>{cdata(one.code)}</code>\n"
        f"<message>{cdata(one.message)}</message>\n</error>\n"
        for one in complaints
    )
    return document(f"<errors>\n{entries}</errors>\n")


def object_json(resource: Resource, row: Row, names: list[str], full: bool, view: View) -> Row:
    """One object with the named fields and, when full, its filled associations."""
    shown: Row = {}
    for name in names:
        value = row[name]
        field = resource.field(name)
        if field and field.multilingual and isinstance(value, dict):
            if view.one_language:
                value = value.get(view.languages[0], "")
            else:
                value = [{"id": one, "value": value.get(one, "")} for one in view.languages]
        shown[name] = value
    filled = {name: rows for name, rows in row.get("associations", {}).items() if rows}
    if full and filled:
        shown["associations"] = filled
    return shown


def object_xml(resource: Resource, row: Row, names: list[str], full: bool, view: View) -> str:
    """One object as an XML element; empty associations are shown too."""
    lines = [f"<{resource.one}>"]
    lines += ["\t" + _field_xml(resource, row, name, view) for name in names]
    if full and resource.associations:
        lines.append("<associations>")
        for association in resource.associations:
            rows = row.get("associations", {}).get(association.name, [])
            lines.append(_association_xml(resource, row, association, rows, view))
        lines.append("</associations>")
    return "\n".join([*lines, f"</{resource.one}>"]) + "\n"


def ids_xml(resource: Resource, rows: list[Row], view: View) -> str:
    return "".join(
        f'<{resource.one} id="{row["id"]}" {view.link(resource.name, row["id"])}/>\n'
        for row in rows
    )


def _field_xml(resource: Resource, row: Row, name: str, view: View) -> str:
    field, value = resource.field(name), row[name]
    if isinstance(value, dict):
        inner = "".join(
            f'<language id="{one}" {view.link("languages", one)}>{cdata(value.get(one, ""))}'
            "</language>"
            for one in view.languages
        )
        return f"<{name}>{inner}</{name}>"
    attributes = ""
    if field and field.link and value and value != "0":
        path = field.link
        if path.startswith("images/"):
            path += f"/{row['id']}"
        attributes += f" {view.link(path, value)}"
    if field and field.not_filterable:
        attributes += ' notFilterable="true"'
    text = "" if value in (None, False, "") else cdata(value)
    return f"<{name}{attributes}>{text}</{name}>"


def _association_xml(
    resource: Resource, row: Row, association: Association, rows: list[Row], view: View
) -> str:
    attributes = f' nodeType="{association.node}"'
    attributes += f' api="{association.api}"' if association.api else ""
    attributes += ' virtualEntity="true"' if association.virtual else ""
    if not rows:
        return f"<{association.name}{attributes}/>"
    path = association.api or association.name
    if association.name == "images":
        path = f"images/{resource.name}/{row['id']}"
    lines = [f"<{association.name}{attributes}>"]
    for entry in rows:
        lines.append(f"\t<{association.node} {view.link(path, entry['id'])}>")
        for name, value in entry.items():
            text = "" if value in (None, False, "") else cdata(value)
            lines.append(f"\t<{name}>{text}</{name}>")
        lines.append(f"\t</{association.node}>")
    return "\n".join([*lines, f"</{association.name}>"])
