"""What the operator sets by environment variables."""

import math
import os
from dataclasses import dataclass
from pathlib import Path

DEMO_QLOAPPS_KEY = "CONSERJEDEMOCONSERJEDEMOCONSERJE"
"""The key of the QloApps stand-in; it opens nothing else."""


class SettingsError(Exception):
    """A setting that cannot be used; the message names it."""


@dataclass(frozen=True)
class Settings:
    hotels_dir: Path
    """`CONSERJE_HOTELS`: folder of one YAML file a hotel."""
    state_dir: Path
    """`CONSERJE_STATE`: where SQLite files live when there is no `DATABASE_URL`."""
    database_url: str | None
    """`DATABASE_URL`: PostgreSQL; each hotel gets a schema of its own in it."""
    qloapps_url: str
    qloapps_key: str
    """`QLOAPPS_URL` and `QLOAPPS_KEY`: both or neither; neither means the stand-in."""
    recovery_seconds: float
    """`CONSERJE_RECOVERY_SECONDS`: the pause between two sweeps for changes left undone."""
    breaker_open_seconds: float
    """`CONSERJE_BREAKER_OPEN_SECONDS`: how long a failing PMS is left alone."""
    availability_seconds: float
    """`CONSERJE_AVAILABILITY_SECONDS`: how long free rooms and prices may be remembered."""
    now: str | None
    """`CONSERJE_NOW`: an ISO date-time at which the hotels' clocks start, for rehearsals."""


def settings() -> Settings:
    """The settings of this process, read anew from the environment.

    Raises `SettingsError` when QLOAPPS_URL and QLOAPPS_KEY are not given together, and for
    seconds that are none.
    """
    env = os.environ
    url, key = env.get("QLOAPPS_URL") or None, env.get("QLOAPPS_KEY") or None
    if (url is None) != (key is None):
        raise SettingsError("QLOAPPS_URL and QLOAPPS_KEY: set both of them, or neither")
    return Settings(
        hotels_dir=Path(env.get("CONSERJE_HOTELS", "hotels")),
        state_dir=Path(env.get("CONSERJE_STATE", ".state")),
        database_url=env.get("DATABASE_URL") or None,
        qloapps_url=url or f"http://127.0.0.1:{env.get('QLOAPPS_PORT', '8088')}",
        qloapps_key=key or DEMO_QLOAPPS_KEY,
        recovery_seconds=_seconds("CONSERJE_RECOVERY_SECONDS", 60, least=0.1),
        breaker_open_seconds=_seconds("CONSERJE_BREAKER_OPEN_SECONDS", 20),
        availability_seconds=_seconds("CONSERJE_AVAILABILITY_SECONDS", 10),
        now=env.get("CONSERJE_NOW") or None,
    )


def _seconds(name: str, default: float, least: float = 0) -> float:
    text = os.environ.get(name) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not least <= seconds < math.inf:
        raise SettingsError(f"{name}: {text} is no number of seconds from {least} on")
    return seconds
