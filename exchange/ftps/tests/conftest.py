"""ProFTPD for each TLS version, and clients for it."""

from collections.abc import Iterator

import pytest

from exchange.ftps.config import Endpoint, Timeouts
from exchange.ftps.tests.connections import ACCOUNT, OTHER_ACCOUNT, Connections
from exchange.tests.servers.proftpd import ProFTPD
from sandbox.authority import Authority


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create(name="Test")


@pytest.fixture(scope="session", params=["TLSv1.2", "TLSv1.3"])
def server(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    authority: Authority,
) -> Iterator[ProFTPD]:
    with ProFTPD(
        tmp_path_factory.mktemp("proftpd"),
        authority,
        tls_versions=[request.param],
        accounts=[ACCOUNT, OTHER_ACCOUNT],
        hosts=["localhost"],
    ) as proftpd:
        yield proftpd


@pytest.fixture
def connections(server: ProFTPD, authority: Authority) -> Connections:
    return Connections(authority, Endpoint("localhost", server.port))


@pytest.fixture
def offline(authority: Authority) -> Connections:
    """Connections to wherever a test's own server listens, with short time-outs."""
    return Connections(authority, Endpoint("127.0.0.1", 1), Timeouts(connect=2, reply=0.5, stall=1))
