"""The webservice under /api: keys, resources, methods, answers."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demo.qloapps.availability import read_search, search, search_json
from demo.qloapps.availability_xml import search_xml
from demo.qloapps.booking_view import booking_ids, booking_ids_xml, booking_json, booking_xml
from demo.qloapps.bookings import change_booking, create_booking
from demo.qloapps.errors import (
    Complaint,
    NotFound,
    PhpDied,
    ServiceError,
    closest,
    notice,
)
from demo.qloapps.query import displayed, select
from demo.qloapps.render import (
    View,
    document,
    errors_json,
    errors_xml,
    ids_xml,
    json_text,
    object_json,
    object_xml,
)
from demo.qloapps.resources import SEED, Resource, Row, resource_names, resources
from demo.qloapps.state import State
from demo.qloapps.wire import parse_booking, parse_hotel_ari
from demo.qloapps.writes import CHANGEABLE, CREATABLE, DELETABLE, change, create, delete

DEMO_KEY = "CONSERJEDEMOCONSERJEDEMOCONSERJE"
LIMITED_KEY = "HOTELSONLYHOTELSONLYHOTELSONLY00"
KEY_LENGTH = 32
JSON, XML, HTML = "application/json", "text/xml;charset=utf-8", "text/html; charset=utf-8"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
DISABLED = "The QloApps webservice is disabled. Please activate it in the QloApps Back Office"


@dataclass(frozen=True)
class Call:
    """A request to the webservice, as far as it matters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    host: str
    body: str

    @property
    def wants_json(self) -> bool:
        asked = (self.headers.get("Output-Format"), self.headers.get("Io-Format"))
        return self.query.get("output_format") == "JSON" or "JSON" in asked

    @property
    def parts(self) -> list[str]:
        return self.path.strip("/").split("/")

    @property
    def number(self) -> str:
        """The id in the address; what follows its digits is ignored."""
        match = re.match(r"\d+", self.parts[1]) if len(self.parts) > 1 else None
        return match[0] if match else ""


@dataclass(frozen=True)
class Answer:
    """Status, body and Content-Type; no Content-Type at all for None."""

    status: int
    body: str = ""
    content_type: str | None = None


def unavailable(wants_json: bool) -> Answer:
    """The answer while the webservice is switched off."""
    return _refusal(ServiceError(503, Complaint(22, DISABLED)), wants_json)


def _refusal(error: ServiceError, wants_json: bool) -> Answer:
    if wants_json:
        return Answer(error.status, json_text({"errors": errors_json(error.complaints)}), JSON)
    return Answer(error.status, errors_xml(error.complaints), XML)


