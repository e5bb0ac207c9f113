"""The store that all our processes share: Valkey (or Redis), at `REDIS_URL`.

It holds what may be forgotten without harm: locks, breakers. What must not be lost is in the
hotels' databases.
"""

import functools
import os
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import ConnectionError, RedisError, ResponseError

_CONNECT_SECONDS = 0.5
_ANSWER_SECONDS = 1.5
LONGEST_WAIT = 0.5
"""Seconds that `Valkey.pop` may wait at most; well below what a connection waits for an answer."""

T = TypeVar("T")


class ValkeyAway(Exception):
    """The shared store cannot be reached, or cannot do its work now."""


class Valkey:
    """A connection pool for one event loop. Every method may raise `ValkeyAway`.

    A script may have been carried out although `ValkeyAway` was raised, and twice where a
    connection broke: write scripts that bear it.
    """

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=_CONNECT_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            # Once more on the same connection: redis-py sees too late that a Valkey which was
            # started again has closed it.
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[ConnectionError],
        )
        self._scripts: dict[str, AsyncScript] = {}

    async def run(self, script: str, keys: Sequence[str], *arguments: str | int) -> Any:
        """What the Lua `script` returns; it is carried out as one step."""
        known = self._scripts.get(script)
        if known is None:
            known = self._scripts[script] = self._redis.register_script(script)
        return await _answer(known(keys, arguments))

    async def pop(self, key: str, seconds: float) -> bool:
        """Takes one element of a list; False when none has come after `seconds`.

        Of several that wait, the one that has waited longest gets it.
        """
        waited = max(0.01, min(seconds, LONGEST_WAIT))  # to Valkey, 0 means for ever
        popped = self._redis.blpop([key], waited)
        return await _answer(cast("Awaitable[Any]", popped)) is not None

    async def close(self) -> None:
        await self._redis.close()


async def _answer(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except ResponseError as error:  # read-only, out of memory, still loading…
        raise ValkeyAway(f"Valkey refuses: {error}") from error
    except (RedisError, OSError) as error:
        raise ValkeyAway(f"Valkey cannot be reached: {type(error).__name__}") from error


@functools.cache
def shared() -> Valkey:
    """The one of this process; without `REDIS_URL`, at 127.0.0.1 and `VALKEY_PORT`."""
    default = f"redis://127.0.0.1:{os.environ.get('VALKEY_PORT') or 6399}/0"
    return Valkey(os.environ.get("REDIS_URL") or default)
