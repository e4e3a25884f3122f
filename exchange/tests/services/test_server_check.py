"""A server is judged by name and revocation before it hears who we are."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.utils import timezone

from certificates.models import RevocationList
from certificates.services.revocation import accept_list
from exchange.ftps import ServerCertificateError
from exchange.models import Account
from exchange.services.connections import connect
from exchange.tests.servers.proftpd import ProFTPD
from exchange.tests.wiring import ACTOR, wire_account
from sandbox.authority import Authority, Issued

ACCOUNT = "test-account"
HOST = "127.0.0.1"

pytestmark = pytest.mark.proftpd


@pytest.fixture(scope="module")
def with_names(authority: Authority) -> Issued:
    return authority.issue_server([HOST, "localhost"])


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, with_names: Issued
) -> Iterator[ProFTPD]:
    folder = tmp_path_factory.mktemp("proftpd")
    with ProFTPD(folder, authority, accounts=[ACCOUNT], issued=with_names) as proftpd:
        yield proftpd


@pytest.fixture
def old_fashioned(tmp_path: Path, authority: Authority) -> Iterator[ProFTPD]:
    """A server whose certificate names its host in the common name alone."""
    issued = authority._issue(
        HOST,
        usage=ExtendedKeyUsageOID.SERVER_AUTH,
        alternative_names=None,
        not_before=None,
        not_after=None,
    )
    with ProFTPD(tmp_path, authority, accounts=[ACCOUNT], issued=issued) as proftpd:
        yield proftpd


def list_of(authority: Authority, *serials: int) -> bytes:
    """Return a revocation list of the issuing authority, DER."""
    now = timezone.now()
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority._issuing.subject)
        .last_update(now - timedelta(minutes=10))
        .next_update(now + timedelta(days=1))
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority._issuing_key.public_key()),
            critical=False,
        )
        .add_extension(x509.CRLNumber(len(serials)), critical=False)
    )
    for serial in serials:
        revoked = x509.RevokedCertificateBuilder().serial_number(serial)
        builder = builder.add_revoked_certificate(revoked.revocation_date(now).build())
    return builder.sign(authority._issuing_key, SHA256()).public_bytes(Encoding.DER)


def look(account: Account) -> None:
    """Log in and list a folder."""
    with connect(account, now=timezone.now()).client as client:
        client.entries("to_vip")


def refusal(account: Account) -> ServerCertificateError:
    with pytest.raises(ServerCertificateError) as caught:
        look(account)
    return caught.value


def heard(server: ProFTPD) -> list[str]:
    return [line for line in server.commands() if not line.startswith("AUTH")]


def test_a_server_without_alternative_names_is_refused(
    db: None, old_fashioned: ProFTPD, authority: Authority
) -> None:
    """libcurl alone would take the common name for the host."""
    account = wire_account(ACCOUNT, port=old_fashioned.port, authority=authority)

    assert refusal(account).code == "tls.server_name"

    assert heard(old_fashioned) == []


def test_a_setting_lets_the_common_name_stand_in(
    db: None, old_fashioned: ProFTPD, authority: Authority
) -> None:
    account = wire_account(ACCOUNT, port=old_fashioned.port, authority=authority)
    account.accepts_host_in_common_name = True

    look(account)

    assert heard(old_fashioned)


def test_the_setting_does_not_make_another_host_good(
    db: None, old_fashioned: ProFTPD, authority: Authority
) -> None:
    account = wire_account(ACCOUNT, port=old_fashioned.port, authority=authority)
    account.accepts_host_in_common_name = True
    account.host = "localhost"

    assert refusal(account).code == "tls.server_name"


@pytest.mark.parametrize("highest", ["", "TLSv1.2"])
def test_a_revoked_server_is_refused_and_hears_nothing(
    db: None, server: ProFTPD, authority: Authority, with_names: Issued, highest: str
) -> None:
    account = wire_account(ACCOUNT, port=server.port, authority=authority)
    account.highest_tls = highest
    serial = x509.load_pem_x509_certificate(with_names.certificate_pem).serial_number
    accept_list(list_of(authority, serial), actor=ACTOR, now=timezone.now())
    before = len(heard(server))

    error = refusal(account)

    assert (error.code, error.retryable) == ("tls.server_revoked", False)
    assert heard(server)[before:] == []


def test_a_list_that_does_not_name_the_server_stops_nothing(
    db: None, server: ProFTPD, authority: Authority
) -> None:
    account = wire_account(ACCOUNT, port=server.port, authority=authority)
    accept_list(list_of(authority, 42), actor=ACTOR, now=timezone.now())

    look(account)

    assert RevocationList.objects.count() == 1
