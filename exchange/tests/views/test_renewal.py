"""The page of a renewal: what is in use, what comes next, and a login with either."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import RevocationState
from certificates.services import relay
from exchange.advice import advice_for
from exchange.ftps import LoginError, Stage
from exchange.models import Account
from exchange.queries import summarise_account
from exchange.services.logins import BOTH_REFUSED, login_failed
from exchange.services.troubles import pause_account
from exchange.tests.conftest import UNHURRIED
from exchange.tests.services.switching import identity_of, prepare, switch
from exchange.tests.wiring import wire_account
from magda_portal.tests.world import Visitor, World
from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA

REFUSED = LoginError("530", stage=Stage.LOGIN)


@pytest.fixture
def magda(tmp_path: Path, authority: Authority) -> Iterator[PracticeMAGDA]:
    with PracticeMAGDA(tmp_path / "magda", authority, UNHURRIED) as server:
        yield server


@pytest.fixture
def connected(world: World, magda: PracticeMAGDA, authority: Authority) -> Account:
    """An account of the world's organisation that reaches the practice MAGDA."""
    account = wire_account(DEMO_ACCOUNT, port=magda.port, authority=authority)
    assert account.organisation == world.organisation
    return account


def show(world: World, account: Account, visitor: Visitor = Visitor.ADMINISTRATOR) -> str:
    url = reverse("account_renewal", args=[account.pk])
    return unescape(world.browser(visitor).get(url).text)


def press(world: World, account: Account, place: str) -> str:
    """Press the button and return the page that follows."""
    url = reverse("account_test_login", args=[account.pk, place])
    return unescape(world.browser(Visitor.ADMINISTRATOR).post(url, follow=True).text)


def test_the_page_shows_both_certificates_and_what_is_known_of_them(
    world: World, connected: Account, authority: Authority
) -> None:
    following = prepare(connected, authority)
    current = identity_of(connected).current
    assert current is not None

    page = show(world, connected)

    assert current.serial in page
    assert following.serial in page
    assert page.count("not tested") == 2


def test_an_account_without_certificates_says_so(world: World, account: Account) -> None:
    page = show(world, account)

    assert "There is none, so the account can't send or collect files." in page
    assert "Request or import one" in page


def test_a_login_that_works_is_told_and_stays_on_the_page(
    world: World, connected: Account, authority: Authority
) -> None:
    prepare(connected, authority)

    page = press(world, connected, "next")

    assert "The login works. No file was touched." in page
    assert "✓</span>works" in page
    assert "TLSv1.3" in page
    assert reverse("certificate_activate", args=[connected.identity_id]) in page
    assert reverse("switch_plan", args=[connected.identity_id]) in page


def test_a_login_that_fails_is_told_with_what_to_do(world: World, connected: Account) -> None:
    prepare(connected, Authority.create(name="Stranger"))

    page = press(world, connected, "next")

    assert page.count(str(advice_for("tls.client_rejected").what)) == 1
    assert str(advice_for("tls.client_rejected").next) in page
    assert "Show what the server said" in page


def test_the_account_says_that_a_next_certificate_waits_and_when_it_comes(
    world: World, connected: Account, authority: Authority
) -> None:
    prepare(connected, authority)
    url = reverse("account_show", args=[connected.pk])
    browser = world.browser(Visitor.CLERK)
    waiting = browser.get(url).text
    tomorrow = timezone.now() + timedelta(days=1)
    actor = relay.PORTAL
    relay.plan_switch(identity_of(connected), tomorrow, actor=actor, now=timezone.now())

    assert "waits until somebody puts it in use" in waiting
    assert "put in use on" in browser.get(url).text


def test_a_certificate_that_is_not_valid_yet_has_one_advice_and_no_test(
    world: World, connected: Account, authority: Authority
) -> None:
    following = prepare(connected, authority)
    following.not_before = timezone.now() + timedelta(days=2)
    following.save(update_fields=["not_before"])

    page = show(world, connected)

    assert page.count("It can take half a minute.") == 1
    assert page.count("au-c-alert--warning") == 1
    assert reverse("switch_plan", args=[connected.identity_id]) in page
    assert reverse("certificate_activate", args=[connected.identity_id]) not in page


def test_what_is_not_there_can_not_be_tested(world: World, account: Account) -> None:
    assert str(advice_for("account.no_next_certificate").what) in press(world, account, "next")
    assert str(advice_for("account.no_certificate").what) in press(world, account, "current")


