"""The HTTP server: webservice, control endpoint and page, with the faults in between."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import asdict
from typing import Any

from aiohttp import web

from demo.qloapps.faults import Fault, Faults
from demo.qloapps.page import bookings_page
from demo.qloapps.state import State
from demo.qloapps.webservice import DEMO_KEY, HTML, Answer, Call, Webservice, unavailable

LOG_LENGTH = 1000
_HEADERS = {"X-Powered-By": "PrestaShop Webservice", "PSWS-Version": "1.6.1.23"}
_COOKIE = "QloApps-standin=COOKIE_VALUE; path=/; HttpOnly; SameSite=Lax"


def make_app(state: State, key: str = DEMO_KEY) -> web.Application:
    """The stand-in as an aiohttp application."""
    server = Server(state, key)
    app = web.Application(client_max_size=16 * 1024**2)
    # The types of aiosignal take the handler for its argument.
    app.on_response_prepare.append(_drop_default_type)  # type: ignore[arg-type]
    app.router.add_get("/", server.page)
    app.router.add_route("*", "/api", server.api)
    app.router.add_route("*", "/api/{path:.*}", server.api)
    app.router.add_post("/_control/faults", server.add_fault)
    app.router.add_get("/_control/faults", server.list_faults)
    app.router.add_delete("/_control/faults", server.clear_faults)
    app.router.add_get("/_control/settings", server.show_settings)
    app.router.add_post("/_control/settings", server.change_settings)
    app.router.add_post("/_control/reset", server.reset)
    app.router.add_get("/_control/requests", server.list_requests)
    return app


async def _drop_default_type(_: web.Request, response: web.StreamResponse) -> None:
    """The original sends empty answers without a Content-Type; aiohttp adds one."""
    if response.headers.get("Content-Type") == "application/octet-stream":
        del response.headers["Content-Type"]


class Server:
    def __init__(self, state: State, key: str) -> None:
        self.state = state
        self.webservice = Webservice(state, key)
        self.faults = Faults()
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)

    async def api(self, request: web.Request) -> web.StreamResponse:
        entry: dict[str, Any] = {"method": request.method, "path": request.path_qs, "status": None}
        self.log.append(entry)
        fault = self.faults.take(request.method, request.path_qs)
        response = await self._respond(request, fault)
        entry["status"] = response.status
        return response

    async def _respond(self, request: web.Request, fault: Fault | None) -> web.StreamResponse:
        kind = fault.kind if fault else ""
        if fault and kind in ("slow", "hang"):
            await asyncio.sleep(fault.seconds)
        if kind in ("hang", "refuse"):
            return _break_off(request)
        if kind == "html_200":
            return _response(Answer(200, "Fatal error", HTML))
        if kind == "empty_500":
            return _response(Answer(500, "", HTML))
        call = await _call(request)
        if kind == "unavailable_503":
            return _response(unavailable(call.wants_json))
        answer = await self.webservice.answer(call)
        if kind == "reset":
            return _break_off(request)
        if kind == "created_but_500":
            return _response(Answer(500, "", HTML))
        if kind == "half_answer":
            return await _half(request, answer)
        return _response(answer)

    async def page(self, request: web.Request) -> web.Response:
        return web.Response(text=bookings_page(self.state), content_type="text/html")

    async def add_fault(self, request: web.Request) -> web.Response:
        try:
            fault = Fault(**await request.json())
        except (TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        self.faults.waiting.append(fault)
        return web.json_response(asdict(fault), status=201)

    async def list_faults(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(fault) for fault in self.faults.waiting])

    async def clear_faults(self, request: web.Request) -> web.Response:
        self.faults.waiting.clear()
        return web.Response(status=204)

    async def show_settings(self, request: web.Request) -> web.Response:
        return web.json_response(asdict(self.state.settings))

    async def change_settings(self, request: web.Request) -> web.Response:
        try:
            self.state.change_settings(**await request.json())
        except TypeError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        self.state.save()
        return await self.show_settings(request)

    async def reset(self, request: web.Request) -> web.Response:
        self.state.reset()
        self.faults.waiting.clear()
        self.log.clear()
        self.state.save()
        return web.Response(status=204)

    async def list_requests(self, request: web.Request) -> web.Response:
        return web.json_response(list(self.log))


async def _call(request: web.Request) -> Call:
    return Call(
        method=request.method,
        path=request.match_info.get("path", ""),
        query=request.query,
        headers=request.headers,
        host=request.host,
        body=await request.text(),
    )


def _response(answer: Answer) -> web.Response:
    headers = {**_HEADERS, "Set-Cookie": _COOKIE}
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    return web.Response(status=answer.status, body=answer.body.encode(), headers=headers)


def _break_off(request: web.Request) -> web.Response:
    """End the connection without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response(status=499)


async def _half(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Promise the whole body, send half of it and end the connection."""
    body = answer.body.encode()
    response = web.StreamResponse(status=answer.status, headers=dict(_HEADERS))
    response.headers["Content-Type"] = answer.content_type or HTML
    response.content_length = max(len(body), 2)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport:
        request.transport.close()
    return response
