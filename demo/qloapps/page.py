"""The page for people: the hotels and what is booked in them."""

from __future__ import annotations

from html import escape

from demo.qloapps.resources import Row
from demo.qloapps.state import State

_STYLE = """
body { font-family: system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #ccc; padding: .4rem; text-align: left; }
.anulada { color: #777; text-decoration: line-through; }
"""
_HEADINGS = (
    "Referencia",
    "Huésped",
    "Habitación",
    "Entrada",
    "Salida",
    "Personas",
    "Total",
    "Estado",
)


def bookings_page(state: State) -> str:
    """All hotels with their bookings, in Spanish, the newest first."""
    sections = "".join(_hotel(state, hotel) for hotel in state.tables["hotels"])
    return (
        '<!doctype html><html lang="es"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Reservas de prueba</title><style>{_STYLE}</style></head><body>"
        "<h1>Reservas de prueba</h1><p>Este servidor hace de QloApps para las pruebas: "
        f"aquí se ve lo que hay reservado.</p>{sections}</body></html>"
    )


def _hotel(state: State, hotel: Row) -> str:
    rooms = state.rows("room_bookings", id_hotel=hotel["id"])
    lines = "".join(_room(state, room) for room in reversed(rooms))
    title = f"<h2>{escape(hotel['hotel_name']['1'])}</h2>"
    if not lines:
        return f"{title}<p>Todavía no hay reservas.</p>"
    head = "".join(f"<th>{heading}</th>" for heading in _HEADINGS)
    return f"{title}<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _room(state: State, room: Row) -> str:
    order = state.row("orders", room["id_order"])
    guest = state.row("customers", room["id_customer"]) or {"firstname": "", "lastname": ""}
    gone = room["is_cancelled"] == "1" or room["is_refunded"] == "1"
    people = f"{room['adults']} + {room['children']}" if room["children"] != "0" else room["adults"]
    cells = [
        order["reference"] if order else "—",
        f"{guest['firstname']} {guest['lastname']}",
        f"{room['room_type_name']} ({room['room_num']})",
        _day(room["date_from"]),
        _day(room["date_to"]),
        people,
        f"{float(room['total_price_tax_incl']):.2f} €".replace(".", ","),
        _condition(state, room, order),
    ]
    row_class = ' class="anulada"' if gone else ""
    return f"<tr{row_class}>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _day(text: str) -> str:
    year, month, day = text[:10].split("-")
    return f"{day}/{month}/{year}"


def _condition(state: State, room: Row, order: Row | None) -> str:
    if order is None:
        return "Pedido borrado"
    if room["is_back_order"] == "1":
        return "Sin habitación (overbooking)"
    name: str = state.one("order_states", id=order["current_state"])["name"]["1"]
    return name
