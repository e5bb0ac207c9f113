"""One change at a time per hotel, whatever becomes of who makes it."""

import asyncio
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conserje.hotel_lock import HotelLock, LockLost, LockTimeout
from conserje.valkey import Valkey, ValkeyAway
from tests.servers import ROOT
from tests.valkey import running_valkey

LATECOMER = """
import asyncio, sys
from conserje.hotel_lock import HotelLock, LockLost
from conserje.valkey import Valkey

async def main():
    url, hotel = sys.argv[1:]
    async with HotelLock(Valkey(url), hotel, lease=0.3).hold(wait=5) as held:
        print(held.token, flush=True)
        sys.stdin.readline()
        try:
            await held.check()
            print("held", flush=True)
        except LockLost:
            print("lost", flush=True)

asyncio.run(main())
"""


async def test_many_guests_at_once_get_the_lock_one_after_the_other(
    valkey_url: str, hotel: str
) -> None:
    clients = [Valkey(valkey_url) for _ in range(8)]
    tokens: list[int] = []
    inside = 0

    async def change(client: Valkey) -> None:
        nonlocal inside
        async with HotelLock(client, hotel).hold(wait=20) as held:
            inside += 1
            assert inside == 1
            await held.check()
            tokens.append(held.token)
            inside -= 1

    await asyncio.gather(*(change(client) for client in clients for _ in range(5)))

    assert len(tokens) == 40
    assert tokens == sorted(set(tokens))
    for client in clients:
        await client.close()


async def test_whoever_has_waited_long_enough_is_told(valkey: Valkey, hotel: str) -> None:
    lock = HotelLock(valkey, hotel)
    async with lock.hold(wait=0) as held:
        with pytest.raises(LockTimeout):
            async with lock.hold(wait=0.05):
                pytest.fail("two held the lock")
        await held.check()
    async with lock.hold(wait=0):
        pass


async def test_hotels_do_not_wait_for_one_another(valkey: Valkey, hotel: str) -> None:
    async with (
        HotelLock(valkey, hotel).hold(wait=0) as one,
        HotelLock(valkey, f"{hotel}-other").hold(wait=0) as other,
    ):
        await one.check()
        await other.check()


async def test_a_long_change_keeps_the_lock_beyond_its_lease(valkey: Valkey, hotel: str) -> None:
    lock = HotelLock(valkey, hotel, lease=0.3)
    async with lock.hold(wait=0) as held:
        with pytest.raises(LockTimeout):
            async with lock.hold(wait=1.0):
                pytest.fail("two held the lock")
        await held.check()


async def test_a_cancelled_change_gives_the_lock_back(valkey: Valkey, hotel: str) -> None:
    lock = HotelLock(valkey, hotel)
    has_it = asyncio.Event()

    async def change() -> None:
        async with lock.hold(wait=0):
            has_it.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(change())
    await has_it.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with lock.hold(wait=0) as held:
        await held.check()


async def test_a_waiting_guest_who_leaves_takes_nothing_away(valkey: Valkey, hotel: str) -> None:
    lock = HotelLock(valkey, hotel)

    async def change() -> int:
        async with lock.hold(wait=20) as held:
            return held.token

    async with lock.hold(wait=0):
        leaving, staying = asyncio.create_task(change()), asyncio.create_task(change())
        await asyncio.wait([leaving, staying], timeout=0.1)
        leaving.cancel()

    assert await staying
    assert leaving.cancelled()


@contextmanager
def latecomer(url: str, hotel: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock and, told to go on, says whether it still does."""
    process = subprocess.Popen(
        [sys.executable, "-c", LATECOMER, url, hotel],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


async def test_a_holder_that_stalls_past_its_lease_notices_and_has_the_smaller_token(
    valkey_url: str, valkey: Valkey, hotel: str
) -> None:
    with latecomer(valkey_url, hotel) as late:
        first = int(said(late))
        late.send_signal(signal.SIGSTOP)
        async with HotelLock(valkey, hotel).hold(wait=20) as held:
            late.send_signal(signal.SIGCONT)
            answer, _ = late.communicate("go on\n")

            assert answer.strip() == "lost"
            assert late.returncode == 0
            assert held.token > first
            await held.check()  # the late one has not released our lock


async def test_a_holder_that_dies_is_waited_for_no_longer_than_its_lease(
    valkey_url: str, valkey: Valkey, hotel: str
) -> None:
    with latecomer(valkey_url, hotel) as dead:
        first = int(said(dead))
        dead.kill()
        async with HotelLock(valkey, hotel).hold(wait=20) as held:
            assert held.token > first


async def test_without_valkey_nobody_gets_the_lock_and_its_holder_cannot_be_sure(
    tmp_path: Path, hotel: str
) -> None:
    with running_valkey(tmp_path) as server:
        client = Valkey(server.url)
        lock = HotelLock(client, hotel)
        async with lock.hold(wait=0) as held:
            await asyncio.to_thread(server.stop)
            with pytest.raises(ValkeyAway):
                await held.check()
            with pytest.raises(ValkeyAway):
                async with lock.hold(wait=1):
                    pytest.fail("the lock was had without Valkey")
        await client.close()


async def test_valkey_may_start_again_while_the_lock_is_held(tmp_path: Path, hotel: str) -> None:
    with running_valkey(tmp_path) as server:
        client = Valkey(server.url)
        async with HotelLock(client, hotel).hold(wait=0) as held:
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            await held.check()
        await client.close()


async def test_a_valkey_that_lost_everything_is_noticed_and_tokens_still_grow(
    tmp_path: Path, hotel: str
) -> None:
    with running_valkey(tmp_path) as server:
        client = Valkey(server.url)
        lock = HotelLock(client, hotel)
        async with lock.hold(wait=0) as held:
            await asyncio.to_thread(server.stop)
            shutil.rmtree(server.data)
            await asyncio.to_thread(server.start)
            with pytest.raises(LockLost):
                await held.check()
        async with lock.hold(wait=0) as last:
            assert last.token > held.token
        await client.close()
