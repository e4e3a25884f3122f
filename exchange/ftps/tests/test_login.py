"""Who trusts whom: certificates that ProFTPD or we ourselves turn down, and TLS versions."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from exchange.ftps import (
    ClientCertificateError,
    ClientCredentials,
    Endpoint,
    FTPSClient,
    FTPSError,
    HandshakeError,
    LoginError,
    ServerCertificateError,
    TLSVersion,
    TrustStore,
)
from exchange.ftps.tests.connections import ACCOUNT, OTHER_ACCOUNT, Connections
from exchange.tests.servers.proftpd import ProFTPD
from sandbox.authority import Authority, Issued

pytestmark = pytest.mark.proftpd

Act = Callable[[FTPSClient], object]


@pytest.fixture(params=["probe", "entries", "store"])
def act(request: pytest.FixtureRequest) -> Act:
    """Whatever comes first, it meets the same refusal."""
    acts: dict[str, Act] = {
        "probe": lambda client: client.probe(),
        "entries": lambda client: client.entries("to_vip"),
        "store": lambda client: client.store("to_vip/refused.tmp", io.BytesIO(b"x"), size=1),
    }
    return acts[request.param]


@pytest.fixture(scope="session")
def stranger() -> Authority:
    return Authority.create(name="Stranger")


def expired_server() -> Issued:
    """Make a self-signed certificate for ``localhost`` that expired yesterday."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)  # noqa: TID251 - libcurl's clock cannot be set
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now - timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Issued(certificate.public_bytes(Encoding.PEM), key_pem, b"")


def refused(client: FTPSClient, act: Act) -> FTPSError:
    with client, pytest.raises(FTPSError) as caught:
        act(client)
    return caught.value


def test_a_server_of_an_unknown_authority_is_not_trusted(
    connections: Connections, stranger: Authority, act: Act
) -> None:
    error = refused(connections.client(trust=TrustStore(stranger.root_pem)), act)

    assert isinstance(error, ServerCertificateError)
    assert (error.code, error.retryable) == ("tls.server_untrusted", False)


def test_a_server_whose_certificate_bears_another_name_is_not_trusted(
    connections: Connections, act: Act
) -> None:
    error = refused(connections.client(host="127.0.0.1"), act)

    assert isinstance(error, ServerCertificateError)
    assert error.code == "tls.server_name"


def test_nothing_about_us_reaches_an_untrusted_server(
    connections: Connections, server: ProFTPD, stranger: Authority
) -> None:
    before = len(server.commands())

    refused(
        connections.client(trust=TrustStore(stranger.root_pem)),
        lambda client: client.entries("to_vip"),
    )

    assert [line for line in server.commands()[before:] if not line.startswith("AUTH")] == []


def test_a_client_certificate_of_another_authority_is_rejected(
    connections: Connections, stranger: Authority, act: Act
) -> None:
    credentials = connections.credentials(issuer=stranger)

    error = refused(connections.client(credentials=credentials), act)

    assert isinstance(error, ClientCertificateError)
    assert (error.code, error.retryable) == ("tls.client_rejected", False)


def test_an_expired_client_certificate_is_rejected(
    connections: Connections, authority: Authority, act: Act
) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - the server's clock cannot be set
    issued = authority.issue_client(
        ACCOUNT, not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)
    )
    chain = issued.certificate_pem + issued.chain_pem
    credentials = ClientCredentials(ACCOUNT, chain, issued.private_key_pem)

    error = refused(connections.client(credentials=credentials), act)

    assert error.code == "tls.client_rejected"


@pytest.mark.parametrize("username", [OTHER_ACCOUNT, "nobody-we-know"])
def test_a_certificate_does_not_open_another_account(
    connections: Connections, act: Act, username: str
) -> None:
    credentials = connections.credentials(username=username)

    error = refused(connections.client(credentials=credentials), act)

    assert isinstance(error, LoginError)
    assert (error.code, error.retryable) == ("login.refused", False)
    assert error.reply is not None
    assert error.reply.code == 530


def test_a_key_of_another_certificate_cannot_be_used(connections: Connections, act: Act) -> None:
    other_key = connections.credentials().private_key_pem
    credentials = replace(connections.credentials(), private_key_pem=other_key)

    error = refused(connections.client(credentials=credentials), act)

    assert error.code == "client.key_unusable"


def test_a_key_that_is_not_a_key_cannot_be_used(connections: Connections) -> None:
    credentials = replace(connections.credentials(), private_key_pem=b"not a key")

    error = refused(connections.client(credentials=credentials), lambda client: client.probe())

    assert error.code == "client.key_unusable"


def test_the_client_works_again_after_each_kind_of_refusal(connections: Connections) -> None:
    with connections.client() as client:
        for attempt in range(3):
            with pytest.raises(FTPSError):
                client.store("public/x", io.BytesIO(b"x"), size=1)
            with pytest.raises(FTPSError):
                client.retrieve(f"missing-{attempt}", lambda _data: None)

            assert client.entries("public") == []


def test_an_expired_server_certificate_is_told_from_an_untrusted_one(
    tmp_path: Path, authority: Authority
) -> None:
    """The certificate itself is in the trust store, so only its dates are wrong."""
    expired = expired_server()
    with ProFTPD(tmp_path, authority, issued=expired) as server:
        client = Connections(authority, Endpoint("localhost", server.port)).client(
            trust=TrustStore(expired.certificate_pem)
        )

        error = refused(client, lambda client: client.probe())

    assert error.code == "tls.server_expired"


def test_versions_that_do_not_meet_are_a_failed_handshake(
    tmp_path: Path, authority: Authority
) -> None:
    with ProFTPD(tmp_path, authority, tls_versions=["TLSv1.3"]) as server:
        endpoint = Endpoint("localhost", server.port, highest_tls=TLSVersion.TLS12)

        error = refused(Connections(authority, endpoint).client(), lambda client: client.probe())

    assert isinstance(error, HandshakeError)
    assert (error.code, error.retryable) == ("tls.handshake", False)


@pytest.mark.parametrize("highest", [TLSVersion.TLS12, TLSVersion.TLS13])
def test_the_cap_on_the_tls_version_holds(
    tmp_path: Path, authority: Authority, highest: TLSVersion
) -> None:
    with ProFTPD(tmp_path, authority) as server:
        endpoint = Endpoint("localhost", server.port, highest_tls=highest)
        with Connections(authority, endpoint).client() as client:
            client.entries("to_vip")

            assert client.connection.tls_version == highest


def test_tls_1_1_is_never_spoken(tmp_path: Path, authority: Authority) -> None:
    with ProFTPD(tmp_path, authority, tls_versions=["TLSv1.1"]) as server:
        connections = Connections(authority, Endpoint("localhost", server.port))

        error = refused(connections.client(), lambda client: client.probe())

    assert isinstance(error, HandshakeError)
