"""Lists that are opened once for many certificates, of which some may be odd."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.pki import IssuerLists, RevocationStatus, revocation_of
from certificates.tests.builders import NOON, make_authority, make_client
from certificates.tests.lists import DAY, altered, make_list, naming, signed_again

ROOT = make_authority()
ISSUING = make_authority("Practice Issuing CA", issuer=ROOT)
CLIENT = make_client(issuer=ISSUING)
# As an OCTET STRING, which cryptography takes for text and OpenSSL does not.
TEXT, NO_TEXT = b"\x0c\x08Practice", b"\x04\x08Practice"


def test_what_openssl_can_not_read_is_as_good_as_absent() -> None:
    root = make_authority()
    client = make_client(issuer=root).certificate
    listed = make_list(root, client)
    strange_list = x509.load_der_x509_crl(altered(listed, root, TEXT, NO_TEXT))
    strange = x509.load_der_x509_certificate(
        client.public_bytes(Encoding.DER).replace(TEXT, NO_TEXT)
    )
    strange_root = x509.load_der_x509_certificate(
        root.certificate.public_bytes(Encoding.DER).replace(TEXT, NO_TEXT)
    )

    states = [
        revocation_of(certificate, issuer=issuer, lists=[one], at=NOON).status
        for certificate, issuer, one in (
            (client, root.certificate, listed),
            (client, root.certificate, strange_list),
            (strange, root.certificate, listed),
            (client, strange_root, listed),
        )
    ]

    assert states == ["REVOKED", "UNCHECKED", "UNCHECKED", "UNCHECKED"]


def test_lists_are_opened_once_for_several_certificates() -> None:
    certificates = [make_client(issuer=ISSUING).certificate for _ in range(3)]
    lists = IssuerLists(ISSUING.certificate, [make_list(ISSUING, certificates[1])], at=NOON)

    states = [lists.verdict_on(certificate).status for certificate in certificates]

    assert states == ["GOOD", "REVOKED", "GOOD"]


def test_of_many_certificates_an_odd_one_spoils_nothing() -> None:
    client = naming(make_client(issuer=ISSUING), ISSUING, "http://crl.example/1.crl")
    lists = IssuerLists(ISSUING.certificate, [make_list(ISSUING)], at=NOON)
    key = ISSUING.key
    assert isinstance(key, EllipticCurvePrivateKey)
    body = client.certificate.tbs_certificate_bytes
    odd = x509.load_der_x509_certificate(signed_again(_odd_subject(body), key))

    assert lists.verdict_on_one_of_many(odd).status is RevocationStatus.UNCHECKED
    assert lists.verdict_on_one_of_many(client.certificate).status is RevocationStatus.GOOD


def _odd_subject(body: bytes) -> bytes:
    """Change the last of the two organisations, which is the subject's."""
    before, _, after = body.rpartition(TEXT)
    return before + NO_TEXT + after


def test_of_many_certificates_each_has_the_verdict_that_it_has_alone() -> None:
    here = x509.UniformResourceIdentifier("http://crl.example/1.crl")
    part = x509.IssuingDistributionPoint([here], None, False, False, None, False, False)
    clients = [make_client(issuer=ISSUING) for _ in range(3)]
    certificates = [
        *(client.certificate for client in clients),
        *(naming(client, ISSUING, here.value).certificate for client in clients),
        *(naming(client, ISSUING, "http://crl.example/2.crl").certificate for client in clients),
        make_authority("Below", issuer=ISSUING).certificate,
        make_client().certificate,
    ]
    named = [certificates[1], certificates[4], certificates[7]]
    removed = make_list(
        ISSUING, certificates[0], reason=x509.ReasonFlags.remove_from_crl, further=[(part, True)]
    )

    for published in (
        [make_list(ISSUING, *named)],
        [make_list(ISSUING, *named, further=[(part, True)])],
        [make_list(ISSUING, *named, lasts=DAY)],
        [removed],
        [],
    ):
        lists = IssuerLists(ISSUING.certificate, published, at=NOON + 2 * DAY)

        for certificate in certificates:
            alone = lists.verdict_on(certificate)
            assert lists.verdict_on_one_of_many(certificate) == alone
