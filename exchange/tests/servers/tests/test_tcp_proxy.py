"""The proxy does to a connection what the name of its trouble says."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from exchange.ftps import ClientCredentials, Endpoint, FTPSClient, Timeouts, TrustStore
from exchange.tests.conftest import UNHURRIED
from exchange.tests.servers.faulty_magda import FaultyMAGDA
from exchange.tests.servers.tcp_proxy import Channel, Impairment, TCPProxy, Trouble
from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT

SERVER = "127.0.0.2"


@contextmanager
def connected(*impairments: Impairment) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give both ends of a control connection through the proxy."""
    with socket.create_server((SERVER, 0)) as listener, TCPProxy(data_ports=1) as proxy:
        proxy.impairments.extend(impairments)
        proxy.lead_to(SERVER, listener.getsockname()[1])
        with socket.create_connection(("127.0.0.1", proxy.port)) as client:
            server, _ = listener.accept()
            with server:
                client.settimeout(0.5)
                server.settimeout(0.5)
                yield client, server


def control(trouble: Trouble, **details: float) -> Impairment:
    return replace(Impairment(Channel.CONTROL, trouble), **details)  # type: ignore[arg-type]  # numbers all


def read_to_the_end(side: socket.socket) -> bytes:
    received = b""
    while data := side.recv(65536):
        received += data
    return received


def test_an_unimpaired_connection_passes_everything_both_ways() -> None:
    with connected(Impairment(Channel.DATA, Trouble.RST)) as (client, server):
        client.sendall(b"ping")
        assert server.recv(10) == b"ping"
        server.sendall(b"pong" * 10_000)
        server.shutdown(socket.SHUT_WR)
        assert read_to_the_end(client) == b"pong" * 10_000
        client.sendall(b"still open")
        assert server.recv(100) == b"still open"


def test_a_cut_is_a_fin_after_so_many_bytes() -> None:
    with connected(control(Trouble.CUT, after_bytes=5)) as (client, server):
        server.sendall(b"0123456789")
        assert read_to_the_end(client) == b"01234"
        assert read_to_the_end(server) == b""
        client.sendall(b"thrown away")


def test_a_reset_is_a_reset_for_both() -> None:
    with connected(control(Trouble.RST, after_bytes=5)) as (client, server):
        server.sendall(b"0123456789")
        for side in (client, server):
            with pytest.raises(ConnectionResetError):
                read_to_the_end(side)


def test_nothing_leaves_a_black_hole() -> None:
    with connected(control(Trouble.BLACK_HOLE, after_bytes=5)) as (client, server):
        server.sendall(b"0123456789")
        assert client.recv(100) == b"01234"
        client.sendall(b"anybody there?")
        for side in (client, server):
            with pytest.raises(TimeoutError):
                side.recv(100)


def test_a_trickle_is_a_kilobyte_a_second() -> None:
    with connected(control(Trouble.TRICKLE)) as (client, server):
        server.sendall(b"x" * 1024)
        started = time.monotonic()
        received = 0
        while received < 1024:
            received += len(client.recv(1024))
        assert 0.8 < time.monotonic() - started < 2


def test_an_idle_connection_is_forgotten_without_a_word() -> None:
    with connected(control(Trouble.FORGET, idle=0.3)) as (client, server):
        for _ in range(3):
            time.sleep(0.2)
            client.sendall(b"busy")
            assert server.recv(10) == b"busy"
        time.sleep(0.4)
        client.sendall(b"lost")
        with pytest.raises(TimeoutError):
            server.recv(10)


def test_only_so_many_connections_are_impaired_behind_so_many_good_ones() -> None:
    impairment = Impairment(Channel.DATA, Trouble.RST, after=1, times=2)

    taken = [impairment.takes(Channel.DATA) for _ in range(4)]

    assert taken == [False, True, True, False]
    assert not impairment.takes(Channel.CONTROL)


def test_a_conversation_with_its_data_connections_goes_through(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> None:
    issued = authority.issue_client(DEMO_ACCOUNT)
    credentials = ClientCredentials(
        DEMO_ACCOUNT, issued.certificate_pem + issued.chain_pem, issued.private_key_pem
    )
    with TCPProxy() as proxy:
        settings = replace(UNHURRIED, host=SERVER, passive_ports=proxy.data_ports)
        directory = tmp_path_factory.mktemp("magda")
        with FaultyMAGDA(directory, authority, settings) as magda:
            proxy.lead_to(SERVER, magda.port)
            magda.place(DEMO_ACCOUNT, "from_vip", "a.xml", b"content")
            impaired = Impairment(Channel.DATA, Trouble.RST, times=0)
            proxy.impairments.append(impaired)
            received: list[bytes] = []

            with FTPSClient(
                Endpoint("127.0.0.1", proxy.port),
                credentials,
                TrustStore(authority.root_pem),
                Timeouts(connect=5, reply=5, stall=5),
            ) as client:
                for _ in range(5):
                    assert [entry.name for entry in client.entries("from_vip")] == ["a.xml"]
                    client.retrieve("from_vip/a.xml", received.append)

    assert received == [b"content"] * 5
