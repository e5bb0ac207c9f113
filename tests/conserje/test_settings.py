"""What the operator sets."""

import pytest

from conserje.settings import SettingsError, settings


@pytest.mark.parametrize("text", ["mucho", "-1", "nan", "inf", "0"])
def test_seconds_that_are_none_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("CONSERJE_RECOVERY_SECONDS", text)
    with pytest.raises(SettingsError, match="CONSERJE_RECOVERY_SECONDS"):
        settings()


def test_availability_may_be_asked_anew_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSERJE_AVAILABILITY_SECONDS", "0")
    assert settings().availability_seconds == 0
