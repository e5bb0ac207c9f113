"""What our layer adds to a call of QloApps: `python -m tools.bench_pms [--calls 300]`.

Asks for offers with the bare client and through the guard in turn, each time for other dates, so
that no answer comes from the cache. The QloApps is the stand-in; `--qloapps-ms` is how long it
takes over availability, as a rule the median that was recorded with a real one.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Sequence
from datetime import date, timedelta
from pathlib import Path

import requests

from conserje.breaker import Breaker
from conserje.hotel_lock import HotelLock
from conserje.pms import Occupancy, Pms
from conserje.pms.guarded import GuardedPms
from conserje.pms.qloapps import QloApps
from conserje.settings import DEMO_QLOAPPS_KEY
from conserje.valkey import Valkey
from tests.servers import qloapps_stand_in
from tests.valkey import running_valkey

WARM_UP = 20
FIRST_DAY = date(2028, 1, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300, help="of each kind")
    parser.add_argument("--qloapps-ms", type=float, default=94.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with qloapps_stand_in(folder) as qloapps, running_valkey(folder) as valkey:
            slow_down(qloapps, arguments.qloapps_ms / 1000)
            asyncio.run(compare(qloapps, valkey.url, arguments.calls))


def slow_down(qloapps_url: str, seconds: float) -> None:
    """Makes the stand-in take its time over availability."""
    fault = {"kind": "slow", "path": "/api/hotel_ari", "seconds": seconds, "times": None}
    answer = requests.post(f"{qloapps_url}/_control/faults", json=fault, timeout=10)
    answer.raise_for_status()


async def compare(qloapps_url: str, valkey_url: str, calls: int) -> None:
    """Prints median and 95th percentile in milliseconds, both clients in the same run."""
    valkey = Valkey(valkey_url)
    bare = QloApps(qloapps_url, DEMO_QLOAPPS_KEY, 1)
    adapter = QloApps(qloapps_url, DEMO_QLOAPPS_KEY, 1)
    guarded = GuardedPms(adapter, "bench", Breaker("bench", "qloapps", valkey))
    lock = HotelLock(valkey, "bench")
    times: dict[str, list[float]] = {"bare": [], "guarded": [], "lock": []}
    for number in range(calls + WARM_UP):
        taken = {}
        for name in ("bare", "guarded") if number % 2 else ("guarded", "bare"):
            pms: Pms = bare if name == "bare" else guarded
            taken[name] = await timed(ask(pms, number))
        taken["lock"] = await timed(hold(lock))
        if number >= WARM_UP:
            for name, milliseconds in taken.items():
                times[name].append(milliseconds)
    for each in (adapter, bare, valkey):
        await each.close()
    report(times)


async def ask(pms: Pms, number: int) -> None:
    day = FIRST_DAY + timedelta(days=number)
    await pms.offers(day, day + timedelta(days=2), (Occupancy(2),))


async def hold(lock: HotelLock) -> None:
    """What a change pays for the lock: taking it, one check, giving it back."""
    async with lock.hold(wait=1) as held:
        await held.check()


async def timed(call: Awaitable[None]) -> float:
    """In milliseconds."""
    began = time.perf_counter()
    await call
    return (time.perf_counter() - began) * 1000


def report(times: dict[str, list[float]]) -> None:
    added = [ours - theirs for ours, theirs in zip(times["guarded"], times["bare"], strict=True)]
    rows = {
        "offers, bare client": times["bare"],
        "offers, guarded": times["guarded"],
        "added, pair by pair": added,
        "lock, check, release": times["lock"],
    }
    print(f"{'ms':<22} {'median':>8} {'p95':>8}   ({len(added)} calls each, in turn)")
    for name, values in rows.items():
        print(f"{name:<22} {statistics.median(values):8.2f} {percentile_95(values):8.2f}")
    share = statistics.median(added) / statistics.median(times["bare"])
    print(f"median added: {share:.1%} of a bare call")


def percentile_95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    main()
