"""A practice MAGDA that can be told to go wrong, for the tests of what a run makes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.tests.conftest import UNHURRIED
from exchange.tests.servers.faulty_magda import FaultyMAGDA
from exchange.tests.services.collecting import place
from sandbox.authority import Authority


@pytest.fixture
def magda(tmp_path: Path, authority: Authority) -> Iterator[FaultyMAGDA]:
    """Run a practice MAGDA that knows one account."""
    with FaultyMAGDA(tmp_path / "magda", authority, UNHURRIED) as server:
        yield server


@pytest.fixture
def answer(magda: FaultyMAGDA) -> Path:
    """Lay one file ready to be collected."""
    return place(magda, "answer.xml")


@pytest.fixture(scope="session")
def stranger() -> Authority:
    """An authority whose certificates the practice MAGDA turns down."""
    return Authority.create(name="Stranger")
