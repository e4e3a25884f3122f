"""Where the path above a certificate leads, whatever lies in the pool."""

import time
from dataclasses import replace
from datetime import timedelta

from cryptography import x509

from certificates.pki import PathEnd, build_path
from certificates.tests.builders import NOON, Issued, make_authority, make_client

ROOT = make_authority()
ISSUER = make_authority("Practice Issuing CA", issuer=ROOT)
CLIENT = make_client(issuer=ISSUER)


def certificates(*issued: Issued) -> list[x509.Certificate]:
    return [one.certificate for one in issued]


def cross_signed(authority: Issued, *, by: Issued, name: str) -> Issued:
    """Return another certificate for the name and key of an authority."""
    again = make_authority(name, issuer=by, key=authority.key)
    return replace(authority, certificate=again.certificate)


def test_it_leads_from_the_leaf_to_the_anchor() -> None:
    path = build_path(
        CLIENT.certificate, pool=certificates(ROOT, ISSUER), anchors=certificates(ROOT)
    )

    assert path.end is PathEnd.ANCHOR
    assert list(path.certificates) == certificates(CLIENT, ISSUER, ROOT)
    assert path.missing == ""


def test_it_ends_at_the_first_anchor() -> None:
    path = build_path(
        CLIENT.certificate, pool=certificates(ROOT), anchors=certificates(ISSUER, ROOT)
    )

    assert path.top == ISSUER.certificate


def test_a_leaf_that_is_an_anchor_is_the_whole_path() -> None:
    path = build_path(CLIENT.certificate, pool=[], anchors=certificates(CLIENT))

    assert (path.end, path.certificates) == (PathEnd.ANCHOR, (CLIENT.certificate,))


def test_it_names_the_issuer_that_is_missing() -> None:
    path = build_path(CLIENT.certificate, pool=certificates(ROOT), anchors=certificates(ROOT))

    assert path.end is PathEnd.MISSING_ISSUER
    assert path.missing == "CN=Practice Issuing CA,O=Practice,C=BE"


def test_it_says_that_the_root_is_unknown() -> None:
    path = build_path(CLIENT.certificate, pool=certificates(ROOT, ISSUER), anchors=[])

    assert path.end is PathEnd.UNKNOWN_ROOT
    assert path.top == ROOT.certificate


def test_what_is_self_signed_and_trusted_by_nobody_is_an_unknown_root() -> None:
    alone = make_client()

    assert build_path(alone.certificate, pool=[], anchors=[]).end is PathEnd.UNKNOWN_ROOT


def test_of_two_issuers_with_one_name_the_one_that_signed_counts() -> None:
    namesake = make_authority("Practice Issuing CA", issuer=ROOT)

    path = build_path(
        CLIENT.certificate, pool=certificates(namesake, ISSUER), anchors=certificates(ROOT)
    )

    assert list(path.certificates) == certificates(CLIENT, ISSUER, ROOT)


def test_of_two_certificates_of_one_issuer_the_one_that_leads_to_an_anchor_is_chosen() -> None:
    other_root = make_authority("Old Root CA")
    old = cross_signed(ISSUER, by=other_root, name="Practice Issuing CA")

    for pool in ((old, ISSUER, other_root), (ISSUER, other_root, old)):
        path = build_path(CLIENT.certificate, pool=certificates(*pool), anchors=certificates(ROOT))

        assert list(path.certificates) == certificates(CLIENT, ISSUER, ROOT)


def test_a_way_round_is_found_where_the_direct_one_ends() -> None:
    """The root of the pool is unknown, and certified by a root that is known."""
    known = make_authority("Known Root CA")
    bridge = cross_signed(ROOT, by=known, name="Practice Root CA")

    path = build_path(
        CLIENT.certificate, pool=certificates(ISSUER, ROOT, bridge), anchors=certificates(known)
    )

    assert list(path.certificates) == certificates(CLIENT, ISSUER, bridge, known)


def test_of_two_anchors_the_one_that_is_valid_is_chosen() -> None:
    expired = cross_signed(make_authority("Short", issuer=ROOT), by=ROOT, name="Short")
    young = make_authority("Short", issuer=ROOT, key=expired.key, not_before=NOON)
    leaf = make_client(issuer=expired)
    anchors = certificates(expired, young)

    then = build_path(leaf.certificate, pool=[], anchors=anchors, at=NOON - timedelta(days=1))
    later = build_path(
        leaf.certificate, pool=[], anchors=list(reversed(anchors)), at=NOON - timedelta(days=1)
    )

    assert then.top == later.top == expired.certificate


def test_authorities_that_certified_each_other_end_in_a_circle() -> None:
    one, other = make_authority("One"), make_authority("Other")
    one_by_other = cross_signed(one, by=other, name="One")
    other_by_one = cross_signed(other, by=one, name="Other")
    leaf = make_client(issuer=one)

    path = build_path(leaf.certificate, pool=certificates(one_by_other, other_by_one), anchors=[])

    assert path.end is PathEnd.CIRCLE
    assert path.missing == ""
    assert list(path.certificates) == certificates(leaf, one_by_other, other_by_one)


def test_a_hundred_authorities_that_all_certified_each_other_take_no_time() -> None:
    """Following every way through ten floors of ten would be ten thousand million ways."""
    floors = [[make_authority("floor 0")]]
    for number in range(1, 11):
        below = floors[-1][0]
        first = make_authority(f"floor {number}")
        floors.append([first])
        for _ in range(10):
            floors[-2].append(cross_signed(below, by=first, name=f"floor {number - 1}"))
    pool = [one.certificate for floor in floors for one in floor[1:]]
    leaf = make_client(issuer=floors[0][0])

    began = time.monotonic()
    path = build_path(leaf.certificate, pool=pool, anchors=[])

    assert time.monotonic() - began < 2
    assert len(path.certificates) == 11
    assert path.end is PathEnd.MISSING_ISSUER
