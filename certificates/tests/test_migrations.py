"""What migrations make of rows that are there already."""

from importlib import import_module

import pytest
from cryptography import x509
from django.apps import apps

from certificates.models import Environment, TrustAnchor
from certificates.pki import is_servers_own
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import Issued, make_authority, make_client, make_server
from certificates.tests.rows import ACTOR

DESCRIBING = import_module("certificates.migrations.0003_describe_anchors_and_notices")
ROOT = make_authority()
ALTERNATIVES = x509.SubjectAlternativeName([x509.DNSName("ftps.example")])
# OpenSSL lets a self-signed certificate call itself an authority unless told otherwise.
BY_OPENSSL = make_authority("ftps.example")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("certificate", "is_authority"),
    [
        (ROOT, True),
        (make_authority("Issuing", issuer=ROOT), True),
        (make_authority("ftps.example", issuer=ROOT), True),
        (make_server(x509.DNSName("ftps.example")), False),
        (make_client("client", purposes=()), False),
        (BY_OPENSSL, False),
        (make_authority("192.0.2.1"), False),
        (make_authority("A server", further=[ALTERNATIVES]), False),
    ],
)
def test_a_pinned_self_signed_certificate_of_a_server_is_no_authority(
    certificate: Issued, *, is_authority: bool
) -> None:
    add_trust_anchors(certificate.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)
    TrustAnchor.objects.update(is_authority=not is_authority)

    DESCRIBING.describe_anchors(apps, None)

    assert TrustAnchor.objects.get().is_authority == is_authority
    assert is_servers_own(certificate.certificate) != is_authority
