"""The ways in which the webservice refuses, complains and dies."""

from __future__ import annotations

from dataclasses import dataclass

NOTICE_CODE = 5
WARNING_CODE = 3

_WEBSERVICE = "/var/www/qlo/classes/webservice/"
BOOKINGS_PHP = _WEBSERVICE + "WebserviceSpecificManagementBookings.php"
REQUEST_PHP = _WEBSERVICE + "WebserviceRequest.php"
HOTEL_ARI_PHP = (
    "/var/www/qlo/modules/hotelreservationsystem/classes/WebserviceSpecificManagementHotelAri.php"
)


@dataclass(frozen=True)
class Complaint:
    """One entry of an answer's list of errors."""

    code: int
    message: str


class ServiceError(Exception):
    """The request is refused with a status and a list of complaints."""

    def __init__(self, status: int, *complaints: Complaint) -> None:
        super().__init__(status, complaints)
        self.status = status
        self.complaints = list(complaints)


class PhpDied(Exception):
    """PHP stopped in the middle: an answer in text/html, often empty."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text


class NotFound(Exception):
    """404 with an empty body and without a Content-Type."""


def booking_error(message: str) -> ServiceError:
    """All booking errors have code 404 with status 400."""
    return ServiceError(400, Complaint(404, message))


def notice(text: str, file: str, line: int) -> Complaint:
    return Complaint(NOTICE_CODE, f"[PHP Notice #8] {text} ({file}, line {line})")


def warning(text: str, file: str, line: int) -> Complaint:
    return Complaint(WARNING_CODE, f"[PHP Warning #2] {text} ({file}, line {line})")


def xml_warnings(body: str, function: str, file: str, line: int) -> list[Complaint]:
    """What libxml says, through PHP, about a body that is no XML; it quotes the body."""
    if body.lstrip().startswith("<"):
        last = body.rstrip("\n").split("\n")
        problem, at, shown = "EndTag: '</' not found", len(last), last[-1][-80:]
        caret = " " * min(len(shown), 79) + "^"
    else:
        problem, at, shown = "Start tag expected, '<' not found", 1, body.split("\n")[0][:80]
        caret = "^"
    return [
        warning(f"{function}: Entity: line {at}: parser error : {problem}", file, line),
        warning(f"{function}: {shown.strip()}", file, line),
        warning(f"{function}: {caret}", file, line),
    ]


def filter_notices() -> list[Complaint]:
    """The notices that follow a refused filter, display or sort."""
    text = "Trying to access array offset on value of type bool"
    return [notice(text, REQUEST_PHP, line) for line in (1205, 1206, 1207, 1208)]


def closest(word: str, words: list[str]) -> str:
    """The last of the nearest words by edit distance, as the original proposes."""
    best, shortest = "", -1
    for candidate in words:
        distance = _edit_distance(word, candidate)
        if shortest < 0 or distance <= shortest:
            best, shortest = candidate, distance
    return best


def _edit_distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]