class Webservice:
    """Answers calls from the tables of a state."""

    def __init__(self, state: State, key: str = DEMO_KEY) -> None:
        self.state = state
        self.key = key

    async def answer(self, call: Call) -> Answer:
        try:
            return await self._answer(call)
        except ServiceError as error:
            return _refusal(error, call.wants_json)
        except PhpDied as death:
            return Answer(death.status, death.text, HTML)
        except NotFound:
            return Answer(404)
        finally:
            if call.method not in ("GET", "HEAD") and call.parts[0] != "hotel_ari":
                self.state.save()

    async def _answer(self, call: Call) -> Answer:
        if not self.state.settings.webservice:
            return unavailable(call.wants_json)
        key = _key_of(call)
        if not key:
            return Answer(401, "401 Unauthorized", HTML)
        self._check_key(key)
        if call.method not in METHODS:
            raise ServiceError(405, Complaint(23, f"Method {call.method} is not valid"))
        name = call.parts[0]
        if not name:
            return self._root(call, key)
        _check_resource(name)
        _check_permission(name, call.method, key)
        self._check_language(call)
        if call.method in ("GET", "HEAD") and "schema" in call.query:
            return _schema(call, name)
        if name == "bookings":
            return await self._bookings(call)
        if name == "hotel_ari":
            return self._hotel_ari(call)
        if name == "images":
            text = _static("images.xml").replace("{base}", self._view(call).base)
            return Answer(200, text, XML)
        if name == "extra_services":
            raise PhpDied(500)
        if name not in resources():
            raise _not_here(f"The resource {name}")
        return self._generic(call, resources()[name])

    def _check_key(self, key: str) -> None:
        if len(key) != KEY_LENGTH:
            raise ServiceError(401, Complaint(18, "Invalid authentication key format"))
        if key not in (self.key, LIMITED_KEY):
            raise ServiceError(
                401,
                Complaint(20, "Authentification key is not active"),
                Complaint(21, "No permission for this authentication key"),
            )

    def _check_language(self, call: Call) -> None:
        asked = call.query.get("language")
        if asked and asked not in self.state.settings.languages:
            raise ServiceError(400, Complaint(81, "language is not available"))

    def _view(self, call: Call) -> View:
        asked, active = call.query.get("language"), self.state.settings.languages
        languages = [asked] if asked else active
        return View(f"http://{call.host}", languages, one_language=len(languages) == 1)

    def _root(self, call: Call, key: str) -> Answer:
        if call.wants_json:
            names = ["hotels"] if key == LIMITED_KEY else resource_names()
            return Answer(200, json_text(names), JSON)
        return Answer(200, _static("root.xml").replace("{base}", self._view(call).base), XML)

    def _hotel_ari(self, call: Call) -> Answer:
        if call.method != "POST":
            raise ServiceError(405, Complaint(23, f"Method {call.method} is not valid"))
        found = search(self.state, read_search(parse_hotel_ari(call.body)))
        if call.wants_json:
            return Answer(200, json_text(search_json(self.state, found)), JSON)
        return Answer(200, search_xml(self.state, found, self._view(call)), XML)

    async def _bookings(self, call: Call) -> Answer:
        if call.method == "DELETE":
            text = "Method DELETE is not allowed for the resource bookings"
            raise ServiceError(405, Complaint(101, text))
        if call.method == "POST":
            content = parse_booking(call.body)
            return self._booking(call, await create_booking(self.state, content, call.host))
        if call.method == "PUT":
            content = parse_booking(call.body)
            return self._booking(call, await change_booking(self.state, content, call.host))
        if len(call.parts) > 1:
            return self._booking(call, self._found("orders", call.number))
        if call.wants_json:
            listed = [{"id": one} for one in booking_ids(self.state)]
            return Answer(200, json_text({"bookings": listed} if listed else []), JSON)
        return Answer(200, booking_ids_xml(self.state, self._view(call)), XML)

    def _booking(self, call: Call, order: Row) -> Answer:
        if call.wants_json:
            content = {"booking": booking_json(self.state, order)}
            return Answer(200, json_text(content, ascii_only=True), JSON)
        return Answer(200, booking_xml(self.state, order), XML)

    def _found(self, table: str, number: str) -> Row:
        row = self.state.row(table, number)
        if row is None and table == "room_types":
            row = self._service_as_room_type(number)
        if row is None:
            raise NotFound
        return row

    def _service_as_room_type(self, number: str) -> Row | None:
        """Both live in one table of the original, so a service can be read as a room type."""
        service = self.state.row("services", number)
        return service and {**service, "id_hotel": False, "adults": False, "children": False}

    def _generic(self, call: Call, resource: Resource) -> Answer:
        if call.method == "POST":
            _check_part(resource.name in CREATABLE, f"POST of {resource.name}")
            return self._one(call, resource, create(self.state, resource, call.body), 201)
        if call.method == "PUT":
            _check_part(resource.name in CHANGEABLE, f"PUT of {resource.name}")
            return self._one(call, resource, change(self.state, resource, call.body))
        if call.method == "DELETE":
            _check_part(resource.name in DELETABLE, f"DELETE of {resource.name}")
            delete(self.state, resource, self._found(resource.name, call.number))
            return Answer(200)
        if len(call.parts) > 1:
            return self._one(call, resource, self._found(resource.name, call.number))
        return self._list(call, resource)

    def _one(self, call: Call, resource: Resource, row: Row, status: int = 200) -> Answer:
        view, names = self._view(call), resource.names
        complaints = self._demand_notices([row])
        if call.wants_json:
            content = {resource.one: object_json(resource, row, names, True, view)}
            return _json(content, complaints, status)
        if complaints:
            raise ServiceError(500, *complaints)
        return Answer(status, document(object_xml(resource, row, names, True, view)), XML)

    def _list(self, call: Call, resource: Resource) -> Answer:
        notices = self.state.settings.notices
        names = displayed(resource, call.query, notices)
        table = self.state.tables[resource.name]
        rows = select(resource, table, call.query, notices)
        full = call.query.get("display") == "full"
        complaints = self._demand_notices(rows) if full else []
        view = self._view(call)
        if call.wants_json:
            if names is None:
                listed: list[Row] = [{"id": int(row["id"])} for row in rows]
            else:
                listed = [object_json(resource, row, names, full, view) for row in rows]
            return _json({resource.many: listed} if listed else [], complaints)
        if complaints:
            raise ServiceError(500, *complaints)
        if names is None:
            text = ids_xml(resource, rows, view)
        else:
            text = "".join(object_xml(resource, row, names, full, view) for row in rows)
        return Answer(200, document(f"<{resource.many}>\n{text}</{resource.many}>\n"), XML)

    def _demand_notices(self, rows: list[Row]) -> list[Complaint]:
        """Showing a room type that is linked to an extra demand makes PHP complain."""
        linked = any(row.get("associations", {}).get("extra_demands") for row in rows)
        if not linked or not self.state.settings.notices:
            return []
        return [notice("Undefined index: price_tax_excl", "/var/www/qlo/classes/Product.php", 6588)]


