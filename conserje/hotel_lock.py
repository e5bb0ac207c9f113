"""One change at a time per hotel, over all processes: a lock with a fencing token, in Valkey.

The lock is a lease. It is renewed while it is held, so it lapses only when its holder dies or
stalls. A holder that stalled past the lease finds out by `Held.check`; whoever came after it has
a greater token, by which a database can turn the late one away.
"""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import AsyncIterator

from conserje.metrics import HOTEL_LOCK_FAILURES, HOTEL_LOCK_WAIT_SECONDS
from conserje.valkey import Valkey, ValkeyAway

logger = logging.getLogger(__name__)

LEASE_SECONDS = 10.0

_ACQUIRE = """
-- lock, token counter; owner, lease in ms. The token, or minus the ms until the lock lapses.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  -- A counter that was lost starts at the present millisecond: above all tokens ever given.
  local now = redis.call('TIME')
  redis.call('SET', KEYS[2], now[1] .. string.format('%03d', math.floor(now[2] / 1000)), 'NX')
  return redis.call('INCR', KEYS[2])
elseif redis.call('GET', KEYS[1]) == ARGV[1] then  -- carried out twice
  return tonumber(redis.call('GET', KEYS[2]))
end
return -math.max(redis.call('PTTL', KEYS[1]), 0)
"""
_RENEW = """
-- lock; owner, lease in ms
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_RELEASE = """
-- lock, wake-ups; owner. Wakes the one that has waited longest.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('RPUSH', KEYS[2], 1)
redis.call('PEXPIRE', KEYS[2], 1000)
return 1
"""


class LockTimeout(Exception):
    """Others held the lock for as long as we were ready to wait."""


class LockLost(Exception):
    """We held the lock and do not any more: somebody else may be at work."""


class Held:
    """A lock that was ours when it was made."""

    def __init__(self, lock: "HotelLock", owner: str, token: int) -> None:
        self._lock = lock
        self._owner = owner
        self._lost = False
        self.token = token
        """Greater than that of every earlier holder of this hotel's lock."""

    async def check(self) -> None:
        """Makes sure that the lock is ours, for a whole lease from now.

        Raises `LockLost`, and `ValkeyAway` when nobody can tell.
        """
        if not self._lost and not await self._lock.renew(self._owner):
            self._lost = True
            HOTEL_LOCK_FAILURES.labels(self._lock.hotel, "lost").inc()
            logger.error("%s: the lock with token %d was lost", self._lock.hotel, self.token)
        if self._lost:
            raise LockLost(f"{self._lock.hotel}: token {self.token} is out of date")


class HotelLock:
    """The lock of one hotel; `lease` is in seconds. Not re-entrant."""

    def __init__(self, client: Valkey, hotel: str, lease: float = LEASE_SECONDS) -> None:
        self.hotel = hotel
        self._valkey = client
        self._lease = lease
        self._key = f"conserje:lock:{hotel}"
        self._token_key = f"{self._key}:token"
        self._wake_key = f"{self._key}:wake"

    @contextlib.asynccontextmanager
    async def hold(self, wait: float) -> AsyncIterator[Held]:
        """The lock, within `wait` seconds; nearly in the order of asking.

        Raises `LockTimeout`, and `ValkeyAway` when it cannot be asked for.
        """
        owner = uuid.uuid4().hex
        try:
            held = Held(self, owner, await self._acquired(owner, wait))
            renewal = asyncio.create_task(self._renew_for_ever(held))
            try:
                yield held
            finally:
                renewal.cancel()
        finally:  # also after a broken-off acquisition, which may have succeeded
            await self._release(owner)

    async def _acquired(self, owner: str, wait: float) -> int:
        """The token."""
        began = time.monotonic()
        while True:
            answer: int = await self._valkey.run(
                _ACQUIRE, [self._key, self._token_key], owner, self._lease_ms
            )
            waited = time.monotonic() - began
            if answer > 0:
                HOTEL_LOCK_WAIT_SECONDS.labels(self.hotel).observe(waited)
                return answer
            if waited >= wait:
                HOTEL_LOCK_FAILURES.labels(self.hotel, "timeout").inc()
                raise LockTimeout(f"{self.hotel}: the lock was not free for {wait} s")
            # A release wakes us; the lapse of a dead one's lease does not.
            await self._valkey.pop(self._wake_key, min(wait - waited, -answer / 1000))

    async def renew(self, owner: str) -> bool:
        """Whether the lock was still its owner's; it then is for a whole lease more."""
        return bool(await self._valkey.run(_RENEW, [self._key], owner, self._lease_ms))

    async def _renew_for_ever(self, held: Held) -> None:
        with contextlib.suppress(LockLost):  # the holder will be told when it asks
            while True:
                await asyncio.sleep(self._lease / 3)
                with contextlib.suppress(ValkeyAway):  # there is time for another attempt
                    await held.check()

    async def _release(self, owner: str) -> None:
        try:
            await self._valkey.run(_RELEASE, [self._key, self._wake_key], owner)
        except ValkeyAway as error:
            logger.warning("%s: the lock is left to lapse: %s", self.hotel, error)

    @property
    def _lease_ms(self) -> int:
        return int(self._lease * 1000)
