from datetime import datetime

import pytest
from cryptography import x509
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import override_settings
from django.urls import reverse

from certificates.models import (
    Certificate,
    Environment,
    RevocationList,
    RevocationSource,
    RevocationState,
)
from certificates.services.revocation import (
    accept_list,
    check_certificates,
    refresh_due,
    sync_sources,
    tell_revoked,
)
from certificates.services.trust import add_trust_anchors
from certificates.tasks import refresh_revocation_lists
from certificates.tests.builders import impostor_of, make_client
from certificates.tests.list_server import status
from certificates.tests.lists import DAY, der_of, make_list
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity
from certificates.tests.services.revocation.conftest import ISSUING, Published
from magda_portal.audit.models import AuditEvent
from magda_portal.web.telling import ToldAt

HELD = x509.ReasonFlags.certificate_hold


class UnreachableBackend(BaseEmailBackend):
    """A mail server that nobody answers at."""

    def send_messages(self, email_messages: object) -> int:
        raise ConnectionRefusedError("nobody there")


def run(now: datetime = NOW) -> None:
    """Do what the job does."""
    sync_sources(now=now)
    refresh_due(now=now)
    check_certificates(now=now)
    tell_revoked(now=now)


@pytest.mark.usefixtures("frozen")
def test_the_job_does_all_of_it(published: Published) -> None:
    revoke(published)

    refresh_revocation_lists()

    assert state(published) == RevocationState.REVOKED
    assert len(mail.outbox) == 1


def state(published: Published) -> RevocationState:
    published.certificate.refresh_from_db()
    return RevocationState(published.certificate.revocation)


