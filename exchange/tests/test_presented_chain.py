"""The certificates that servers show, taken from real ones and from ones that misbehave."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from certificates.pki import (
    ErrorCode,
    HandshakeError,
    PresentedChain,
    ProxyAddress,
    fetch_presented_chain,
)
from certificates.pki.handshake import MOST_ISSUERS
from certificates.tests.builders import Issued, make_authority, make_server
from certificates.tests.proxy import tinyproxy
from exchange.tests.servers.connect_proxy import ConnectProxy
from exchange.tests.servers.ports import free_port
from exchange.tests.servers.proftpd import ProFTPD
from exchange.tests.servers.scripted import SILENCE, ScriptedServer
from exchange.tests.servers.showing import ShowingServer
from sandbox.authority import Authority
from sandbox.server import PracticeMAGDA

ROOT = make_authority()
SERVER = make_server(x509.DNSName("ftps.example"), issuer=ROOT)


def look(port: int, host: str = "127.0.0.1", timeout: float = 5) -> PresentedChain:
    return fetch_presented_chain(host, port, timeout=timeout)


def refusal(port: int, **options: float) -> str:
    with pytest.raises(HandshakeError) as caught:
        look(port, **options)  # type: ignore[arg-type]  # only the time-out is passed on
    return caught.value.code


@contextmanager
def talking(serve: Callable[[socket.socket], object]) -> Iterator[int]:
    """Let each connection be served by the function, and yield the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    stopping = threading.Event()

    def accept() -> None:
        while not stopping.is_set():
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            with client:
                client.settimeout(5)
                try:
                    serve(client)
                except OSError:
                    continue

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopping.set()
        thread.join(6)
        listener.close()


def test_the_practice_magda_shows_its_chain_without_a_login(magda: PracticeMAGDA) -> None:
    shown = look(magda.port)

    assert [one.subject.rfc4514_string() for one in shown.certificates] == [
        "CN=localhost,O=Practice organisation,C=BE",
        "CN=Practice MAGDA Issuing CA,O=Practice MAGDA,C=BE",
    ]
    assert (shown.tls_version, shown.addresses) == ("TLSv1.3", ("127.0.0.1",))
    assert [line.command for line in magda.log] == ["", "AUTH"]


def test_the_tls_version_can_be_capped(magda: PracticeMAGDA) -> None:
    shown = fetch_presented_chain("127.0.0.1", magda.port, tls12_at_most=True)

    assert shown.tls_version == "TLSv1.2"


@pytest.mark.proftpd
@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_server_that_asks_for_a_client_certificate_has_shown_its_own(
    tmp_path: Path, authority: Authority, version: str
) -> None:
    """Under TLS 1.2 the handshake itself fails for want of one."""
    with ProFTPD(tmp_path, authority, tls_versions=[version]) as server:
        shown = look(server.port, host="localhost")

    assert (len(shown.certificates), shown.tls_version) == (2, version)


def test_a_server_without_client_certificates_is_left_politely(tmp_path: Path) -> None:
    with ShowingServer(tmp_path, SERVER, ROOT) as server:
        shown = look(server.port, host="localhost")

    assert shown.certificates == (SERVER.certificate, ROOT.certificate)
    assert server.names == ["localhost"]


def test_of_a_server_that_shows_very_many_the_first_are_kept(tmp_path: Path) -> None:
    """More than a file may hold, and less than OpenSSL takes."""
    junk = [_another_root() for _ in range(205)]

    with ShowingServer(tmp_path, SERVER, ROOT, *junk) as server:
        shown = look(server.port)

    assert shown.certificates[:2] == (SERVER.certificate, ROOT.certificate)
    assert (len(shown.certificates), shown.left_out) == (1 + MOST_ISSUERS, 207 - 1 - MOST_ISSUERS)


JUNK_KEY = ec.generate_private_key(ec.SECP256R1())


def _another_root() -> Issued:
    return make_authority("Junk", key=JUNK_KEY)


def test_an_address_is_not_sent_as_a_server_name(tmp_path: Path) -> None:
    with ShowingServer(tmp_path, SERVER) as server:
        look(server.port)

    assert server.names == [None]


def test_through_a_proxy_the_name_is_not_looked_up_here(tmp_path: Path) -> None:
    with (
        ShowingServer(tmp_path, SERVER) as server,
        ConnectProxy(username="klant", password="ge:heim") as gate,
    ):
        proxy = ProxyAddress("127.0.0.1", gate.port, "klant", "ge:heim")
        shown = fetch_presented_chain("localhost", server.port, proxy=proxy)

    assert (shown.certificates, shown.addresses) == ((SERVER.certificate,), ())
    assert gate.targets == [f"localhost:{server.port}"]


def test_it_goes_through_tinyproxy(tmp_path: Path) -> None:
    with ShowingServer(tmp_path, SERVER) as server, tinyproxy(tmp_path) as port:
        shown = fetch_presented_chain(
            "localhost", server.port, proxy=ProxyAddress("127.0.0.1", port)
        )

    assert shown.certificates == (SERVER.certificate,)


@pytest.mark.parametrize(
    ("username", "allowed", "code"),
    [
        ("someone else", True, ErrorCode.LOOK_PROXY_PASSWORD),
        ("", True, ErrorCode.LOOK_PROXY_PASSWORD),
        ("klant", False, ErrorCode.LOOK_PROXY_REFUSED),
    ],
)
def test_a_proxy_that_refuses_is_told_from_the_server(
    username: str, allowed: bool, code: str
) -> None:
    with ConnectProxy(username="klant", password="x", allows=lambda _port: allowed) as gate:
        proxy = ProxyAddress("127.0.0.1", gate.port, username, "x")
        with pytest.raises(HandshakeError) as caught:
            fetch_presented_chain("localhost", 21, proxy=proxy, timeout=5)

    assert caught.value.code == code


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_a_proxy_that_is_not_there_is_unreachable(host: str) -> None:
    proxy = ProxyAddress(host, free_port())
    with pytest.raises(HandshakeError) as caught:
        fetch_presented_chain("localhost", 21, proxy=proxy, timeout=5)

    assert caught.value.code == ErrorCode.LOOK_PROXY_UNREACHABLE


