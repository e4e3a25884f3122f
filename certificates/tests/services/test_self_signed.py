from datetime import timedelta

import pytest

from certificates.models import KeyPair
from certificates.pki import KeyKind, PKIError, SubjectName, describe, load_certificates
from certificates.services.self_signed import make_self_signed
from certificates.tests.builders import COMMON_NAME
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity

pytestmark = pytest.mark.django_db


def test_it_is_made_for_the_common_name_and_put_in_use() -> None:
    identity = make_identity()

    certificate = make_self_signed(
        identity, KeyKind.EC_P256, subject=SubjectName("else"), days=10, actor=ACTOR, now=NOW
    )

    identity.refresh_from_db()
    assert identity.current == certificate
    (made,) = load_certificates(bytes(certificate.der))
    facts = describe(made)
    assert (facts.common_name, facts.subject) == (COMMON_NAME, facts.issuer)
    assert facts.allows_client_auth
    assert not facts.is_authority
    assert facts.not_after == NOW + timedelta(days=10)


def test_beside_one_that_works_it_becomes_the_next() -> None:
    identity = make_identity()
    current = give_certificate(identity)

    made = make_self_signed(
        identity, KeyKind.EC_P256, subject=SubjectName("else"), days=10, actor=ACTOR, now=NOW
    )

    assert (identity.current, identity.next) == (current, made)


def test_a_subject_that_can_not_be_leaves_no_key() -> None:
    with pytest.raises(PKIError):
        make_self_signed(
            make_identity(),
            KeyKind.EC_P256,
            subject=SubjectName("else", country="XX"),
            days=10,
            actor=ACTOR,
            now=NOW,
        )

    assert not KeyPair.objects.exists()
