"""Trouble about trust ends by itself once a trust anchor is added that holds for the account."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from certificates.models import Environment, TrustAnchor
from certificates.services.trust import add_trust_anchors
from certificates.tests.rows import make_organisation, make_person
from exchange.errors import NotReadyError
from exchange.ftps import FTPSError, ServerCertificateError, Stage
from exchange.models import Account
from exchange.queries import summarise_account
from exchange.services.alerts import send_trouble_alerts
from exchange.services.collection import collect
from exchange.services.dispatch import run_due
from exchange.services.renewal import resume_mended_accounts
from exchange.services.troubles import pause_account
from exchange.tests.wiring import ACTOR
from magda_portal.people.models import Organisation
from sandbox.authority import Authority

EARLIER = timezone.now() - timedelta(minutes=10)
UNTRUSTED = ServerCertificateError("ca", code="tls.server_untrusted", stage=Stage.SECURE)
ABOUT_TRUST: list[FTPSError | NotReadyError] = [
    NotReadyError("account.no_trust_anchor"),
    UNTRUSTED,
]
OTHER_NAME = ServerCertificateError("name", code="tls.server_name", stage=Stage.SECURE)


def fresh(account: Account) -> Account:
    return Account.objects.select_related("identity__organisation", "identity__current").get(
        pk=account.pk
    )


def fail(account: Account, error: FTPSError | NotReadyError) -> None:
    pause_account(fresh(account), error, transcript="", now=EARLIER)
    Account.objects.update(paused_until=timezone.now() + timedelta(hours=1))


def trust(
    organisation: Organisation | None, environment: Environment = Environment.SANDBOX
) -> None:
    root = Authority.create(name="Another").root_pem
    add_trust_anchors(root, environment=environment, organisation=organisation, actor=ACTOR)


def test_work_goes_on_once_the_missing_anchor_is_there(
    connected_account: Account, authority: Authority
) -> None:
    TrustAnchor.objects.all().delete()
    collect(fresh(connected_account))
    quiet = run_due()

    add_trust_anchors(
        authority.root_pem,
        environment=Environment.SANDBOX,
        organisation=connected_account.organisation,
        actor=ACTOR,
    )
    result = run_due()

    assert quiet.collections == {}
    assert [found.error_code for found in result.collections.values()] == [""]
    assert fresh(connected_account).trouble_code == ""


@pytest.mark.parametrize("error", ABOUT_TRUST, ids=lambda error: error.code)
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
def test_an_anchor_of_its_own_or_for_all_ends_the_pause_and_is_no_mail(
    connected_account: Account, error: FTPSError | NotReadyError, shared: bool
) -> None:
    organisation = connected_account.organisation
    make_person(organisation=organisation)
    TrustAnchor.objects.update(added_at=EARLIER - timedelta(days=1))
    fail(connected_account, error)

    trust(None if shared else organisation)

    summary = summarise_account(fresh(connected_account), now=timezone.now())
    assert (summary.is_paused, summary.trouble) == (False, None)
    assert (send_trouble_alerts(now=timezone.now()), mail.outbox) == (0, [])
    assert resume_mended_accounts(now=timezone.now()) == 1
    assert resume_mended_accounts(now=timezone.now()) == 0


def test_an_anchor_that_does_not_hold_for_the_account_changes_nothing(
    connected_account: Account,
) -> None:
    make_person(organisation=connected_account.organisation)
    TrustAnchor.objects.update(added_at=EARLIER - timedelta(days=1))
    fail(connected_account, UNTRUSTED)

    trust(connected_account.organisation, Environment.TNI)
    trust(make_organisation("Gemeente Elders"))

    summary = summarise_account(fresh(connected_account), now=timezone.now())
    assert summary.is_paused
    assert resume_mended_accounts(now=timezone.now()) == 0
    assert send_trouble_alerts(now=timezone.now()) == 1


def test_trouble_that_no_anchor_can_end_stays(connected_account: Account) -> None:
    fail(connected_account, OTHER_NAME)

    trust(connected_account.organisation)

    assert resume_mended_accounts(now=timezone.now()) == 0


def test_trouble_after_the_anchor_is_new(connected_account: Account) -> None:
    """The anchor did not help: it gets one try, and the account pauses again."""
    fail(connected_account, UNTRUSTED)
    trust(connected_account.organisation)
    first = resume_mended_accounts(now=timezone.now())

    pause_account(fresh(connected_account), UNTRUSTED, transcript="", now=timezone.now())

    assert (first, resume_mended_accounts(now=timezone.now())) == (1, 0)
