"""Which of the rooms offered a guest means."""

import re
from typing import Any

from conserje.hotels import Hotel
from conserje.text import plain

_ORDINALS = {
    0: re.compile(r"\b(primer[ao]?|1[aªº]|uno|opcion 1|la 1|numero 1)\b"),
    1: re.compile(r"\b(segund[ao]|2[aªº]|opcion 2|la 2|numero 2|la dos)\b"),
    2: re.compile(r"\b(tercer[ao]?|3[aªº]|opcion 3|la 3|numero 3|la tres)\b"),
    3: re.compile(r"\b(cuart[ao]|4[aªº]|opcion 4|la 4|numero 4|la cuatro)\b"),
    -1: re.compile(r"\bultim[ao]\b"),
}
_CHEAPEST = re.compile(
    r"\b((la|el|lo) (mas )?(barat|economic)\w*|mas (barata|economica)|de menor precio|menos car\w*|"
    r"cualquiera|me da igual|la que sea|la que tu quieras)\b"
)
_BY_PRICE = re.compile(r"\bla (mas )?(barata|economica)\b"), re.compile(r"\bla mas cara\b")
_DEAREST = re.compile(r"\b(mas car[ao]|la mejor|mas lujos[ao])\b")
_AMOUNT = re.compile(r"\b(\d{2,5})(?:[.,]\d{1,2})?\b")
_CLAUSE = re.compile(r"(?<=[.,;!?\n])")
_ASKS = re.compile(
    r"\?$|\b(hay|(?<!que )tien\w+|cuant\w+|cual\w*|precios?|tarifas?|disponib\w+|incluye\w*|"
    r"trae|como es)\b"
)


def without_questions(text: str) -> str:
    """What `text` states: "la general, ¿y hay parking?" is "la general,"."""
    stated = re.sub(r"¿[^?]*\?", " ", text)
    return "".join(part for part in _CLAUSE.split(stated) if not _ASKS.search(plain(part)))


def chosen_offer(
    text: str, offers: list[dict[str, Any]], *, answering: bool, hotel: Hotel
) -> str | None:
    """The room type id that `text` picks among `offers` (dicts with id, name, total), or None.

    Names and "la más barata" (or "cara") always count; order and price only when `answering`.
    """
    said = plain(text)
    named = [offer["id"] for offer in offers if plain(offer["name"]) in said]
    if not named:
        named = rooms_by_word(said, [offer["id"] for offer in offers], hotel)
    if len(named) == 1:
        return str(named[0])
    if not offers:
        return None
    cheapest, dearest = _BY_PRICE
    if cheapest.search(said) or (answering and _CHEAPEST.search(said)):
        return str(min(offers, key=lambda offer: float(offer["total"]))["id"])
    if dearest.search(said) or (answering and _DEAREST.search(said)):
        return str(max(offers, key=lambda offer: float(offer["total"]))["id"])
    if not answering:
        return None
    for index, pattern in _ORDINALS.items():
        if pattern.search(said) and index < len(offers):
            return str(offers[index]["id"])
    for amount in _AMOUNT.findall(said):
        priced = [offer["id"] for offer in offers if int(float(offer["total"])) == int(amount)]
        if len(priced) == 1:
            return str(priced[0])
    if re.fullmatch(r"\d", said) and 1 <= int(said) <= len(offers):
        return str(offers[int(said) - 1]["id"])
    return None


def rooms_by_word(said: str, among: list[str], hotel: Hotel) -> list[str]:
    """The room type ids of `among` that a word of the hotel's own list names in `said` (plain).

    The longest word decides: "de lujo con vistas al mar" is not the room "con vistas".
    """
    hits: list[tuple[int, str]] = []
    for room_id in among:
        room = hotel.rooms.get(room_id)
        if room is None:
            continue
        words = [plain(word) for word in (*room.synonyms, room.name)]
        lengths = [len(word) for word in words if re.search(rf"\b{re.escape(word)}(e?s)?\b", said)]
        if lengths:
            hits.append((max(lengths), room_id))
    longest = max((length for length, _ in hits), default=0)
    return [room_id for length, room_id in hits if length == longest]


def wished_rooms(text: str, hotel: Hotel, *, bare: bool = False) -> list[str]:
    """The hotel's own words for a room that `text` asks for ("el apartamento", "una suite").

    With `bare`, a word of a room's very name needs none before it ("2 noches, deluxe, Ana Ruiz").
    """
    said = plain(text)
    words = {plain(word) for room in hotel.rooms.values() for word in (*room.synonyms, room.name)}
    lead = r"(?:habitacion(?:es)?|cuartos?|la|el|una?|vuestr[ao]|su|con|de)\s+(?:tipo\s+)?"
    led = [
        word for word in sorted(words, key=len) if re.search(rf"\b{lead}{re.escape(word)}\b", said)
    ]
    return [*led, *(word for word in _own_words(hotel) if bare and _stands_alone(word, said))]


def most_telling(wishes: list[str], hotel: Hotel) -> str:
    """Of several words for what is wished, one that means the fewest rooms: of "doble" and "de
    lujo", "de lujo"."""

    def meant(wish: str) -> int:
        return len(rooms_by_word(plain(wish), list(hotel.rooms), hotel)) or len(hotel.rooms) + 1

    return min(reversed(wishes), key=meant)


def kinds_named(text: str, hotel: Hotel) -> set[str]:
    """The room type ids that `text` names by a word that means one alone."""
    said = plain(text)
    return {
        found[0]
        for word in wished_rooms(text, hotel, bare=True)
        if plain(word) in said
        and len(found := rooms_by_word(plain(word), list(hotel.rooms), hotel)) == 1
    }


def _own_words(hotel: Hotel) -> list[str]:
    """The words that tell the names of the rooms apart: "general", "deluxe", "ejecutiva"."""
    names = [set(re.findall(r"\w{4,}", plain(room.name))) for room in hotel.rooms.values()]
    everywhere = {word for word in set().union(*names) if sum(word in name for name in names) > 1}
    return sorted(set().union(*names) - everywhere - {"habitacion", "sala"})


def _stands_alone(word: str, said: str) -> bool:
    return bool(re.search(rf"(?<!en )(?<!lo )\b{word}(e?s)?\b", said))
