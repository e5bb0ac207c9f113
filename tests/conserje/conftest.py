"""A store that all processes share, for what needs one."""

import uuid
from collections.abc import AsyncIterator

import pytest

from conserje.valkey import Valkey
from tests.valkey import valkey_url

__all__ = ["valkey_url"]


@pytest.fixture
async def valkey(valkey_url: str) -> AsyncIterator[Valkey]:
    client = Valkey(valkey_url)
    yield client
    await client.close()


@pytest.fixture
def hotel() -> str:
    """The id of a hotel that no other test uses."""
    return f"hotel-{uuid.uuid4().hex[:8]}"
