"""Self-signed certificates on both sides: four files, and each side trusts the other's own one.

As the SFTPPlus documentation has it in "Mutual authentication using only self-signed
certificates"; made with its openssl command, with a key of today's size.
"""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.utils import timezone

from certificates.models import Environment, ServerSighting, TrustAnchor
from certificates.pki import HostNameError, KeyBundle, load_certificates, verify_server_path
from certificates.services.imports import import_certificate
from certificates.services.trust import add_trust_anchors
from exchange.models import Account
from exchange.models.transfer import State
from exchange.services.accounts import change_account, open_account
from exchange.services.delivery import deliver_batch
from exchange.services.server_watch import watch_servers
from exchange.tests.servers.proftpd import ProFTPD
from exchange.tests.services.deliveries import EVERYTHING, submitted
from exchange.tests.wiring import ACTOR
from sandbox.authority import Authority, Issued

pytestmark = [pytest.mark.proftpd, pytest.mark.django_db]
NAME = "practice.vlaanderen.be/self-signed-ftp"
HOST = "localhost"


@dataclass(frozen=True)
class Pair:
    """A private key and its self-signed certificate, in PEM."""

    key: bytes
    certificate: bytes


def openssl_req(directory: Path, common_name: str, *options: str) -> Pair:
    key, certificate = directory / "key.pem", directory / "cert.pem"
    command = ["openssl", "req", "-x509", "-nodes", "-days", "365", "-newkey", "ec"]
    command += ["-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", str(key), "-out"]
    command += [str(certificate), "-multivalue-rdn", *options]
    # A comma-separated subject would cut the name at its slashes.
    subject = "/CN=" + common_name.replace("/", "\\/")
    subprocess.run([*command, "-subj", subject], check=True, capture_output=True)
    return Pair(key.read_bytes(), certificate.read_bytes())


@pytest.fixture
def client_files(tmp_path: Path) -> Pair:
    return openssl_req(tmp_path, NAME)


@pytest.fixture(params=[(), ("-addext", f"subjectAltName=DNS:{HOST}")], ids=["CN", "SAN"])
def server_files(request: pytest.FixtureRequest, tmp_path: Path) -> Pair:
    return openssl_req(tmp_path, HOST, *request.param)


@pytest.fixture
def server(tmp_path: Path, server_files: Pair, client_files: Pair) -> Iterator[ProFTPD]:
    key = load_pem_private_key(server_files.key, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    # An authority in name only: what the server sends along, and what it accepts.
    only_these = Authority(
        root=x509.load_pem_x509_certificate(client_files.certificate),
        issuing=x509.load_pem_x509_certificate(server_files.certificate),
        issuing_key=key,
    )
    own = Issued(server_files.certificate, server_files.key, chain_pem=b"")
    with ProFTPD(tmp_path / "proftpd", only_these, accounts=[NAME], issued=own) as running:
        yield running


@pytest.fixture
def account_with(server: ProFTPD, server_files: Pair) -> Callable[[Pair], Account]:
    """Open an account with these client files, whose only trust anchor is the server's own."""

    def opened(files: Pair) -> Account:
        account, _ = open_account(
            NAME, organisation="Gemeente", environment=Environment.SANDBOX, actor=ACTOR
        )
        changes = {"host": HOST, "port": server.port, "accepts_host_in_common_name": True}
        change_account(account, changes=changes, actor=ACTOR)
        bundle = KeyBundle(files.key, files.certificate, chain_pem=b"")
        import_certificate(account.identity, bundle, actor=ACTOR, at=timezone.now())
        add_trust_anchors(
            server_files.certificate,
            environment=Environment.SANDBOX,
            organisation=account.organisation,
            actor=ACTOR,
        )
        return account

    return opened


def test_a_file_is_delivered_between_two_that_trust_only_each_other(
    account_with: Callable[[Pair], Account], client_files: Pair, server: ProFTPD
) -> None:
    account = account_with(client_files)
    transfer = submitted(account, content=b"<between-the-two/>")

    deliver_batch(account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.error_code) == (State.DONE, "")
    assert (server.home() / "to_vip" / "request.xml").read_bytes() == b"<between-the-two/>"


def test_the_watch_accepts_it_and_the_anchor_counts_as_pinned(
    account_with: Callable[[Pair], Account], client_files: Pair
) -> None:
    account_with(client_files)

    watch_servers(now=timezone.now())

    assert ServerSighting.objects.get().finding == "watch.first"
    assert not TrustAnchor.objects.get().is_authority


def test_another_self_signed_client_is_not_let_in(
    account_with: Callable[[Pair], Account], server: ProFTPD, tmp_path: Path
) -> None:
    account = account_with(openssl_req(tmp_path, NAME))
    submitted(account)

    deliver_batch(account, among=EVERYTHING)

    account.refresh_from_db()
    assert account.trouble_code == "tls.client_rejected"
    assert list((server.home() / "to_vip").iterdir()) == []


def test_the_path_is_the_servers_certificate_alone(server_files: Pair) -> None:
    (certificate,) = load_certificates(server_files.certificate)

    path = verify_server_path(
        certificate,
        intermediates=[],
        anchors=[certificate],
        host=HOST,
        at=timezone.now(),
        host_in_common_name=True,
    )

    assert path.certificates == (certificate,)


def test_without_the_setting_a_host_in_the_common_name_is_refused(tmp_path: Path) -> None:
    (certificate,) = load_certificates(openssl_req(tmp_path, HOST).certificate)

    with pytest.raises(HostNameError):
        verify_server_path(
            certificate, intermediates=[], anchors=[certificate], host=HOST, at=timezone.now()
        )
