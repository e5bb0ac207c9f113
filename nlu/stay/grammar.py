"""Rules over words, matched by regular expressions over one character a word.

A rule's pattern is a regular expression whose atoms are words: `q:(este|otro)? w:<wd> que viene`.
Bare words stand for themselves (normalised), `'-'` for a sign, `<name>` for a class of words or for
what an earlier rule made, `any` for anything; `name:` in front captures. Groups do not capture
unless named. The longest match from the left wins; of two equally long ones the earlier rule.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nlu.stay import lexicon
from nlu.stay.tokens import NUMBER, NUMERIC_DATE, OPAQUE, Token

_codes: dict[str, str] = {}


def code(word: str) -> str:
    """The character that stands for a word, or for a class in angle brackets, in all patterns."""
    return _codes.setdefault(word, chr(0xE000 + len(_codes)))


_OTHER, _PLURAL = code("<other>"), code("<plural>")


@dataclass(frozen=True)
class Item:
    """A token, or several that a rule has joined, at `text[start:end]`."""

    code: str
    start: int
    end: int
    value: Any = None


@dataclass(frozen=True)
class Made:
    """What a rule makes of the words it matched: one item of class `kind`."""

    kind: str
    value: Any = None


@dataclass(frozen=True)
class Match:
    """What a rule's action gets: captured items by name."""

    items: Sequence[Item]
    """The items matched, in order."""
    _match: re.Match[str]
    _all: Sequence[Item]

    def __getitem__(self, name: str) -> Any:
        """The value of the captured item; None when its group took no part."""
        item = self.item(name)
        return item.value if item else None

    def __contains__(self, name: str) -> bool:
        """Whether the group took part."""
        return self.item(name) is not None

    def number(self, name: str) -> int:
        """The value of an item that the rule always captures, a number."""
        return int(self[name])

    def part(self, name: str) -> Item:
        """The first item captured under a name that the rule always captures."""
        return self._all[self._match.start(name)]

    def item(self, name: str) -> Item | None:
        """The first item captured under `name`."""
        if not self._match.re.groupindex.get(name) or not self._match[name]:
            return None
        return self._all[self._match.start(name)]


Action = Callable[[Match], "Made | None"]


class Grammar:
    """Rules applied together: `rules` are (pattern, action); an action's None refuses a match."""

    def __init__(self, classes: dict[str, str], rules: Iterable[tuple[str, Action]]) -> None:
        """`classes` names sets of words and `<classes>`, separated by spaces."""
        self._classes = classes
        self._rules = [(self._compiled(pattern), action) for pattern, action in rules]

    def reduce(self, items: Sequence[Item]) -> list[Item]:
        """The items, with each match replaced by the one its rule made."""
        codes = "".join(item.code for item in items)
        hits: list[tuple[int, int, int, re.Match[str]]] = []

        def search(order: int, begin: int) -> None:
            match = self._rules[order][0].search(codes, begin)
            if match:
                heapq.heappush(hits, (match.start(), -match.end(), order, match))

        for order in range(len(self._rules)):
            search(order, 0)
        reduced: list[Item] = []
        at = 0
        while hits:
            start, negative_end, order, match = heapq.heappop(hits)
            end = -negative_end
            if start < at:
                search(order, at)
                continue
            made = self._rules[order][1](Match(items[start:end], match, items))
            if made is None:
                search(order, start + 1)
                continue
            reduced += items[at:start]
            reduced.append(
                Item(code(f"<{made.kind}>"), items[start].start, items[end - 1].end, made.value)
            )
            at = end
            search(order, at)
        return [*reduced, *items[at:]]

    def _compiled(self, pattern: str) -> re.Pattern[str]:
        def atom(match: re.Match[str]) -> str:
            name = f"?P<{match['name']}>" if match["name"] else "?:"
            if match["group"]:
                return f"({name}"
            if match["word"] == "any":
                chars = "."
            elif match["word"] or match["sign"]:
                chars = code(match["word"] or match["sign"])
            else:
                chars = self._chars(match["cls"])
            return f"({name}{chars})" if match["name"] else chars

        atoms = (
            r"(?:(?P<name>[a-z]\w*):)?"
            r"(?:(?P<group>\()(?!\?)|<(?P<cls>\w+)>|'(?P<sign>[^'])'|(?P<word>[a-z]+))"
        )
        return re.compile(re.sub(r"\s+", "", re.sub(atoms, atom, pattern)))

    def _chars(self, name: str) -> str:
        return "[" + "".join(sorted(set(self._members(name)))) + "]"

    def _members(self, name: str) -> list[str]:
        if name not in self._classes:
            return [code(f"<{name}>")]
        chars: list[str] = []
        for word in self._classes[name].split():
            chars += self._members(word[1:-1]) if word.startswith("<") else [code(word)]
        return chars


def items_of(tokens: Sequence[Token]) -> list[Item]:
    """One item a token. Numbers are <n0>, <n12> (1–12), <n31>, <n99>, <year>, <big>; words that no
    rule names are <other>, or <plural> if they end like one."""
    return [_item(token) for token in tokens]


def _item(token: Token) -> Item:
    word, span = token.word, (token.start, token.end)
    if word == NUMBER:
        number = token.number or 0
        return Item(code(_number_class(number)), *span, number)
    if word == NUMERIC_DATE:
        return Item(code("<numdate>"), *span, token.date)
    if word == OPAQUE:
        return Item(code("<x>"), *span)
    if word in lexicon.MONTHS:
        kind = "<mon>" if word in lexicon.SHORT_MONTHS else "<month>"
        return Item(code(kind), *span, lexicon.MONTHS[word])
    if word in lexicon.WEEKDAYS:
        return Item(code("<wd>"), *span, lexicon.WEEKDAYS[word])
    return Item(_codes.get(word) or _unknown(word), *span, token.number or word)


def _unknown(word: str) -> str:
    """ "Motos" in "para dos motos" may be what is counted; "porfa" may not."""
    return (
        _PLURAL if len(word) > 3 and word[-1] == "s" and word not in lexicon.NO_THINGS else _OTHER
    )


def _number_class(number: int) -> str:
    for limit, name in ((0, "<n0>"), (12, "<n12>"), (31, "<n31>"), (99, "<n99>")):
        if number <= limit:
            return name
    return "<year>" if 2000 <= number < 2100 else "<big>"
