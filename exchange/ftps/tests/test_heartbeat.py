"""A client lets a heartbeat be heard during every operation."""

import contextlib
from collections.abc import Callable

import pytest

from exchange.ftps import FTPSClient, NotFoundError, TrustStore
from exchange.ftps.tests.connections import Connections

pytestmark = pytest.mark.proftpd


def with_heartbeat(connections: Connections, heartbeat: Callable[[], object]) -> FTPSClient:
    trust = TrustStore(connections.authority.root_pem)
    credentials = connections.credentials()
    return FTPSClient(connections.endpoint, credentials, trust, heartbeat=heartbeat)


@pytest.mark.parametrize("operation", ["entries", "size", "rename", "delete"])
def test_the_heartbeat_is_heard_during_every_operation(
    connections: Connections, operation: str
) -> None:
    """Also while nothing is transferred: a slow listing must not cost a lease."""
    beats: list[float] = []
    arguments = {"rename": ("no-such-file", "to_vip/other")}.get(operation, ("no-such-file",))

    client = with_heartbeat(connections, lambda: beats.append(1))
    with client, contextlib.suppress(NotFoundError):
        getattr(client, operation)(*arguments)

    assert beats


def test_what_the_heartbeat_raises_stops_the_operation_and_comes_out(
    connections: Connections,
) -> None:
    class LostError(Exception):
        pass

    def lost() -> None:
        raise LostError

    with with_heartbeat(connections, lost) as client, pytest.raises(LostError):
        client.entries("to_vip")