def _json(content: Any, complaints: list[Complaint], status: int = 200) -> Answer:
    """In JSON the content and the complaints come in the same body."""
    if complaints:
        content, status = {**content, "errors": errors_json(complaints)}, 500
    return Answer(status, json_text(content), JSON)


def _key_of(call: Call) -> str:
    if "ws_key" in call.query:
        return call.query["ws_key"]
    kind, _, encoded = call.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _check_resource(name: str) -> None:
    names = resource_names()
    if name not in names:
        full = ", ".join(f'"{one}"' for one in names)
        text = f'Resource of type "{name}" does not exists. Did you mean: "{closest(name, names)}"?'
        raise ServiceError(400, Complaint(27, f"{text} The full list is: {full}"))


def _check_permission(name: str, method: str, key: str) -> None:
    if key != LIMITED_KEY:
        return
    if name != "hotels":
        text = f'Resource of type "{name}" is not allowed with this authentication key'
        raise ServiceError(401, Complaint(26, text))
    if method not in ("GET", "HEAD"):
        text = f"Method {method} is not allowed for the resource {name} with this"
        raise ServiceError(405, Complaint(25, f"{text} authentication key"))


def _schema(call: Call, name: str) -> Answer:
    form = "json" if call.wants_json else "xml"
    file = f"{name}_{call.query['schema']}.{form}"
    if file not in ("bookings_blank.xml", "bookings_blank.json", "hotel_ari_blank.xml"):
        raise _not_here(f"The schema {name}, {call.query['schema']}, {form}")
    return Answer(200, _static(file).rstrip("\n"), JSON if call.wants_json else XML)


def _static(file: str) -> str:
    return (SEED / "static" / file).read_text(encoding="utf-8")


def _check_part(is_part: bool, what: str) -> None:
    if not is_part:
        raise _not_here(what)


def _not_here(what: str) -> ServiceError:
    """The original could do it; this stand-in says so instead of pretending."""
    return ServiceError(501, Complaint(127, f"{what} is not part of the stand-in."))
