"""Spanish as guests type it, brought to one form for comparing; the original stays as it is."""

import re
import unicodedata

_ELONGATED = re.compile(r"([^\W\d])\1{2,}")
_SHORTHAND = {
    "q": "que",
    "k": "que",
    "xq": "porque",
    "pq": "porque",
    "porq": "porque",
    "x": "por",
    "xa": "para",
    "pa": "para",
    "tb": "tambien",
    "tmb": "tambien",
    "tbn": "tambien",
    "d": "de",
    "bn": "bien",
    "xfa": "por favor",
    "xfavor": "por favor",
    "porfa": "por favor",
    "plis": "por favor",
    "hab": "habitacion",
    "habs": "habitaciones",
    "finde": "fin de semana",
    "dispo": "disponibilidad",
    "info": "informacion",
    "msj": "mensaje",
    "tlf": "telefono",
    "tel": "telefono",
    "num": "numero",
    "pax": "personas",
    "resv": "reserva",
    "grax": "gracias",
    "grcs": "gracias",
    "ntp": "no te preocupes",
    "aki": "aqui",
    "kiero": "quiero",
    "ola": "hola",
}
_WORD = re.compile(r"\w+|[^\w\s]")


def bare(text: str) -> str:
    """Lower case and no accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def plain_text(text: str) -> str:
    """Lower case, no accents, no elongations ("holaaa"), shorthand written out."""
    short = _ELONGATED.sub(r"\1", bare(text))
    return " ".join(_SHORTHAND.get(word, word) for word in _WORD.findall(short))
