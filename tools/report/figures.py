"""Counts what the results say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tools.report.results import Case, Message, Origin, Span, Story

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Score:
    """How well one intent, or one kind of entity, is found."""

    name: str
    support: int
    precision: float
    recall: float
    confused: tuple[tuple[str, int], ...] = ()
    """What it is taken for, most often first."""

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Bin:
    """The messages whose confidence lies in [`low`, `high`)."""

    low: float
    high: float
    right: int
    wrong: int
    confidence: float
    """Their mean confidence."""

    @property
    def count(self) -> int:
        return self.right + self.wrong

    @property
    def accuracy(self) -> float:
        return ratio(self.right, self.count)


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def of(messages: Iterable[Message], origin: Origin) -> list[Message]:
    return [one for one in messages if one.origin == origin]


def grouped(items: Iterable[V], key: Callable[[V], K]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)


def accuracy(messages: Sequence[Message]) -> float:
    return ratio(sum(one.right for one in messages), len(messages))


def intents(messages: Iterable[Message]) -> list[Score]:
    """A score for each intent, the worst F1 first."""
    pairs = Counter((one.meant, one.understood) for one in messages)
    meant, got = Counter[str](), Counter[str]()
    for (wanted, found), count in pairs.items():
        meant[wanted] += count
        got[found] += count
    scores = [
        Score(
            name,
            meant[name],
            ratio(pairs[name, name], got[name]),
            ratio(pairs[name, name], meant[name]),
            tuple(_confused(pairs, name)),
        )
        for name in sorted(meant)
    ]
    return sorted(scores, key=lambda score: score.f1)


def _confused(pairs: Counter[tuple[str, str]], name: str) -> list[tuple[str, int]]:
    others = Counter({got: n for (want, got), n in pairs.items() if want == name != got})
    return others.most_common(3)


def confusions(messages: Iterable[Message]) -> list[tuple[str, str, list[Message]]]:
    """Each meant and understood intent that differ, with the messages, most often first."""
    wrong = grouped([one for one in messages if not one.right], lambda m: (m.meant, m.understood))
    told = [(meant, got, some) for (meant, got), some in wrong.items()]
    return sorted(told, key=lambda one: -len(one[2]))


def bins(messages: Iterable[Message], count: int = 10) -> list[Bin]:
    """The messages by confidence in `count` bins of one width."""
    groups = grouped(messages, lambda one: min(int(one.confidence * count), count - 1))
    return [_bin(number / count, 1 / count, groups.get(number, [])) for number in range(count)]


def _bin(low: float, width: float, some: list[Message]) -> Bin:
    right = sum(one.right for one in some)
    mean = ratio(sum(one.confidence for one in some), len(some))
    return Bin(low, low + width, right, len(some) - right, mean)


def calibration_error(messages: Sequence[Message]) -> float:
    """How far confidence lies from the share that is right, on average (ECE)."""
    gaps = (one.count * abs(one.accuracy - one.confidence) for one in bins(messages))
    return ratio(sum(gaps), len(messages))


def entities(messages: Iterable[Message]) -> list[Score]:
    """A score for each kind of entity by overlap, the worst F1 first."""
    wanted, found, hits, good = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for message in messages:
        for span in message.entities_meant:
            wanted[span[0]] += 1
            hits[span[0]] += _overlapped(span, message.entities_found)
        for span in message.entities_found:
            found[span[0]] += 1
            good[span[0]] += _overlapped(span, message.entities_meant)
    scores = [
        Score(name, wanted[name], ratio(good[name], found[name]), ratio(hits[name], wanted[name]))
        for name in sorted(wanted)
    ]
    return sorted(scores, key=lambda score: score.f1)


def missed(message: Message) -> list[Span]:
    return [one for one in message.entities_meant if not _overlapped(one, message.entities_found)]


def surplus(message: Message) -> list[Span]:
    return [one for one in message.entities_found if not _overlapped(one, message.entities_meant)]


def _overlapped(span: Span, others: Iterable[Span]) -> bool:
    name, start, end = span
    return any(name == one[0] and start < one[2] and one[1] < end for one in others)


def figures(
    messages: list[Message], stories: list[Story], cases: list[Case], milliseconds: float
) -> dict[str, float]:
    """The figures of a run, by the names that the page and the history know them by."""
    apart, crossed = of(messages, "apartados"), of(messages, "cruzada")
    foreign = [one for one in apart if one.meant == "out_of_scope"]
    wishes = [one for one in apart if one.meant != "out_of_scope"]
    named = entities(apart)
    told = {
        "apart_right": accuracy(apart),
        "apart_f1": ratio(sum(one.f1 for one in intents(apart)), len(intents(apart))),
        "cross_right": accuracy(crossed),
        "foreign_refused": ratio(sum(one.refused for one in foreign), len(foreign)),
        "wishes_refused": ratio(sum(one.refused for one in wishes), len(wishes)),
        "calibration": calibration_error(apart),
        "entities_f1": ratio(sum(one.f1 for one in named), len(named)),
        "milliseconds": milliseconds,
        "stories_right": ratio(sum(one.right for one in stories), len(stories)),
    }
    for suite, some in grouped(cases, lambda case: case.suite).items():
        told[f"{suite}_right"] = ratio(sum(one.fault is None for one in some), len(some))
    for prefix, some_messages in (("apart", apart), ("cross", crossed)):
        told |= {f"{prefix}_f1:{one.name}": one.f1 for one in intents(some_messages)}
    told |= {f"entity_f1:{one.name}": one.f1 for one in named}
    return told


def mistakes(messages: list[Message], stories: list[Story], cases: list[Case]) -> list[str]:
    """All that went wrong, each by a name that the next run knows it by."""
    return [
        *(f"{one.origin}: {one.meant}: {one.text}" for one in messages if not one.right),
        *(f"historia: {one.title}" for one in stories if not one.right),
        *(f"{one.suite}: {one.name}" for one in cases if one.fault is not None),
    ]