@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200])
def test_what_is_no_proxy_is_refused(answer: bytes) -> None:
    with talking(lambda client: client.sendall(answer)) as port:
        proxy = ProxyAddress("127.0.0.1", port)
        with pytest.raises(HandshakeError) as caught:
            fetch_presented_chain("localhost", 21, proxy=proxy, timeout=5)

    assert caught.value.code == ErrorCode.LOOK_PROXY_REFUSED


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(HandshakeError) as caught:
        look(21, host="no-such-host.invalid")

    assert caught.value.code == ErrorCode.LOOK_NAME_UNKNOWN


@pytest.mark.parametrize("host", ["", "a b", "a\r\nb", "ü.example", "a" * 300, "a" * 70 + ".b"])
def test_a_name_that_is_none(host: str) -> None:
    with pytest.raises(HandshakeError) as caught:
        look(21, host=host)

    assert caught.value.code == ErrorCode.LOOK_NAME_UNKNOWN


def test_a_port_at_which_nobody_listens() -> None:
    assert refusal(free_port()) == ErrorCode.LOOK_REFUSED


@pytest.mark.parametrize(
    ("greeting", "answer", "code"),
    [
        ("", "", ErrorCode.LOOK_LOST),
        ("SSH-2.0-OpenSSH", "", ErrorCode.LOOK_NOT_FTP),
        ("HTTP/1.1 400 Bad Request", "", ErrorCode.LOOK_NOT_FTP),
        ("421 Later.", "", ErrorCode.LOOK_UNAVAILABLE),
        ("220 Hello", "502 No.", ErrorCode.LOOK_NO_AUTH_TLS),
        ("120 In a moment\r\n220 Hello", "500 No.", ErrorCode.LOOK_NO_AUTH_TLS),
        ("220 Hello", "234 Go on\r\n230 Welcome", ErrorCode.LOOK_NO_TLS),
        ("220-Hello\r\n220-220 there\r\n 220 yet\r\n220", "", ErrorCode.LOOK_TIMED_OUT),
    ],
)
def test_each_way_not_to_offer_tls_has_its_code(greeting: str, answer: str, code: str) -> None:
    with ScriptedServer(greeting, {"AUTH": answer}) as server:
        assert refusal(server.port, timeout=0.7) == code


@pytest.mark.parametrize(("greeting", "answers"), [(SILENCE, {}), ("220 Hi", {"AUTH": SILENCE})])
def test_a_silent_server_takes_no_longer_than_allowed(
    greeting: str, answers: dict[str, str]
) -> None:
    began = time.monotonic()

    with ScriptedServer(greeting, answers) as server:
        assert refusal(server.port, timeout=0.5) == ErrorCode.LOOK_TIMED_OUT
        assert time.monotonic() - began < 2


def _flood(octets: bytes) -> Callable[[socket.socket], None]:
    def serve(client: socket.socket) -> None:
        while True:
            client.sendall(octets)

    return serve


def _drip(client: socket.socket) -> None:
    while True:
        client.sendall(b"220-x\r\n")
        time.sleep(0.05)


@pytest.mark.parametrize(
    "octets", [b"220-" + b"x" * 70 + b"\r\n", b"220-" + b"x" * 9999, b"\x00\xff" * 5000]
)
def test_a_server_that_does_not_stop_talking_is_left(octets: bytes) -> None:
    with talking(_flood(octets)) as port:
        assert refusal(port) == ErrorCode.LOOK_NOT_FTP


def test_a_greeting_that_drips_without_end_takes_no_longer_than_allowed() -> None:
    began = time.monotonic()

    with talking(_drip) as port:
        assert refusal(port, timeout=0.7) == ErrorCode.LOOK_TIMED_OUT

        assert time.monotonic() - began < 2


@pytest.mark.parametrize("junk", [b"230 Logged in\r\n", b"\x16\x03\x03\xff\xff" + b"\x00" * 70000])
def test_junk_instead_of_a_handshake_is_no_tls(junk: bytes) -> None:
    def serve(client: socket.socket) -> None:
        client.sendall(b"220 Hi\r\n")
        client.recv(100)
        client.sendall(b"234 Go on\r\n")
        client.recv(1000)
        client.sendall(junk)
        client.recv(1000)

    with talking(serve) as port:
        assert refusal(port) == ErrorCode.LOOK_NO_TLS


def test_a_server_that_goes_away_in_the_handshake_is_lost() -> None:
    def serve(client: socket.socket) -> None:
        client.sendall(b"220 Hi\r\n")
        client.recv(100)
        client.sendall(b"234 Go on\r\n")
        client.recv(1000)

    with talking(serve) as port:
        assert refusal(port) == ErrorCode.LOOK_LOST


def test_a_chain_that_nobody_would_verify_is_taken_too(tmp_path: Path) -> None:
    stranger = make_server(x509.DNSName("other.example"))

    with ShowingServer(tmp_path, stranger) as server:
        assert look(server.port, host="localhost").certificates == (stranger.certificate,)


def test_a_proxys_password_is_never_shown() -> None:
    assert "geheim" not in repr(ProxyAddress("proxy.example", 8080, "klant", "geheim"))
