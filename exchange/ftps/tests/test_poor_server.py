"""A server that announces no MLSD and no SIZE: ProFTPD with both of them denied."""

import io
from collections.abc import Iterator

import pytest

from exchange.ftps import Endpoint, EntryKind, FTPSClient, NotFoundError
from exchange.ftps.tests.connections import ACCOUNT, Connections
from exchange.tests.servers.proftpd import ProFTPD
from sandbox.authority import Authority

pytestmark = pytest.mark.proftpd

_POOR = """\
<IfModule mod_facts.c>
  FactsAdvertise off
</IfModule>
ListOptions "-l" strict
"""


@pytest.fixture(scope="module")
def poor_server(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[ProFTPD]:
    directory = tmp_path_factory.mktemp("poor")
    with ProFTPD(directory, authority, accounts=[ACCOUNT], extra=_POOR) as server:
        yield server


@pytest.fixture
def client(poor_server: ProFTPD, authority: Authority) -> Iterator[FTPSClient]:
    connections = Connections(authority, Endpoint("localhost", poor_server.port))
    with connections.client() as opened:
        yield opened


def test_list_takes_the_place_of_mlsd(client: FTPSClient, poor_server: ProFTPD) -> None:
    (poor_server.home() / "from_vip/with space").write_bytes(b"12345")

    (entry,) = client.entries("from_vip")

    assert (entry.name, entry.size, entry.kind) == ("with space", 5, EntryKind.FILE)
    assert entry.modified is None
    assert "MLST" not in client.probe().features
    assert not poor_server.commands("MLSD")


def test_an_empty_folder_is_told_from_a_missing_one(client: FTPSClient) -> None:
    assert client.entries("public") == []
    with pytest.raises(NotFoundError):
        client.entries("nowhere")


def test_paths_start_from_the_login_folder_after_a_listing(
    client: FTPSClient, poor_server: ProFTPD
) -> None:
    """The check of an empty folder changes to it, and must come back."""
    client.entries("public")
    client.store("to_vip/a.tmp", io.BytesIO(b"abc"), size=3)
    client.entries("public")
    size = client.size("to_vip/a.tmp")
    client.entries("public")
    client.rename("to_vip/a.tmp", "to_vip/a")

    assert size == 3
    assert (poor_server.home() / "to_vip/a").exists()
    assert client.control_connections == 1
