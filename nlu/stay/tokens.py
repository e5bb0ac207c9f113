"""Cuts a message into words with offsets: no accents, no case, numbers read, near typos mended."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from nlu.stay import lexicon

NUMBER = "N"
NUMERIC_DATE = "DATE"
OPAQUE = "X"


@dataclass(frozen=True)
class Token:
    """A word, number, numeric date or sign at `text[start:end]`."""

    word: str
    """Normalised word, or NUMBER, NUMERIC_DATE, OPAQUE (times, prices, addresses, codes)."""
    start: int
    end: int
    number: int | None = None
    date: tuple[int, int, int | None] | None = None
    """Day, month and year of a numeric date, unchecked."""


_TOKEN = re.compile(
    r"""
    (?P<opaque>\S+@\S+ | (?:https?://|www\.)\S+
      | \d{1,2}(?::[0-5]\d | \.(?:00|1[3-9]|[2-5]\d) | \.[0-5]\d(?=\s?(?:[ap]\.?\s?m|hs|hrs|h)\b))
        (?![\d./-]) (?:\s?[ap]\.?\s?m\b\.?|\s?(?:hs|hrs|h)\b)?
      | \+?\d{1,4}(?:[ -]\d{3,4}){2,}(?![\d/-])
      | \d{1,2}\s?(?:[ap]\s?\.?\s?m\b\.?|h[0-5]\d\b|(?:hs|hrs|h)\b)
      | \d{1,3}(?:[.,]\d{3})+(?!\d) | \d+,\d{1,2}(?=\s?(?:€|eur)) | \+?\d{5,}
      | \d+x\d+ | (?![xyaeo])[^\W\d_]\d\w*)
  | (?P<iso>(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d))
  | (?P<dmy>(\d{1,2})(?P<sep>[/.-])(\d{1,2})(?P=sep)(\d{4}|\d{2})(?!\d))
  | (?P<dm>(?<![\d/])(\d{1,2})/(\d{1,2})(?![\d/]))
  | (?P<number>(\d+)(?:(?:ro|ero|er|do|ra|ta|to|vo|no)\b|[º°ª])?)
  | (?P<word>\bpa['’](?:l\b)?|[^\W\d_]+)
  | (?P<sign>[^\w\s])
    """,
    re.VERBOSE | re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def _word(raw: str) -> str:
    plain = unicodedata.normalize("NFKD", raw.lower())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = re.sub(r"(.)\1{2,}", r"\1", plain)
    if plain not in lexicon.LEMMAS:
        plain = lexicon.mended(plain)
    return lexicon.LEMMAS.get(plain, plain)


def tokens(text: str) -> list[Token]:
    """All tokens of a message; numbers in words are joined ("treinta y uno" → 31)."""
    return _joined([_token(match) for match in _TOKEN.finditer(text)])


def _token(match: re.Match[str]) -> Token:
    start, end = match.span()
    if raw := match["word"]:
        word = _word(raw)
        return Token(word, start, end, lexicon.NUMBERS.get(word))
    if sign := match["sign"]:
        return Token(lexicon.SIGNS.get(sign, sign), start, end)
    digits = [int(part) for part in re.findall(r"\d+", match[0])]
    if match["number"]:
        return Token(NUMBER, start, end, digits[0])
    if match["iso"]:
        year, month, day = digits
        return Token(NUMERIC_DATE, start, end, date=(day, month, year))
    if match["dmy"]:
        day, month, year = digits
        return Token(
            NUMERIC_DATE, start, end, date=(day, month, year if year > 99 else 2000 + year)
        )
    if match["dm"]:
        return Token(NUMERIC_DATE, start, end, date=(digits[0], digits[1], None))
    return Token(OPAQUE, start, end)


def _joined(parts: list[Token]) -> list[Token]:
    joined: list[Token] = []
    at = 0
    while at < len(parts):
        token, size = _number_at(parts, at)
        joined.append(token)
        at += size
    return joined


def _number_at(parts: list[Token], at: int) -> tuple[Token, int]:
    """The number in words that begins at `at` and how many tokens it takes, or the token."""
    first = parts[at]
    words = [part.word for part in parts[at : at + 3]]
    ten = lexicon.STEMS.get(words[0])
    if ten and len(words) > 1 and words[1] in lexicon.UNITS:
        return Token(NUMBER, first.start, parts[at + 1].end, ten + lexicon.UNITS[words[1]]), 2
    if first.number is None or first.word in (NUMBER, "un", "primero"):
        return first, 1
    if (
        len(words) == 3
        and words[0] in lexicon.TENS
        and words[1] == "y"
        and words[2] in lexicon.UNITS
    ):
        value = first.number + lexicon.UNITS[words[2]]
        return Token(NUMBER, first.start, parts[at + 2].end, value), 3
    if words[:2] == ["dos", "mil"]:
        tail, size = _number_at(parts, at + 2) if at + 2 < len(parts) else (first, 0)
        if size and tail.word == NUMBER and tail.number is not None and tail.number < 100:
            return Token(NUMBER, first.start, tail.end, 2000 + tail.number), 2 + size
    return Token(NUMBER, first.start, first.end, first.number), 1
