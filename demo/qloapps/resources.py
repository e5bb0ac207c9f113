"""What each resource of the webservice looks like: names, fields, associations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SEED = Path(__file__).parent / "seed"

Row = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """A field of a resource, in the order of the answers."""

    name: str
    link: str = ""
    format: str = ""
    max_size: int = 0
    required: bool = False
    read_only: bool = False
    not_filterable: bool = False
    multilingual: bool = False
    stored_elsewhere: bool = False

    @property
    def is_date(self) -> bool:
        return self.format == "isDate"


@dataclass(frozen=True)
class Association:
    """A list that hangs on a resource: its name, its nodes and the resource they lead to."""

    name: str
    node: str
    fields: list[str]
    api: str = ""
    virtual: bool = False


@dataclass(frozen=True)
class Resource:
    """A resource with its names in the address, in a list (`many`) and alone (`one`)."""

    name: str
    many: str
    one: str
    id_type: str
    fields: list[Field]
    associations: list[Association]
    displayable: list[str]
    listed_by: str

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    def new_id(self, number: int) -> int | str:
        return str(number) if self.id_type == "string" else number

    @property
    def names(self) -> list[str]:
        return ["id", *(field.name for field in self.fields)]


@cache
def resources() -> dict[str, Resource]:
    """The resources that the stand-in keeps in tables, by their name in the address."""
    described = json.loads((SEED / "resources.json").read_text(encoding="utf-8"))
    return {name: _resource(name, data) for name, data in described.items()}


@cache
def resource_names() -> list[str]:
    """All resources that the original knows, also those that the stand-in does not keep."""
    names: list[str] = json.loads((SEED / "static" / "resource_names.json").read_text())
    return names


def _resource(name: str, data: dict[str, Any]) -> Resource:
    fields = [Field(**field) for field in data["fields"]]
    return Resource(
        name=name,
        many=data["many"],
        one=data["one"],
        id_type=data["id_type"],
        fields=fields,
        associations=[Association(**association) for association in data["associations"]],
        displayable=data.get("displayable") or ["id", *(field.name for field in fields)],
        listed_by=data.get("listed_by", "id"),
    )
