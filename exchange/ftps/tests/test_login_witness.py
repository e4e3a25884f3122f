"""The first sign that a login works is told, once for each connection."""

from collections.abc import Callable

import pytest

from exchange.ftps import FTPSClient, LoginError, NotFoundError, TrustStore
from exchange.ftps.tests.connections import Connections

pytestmark = pytest.mark.proftpd


def with_witness(
    connections: Connections, logged_in: Callable[[], object], *, username: str = ""
) -> FTPSClient:
    trust = TrustStore(connections.authority.root_pem)
    credentials = connections.credentials(username=username)
    return FTPSClient(connections.endpoint, credentials, trust, logged_in=logged_in)


def test_a_login_that_works_is_told_once_for_each_connection(connections: Connections) -> None:
    told: list[int] = []
    client = with_witness(connections, lambda: told.append(client.control_connections))

    with client:
        for _ in range(2):
            client.entries("to_vip")
        client.close()
        client.entries("to_vip")
        client.probe()

    assert told == [1, 2, 3]


def test_a_login_is_told_of_before_the_work_that_it_is_for(connections: Connections) -> None:
    """Also when that work fails."""
    told: list[int] = []

    with (
        with_witness(connections, lambda: told.append(1)) as client,
        pytest.raises(NotFoundError),
    ):
        client.size("to_vip/no-such-file")

    assert told == [1]


def test_a_refused_login_is_not_told_as_one_that_works(connections: Connections) -> None:
    told: list[int] = []

    with (
        with_witness(connections, lambda: told.append(1), username="nobody-we-know") as client,
        pytest.raises(LoginError),
    ):
        client.entries("to_vip")

    assert told == []
