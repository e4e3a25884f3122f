import pytest

from certificates.errors import KeyPairError
from certificates.models import Certificate
from certificates.pki import (
    PKIError,
    describe,
    inspect_pkcs12,
    load_certificates,
    load_pkcs12,
    make_passphrase,
)
from certificates.services.exports import FileForm, export_certificate, export_pkcs12
from certificates.services.key_pairs import destroy_key_pair
from certificates.services.relay import discard_next
from certificates.tests.builders import make_authority, make_client
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity
from magda_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
ROOT = make_authority()
BUNDLE = make_client(issuer=ROOT).bundle(ROOT)


def test_the_file_holds_certificate_chain_and_key_under_the_passphrase() -> None:
    certificate = give_certificate(make_identity(), BUNDLE)
    passphrase = make_passphrase()

    file = export_pkcs12(certificate, passphrase=passphrase, actor=ACTOR)

    assert load_pkcs12(file, password=passphrase) == BUNDLE
    facts = inspect_pkcs12(file)
    assert facts.algorithms == ("AES-256",)
    assert facts.iterations >= 600_000


@pytest.mark.parametrize(
    ("passphrase", "code"),
    [
        ("kort", "passphrase.too_short"),
        ("GemeenteVoorbeeld1", "passphrase.too_weak"),
        ("wachtwoordwachtwoord", "passphrase.too_weak"),
    ],
)
def test_a_weak_passphrase_is_refused_and_nothing_is_told(passphrase: str, code: str) -> None:
    certificate = give_certificate(make_identity(), BUNDLE)
    before = AuditEvent.objects.count()

    with pytest.raises(PKIError) as caught:
        export_pkcs12(certificate, passphrase=passphrase, actor=ACTOR)

    assert caught.value.code == code
    assert AuditEvent.objects.count() == before


def test_a_destroyed_key_can_not_be_exported() -> None:
    identity = make_identity()
    give_certificate(identity)
    other = give_certificate(identity, BUNDLE)
    discard_next(identity, actor=ACTOR)
    destroy_key_pair(other.key_pair, actor=ACTOR, now=NOW)

    with pytest.raises(KeyPairError) as caught:
        export_pkcs12(other, passphrase=make_passphrase(), actor=ACTOR)

    assert caught.value.code == "key_pair.destroyed"


def test_a_key_that_was_destroyed_meanwhile_can_not_be_exported() -> None:
    """The page read its row, and somebody else destroyed the key before the button was pressed."""
    identity = make_identity()
    give_certificate(identity)
    other = give_certificate(identity, BUNDLE)
    discard_next(identity, actor=ACTOR)
    as_read_before = Certificate.objects.select_related("key_pair", "identity").get(pk=other.pk)
    destroy_key_pair(other.key_pair, actor=ACTOR, now=NOW)
    events = AuditEvent.objects.count()

    with pytest.raises(KeyPairError) as caught:
        export_pkcs12(as_read_before, passphrase=make_passphrase(), actor=ACTOR)

    assert caught.value.code == "key_pair.destroyed"
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize(("form", "count"), [(FileForm.PEM, 2), (FileForm.DER, 1)])
def test_the_certificate_leaves_without_its_key(form: FileForm, count: int) -> None:
    certificate = give_certificate(make_identity(), BUNDLE)

    file = export_certificate(certificate, form, actor=ACTOR)

    found = load_certificates(file)
    assert len(found) == count
    assert describe(found[0]).fingerprint == certificate.fingerprint
    assert b"PRIVATE" not in file
    last = AuditEvent.objects.last()
    assert last is not None
    assert (last.action, last.details["form"]) == ("certificate.exported", form)
