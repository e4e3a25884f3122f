from datetime import datetime

import pytest
from cryptography import x509
from pytest_django import DjangoAssertNumQueries

from certificates.models import Environment, RevocationList, RevocationSource
from certificates.pki import RevokedError
from certificates.services.revocation import accept_list, refuse_revoked_server
from certificates.services.revocation.servers import _answers, _keep
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import Issued, impostor_of, make_authority, make_server
from certificates.tests.lists import DAY, der_of, make_list
from certificates.tests.rows import ACTOR, NOW
from certificates.tests.services.revocation.conftest import ISSUING, ROOT

pytestmark = pytest.mark.usefixtures("anchored")
SERVER = make_server(x509.DNSName("ftps.example"), issuer=ROOT)
PAIR = ((SERVER.certificate, ROOT.certificate),)


def connect(at: datetime = NOW, server: Issued = SERVER) -> None:
    refuse_revoked_server(
        [server.certificate, ISSUING.certificate], anchors=[ROOT.certificate], at=at
    )


def keep(revocation_list: x509.CertificateRevocationList, now: datetime = NOW) -> None:
    accept_list(der_of(revocation_list), actor=ACTOR, now=now)


def test_without_a_list_it_passes() -> None:
    connect()


def test_a_server_that_no_list_names_passes() -> None:
    keep(make_list(ROOT, at=NOW))

    connect()


def test_a_server_that_a_list_names_is_refused() -> None:
    keep(make_list(ROOT, SERVER.certificate, at=NOW))

    for _ in range(2):
        with pytest.raises(RevokedError) as caught:
            connect()

    assert caught.value.code == "revocation.revoked"
    assert "ftps.example" in caught.value.context["subject"]


def test_a_server_under_an_authority_that_is_revoked_is_refused() -> None:
    under = make_server(x509.DNSName("ftps.example"), issuer=ISSUING)
    keep(make_list(ROOT, ISSUING.certificate, at=NOW))

    with pytest.raises(RevokedError):
        connect(server=under)


def test_a_list_that_is_too_old_stops_no_transfer() -> None:
    keep(make_list(ROOT, at=NOW))

    connect(NOW + 30 * DAY)


def test_a_list_that_is_too_old_takes_no_revocation_back() -> None:
    keep(make_list(ROOT, SERVER.certificate, at=NOW))

    with pytest.raises(RevokedError):
        connect(NOW + 30 * DAY)


def test_an_older_list_that_lasts_longer_takes_no_revocation_back() -> None:
    for name, one in (
        ("a", make_list(ROOT, at=NOW - DAY, number=4, lasts=30 * DAY)),
        ("b", make_list(ROOT, SERVER.certificate, at=NOW, number=5, lasts=DAY)),
    ):
        source = RevocationSource.objects.create(url=f"http://crl.example/{name}.crl")
        accept_list(der_of(one), source=source, actor=ACTOR, now=NOW)
    assert RevocationList.objects.count() == 2

    with pytest.raises(RevokedError):
        connect(NOW + 2 * DAY)


def test_an_impostor_of_the_authority_hides_no_revocation() -> None:
    """Who holds the key of a revoked server may show any certificate beside the server's own."""
    under = make_server(x509.DNSName("ftps.example"), issuer=ISSUING)
    add_trust_anchors(ISSUING.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)
    keep(make_list(ISSUING, under.certificate, at=NOW))
    false = impostor_of(ISSUING)

    with pytest.raises(RevokedError):
        refuse_revoked_server(
            [under.certificate, false.certificate, ISSUING.certificate],
            anchors=[ROOT.certificate],
            at=NOW,
        )


def test_the_next_list_counts_at_once() -> None:
    held = x509.ReasonFlags.certificate_hold
    keep(make_list(ROOT, SERVER.certificate, at=NOW, reason=held))
    with pytest.raises(RevokedError):
        connect()

    keep(make_list(ROOT, at=NOW + DAY, number=2), now=NOW + DAY)

    connect(NOW + DAY)


def test_another_server_has_an_answer_of_its_own() -> None:
    keep(make_list(ROOT, SERVER.certificate, at=NOW))
    with pytest.raises(RevokedError):
        connect()

    connect(server=make_server(x509.DNSName("other.example"), issuer=ROOT))


def test_the_second_connection_opens_no_list(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    keep(make_list(ROOT, at=NOW))
    connect()
    RevocationList.objects.update(der=b"would fail")

    with django_assert_num_queries(1):
        connect()


def test_an_answer_holds_on_to_no_list() -> None:
    """The lists of large authorities have megabytes, and the answers are kept."""
    keep(make_list(ROOT, SERVER.certificate, at=NOW))
    with pytest.raises(RevokedError):
        connect()

    answer = next(reversed(_answers.values()))

    assert answer is not None
    assert answer.__traceback__ is None


def test_a_self_signed_server_passes() -> None:
    own = make_authority()

    refuse_revoked_server([own.certificate], anchors=[own.certificate], at=NOW)


def test_old_answers_make_room_for_new_ones() -> None:
    for number in range(300):
        _keep((PAIR, ((number, ""),)), None)

    assert len(_answers) == 256
    assert (PAIR, ((299, ""),)) in _answers
