"""A server's certificates are shown to who judges them, before the server hears our name."""

import io
from collections.abc import Collection
from pathlib import Path

import pytest
from cryptography import x509

from exchange.ftps import (
    Endpoint,
    FTPSError,
    Inspect,
    ServerCertificateError,
    Stage,
    TLSVersion,
    TrustStore,
)
from exchange.ftps._inspection import CertificateFields, Inspection
from exchange.ftps.tests.connections import Connections
from exchange.tests.servers.proftpd import ProFTPD
from sandbox.authority import Authority

Chain = tuple[bytes, ...]
REVOKED = ServerCertificateError("revoked", stage=Stage.SECURE, code="tls.server_revoked")


class Judge:
    """Notes each chain, and lets the server pass until it is told not to."""

    def __init__(self, verdict: FTPSError | None = None) -> None:
        self.seen: list[Chain] = []
        self.verdict = verdict

    def __call__(self, chain: Chain) -> None:
        self.seen.append(chain)
        if self.verdict is not None:
            raise self.verdict


def trust(authority: Authority, inspect: Inspect) -> TrustStore:
    return TrustStore(authority.root_pem, inspect)


def said_after_auth(server: ProFTPD, *, but: Collection[str] = ()) -> list[str]:
    """Return what was said in all sessions ``but`` those, which may still be saying goodbye."""
    heard = [
        said for session, lines in server.sessions().items() if session not in but for said in lines
    ]
    return [said for said in heard if not said.startswith("AUTH")]


@pytest.mark.proftpd
def test_the_chain_is_shown_as_the_server_presented_it_once_a_connection(
    connections: Connections, authority: Authority
) -> None:
    judge = Judge()

    with connections.client(trust=trust(authority, judge)) as client:
        client.store("to_vip/judged.tmp", io.BytesIO(b"x"), size=1)
        client.entries("to_vip")
        client.probe()

    # The probe reuses nothing, so its connection is judged too.
    assert len(judge.seen) == 2
    names = [x509.load_pem_x509_certificate(pem).subject.rfc4514_string() for pem in judge.seen[0]]
    assert "CN=localhost" in names[0]
    assert "CN=Test Issuing CA" in names[1]


@pytest.mark.proftpd
def test_a_server_that_is_turned_down_hears_nothing_after_the_handshake(
    connections: Connections, authority: Authority, server: ProFTPD
) -> None:
    before = set(server.sessions())

    with (
        connections.client(trust=trust(authority, Judge(REVOKED))) as client,
        pytest.raises(ServerCertificateError) as caught,
    ):
        client.entries("to_vip")

    assert caught.value is REVOKED
    assert said_after_auth(server, but=before) == []
    assert not [line for line in client.transcript.lines if "USER" in line]


@pytest.mark.proftpd
def test_a_server_is_judged_again_after_it_was_turned_down(
    connections: Connections, authority: Authority
) -> None:
    judge = Judge(REVOKED)

    with connections.client(trust=trust(authority, judge)) as client:
        for _ in range(2):
            with pytest.raises(ServerCertificateError):
                client.entries("to_vip")
        judge.verdict = None
        client.entries("to_vip")

    assert len(judge.seen) == 3


@pytest.mark.proftpd
def test_libcurl_judges_chain_and_host_first(
    connections: Connections, authority: Authority
) -> None:
    judge = Judge(REVOKED)
    stranger = Authority.create(name="Stranger")

    with pytest.raises(FTPSError) as untrusted:
        connections.client(trust=trust(stranger, judge)).probe()
    with pytest.raises(FTPSError) as misnamed:
        connections.client(host="127.0.0.1", trust=trust(authority, judge)).probe()

    assert (untrusted.value.code, misnamed.value.code) == (
        "tls.server_untrusted",
        "tls.server_name",
    )
    assert judge.seen == []


@pytest.mark.proftpd
@pytest.mark.parametrize("highest", [TLSVersion.TLS12, TLSVersion.TLS13])
def test_an_exception_that_is_no_verdict_comes_out_too(
    tmp_path: Path, authority: Authority, highest: TLSVersion
) -> None:
    class DatabaseIsAwayError(Exception):
        pass

    def fail(_chain: Chain) -> None:
        raise DatabaseIsAwayError

    with ProFTPD(tmp_path, authority) as server:
        endpoint = Endpoint("localhost", server.port, highest_tls=highest)
        client = Connections(authority, endpoint).client(trust=trust(authority, fail))
        with client, pytest.raises(DatabaseIsAwayError):
            client.entries("to_vip")

        assert said_after_auth(server) == []


# --- should libcurl's remark be worded otherwise one day


def fields(text: str) -> CertificateFields:
    return [("Subject", text), ("Cert", text)]


def test_without_the_remark_the_chain_is_looked_at_all_the_same() -> None:
    judge = Judge()
    inspection = Inspection(judge, lambda: [fields("leaf"), fields("issuer")])

    inspection.insist()
    inspection.insist()

    assert judge.seen == [(b"leaf", b"issuer")]


def test_a_chain_that_was_found_bad_is_not_taken_for_good() -> None:
    inspection = Inspection(Judge(REVOKED), lambda: [fields("leaf")])

    for _ in range(2):
        with pytest.raises(ServerCertificateError):
            inspection.insist()


def test_a_chain_that_can_not_be_seen_is_an_error() -> None:
    inspection = Inspection(Judge(), list)

    with pytest.raises(ServerCertificateError):
        inspection.insist()


def test_another_chain_on_the_same_handle_is_judged_too() -> None:
    chains = [[fields("first")], [], [fields("first")], [fields("second")]]
    judge = Judge()
    inspection = Inspection(judge, lambda: chains.pop(0))

    while chains:
        # Without a chain the session of the first was resumed.
        inspection.look()

    assert judge.seen == [(b"first",), (b"second",)]


def test_nobody_is_asked_where_nobody_judges() -> None:
    inspection = Inspection(None, list)

    inspection.insist()

    assert not inspection.is_due_after("SSL certificate verified via OpenSSL.")
