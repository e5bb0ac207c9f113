"""The QloApps webservice over HTTP: one exchange, looked at down to the root key.

A status says little here: 200 may carry an HTML error text, 500 may have booked. So an
`Answer` keeps status, media type and content apart, and nothing of its text reaches a log or
an exception: it quotes request bodies and server paths.
"""

import asyncio
import contextlib
import json
import logging
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import aiohttp
from yarl import URL

from conserje.pms._errors import AnswerNotUnderstood, NotAuthorised, PmsDown

logger = logging.getLogger(__name__)

_JSON = "application/json"
_XML = "text/xml"
_AS_JSON = {"output_format": "JSON"}
# Apache closes an idle connection after 5 s by default; a POST on one just closed could not
# be told from one that was booked.
_KEEP_ALIVE_SECONDS = 3.0


class BrokenOff(PmsDown):
    """The request was sent, or may have been, and no whole answer came."""


def new_session() -> aiohttp.ClientSession:
    """A session fit for QloApps: keeps no cookies, for they can carry a guest's login.

    To be made inside the running loop; one serves all hotels of a process.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(keepalive_timeout=_KEEP_ALIVE_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


@dataclass(frozen=True)
class Answer:
    status: int
    media_type: str
    data: Any
    """What the JSON says, numbers with a fraction as `Decimal`; None where it is no JSON."""
    xml: ElementTree.Element | None
    """What the XML says; None where it is no XML."""
    empty: bool

    @property
    def errors(self) -> list[int]:
        """The codes of the errors it reports."""
        listed = self.data.get("errors") if isinstance(self.data, dict) else None
        entries = listed if isinstance(listed, list) else []
        codes = [entry.get("code") for entry in entries if isinstance(entry, dict)]
        return [code for code in codes if isinstance(code, int)]

    def root(self, name: str) -> Any:
        """What stands under the root key of a successful answer; `[]` where nothing was found.

        Raises `NotAuthorised`, `PmsDown`, `AnswerNotUnderstood`.
        """
        self.raise_for_refusal()
        if self.status in (200, 201) and self.data == []:
            return []
        well = self.status in (200, 201) and isinstance(self.data, dict)
        if not well or "errors" in self.data or name not in self.data:
            raise AnswerNotUnderstood(f"no {name} in an answer with {self}")
        return self.data[name]

    def raise_for_refusal(self) -> None:
        """Raises `NotAuthorised` or `PmsDown` where the status says so."""
        if self.status in (401, 403, 405):
            raise NotAuthorised(f"QloApps refuses the key: {self}")
        if self.status >= 500 or self.status == 429:
            raise PmsDown(f"QloApps cannot serve: {self}")

    def raise_if_turned_away(self) -> None:
        """Raises `NotAuthorised` or `PmsDown` where nothing can have been done.

        That is: the key was refused, or the webservice itself says that it is switched off.
        """
        if self.status in (401, 403, 405, 429) or (self.status == 503 and self.errors):
            self.raise_for_refusal()

    def __str__(self) -> str:
        kind = "no body" if self.empty else self.media_type
        codes = f", error codes {self.errors}" if self.errors else ""
        return f"status {self.status}, {kind}{codes}"


class Webservice:
    """`session` is used and left open; without one, one is made at the first request."""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        session: aiohttp.ClientSession | None,
        connect_timeout: float,
        read_timeout: float,
        write_timeout: float,
    ) -> None:
        self._api = URL(base_url.rstrip("/").removesuffix("/api")) / "api"
        self._headers = {"Authorization": aiohttp.BasicAuth(key, encoding="utf-8").encode()}
        self._session = session
        self._owns_session = session is None
        self._read = aiohttp.ClientTimeout(total=read_timeout, sock_connect=connect_timeout)
        self._write = aiohttp.ClientTimeout(total=write_timeout, sock_connect=connect_timeout)

    async def close(self) -> None:
        if self._owns_session and self._session is not None:
            await self._session.close()
            self._session = None

    async def rows(self, resource: str, root: str, **query: str) -> list[Any]:
        """A list of the webservice; `filter_id="5"` stands for `filter[id]=5`.

        Raises `PmsDown`, `NotAuthorised`, `AnswerNotUnderstood`.
        """
        query = _AS_JSON | {_parameter(name): value for name, value in query.items()}
        rows = (await self._exchange("GET", resource, query, self._read)).root(root)
        if not isinstance(rows, list):
            raise AnswerNotUnderstood(f"{resource}: {root} is no list")
        return rows

    async def one(self, resource: str, root: str) -> Any:
        """One object, what stands under its root key.

        Raises `PmsDown`, `NotAuthorised`, `AnswerNotUnderstood`.
        """
        return (await self._exchange("GET", resource, _AS_JSON, self._read)).root(root)

    async def one_as_xml(self, resource: str, root: str) -> ElementTree.Element:
        """The whole document of one object, to be changed and sent back: no JSON is read there.

        Raises `PmsDown`, `NotAuthorised`, `AnswerNotUnderstood`.
        """
        answer = await self._exchange("GET", resource, {}, self._read)
        answer.raise_for_refusal()
        if answer.status != 200 or answer.xml is None or answer.xml.find(root) is None:
            raise AnswerNotUnderstood(f"no {root} in an answer with {answer}")
        return answer.xml

    async def ask(self, resource: str, xml: str) -> Answer:
        """A POST that changes nothing. Raises `PmsDown`."""
        return await self._exchange("POST", resource, _AS_JSON, self._read, xml.encode(), _XML)

    async def send(
        self, resource: str, body: Mapping[str, Any] | str, method: str = "POST"
    ) -> Answer:
        """Changes something, with a JSON or XML body (only `bookings` reads JSON).

        Raises `BrokenOff`, or another `PmsDown` if nothing was sent.
        """
        if isinstance(body, str):
            data, media_type = body.encode(), _XML
        else:
            data, media_type = json.dumps(body, ensure_ascii=False).encode(), _JSON
        return await self._exchange(method, resource, _AS_JSON, self._write, data, media_type)

    async def _exchange(
        self,
        method: str,
        resource: str,
        query: Mapping[str, str],
        limit: aiohttp.ClientTimeout,
        body: bytes | None = None,
        media_type: str = _JSON,
    ) -> Answer:
        if self._session is None:
            self._session = new_session()
        headers = self._headers if body is None else self._headers | {"Content-Type": media_type}
        try:
            async with self._session.request(
                method,
                self._api / resource,
                params=query,
                data=body,
                headers=headers,
                timeout=limit,
                allow_redirects=False,
            ) as response:
                answer = _answer(response, await response.read())
        # ServerTimeoutError: of the connecting, as no other limit on the socket is set.
        except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError) as error:
            logger.warning("QloApps cannot be reached: %s", type(error).__name__)
            raise PmsDown("QloApps cannot be reached") from error
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            logger.warning("%s %s: %s", method, resource, type(error).__name__)
            raise BrokenOff(f"{method} {resource}: {type(error).__name__}") from error
        if answer.status not in (200, 201) or (answer.data is None and answer.xml is None):
            logger.warning("%s %s: %s", method, resource, answer)
        return answer


def _answer(response: aiohttp.ClientResponse, body: bytes) -> Answer:
    data = xml = None
    if response.content_type == _JSON:
        with contextlib.suppress(ValueError):  # neither JSON nor UTF-8: no data
            data = json.loads(body, parse_float=Decimal)
    elif response.content_type == _XML:
        with contextlib.suppress(ElementTree.ParseError):
            xml = ElementTree.fromstring(body)  # noqa: S314 - of the hotel's own PMS
    return Answer(response.status, response.content_type, data, xml, empty=not body.strip())


def _parameter(name: str) -> str:
    field = name.removeprefix("filter_")
    return name if field == name else f"filter[{field}]"