def events(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


def revoke(published: Published, *, at: datetime = NOW, number: int = 2) -> None:
    published.publish(
        make_list(ISSUING, published.issued.certificate, at=at, number=number, reason=HELD)
    )


def test_not_checked_until_a_list_is_here(published: Published) -> None:
    check_certificates(now=NOW)

    assert state(published) == RevocationState.UNCHECKED
    assert published.certificate.revocation_checked_at is None


def test_good_when_a_fresh_list_does_not_name_it(published: Published) -> None:
    run()

    assert state(published) == RevocationState.GOOD
    assert published.certificate.revocation_checked_at == NOW


def test_revoked_when_a_fresh_list_names_it(published: Published) -> None:
    revoke(published)

    run()

    assert state(published) == RevocationState.REVOKED
    assert published.certificate.revoked_at == NOW - DAY


def test_too_old_when_no_newer_list_came(published: Published) -> None:
    run()
    published.server.serve("/issuing.crl", status(404))

    run(NOW + 8 * DAY)

    assert state(published) == RevocationState.STALE
    # When a list last said something.
    assert published.certificate.revocation_checked_at == NOW


def test_a_download_that_fails_changes_nothing_while_the_list_is_fresh(
    published: Published,
) -> None:
    run()
    published.server.serve("/issuing.crl", status(404))

    run(NOW + 2 * DAY)

    assert RevocationSource.objects.get().error_code
    assert state(published) == RevocationState.GOOD


def test_a_list_that_comes_back_makes_it_good_again(published: Published) -> None:
    run()
    published.server.serve("/issuing.crl", status(404))
    run(NOW + 8 * DAY)
    published.publish(make_list(ISSUING, at=NOW + 10 * DAY, number=2))

    run(NOW + 10 * DAY)

    assert state(published) == RevocationState.GOOD


def test_a_revocation_does_not_lapse_when_its_list_gets_old(published: Published) -> None:
    revoke(published)
    run()
    published.server.serve("/issuing.crl", status(404))

    run(NOW + 30 * DAY)

    assert state(published) == RevocationState.REVOKED


def test_a_revocation_does_not_lapse_when_its_list_goes_away(published: Published) -> None:
    revoke(published)
    run()
    RevocationList.objects.all().delete()

    check_certificates(now=NOW + DAY)

    assert state(published) == RevocationState.REVOKED


def test_a_revocation_is_not_taken_back_by_a_list_about_other_certificates(
    published: Published,
) -> None:
    revoke(published)
    run()
    RevocationList.objects.all().delete()
    authorities_only = x509.IssuingDistributionPoint(None, None, False, True, None, False, False)
    other = make_list(ISSUING, at=NOW + DAY, number=3, further=[(authorities_only, True)])
    accept_list(der_of(other), actor=ACTOR, now=NOW + DAY)

    check_certificates(now=NOW + DAY)

    assert state(published) == RevocationState.REVOKED


def test_good_becomes_not_checked_when_the_list_goes_away(published: Published) -> None:
    run()
    RevocationList.objects.all().delete()

    check_certificates(now=NOW + DAY)

    assert state(published) == RevocationState.UNCHECKED


def test_a_hold_that_is_lifted_makes_it_good_again(published: Published) -> None:
    revoke(published)
    run()
    published.publish(make_list(ISSUING, at=NOW + 2 * DAY, number=3))

    run(NOW + 2 * DAY)

    assert state(published) == RevocationState.GOOD
    assert published.certificate.revoked_at is None
    assert events("certificate.reinstated") == 1


def test_an_impostor_of_the_authority_hides_no_revocation(published: Published) -> None:
    """Any organisation may trust a certificate with the name and key of another's authority."""
    false = impostor_of(ISSUING)
    add_trust_anchors(false.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)
    revoke(published)

    run()

    assert state(published) == RevocationState.REVOKED


def test_a_revocation_is_taken_back_by_nothing_but_a_list_of_later(published: Published) -> None:
    revoke(published)
    run()
    RevocationList.objects.all().delete()
    before = make_list(ISSUING, at=NOW - DAY, number=1, lasts=30 * DAY)
    accept_list(der_of(before), actor=ACTOR, now=NOW + DAY)

    check_certificates(now=NOW + DAY)

    assert state(published) == RevocationState.REVOKED
    assert events("certificate.reinstated") == 0


def test_a_list_of_another_part_that_is_fresh_hides_no_list_that_is_too_old(
    published: Published,
) -> None:
    authorities_only = x509.IssuingDistributionPoint(None, None, False, True, None, False, False)
    run()
    later = NOW + 8 * DAY
    published.server.serve("/issuing.crl", status(404))
    other = make_list(ISSUING, at=NOW + DAY, lasts=30 * DAY, further=[(authorities_only, True)])
    accept_list(der_of(other), actor=ACTOR, now=NOW + DAY)
    check_certificates(now=NOW + DAY)
    assert state(published) == RevocationState.GOOD

    run(later)

    assert state(published) == RevocationState.STALE


def test_it_is_recorded_and_mailed_once(published: Published) -> None:
    revoke(published)
    run()
    revoke(published, at=NOW + 2 * DAY, number=3)

    run(NOW + 2 * DAY)

    assert (events("certificate.revoked"), events("certificate.revocation_told")) == (1, 1)
    assert len(mail.outbox) == 1


def test_the_mail_says_which_and_what_to_do(published: Published) -> None:
    revoke(published)
    run()

    (message,) = mail.outbox
    identity = published.certificate.identity
    assert message.to == ["rol@voorbeeld.example"]
    assert identity.common_name in message.subject
    for part in ("TNI", published.certificate.serial, reverse("identity_show", args=[identity.pk])):
        assert part in message.body
    assert "\n\n\n" not in message.body


def test_a_mail_server_that_fails_gets_the_mail_again_later(published: Published) -> None:
    revoke(published)
    backend = f"{__name__}.{UnreachableBackend.__name__}"
    with override_settings(EMAIL_BACKEND=backend):
        run()
    assert state(published) == RevocationState.REVOKED

    assert tell_revoked(now=NOW) == 1
    assert tell_revoked(now=NOW) == 0


def test_of_two_rounds_that_see_it_untold_one_mails(published: Published) -> None:
    told = ToldAt(published.certificate, "revocation_told_at", NOW)

    assert [told.mark() for _ in range(2)] == [True, False]


def test_without_anybody_to_tell_it_is_told_once_there_is_somebody(
    published: Published,
) -> None:
    revoke(published)
    identity = published.certificate.identity
    identity.role_mailbox = ""
    identity.save()
    run()
    assert mail.outbox == []

    identity.role_mailbox = "rol@voorbeeld.example"
    identity.save()

    assert tell_revoked(now=NOW) == 1


def test_only_the_certificate_that_is_named_is_revoked(published: Published) -> None:
    other_identity = make_identity(
        published.certificate.identity.organisation, common_name="kb/ander"
    )
    other = give_certificate(
        other_identity, make_client("kb/ander", issuer=ISSUING).bundle(ISSUING)
    )
    revoke(published)

    run()

    assert state(published) == RevocationState.REVOKED
    other.refresh_from_db()
    assert other.revocation == RevocationState.GOOD


def test_a_certificate_without_its_issuers_is_not_checked(published: Published) -> None:
    run()
    lonely = give_certificate(
        make_identity(published.certificate.identity.organisation, common_name="kb/los"),
        make_client("kb/los", issuer=ISSUING).bundle(),
    )
    Certificate.objects.update(chain_pem="")

    check_certificates(now=NOW)

    lonely.refresh_from_db()
    assert lonely.revocation == RevocationState.UNCHECKED


def test_an_uploaded_list_counts_like_a_fetched_one(published: Published) -> None:
    listed = make_list(ISSUING, published.issued.certificate, at=NOW)
    accept_list(der_of(listed), actor=ACTOR, now=NOW)

    check_certificates(now=NOW)

    assert state(published) == RevocationState.REVOKED


def test_what_was_checked_is_not_read_again(published: Published) -> None:
    run()
    Certificate.objects.update(der=b"would fail")

    check_certificates(now=NOW + DAY)


@pytest.mark.parametrize("place", ["next", "previous"])
def test_the_next_and_the_previous_certificate_are_checked_too(
    published: Published, place: str
) -> None:
    identity = published.certificate.identity
    identity.current = None
    setattr(identity, place, published.certificate)
    identity.save()
    revoke(published)

    run()

    assert state(published) == RevocationState.REVOKED
