"""The report's pictures, drawn as SVG in the page's own colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from tools.report.figures import Bin
from tools.report.html import tag


def percent(value: float, digits: int = 0) -> str:
    return f"{100 * value:.{digits}f} %".replace(".", ",")


def _svg(
    width: float, height: float, label: str, *parts: Element, class_: str = "chart"
) -> Element:
    box = f"0 0 {width:g} {height:g}"
    return tag("svg", *parts, viewBox=box, role="img", aria_label=label, class_=class_)


def _text(x: float, y: float, said: str, class_: str = "", anchor: str = "middle") -> Element:
    return tag("text", said, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=class_)


def _bar(x: float, y: float, width: float, height: float, class_: str, said: str) -> Element:
    return tag(
        "rect", tag("title", said), x=f"{x:.1f}", y=f"{y:.1f}", width=f"{max(width, 0):.1f}",
        height=f"{max(height, 0):.1f}", class_=class_,
    )  # fmt: skip


def trend(values: Sequence[float]) -> Element:
    """A line through the values of the runs, oldest first."""
    low, high = min(values), max(values)
    spread = max(high - low, 0.01)
    points = [
        (6 + 108 * at / max(len(values) - 1, 1), 26 - 20 * (value - low) / spread)
        for at, value in enumerate(values)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return _svg(
        120, 32, "evolución",
        tag("polyline", points=line, class_="line"),
        tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=3, class_="dot"),
        class_="trend",
    )  # fmt: skip


def histogram(some: Sequence[Bin]) -> Element:
    """How many messages have which confidence; right ones below, wrong ones on top.

    Heights are square roots: most messages are sure, and the doubtful ones are the ones to see.
    """
    top = math.sqrt(max([one.count for one in some] + [1]))
    parts: list[Element] = []
    for at, one in enumerate(some):
        x, whole = 14 + 33 * at, 150 * math.sqrt(one.count) / top
        good = whole * one.accuracy
        said = f"{percent(one.low)}-{percent(one.high)}: {one.right} bien, {one.wrong} mal"
        parts += [
            _bar(x, 180 - good, 28, good, "good", said),
            _bar(x, 180 - whole, 28, whole - good, "bad", said),
            _text(x + 14, 174 - whole, str(one.count), "small"),
            _text(x, 196, f"{100 * one.low:.0f}", "small"),
        ]
    parts += [
        tag("line", x1=10, y1=180, x2=346, y2=180, class_="axis"),
        _text(344, 196, "100", "small"),
        _text(178, 214, "confianza (%)", "small"),
    ]
    return _svg(356, 220, "histograma de confianza", *parts)


def reliability(some: Sequence[Bin]) -> Element:
    """How often the assistant is right, by how sure it is; on the diagonal, as sure as right."""
    parts: list[Element] = [
        tag("rect", x=40, y=10, width=180, height=180, class_="frame"),
        tag("line", x1=40, y1=190, x2=220, y2=10, class_="ideal"),
    ]
    for mark in (0, 50, 100):
        parts += [
            _text(40 + 1.8 * mark, 206, str(mark), "small"),
            _text(34, 194 - 1.8 * mark, str(mark), "small", "end"),
        ]
    seen = [one for one in some if one.count]
    dots = [(40 + 180 * one.confidence, 190 - 180 * one.accuracy, one) for one in seen]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in dots)
    parts.append(tag("polyline", points=line, class_="line"))
    for x, y, one in dots:
        said = (
            f"confianza {percent(one.confidence)}, acierta {percent(one.accuracy)} "
            f"({one.count} mensajes)"
        )
        radius = f"{2.5 + math.log10(one.count) * 2:.1f}"
        circle = tag("circle", tag("title", said), cx=f"{x:.1f}", cy=f"{y:.1f}", r=radius)
        circle.set("class", "dot")
        parts.append(circle)
    parts += [
        _text(130, 224, "confianza (%)", "small"),
        tag(
            "text", "acierta (%)", x=12, y=100, text_anchor="middle", class_="small",
            transform="rotate(-90 12 100)",
        ),
    ]  # fmt: skip
    return _svg(232, 230, "diagrama de fiabilidad", *parts)


def matrix(names: Sequence[str], counts: dict[tuple[str, str], int]) -> Element:
    """What is meant (rows) and what is understood (columns)."""
    cell, left, top = 17, 168, 158
    parts: list[Element] = []
    for row, meant in enumerate(names):
        total = sum(counts.get((meant, got), 0) for got in names)
        y = top + cell * row
        parts.append(_text(left - 6, y + 12, meant, "small", "end"))
        x = left + cell * row
        turned = f"rotate(-60 {x + 10} {top - 6})"
        label = _text(x + 10, top - 6, meant, "small", "start")
        label.set("transform", turned)
        parts.append(label)
        for column, got in enumerate(names):
            count = counts.get((meant, got), 0)
            if count:
                parts += _cell(left + cell * column, y, cell, count, total, (meant, got))
    size = cell * len(names)
    parts.insert(0, tag("rect", x=left, y=top, width=size, height=size, class_="frame"))
    return _svg(left + size + 90, top + size + 8, "matriz de confusión", *parts, class_="matrix")


def _cell(
    x: float, y: float, size: float, count: int, total: int, pair: tuple[str, str]
) -> list[Element]:
    meant, got = pair
    said = f"{meant}: {count} bien" if meant == got else f"{meant} → {got}: {count} de {total}"
    box = _bar(x, y, size - 1, size - 1, "good" if meant == got else "bad", said)
    share = count / total if meant == got else min(1.0, 4 * count / total)
    box.set("fill-opacity", f"{0.25 + 0.75 * share:.2f}")
    number = _text(x + size / 2, y + 11.5, str(count), "tiny")
    return [box, number]


def shares(rows: Sequence[tuple[str, int, int]]) -> Element:
    """A bar for each of (name, right, all): how much of it is right."""
    parts: list[Element] = []
    for at, (name, right, count) in enumerate(rows):
        y, share = 6 + 24 * at, right / count if count else 0.0
        said = f"{name}: {right} de {count}"
        parts += [
            _text(82, y + 13, name, "", "end"),
            _bar(90, y, 170, 17, "track", said),
            _bar(90, y, 170 * share, 17, "good", said),
            _text(266, y + 13, f"{percent(share)} de {count}", "small", "start"),
        ]
    return _svg(350, 10 + 24 * len(rows), "aciertos", *parts)
