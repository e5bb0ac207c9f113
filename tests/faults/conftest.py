"""Prints what was seen: fault, what the guest heard, what the PMS held, how long it took."""

from __future__ import annotations

import pytest

COLUMNS = ("fault", "at", "the guest hears", "in QloApps", "final answer after")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = [
        tuple(str(dict(report.user_properties)[column]) for column in COLUMNS)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call" and {*COLUMNS} <= dict(report.user_properties).keys()
    ]
    if not rows:
        return
    widths = [max(len(row[n]) for row in (COLUMNS, *rows)) for n in range(len(COLUMNS))]
    terminalreporter.section("what guests hear when QloApps fails")
    for row in (COLUMNS, *rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        terminalreporter.line(line.rstrip())
