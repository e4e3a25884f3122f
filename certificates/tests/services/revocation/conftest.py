"""An authority that publishes its list on a server on loopback, and a certificate that names it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from cryptography import x509
from pytest_django import Settings

from certificates.models import Certificate, Environment
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import Issued, make_authority, make_client
from certificates.tests.list_server import ListServer, list_server
from certificates.tests.lists import der_of, make_list, naming
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity

ROOT = make_authority()
ISSUING = make_authority("Practice Issuing CA", issuer=ROOT)


@dataclass(frozen=True)
class Published:
    """The certificate in use, and the way to lay down its issuer's next list."""

    server: ListServer
    url: str
    issued: Issued
    certificate: Certificate

    def publish(self, revocation_list: x509.CertificateRevocationList) -> bytes:
        der = der_of(revocation_list)
        self.server.serve("/issuing.crl", der)
        return der


@pytest.fixture
def server(settings: Settings) -> Iterator[ListServer]:
    settings.REVOCATION_HOSTS = ["127.0.0.1"]
    settings.REVOCATION_PROXY = ""
    with list_server() as running:
        yield running


@pytest.fixture
def anchored(db: None) -> None:
    add_trust_anchors(ROOT.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)


@pytest.fixture
def published(anchored: None, server: ListServer) -> Published:
    """A certificate in use whose list is there, fresh, and does not name it."""
    identity = make_identity(role_mailbox="rol@voorbeeld.example")
    url = server.url("/issuing.crl")
    issued = naming(make_client(identity.common_name, issuer=ISSUING), ISSUING, url)
    certificate = give_certificate(identity, issued.bundle(ISSUING))
    found = Published(server, url, issued, certificate)
    found.publish(make_list(ISSUING, at=NOW))
    return found
