"""Says at the end how much of the recorded contract was held against the server."""

from __future__ import annotations

import pytest

from tests.contract.recorded import RACES, RECORDED, out_of_scope, raced, replayed


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if "test_recorded_exchanges" in report.nodeid and report.when == "call"
    ]
    if not reports:
        return
    tested = {report.nodeid.partition("[")[2].rstrip("]") for report in reports}
    covered = [name for name in replayed() if name in tested]
    covered += [name for race in RACES if race in tested for name in raced(race)]
    terminalreporter.section("recorded contract of QloApps")
    terminalreporter.line(f"{len(covered)} of {RECORDED} recorded exchanges covered")
    for reason in dict.fromkeys(out_of_scope().values()):
        names = [name for name, why in out_of_scope().items() if why == reason]
        terminalreporter.line(f"out of scope, {reason}: {', '.join(names)}")
