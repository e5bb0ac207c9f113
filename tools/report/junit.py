"""The results as JUnit XML, which CI systems show."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from tools.report.figures import grouped
from tools.report.results import Results

_Tried = tuple[str, str | None]
"""Name and fault of one thing that was tried."""


def junit(results: Results) -> str:
    """One suite for each kind of thing; a message read wrong is a failure like any other."""
    suites: dict[str, list[_Tried]] = {}
    for origin, messages in grouped(results.messages, lambda one: one.origin).items():
        suites[f"mensajes: {origin}"] = [
            (f"{one.meant}: {one.text}", None if one.right else f"se entiende {one.understood}")
            for one in messages
        ]
    suites["historias"] = [
        (
            one.title,
            "\n".join(
                f"{step.said or step.who}: se esperaba {step.expected}, sale {step.got}"
                for step in one.steps
                if not step.right
            )
            or None,
        )
        for one in results.stories
    ]
    for suite, cases in grouped(results.cases, lambda one: one.suite).items():
        suites[suite] = [(one.name, one.fault) for one in cases]
    root = Element("testsuites", name="Conserje")
    for suite, tried in suites.items():
        _add(root, suite, tried)
    text: str = ElementTree.tostring(root, encoding="unicode", xml_declaration=True)
    return text


def _add(root: Element, suite: str, tried: list[_Tried]) -> None:
    failures = sum(fault is not None for _, fault in tried)
    told = SubElement(
        root, "testsuite", name=suite, tests=str(len(tried)), failures=str(failures), errors="0"
    )
    for name, fault in tried:
        case = SubElement(told, "testcase", classname=suite, name=name)
        if fault is not None:
            SubElement(case, "failure", message=fault.splitlines()[0]).text = fault
