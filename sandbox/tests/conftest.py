from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import pytest

from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA, SandboxSettings
from sandbox.tests.client import TLS_1_2, TLS_1_3, Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.authority import Issued

# Nothing is processed but by `process_now()`.
UNHURRIED = SandboxSettings(pick_up_after=math.inf, answer_after=math.inf, with_publications=False)


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create()


@pytest.fixture(scope="session")
def identity(authority: Authority) -> Issued:
    return authority.issue_client(DEMO_ACCOUNT)


@pytest.fixture
def magda(tmp_path: Path, authority: Authority) -> Iterator[PracticeMAGDA]:
    with PracticeMAGDA(tmp_path, authority, UNHURRIED) as server:
        yield server


@pytest.fixture(params=[TLS_1_2, TLS_1_3], ids=["TLS 1.2", "TLS 1.3"])
def client(
    request: pytest.FixtureRequest, magda: PracticeMAGDA, authority: Authority, identity: Issued
) -> Iterator[Client]:
    with Client(
        magda.port,
        root_pem=authority.root_pem,
        identity=identity,
        user=DEMO_ACCOUNT,
        tls=request.param,
    ) as client:
        yield client


class Connect(Protocol):
    def __call__(self, server: PracticeMAGDA) -> Client: ...


@pytest.fixture
def connect(authority: Authority, identity: Issued) -> Iterator[Connect]:
    """Connect the demo account to any server of this authority."""
    clients: list[Client] = []

    def open_client(server: PracticeMAGDA) -> Client:
        clients.append(
            Client(server.port, root_pem=authority.root_pem, identity=identity, user=DEMO_ACCOUNT)
        )
        return clients[-1]

    yield open_client
    for client in clients:
        client.curl.close()
