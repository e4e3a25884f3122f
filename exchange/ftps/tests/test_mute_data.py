"""A data connection whose packets vanish: no operation waits for it without end."""

import dataclasses
import io
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exchange.ftps import ClientCredentials, Endpoint, FTPSClient, FTPSError, Timeouts, TrustStore
from exchange.ftps._silence import Silence
from exchange.ftps.config import TLSVersion
from exchange.tests.servers.tcp_proxy import Channel, Impairment, TCPProxy, Trouble
from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA, SandboxSettings

SERVER = "127.0.0.2"
TIMEOUT = 1.0
# The margin of the watch, a second between its looks, and a busy machine.
SLACK = 6.0

OPERATIONS: dict[str, Callable[[FTPSClient], object]] = {
    "list": lambda client: client.entries("to_vip"),
    "retrieve": lambda client: client.retrieve("from_vip/a.xml", io.BytesIO().write),
    "store": lambda client: client.store("to_vip/b.tmp", io.BytesIO(b"x" * 1000), size=1000),
}


@pytest.fixture
def proxy() -> Iterator[TCPProxy]:
    with TCPProxy() as running:
        yield running


@pytest.fixture(params=list(TLSVersion))
def client(request: pytest.FixtureRequest, proxy: TCPProxy, tmp_path: Path) -> Iterator[FTPSClient]:
    authority = Authority.create()
    settings = dataclasses.replace(
        SandboxSettings(with_publications=False), host=SERVER, passive_ports=proxy.data_ports
    )
    issued = authority.issue_client(DEMO_ACCOUNT)
    chain = issued.certificate_pem + issued.chain_pem
    with PracticeMAGDA(tmp_path, authority, settings) as magda:
        magda.place(DEMO_ACCOUNT, "from_vip", "a.xml", b"x" * 1000)
        proxy.lead_to(SERVER, magda.port)
        with FTPSClient(
            Endpoint("127.0.0.1", proxy.port, highest_tls=request.param),
            ClientCredentials(DEMO_ACCOUNT, chain, issued.private_key_pem),
            TrustStore(authority.root_pem),
            Timeouts(connect=TIMEOUT, reply=TIMEOUT, stall=TIMEOUT),
        ) as client:
            yield client


@pytest.mark.parametrize("after_bytes", [0, 200], ids=["at once", "in the handshake"])
@pytest.mark.parametrize("operation", list(OPERATIONS))
def test_an_operation_ends_whose_data_connection_is_mute(
    client: FTPSClient, proxy: TCPProxy, operation: str, after_bytes: int
) -> None:
    """Libcurl has no time-out for the TLS handshake of a data connection."""
    proxy.impairments.append(Impairment(Channel.DATA, Trouble.BLACK_HOLE, after_bytes=after_bytes))
    started = time.monotonic()

    with pytest.raises(FTPSError, match="nothing happened"):
        OPERATIONS[operation](client)

    assert time.monotonic() - started < 2 * TIMEOUT + SLACK


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_moves_or_answers_is_not_silent() -> None:
    clock = Clock()
    broken_off: list[float] = []
    silence = Silence(
        Timeouts(connect=1, reply=3, stall=2), lambda: broken_off.append(clock.now), clock=clock
    )
    for moved in (1, 2, 3):
        clock.now += 4.9
        silence.look()
        silence.note_moved(moved)
    clock.now += 4.9
    silence.end()
    with silence.our_own_time():
        clock.now += 100
        silence.look()
    clock.now += 4.9
    silence.note_moved(3)
    silence.look()
    assert broken_off == []

    clock.now += 0.2
    silence.look()
    assert silence.was_too_long
    assert broken_off == [clock.now]


def test_a_child_looks_after_its_own_operations() -> None:
    """The thread stays with the parent, and with it perhaps the lock."""
    silence = Silence(Timeouts(connect=0.1, reply=0.1, stall=0.1), lambda: None)
    with silence.watched():
        child = os.fork()
        if child == 0:
            own = Silence(Timeouts(connect=0.1, reply=0.1, stall=0.1), lambda: os._exit(7))
            with own.watched():
                time.sleep(30)
            os._exit(1)
        _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 7
