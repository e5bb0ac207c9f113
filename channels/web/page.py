"""The page on which a guest chats with a hotel."""

import base64
import hashlib
import mimetypes
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Request, response
from sanic.response import HTTPResponse

from channels.web.connector import OnNewMessage, WebChat
from conserje.hotels import Hotel, Hotels, hotels

_HERE = Path(__file__).parent


class ChatPage(InputChannel):
    """`/chat/<hotel>`: a hotel's page, in its name and colours, and what the page loads."""

    def __init__(self, hotels_served: Hotels) -> None:
        self._hotels = hotels_served
        self._static = {path.name: path.read_bytes() for path in (_HERE / "static").iterdir()}
        self._version = hashlib.sha256(b"".join(self._static.values())).hexdigest()[:12]
        self._page = _template("page.html")
        self._not_found = _template("not_found.html")

    @classmethod
    def name(cls) -> str:
        return "chat_page"

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> "ChatPage":
        return cls(hotels())

    def url_prefix(self) -> str:
        return "/chat"  # from the root: Rasa joins it to its own /webhooks/

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        blueprint = Blueprint("chat_page")

        @blueprint.get("/")
        async def no_hotel(_: Request) -> HTTPResponse:
            return self._page_not_found()

        @blueprint.get("/<hotel_id:str>")
        async def page(_: Request, hotel_id: str) -> HTTPResponse:
            hotel = self._hotels.get(hotel_id)
            return self._hotel_page(hotel) if hotel else self._page_not_found()

        @blueprint.get("/static/<version:str>/<name:str>")
        async def static(_: Request, version: str, name: str) -> HTTPResponse:
            return self._static_file(version, name)

        return blueprint

    def _hotel_page(self, hotel: Hotel) -> HTTPResponse:
        colours = (
            f":root{{--primary:{hotel.colours.primary};--on-primary:{hotel.colours.on_primary}}}"
        )
        facts = {
            "hotel_id": hotel.id,
            "name": hotel.name,
            "tagline": hotel.tagline,
            "phone": hotel.contact.phone,
            "phone_link": "".join(c for c in hotel.contact.phone if c in "+0123456789"),
            "email": hotel.contact.email,
            "primary": hotel.colours.primary,
            "endpoint": f"/webhooks/{WebChat.name()}/{hotel.id}",
            "version": self._version,
        }
        escaped = {name: escape(fact) for name, fact in facts.items()}
        return _html(self._page.substitute(escaped, colours=colours), 200, colours)

    def _page_not_found(self) -> HTTPResponse:
        return _html(self._not_found.substitute(version=self._version), 404)

    def _static_file(self, version: str, name: str) -> HTTPResponse:
        body = self._static.get(name)
        if body is None:
            return response.text("No existe.", status=404)
        # The address changes with the content, so it may be kept for ever; a page of another
        # version, still open while the server was renewed, gets what there is, unkept.
        kept = "public, max-age=31536000, immutable" if version == self._version else "no-cache"
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"}
        return response.raw(body, content_type=kind, headers=headers)


def _template(name: str) -> Template:
    return Template((_HERE / "templates" / name).read_text(encoding="utf-8"))


def _html(page: str, status: int, inline_style: str = "") -> HTTPResponse:
    digest = base64.b64encode(hashlib.sha256(inline_style.encode()).digest()).decode()
    policy = (
        f"default-src 'self'; style-src 'self' 'sha256-{digest}'; object-src 'none'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }
    return response.html(page, status=status, headers=headers)
