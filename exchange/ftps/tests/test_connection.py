"""How long a control connection lives, who may use it, and what happens when it is gone."""

import io
import os
import threading
import time
from collections.abc import Iterator

import pytest

from exchange.ftps import (
    ConnectError,
    FTPSClient,
    Proxy,
    StalledError,
    Timeouts,
    TrustStore,
    UnconfirmedError,
)
from exchange.ftps.keeper import RECYCLE_AFTER
from exchange.ftps.tests.connections import Connections
from exchange.tests.servers.connect_proxy import ConnectProxy
from exchange.tests.servers.proftpd import ProFTPD

pytestmark = pytest.mark.proftpd


@pytest.fixture
def gate() -> Iterator[ConnectProxy]:
    with ConnectProxy() as proxy:
        yield proxy


@pytest.fixture
def client(connections: Connections, gate: ConnectProxy) -> Iterator[FTPSClient]:
    """A client whose connections the test can cut, with one control connection open."""
    timeouts = Timeouts(connect=5, reply=1, stall=1)
    with connections.client(proxy=Proxy("127.0.0.1", gate.port), timeouts=timeouts) as opened:
        opened.store("from_vip/known", io.BytesIO(b"known"), size=5)
        yield opened


def test_reading_goes_on_over_a_new_connection_when_the_kept_one_is_dead(
    client: FTPSClient, gate: ConnectProxy
) -> None:
    received = io.BytesIO()

    gate.cut()
    entries = client.entries("from_vip")
    gate.cut()
    size = client.size("from_vip/known")
    gate.cut()
    client.retrieve("from_vip/known", received.write)

    assert "known" in {entry.name for entry in entries}
    assert (size, received.getvalue()) == (5, b"known")
    assert client.control_connections == 4


def test_a_size_is_asked_for_in_bytes_over_the_new_connection(
    client: FTPSClient, gate: ConnectProxy
) -> None:
    """A new connection is back at TYPE A, in which ProFTPD refuses SIZE."""
    gate.cut()

    assert client.size("from_vip/known") == 5


def test_storing_and_renaming_go_on_when_nothing_can_have_happened_yet(
    client: FTPSClient, gate: ConnectProxy, server: ProFTPD
) -> None:
    gate.cut()
    client.store("to_vip/again.tmp", io.BytesIO(b"again"), size=5)
    gate.cut()
    client.rename("to_vip/again.tmp", "to_vip/again")

    assert (server.home() / "to_vip/again").read_bytes() == b"again"


def test_a_delete_is_not_repeated_blindly(
    client: FTPSClient, gate: ConnectProxy, server: ProFTPD
) -> None:
    gate.cut()
    with pytest.raises(UnconfirmedError) as caught:
        client.delete("from_vip/known")

    assert caught.value.code == "command.unconfirmed"
    assert client.control_connections == 1
    client.delete("from_vip/known")
    assert not (server.home() / "from_vip/known").exists()


def test_a_delete_whose_reply_is_lost_may_have_happened(
    client: FTPSClient, gate: ConnectProxy, server: ProFTPD
) -> None:
    (server.home() / "from_vip/unheard").write_bytes(b"")

    gate.mute()
    with pytest.raises(UnconfirmedError):
        client.delete("from_vip/unheard")

    assert not (server.home() / "from_vip/unheard").exists()


def test_a_rename_that_got_no_reply_to_rnfr_did_not_happen(
    client: FTPSClient, gate: ConnectProxy, server: ProFTPD
) -> None:
    gate.mute()
    with pytest.raises(ConnectError):
        client.rename("from_vip/known", "from_vip/renamed")

    assert (server.home() / "from_vip/known").exists()


def test_a_download_that_breaks_halfway_is_not_repeated_behind_the_callers_back(
    client: FTPSClient, gate: ConnectProxy, server: ProFTPD
) -> None:
    content = os.urandom(40_000_000)
    (server.home() / "from_vip/large").write_bytes(content)
    received = io.BytesIO()

    def cut_on_the_way(data: bytes) -> None:
        if received.tell() < 1_000_000 <= received.tell() + len(data):
            threading.Thread(target=gate.cut).start()
            time.sleep(0.3)
        received.write(data)

    with pytest.raises(Exception, match="libcurl"):
        client.retrieve("from_vip/large", cut_on_the_way)

    assert content.startswith(received.getvalue())
    assert received.tell() < len(content)
    again = io.BytesIO()
    client.retrieve("from_vip/large", again.write)
    assert again.getvalue() == content
    (server.home() / "from_vip/large").unlink()


def test_a_transfer_on_which_nothing_moves_is_given_up(
    client: FTPSClient, gate: ConnectProxy, server: ProFTPD
) -> None:
    (server.home() / "from_vip/stalled").write_bytes(os.urandom(40_000_000))

    def mute_on_the_way(_data: bytes) -> None:
        gate.mute()

    with pytest.raises(StalledError) as caught:
        client.retrieve("from_vip/stalled", mute_on_the_way)

    assert (caught.value.code, caught.value.retryable) == ("data.stalled", True)
    (server.home() / "from_vip/stalled").unlink()


def test_the_total_time_out_ends_what_still_moves(
    connections: Connections, server: ProFTPD
) -> None:
    (server.home() / "from_vip/endless").write_bytes(os.urandom(40_000_000))

    timeouts = Timeouts(connect=5, reply=5, stall=5, total=1.0)
    with connections.client(timeouts=timeouts) as client, pytest.raises(StalledError) as caught:
        client.retrieve("from_vip/endless", lambda _data: time.sleep(0.1))

    assert caught.value.code == "data.total_timed_out"
    (server.home() / "from_vip/endless").unlink()


def test_a_connection_is_recycled_after_fifteen_minutes(connections: Connections) -> None:
    now = [1000.0]
    client = FTPSClient(
        connections.endpoint,
        connections.credentials(),
        TrustStore(connections.authority.root_pem),
        connections.timeouts,
        clock=lambda: now[0],
    )

    with client:
        client.entries("public")
        now[0] += RECYCLE_AFTER - 1
        client.entries("public")
        kept = client.control_connections
        now[0] += 1
        client.entries("public")

        assert (kept, client.control_connections) == (1, 2)


def test_a_closed_client_opens_a_new_connection(connections: Connections) -> None:
    client = connections.client()
    with client:
        client.entries("public")
    with client:
        client.entries("public")

        assert client.control_connections == 2


def test_another_thread_is_refused(connections: Connections) -> None:
    caught: list[BaseException] = []

    def use(client: FTPSClient) -> None:
        try:
            client.entries("public")
        except RuntimeError as error:
            caught.append(error)

    with connections.client() as client:
        client.entries("public")
        thread = threading.Thread(target=use, args=[client])
        thread.start()
        thread.join()

        assert len(caught) == 1
        assert client.entries("public") == []


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_leaves_the_parents_connection_alone(connections: Connections) -> None:
    with connections.client() as client:
        client.entries("public")

        child = os.fork()
        if child == 0:
            status = 1
            try:
                client.entries("public")
                client.close()
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        client.entries("public")

        assert os.waitstatus_to_exitcode(status) == 0
        assert client.control_connections == 1
