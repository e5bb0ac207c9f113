"""Whole conversations with assistant, action server and PMS."""

from collections.abc import Iterator

import pytest

from tests.conversations.player import Talk, play, talks
from tests.house import House, house

TALKS = list(talks())


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.mark.parametrize("talk", TALKS, ids=[f"{one.path.stem}: {one.title}" for one in TALKS])
def test_the_conversation_goes_as_written(talk: Talk, open_house: House) -> None:
    play(talk, open_house)
