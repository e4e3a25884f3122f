"""Whether the whole of a file came: what it is compared with, and what when SIZE is refused."""

import io
import secrets
from collections.abc import Iterator

import pytest

from exchange.ftps import (
    DeniedError,
    Endpoint,
    FTPSClient,
    NotFoundError,
    SizeMismatchError,
)
from exchange.ftps.tests.connections import ACCOUNT, Connections
from exchange.tests.servers.proftpd import ProFTPD
from sandbox.authority import Authority

pytestmark = pytest.mark.proftpd

# Answered with 550, as if there were no such file.
_REFUSES_SIZE = """\
<Limit SIZE>
  DenyAll
</Limit>
"""


@pytest.fixture(scope="module")
def mute_server(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[ProFTPD]:
    directory = tmp_path_factory.mktemp("sizeless")
    with ProFTPD(directory, authority, accounts=[ACCOUNT], extra=_REFUSES_SIZE) as server:
        yield server


@pytest.fixture
def mute_client(mute_server: ProFTPD, authority: Authority) -> Iterator[FTPSClient]:
    connections = Connections(authority, Endpoint("localhost", mute_server.port))
    with connections.client() as opened:
        yield opened


@pytest.fixture
def content() -> bytes:
    return secrets.token_bytes(1_000_000)


def get(client: FTPSClient, path: str, *, expected: int | None = None) -> bytes:
    received = io.BytesIO()
    receipt = client.retrieve(path, received.write, expected=expected)
    assert receipt.size == received.tell()
    return received.getvalue()


@pytest.mark.parametrize("expected", [999_999, 1_000_001, 0])
def test_a_file_of_another_size_than_expected_is_no_success(
    connections: Connections, server: ProFTPD, content: bytes, expected: int
) -> None:
    (server.home() / "from_vip/sized").write_bytes(content)

    with connections.client() as client:
        with pytest.raises(SizeMismatchError) as caught:
            get(client, "from_vip/sized", expected=expected)

        assert caught.value.retryable
        assert get(client, "from_vip/sized", expected=1_000_000) == content
        assert client.control_connections == 1


def test_a_file_is_fetched_though_its_size_is_refused(
    mute_client: FTPSClient, mute_server: ProFTPD, content: bytes
) -> None:
    (mute_server.home() / "from_vip/whole").write_bytes(content)

    with pytest.raises(DeniedError):
        mute_client.size("from_vip/whole")

    assert get(mute_client, "from_vip/whole", expected=len(content)) == content


@pytest.mark.parametrize("expected", [999_999, 1_000_001])
def test_what_a_listing_told_stands_in_for_a_refused_size(
    mute_client: FTPSClient, mute_server: ProFTPD, content: bytes, expected: int
) -> None:
    (mute_server.home() / "from_vip/other").write_bytes(content)

    with pytest.raises(SizeMismatchError):
        get(mute_client, "from_vip/other", expected=expected)


def test_the_servers_word_is_enough_where_nothing_else_tells_the_size(
    mute_client: FTPSClient, mute_server: ProFTPD, content: bytes
) -> None:
    (mute_server.home() / "from_vip/untold").write_bytes(content)

    assert get(mute_client, "from_vip/untold") == content


def test_a_server_that_refuses_sizes_is_asked_once_per_client(
    mute_client: FTPSClient, mute_server: ProFTPD, content: bytes
) -> None:
    (mute_server.home() / "from_vip/once").write_bytes(content)

    for _ in range(3):
        get(mute_client, "from_vip/once", expected=len(content))

    assert [line for line in mute_server.commands("SIZE") if "once" in line] == [
        "SIZE from_vip/once => 550"
    ]
    assert mute_client.control_connections == 2


def test_a_size_that_nothing_else_tells_is_asked_for_again(
    mute_client: FTPSClient, mute_server: ProFTPD, content: bytes
) -> None:
    (mute_server.home() / "from_vip/again").write_bytes(content)

    get(mute_client, "from_vip/again", expected=len(content))
    get(mute_client, "from_vip/again")

    assert len([line for line in mute_server.commands("SIZE") if "again" in line]) == 2


def test_a_missing_file_is_missing_with_or_without_sizes(mute_client: FTPSClient) -> None:
    for _ in range(2):
        with pytest.raises(NotFoundError) as caught:
            get(mute_client, "from_vip/nothing", expected=1)

        assert "RETR from_vip/nothing" in "\n".join(mute_client.transcript.lines)
        assert caught.value.reply is not None
