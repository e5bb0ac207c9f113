"""The answer of hotel_ari as XML; it says less than the JSON."""

from __future__ import annotations

from datetime import timedelta

from demo.qloapps.availability import KINDS, Found, Search, head, prices, rooms_of, totals
from demo.qloapps.render import View, cdata, document
from demo.qloapps.resources import Row
from demo.qloapps.state import State


def search_xml(state: State, results: list[tuple[Search, list[Found] | None]], view: View) -> str:
    body = "".join(_result(state, wanted, found, view) for wanted, found in results)
    return document(f"<hotel_aris>\n{body}</hotel_aris>\n" if results[0][0].date_wise else body)


def _tag(name: str, value: object, attributes: str = "") -> str:
    return f"<{name}{attributes}>{cdata(value)}</{name}>\n"


def _result(state: State, wanted: Search, found: list[Found] | None, view: View) -> str:
    content = head(wanted)
    link = f" {view.link('hotels', wanted.id_hotel)}"
    text = _tag("id_hotel", content.pop("id_hotel"), link)
    if found is not None:
        content["total_rooms"] = sum(len(one.rooms) for one in found)
        content |= totals(wanted, found)
    text += "".join(_tag(name, value) for name, value in content.items())
    if found is not None:
        types = "".join(_type(state, wanted, one, view) for one in found)
        text += f"<room_types>\n{types}</room_types>\n"
    return f"<hotel_ari>\n{text}</hotel_ari>\n"


def _type(state: State, wanted: Search, found: Found, view: View) -> str:
    number = found.room_type["id"]
    link = view.link("room_types", number)
    text = _tag("id_room_type", number, f" {link}")
    for name, value in prices(state, wanted, found.room_type).items():
        text += _tag(name, value)
    names = "".join(
        f'<language id="{one}" {view.link("languages", one)}>'
        f"{cdata(found.room_type['name'][one])}</language>"
        for one in view.languages
    )
    rooms = "".join(_kind(found, kind) for kind in KINDS if kind in wanted.kinds)
    text += f"<name>{names}</name>\n<rooms>\n{rooms}</rooms>\n"
    return f'<room_type id="{number}" {link}>\n{text}</room_type>\n'


def _kind(found: Found, kind: str) -> str:
    if kind != "partially_available":
        return f"<{kind}>\n{_rooms(rooms_of(found, kind))}</{kind}>\n"
    text = "".join(
        f'<rooms date_from="{night}" date_to="{night + timedelta(days=1)}">\n'
        f"{_rooms(rooms)}</rooms>\n"
        for night, rooms in found.partial.items()
    )
    return f"<partial_available>\n{text}</partial_available>\n"


def _rooms(rooms: list[Row]) -> str:
    return "".join(
        f'<room id="{room["id"]}">\n'
        f"{_tag('id_room', room['id'])}{_tag('room_number', room['room_num'])}</room>\n"
        for room in rooms
    )
