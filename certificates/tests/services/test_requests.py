import pytest
from django.test import override_settings

from certificates.errors import KeyPairError
from certificates.models import CertificateRequest, KeyPair
from certificates.pki import KeyKind, PKIError, SubjectName, load_request, spki_fingerprint
from certificates.services.exports import FileForm
from certificates.services.key_pairs import destroy_key_pair, keep_key_pair
from certificates.services.requests import (
    request_with_kept_key,
    request_with_new_key,
    take_request,
)
from certificates.tests.builders import COMMON_NAME, make_key
from certificates.tests.rows import ACTOR, NOW, make_identity
from magda_portal.audit.queries import events_for

pytestmark = pytest.mark.django_db
OTHER_RING = "another:" + "A" * 43 + "="


def subject(**fields: str) -> SubjectName:
    return SubjectName(**{"common_name": "somebody else", **fields})


def test_the_common_name_is_the_identitys_whatever_was_asked() -> None:
    made = request_with_new_key(
        make_identity(), KeyKind.EC_P256, subject=subject(country="BE"), actor=ACTOR
    )

    assert made.subject == f"CN={COMMON_NAME},C=BE"
    assert load_request(bytes(made.der)).subject.rfc4514_string() == made.subject


def test_the_request_is_for_the_key_that_is_kept() -> None:
    made = request_with_new_key(make_identity(), KeyKind.EC_P256, subject=subject(), actor=ACTOR)

    public_key = load_request(bytes(made.der)).public_key()
    assert spki_fingerprint(public_key) == made.key_pair.spki_fingerprint


def test_a_request_can_be_made_for_a_key_that_is_kept() -> None:
    identity = make_identity()
    key_pair = keep_key_pair(identity, make_key(), actor=ACTOR)

    made = request_with_kept_key(identity, key_pair, subject=subject(), actor=ACTOR)

    assert made.key_pair == key_pair
    assert KeyPair.objects.count() == 1


def test_a_subject_that_can_not_be_leaves_no_key() -> None:
    with pytest.raises(PKIError) as caught:
        request_with_new_key(
            make_identity(), KeyKind.EC_P256, subject=subject(country="XX"), actor=ACTOR
        )

    assert caught.value.code == "subject.country"
    assert not KeyPair.objects.exists()


def test_there_is_no_request_for_a_destroyed_key() -> None:
    identity = make_identity()
    key_pair = keep_key_pair(identity, make_key(), actor=ACTOR)
    destroy_key_pair(key_pair, actor=ACTOR, now=NOW)

    with pytest.raises(KeyPairError) as caught:
        request_with_kept_key(identity, key_pair, subject=subject(), actor=ACTOR)

    assert caught.value.code == "key_pair.destroyed"


def test_there_is_no_request_for_a_key_that_was_destroyed_meanwhile() -> None:
    identity = make_identity()
    key_pair = keep_key_pair(identity, make_key(), actor=ACTOR)
    as_read_before = KeyPair.objects.get(pk=key_pair.pk)
    destroy_key_pair(key_pair, actor=ACTOR, now=NOW)

    with pytest.raises(KeyPairError) as caught:
        request_with_kept_key(identity, as_read_before, subject=subject(), actor=ACTOR)

    assert caught.value.code == "key_pair.destroyed"
    assert not CertificateRequest.objects.exists()


def test_a_key_whose_sealing_key_is_gone_is_said_to_be() -> None:
    identity = make_identity()
    key_pair = keep_key_pair(identity, make_key(), actor=ACTOR)

    with (
        override_settings(SEALING_KEYS=OTHER_RING),
        pytest.raises(KeyPairError) as caught,
    ):
        request_with_kept_key(identity, key_pair, subject=subject(), actor=ACTOR)

    assert caught.value.code == "key_pair.unreadable"
    assert not CertificateRequest.objects.exists()


@pytest.mark.parametrize("form", list(FileForm))
def test_taking_it_is_told(form: FileForm) -> None:
    identity = make_identity()
    made = request_with_new_key(identity, KeyKind.EC_P256, subject=subject(), actor=ACTOR)

    file = take_request(made, form, actor=ACTOR)

    assert load_request(file) == load_request(bytes(made.der))
    assert file.startswith(b"-----BEGIN") is (form is FileForm.PEM)
    last = events_for(identity).last()
    assert last is not None
    assert last.action == "certificate_request.taken"
