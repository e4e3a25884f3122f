"""A path is refused for any certificate in it that a list names."""

import pytest

from certificates.pki import RevokedError, issuances, verify_not_revoked
from certificates.tests.builders import (
    NOON,
    Issued,
    impostor_of,
    make_authority,
    make_client,
    make_key,
)
from certificates.tests.lists import make_list

ROOT = make_authority()
ISSUING = make_authority("Practice Issuing CA", issuer=ROOT)
CLIENT = make_client(issuer=ISSUING)


def test_a_path_that_no_list_names_passes() -> None:
    verify_not_revoked(
        [CLIENT.certificate, ISSUING.certificate],
        anchors=[ROOT.certificate],
        lists=[make_list(ROOT), make_list(ISSUING, make_client(issuer=ISSUING).certificate)],
        at=NOON,
    )


def test_an_impostor_of_an_authority_hides_no_revocation() -> None:
    """Anybody can certify an authority's name and public key again, without the right to revoke.

    Who holds the key of a revoked server may show such a certificate, so that it is taken for the
    issuer.
    """
    false = impostor_of(ISSUING).certificate

    for chain in (
        [CLIENT.certificate, false, ISSUING.certificate],
        [CLIENT.certificate, ISSUING.certificate, false],
    ):
        with pytest.raises(RevokedError):
            verify_not_revoked(
                chain,
                anchors=[ROOT.certificate],
                lists=[make_list(ISSUING, CLIENT.certificate)],
                at=NOON,
            )
        with pytest.raises(RevokedError):
            verify_not_revoked(
                chain,
                anchors=[ROOT.certificate],
                lists=[make_list(ROOT, ISSUING.certificate)],
                at=NOON,
            )


def test_authorities_that_certified_each_other_are_looked_at_once() -> None:
    here = make_authority("Here", key=make_key())
    there = make_authority("There", key=make_key())
    crossed = [
        make_authority("Here", key=here.key, issuer=there).certificate,
        make_authority("There", key=there.key, issuer=here).certificate,
    ]
    leaf = make_client(issuer=here).certificate

    found = issuances([leaf, *crossed], [])

    assert found == [(leaf, crossed[0]), (crossed[0], crossed[1]), (crossed[1], crossed[0])]


@pytest.mark.parametrize("culprit", [CLIENT, ISSUING])
def test_a_path_is_refused_for_its_leaf_and_for_an_authority(culprit: Issued) -> None:
    """Also when no list speaks of the other one, where OpenSSL's check of all would end."""
    issuer = ISSUING if culprit is CLIENT else ROOT

    with pytest.raises(RevokedError) as caught:
        verify_not_revoked(
            [CLIENT.certificate],
            anchors=[ISSUING.certificate, ROOT.certificate],
            lists=[make_list(issuer, culprit.certificate)],
            at=NOON,
        )

    assert caught.value.code == "revocation.revoked"
    assert caught.value.context["subject"] == culprit.certificate.subject.rfc4514_string()


def test_a_self_signed_certificate_has_nobody_to_revoke_it() -> None:
    own = make_client()

    verify_not_revoked(
        [own.certificate],
        anchors=[own.certificate],
        lists=[make_list(own, own.certificate)],
        at=NOON,
    )
