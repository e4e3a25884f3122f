"""What the pages say at once of an account that can't work, or soon can't."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate, Environment, RevocationState, ServerAlarm
from certificates.services import relay
from certificates.services.trust import add_trust_anchors
from certificates.services.watch import record_sighting
from certificates.tests.builders import make_authority, make_server
from certificates.tests.rows import ACTOR, give_certificate
from certificates.tests.servers import HOST, NAME, make_watched, shown, trust
from exchange.advice import advice_for
from exchange.ftps import LoginError, Stage
from exchange.models import Account, WhitelistedAddress
from exchange.services.logins import login_failed
from exchange.tests.builders import make_account
from magda_portal.tests.world import Visitor, World

REFUSED = LoginError("530", stage=Stage.LOGIN)
STRANGER = make_authority("Somebody")
GONE_BACK = "the previous one is in use again"


def page(
    world: World, name: str, *arguments: object, visitor: Visitor = Visitor.ADMINISTRATOR
) -> str:
    return unescape(world.browser(visitor).get(reverse(name, args=arguments)).text)


def pages_about(world: World, account: Account) -> list[str]:
    """Return the three pages on which everybody looks first."""
    overview, listed = page(world, "overview"), page(world, "accounts")
    return [overview, listed, page(world, "account_show", account.pk)]


# --- a revoked certificate


@pytest.fixture
def revoked(account: Account) -> Account:
    give_certificate(account.identity)
    Certificate.objects.update(revocation=RevocationState.REVOKED)
    return account


def test_a_revoked_certificate_looks_good_nowhere(world: World, revoked: Account) -> None:
    for text in pages_about(world, revoked):
        assert "✕</span>revoked" in text
        assert "left</span>" not in text


def test_that_it_is_revoked_outranks_what_the_last_try_met(world: World, revoked: Account) -> None:
    Account.objects.update(trouble_code="connect.timed_out", trouble_since=timezone.now())

    text = page(world, "account_show", revoked.pk)

    assert str(advice_for("account.certificate_revoked").what) in text
    assert str(advice_for("connect.timed_out").what) not in text


def test_it_counts_as_an_account_in_trouble(world: World, revoked: Account) -> None:
    make_account(world.organisation, common_name="kb/new")

    found = world.browser(Visitor.CLERK).get(reverse("overview")).context["overview"]

    assert found.in_trouble == 1


# --- a next certificate


@pytest.fixture
def rejected(account: Account) -> Account:
    """An account whose new certificate was refused, and that went back to the one before."""
    identity, now = account.identity, timezone.now()
    give_certificate(identity)
    new = give_certificate(identity)
    relay.activate_next(identity, actor=ACTOR, now=now + timedelta(days=60))
    fresh = Account.objects.get(pk=account.pk)
    assert login_failed(fresh, REFUSED, new.fingerprint, transcript="", now=now)
    return Account.objects.get(pk=account.pk)


def test_a_step_back_is_told_wherever_one_looks(world: World, rejected: Account) -> None:
    texts = [
        page(world, "overview", visitor=Visitor.CLERK),
        page(world, "account_show", rejected.pk, visitor=Visitor.CLERK),
        page(world, "account_renewal", rejected.pk),
        page(world, "identity_show", rejected.identity.pk),
    ]

    following = rejected.identity.next
    assert following is not None
    for text in texts:
        assert GONE_BACK in text
        assert following.serial in text
        assert str(advice_for("login.refused").what) in text
    assert "It does nothing until" not in texts[-1]


def test_the_notice_goes_with_the_certificate_that_was_refused(
    world: World, rejected: Account
) -> None:
    relay.discard_next(rejected.identity, actor=ACTOR)

    assert GONE_BACK not in page(world, "overview")
    assert GONE_BACK not in page(world, "account_renewal", rejected.pk)
    assert GONE_BACK not in page(world, "identity_show", rejected.identity.pk)


def test_another_certificate_that_waits_was_not_refused(world: World, rejected: Account) -> None:
    give_certificate(rejected.identity)

    assert GONE_BACK not in page(world, "account_show", rejected.pk)


def test_an_account_says_that_a_certificate_waits_and_for_when_it_is_planned(
    world: World, account: Account
) -> None:
    give_certificate(account.identity)
    alone = page(world, "account_show", account.pk)
    give_certificate(account.identity)
    waiting = page(world, "account_show", account.pk)
    account.identity.refresh_from_db()
    account.identity.activate_next_at = timezone.now() + timedelta(days=1)
    account.identity.save()

    planned = page(world, "account_show", account.pk)

    assert "Next certificate" not in alone
    assert "It waits until somebody puts it in use." in waiting
    assert "It is put in use on" in planned


# --- the server


@pytest.fixture
def alarmed(world: World, account: Account) -> Account:
    """An account whose server shows a certificate of somebody whom nobody trusts."""
    give_certificate(account.identity)
    trust(world.organisation)
    server = make_watched(world.organisation)
    record_sighting(server, shown(make_server(NAME, issuer=STRANGER), STRANGER), now=timezone.now())
    return account


@pytest.mark.parametrize("visitor", [Visitor.CLERK, Visitor.ADMINISTRATOR, Visitor.HELPDESK])
def test_an_alarm_about_a_server_stands_on_the_first_pages(
    world: World, alarmed: Account, visitor: Visitor
) -> None:
    for text in (
        page(world, "overview", visitor=visitor),
        page(world, "certificates", visitor=visitor),
        page(world, "account_show", alarmed.pk, visitor=visitor),
    ):
        assert f"Alarm about the server {HOST}:21" in text
        assert "The portal refuses this server, so nothing is sent to it" in text


def test_an_alarm_is_not_for_strangers(world: World, alarmed: Account) -> None:
    assert HOST not in page(world, "overview", visitor=Visitor.STRANGER)
    assert HOST not in page(world, "certificates", visitor=Visitor.STRANGER)


@pytest.mark.parametrize("column", ["acknowledged_at", "ended_at"])
def test_an_alarm_that_is_known_or_over_is_not_repeated(
    world: World, alarmed: Account, column: str
) -> None:
    ServerAlarm.objects.update(**{column: timezone.now()})

    assert "Alarm about the server" not in page(world, "overview")
    assert "Alarm about the server" not in page(world, "account_show", alarmed.pk)


@pytest.mark.parametrize(
    ("code", "leads_on"),
    [("account.no_trust_anchor", True), ("tls.server_name", True), ("connect.refused", False)],
)
def test_trouble_about_the_server_leads_to_the_pages_that_can_end_it(
    world: World, alarmed: Account, code: str, leads_on: bool
) -> None:
    later = timezone.now() + timedelta(days=90)
    Account.objects.update(trouble_code=code, trouble_since=later)
    ServerAlarm.objects.update(ended_at=timezone.now())

    text = page(world, "account_show", alarmed.pk)

    assert str(advice_for(code).what) in text
    assert (reverse("trust_anchors") in text) is leads_on
    assert ("See what the server shows" in text) is leads_on


# --- a new account


def steps(world: World, account: Account, visitor: Visitor = Visitor.ADMINISTRATOR) -> list[bool]:
    url = reverse("account_show", args=[account.pk])
    return [step.is_done for step in world.browser(visitor).get(url).context["steps"]]


def test_a_new_account_lists_what_is_to_be_done_with_links(world: World, account: Account) -> None:
    text = page(world, "account_show", account.pk)

    assert steps(world, account) == [False] * 4
    for name, argument in (
        ("request_make", account.identity.pk),
        ("certificate_import", account.identity.pk),
        ("account_addresses", account.pk),
    ):
        assert f'to do</span> <a href="{reverse(name, args=[argument])}">' in text
    assert reverse("trust_anchor_add") in text


def test_what_is_done_is_ticked_off(world: World, account: Account) -> None:
    give_certificate(account.identity)
    add_trust_anchors(STRANGER.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)
    account.addresses.create(
        address="193.191.4.10", state=WhitelistedAddress.State.REQUESTED, slot=1
    )
    asked = steps(world, account)
    account.addresses.update(state=WhitelistedAddress.State.ACTIVE)

    assert asked == [True, True, True, False]
    assert steps(world, account) == [True] * 4


def test_anchors_of_another_environment_tick_nothing_off(world: World, account: Account) -> None:
    add_trust_anchors(STRANGER.pem, environment=Environment.PRD, organisation=None, actor=ACTOR)

    assert not steps(world, account)[2]


def test_others_read_the_steps_without_links(world: World, account: Account) -> None:
    text = page(world, "account_show", account.pk, visitor=Visitor.CLERK)

    assert "Before this account works" in text
    assert reverse("trust_anchor_add") not in text


def test_the_list_is_gone_once_the_account_worked(world: World, account: Account) -> None:
    Account.objects.update(last_reached_at=timezone.now())

    assert "Before this account works" not in page(world, "account_show", account.pk)