def test_a_place_that_does_not_exist_is_no_page(world: World, account: Account) -> None:
    url = reverse("account_test_login", args=[account.pk, "previous"])

    assert world.browser(Visitor.ADMINISTRATOR).post(url).status_code == 404


@pytest.mark.parametrize(
    ("visitor", "buttons"),
    [(Visitor.CLERK, 0), (Visitor.ADMINISTRATOR, 2), (Visitor.HELPDESK, 0)],
)
def test_the_buttons_are_for_administrators(
    world: World, connected: Account, authority: Authority, visitor: Visitor, buttons: int
) -> None:
    prepare(connected, authority)

    assert show(world, connected, visitor).count("It can take half a minute.") == buttons


def test_a_planned_switch_a_fresh_one_and_a_step_back_are_told(
    world: World, connected: Account
) -> None:
    stranger = Authority.create(name="Stranger")
    prepare(connected, stranger)
    tomorrow = timezone.now() + timedelta(days=1)
    actor = relay.PORTAL
    relay.plan_switch(identity_of(connected), tomorrow, actor=actor, now=timezone.now())
    planned = show(world, connected)
    relay.activate_next(identity_of(connected), actor=actor, now=timezone.now())
    switched = show(world, connected)
    current = identity_of(connected).current
    assert current is not None
    account = Account.objects.get(pk=connected.pk)
    login_failed(account, REFUSED, current.fingerprint, transcript="", now=timezone.now())

    stepped_back = show(world, connected)

    assert "It is put in use on" in planned
    assert "has not logged in yet" in switched
    assert "the previous one is in use again" in stepped_back
    assert "has not logged in yet" not in stepped_back


def test_the_page_says_when_the_certificate_before_was_refused_too(
    world: World, connected: Account
) -> None:
    old = identity_of(connected).current
    assert old is not None
    new = switch(connected, Authority.create(name="Stranger"))
    for certificate in (new, old):
        account = Account.objects.get(pk=connected.pk)
        login_failed(account, REFUSED, certificate.fingerprint, transcript="", now=timezone.now())

    page = show(world, connected)

    assert str(advice_for(BOTH_REFUSED)) in re.sub(r"</?strong>", "", page)
    assert "Have MAGDA's service desk register the new certificate." not in page


# --- other pages don't contradict it


def page_of(world: World, account: Account) -> str:
    url = reverse("account_show", args=[account.pk])
    return unescape(world.browser(Visitor.CLERK).get(url).text)


def test_an_account_whose_certificate_is_no_good_is_not_called_active(
    world: World, connected: Account
) -> None:
    good = page_of(world, connected)
    current = identity_of(connected).current
    assert current is not None
    current.revocation = RevocationState.REVOKED
    current.save()

    revoked = page_of(world, connected)

    assert "no certificate that works" not in good
    assert "no certificate that works" in revoked
    assert str(advice_for("account.certificate_revoked").what) in revoked


def test_the_send_page_says_which_account_makes_requests_wait(
    world: World, connected: Account, account: Account
) -> None:
    page = unescape(world.browser(Visitor.CLERK).get(reverse("send")).text)

    _, *choices = page.split('class="account-choice"')
    waits = {
        name: "no certificate that works" in choice
        for choice in choices
        for name in (account.name, connected.name)
        if f">{name}<" in choice
    }
    assert waits == {account.name: True, connected.name: False}


def test_trouble_about_the_certificate_before_is_not_shown_any_more(
    world: World, connected: Account, authority: Authority
) -> None:
    pause_account(connected, REFUSED, transcript="", now=timezone.now())
    before = summary_of(connected)
    switch(connected, authority)

    after = summary_of(connected)

    assert (before.is_paused, before.trouble) == (True, advice_for("login.refused"))
    assert (after.is_paused, after.trouble) == (False, None)


def summary_of(account: Account) -> Any:
    return summarise_account(Account.objects.get(pk=account.pk), now=timezone.now())


def test_the_setting_about_the_common_name_is_off_until_somebody_sets_it(
    world: World, account: Account
) -> None:
    url = reverse("account_edit", args=[account.pk])
    browser = world.browser(Visitor.ADMINISTRATOR)
    form = browser.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in values.items() if value not in (None, False)}

    browser.post(url, {**sent, "accepts_host_in_common_name": "on"})

    account.refresh_from_db()
    assert form["accepts_host_in_common_name"].value() is False
    assert account.accepts_host_in_common_name
    assert "may stand in the common name" in page_of(world, account)
