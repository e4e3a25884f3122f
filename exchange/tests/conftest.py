"""A practice MAGDA for the tests of this app, and an account that is connected to it."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.models import Account
from exchange.tests.wiring import wire_account
from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA, SandboxSettings

# Nothing is picked up or answered but by `process_now()`.
UNHURRIED = SandboxSettings(pick_up_after=math.inf, answer_after=math.inf, with_publications=False)


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create()


@pytest.fixture
def magda(tmp_path: Path, authority: Authority) -> Iterator[PracticeMAGDA]:
    """Run a practice MAGDA that knows one account."""
    with PracticeMAGDA(tmp_path / "magda", authority, UNHURRIED) as server:
        yield server


@pytest.fixture
def connected_account(db: None, magda: PracticeMAGDA, authority: Authority) -> Account:
    """Open an account with everything that it needs to reach ``magda``."""
    return wire_account(DEMO_ACCOUNT, port=magda.port, authority=authority)
