from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from certificates.advice import advice_for
from certificates.models import Certificate, RevocationState
from certificates.services.relay import activate_next, plan_switch, record_login_test
from certificates.tests.builders import make_authority, make_client
from certificates.tests.rows import ACTOR, NOW, give_certificate
from certificates.tests.views.conftest import Town
from magda_portal.audit.queries import events_for

Browser = Callable[[str], Client]
PAGES = ["certificate_activate", "switch_plan", "next_discard"]
LATER = NOW + timedelta(hours=2)


def url(name: str, town: Town) -> str:
    return reverse(name, args=[town.identity.pk])


@pytest.fixture
def pair(town: Town) -> tuple[Certificate, Certificate]:
    """A certificate in use and a next one."""
    return give_certificate(town.identity), give_certificate(town.identity)


def test_one_is_told_what_changes_before_the_switch(
    browser_of: Browser, town: Town, pair: tuple[Certificate, Certificate]
) -> None:
    page = browser_of("administrator").get(url("certificate_activate", town))

    assert "Nobody has tested a login" in page.text
    assert "goes back to the old certificate by itself" in page.text
    town.identity.refresh_from_db()
    assert town.identity.current == pair[0]


def test_a_failed_test_login_is_told_before_the_switch(
    browser_of: Browser, town: Town, pair: tuple[Certificate, Certificate]
) -> None:
    record_login_test(
        pair[1], error_code="login.refused", detail="530", tls_version="", now=NOW, actor=ACTOR
    )

    page = browser_of("administrator").get(url("certificate_activate", town))

    assert "test login with this certificate failed" in page.text


def test_an_issuer_that_is_missing_is_told_before_the_switch(
    browser_of: Browser, town: Town
) -> None:
    give_certificate(town.identity)
    unknown = make_authority("Nobody's Issuing CA")
    give_certificate(town.identity, make_client(issuer=unknown).bundle())
    browser = browser_of("administrator")

    for name in ("identity_show", "certificate_activate", "switch_plan"):
        page = browser.get(url(name, town))
        assert "Path of the next certificate" in page.text
        assert "CN=Nobody&#x27;s Issuing CA" in page.text
        assert "is not here" in page.text


def test_the_switch_puts_the_next_in_use(
    browser_of: Browser, town: Town, pair: tuple[Certificate, Certificate]
) -> None:
    page = browser_of("administrator").post(url("certificate_activate", town), follow=True)

    assert "The certificate is in use." in page.text
    assert "No login with it has worked yet." in page.text
    town.identity.refresh_from_db()
    assert (town.identity.current, town.identity.previous) == (pair[1], pair[0])


def test_a_switch_to_a_revoked_certificate_says_why_not(
    browser_of: Browser, town: Town, pair: tuple[Certificate, Certificate]
) -> None:
    Certificate.objects.filter(pk=pair[1].pk).update(revocation=RevocationState.REVOKED)

    page = browser_of("administrator").post(url("certificate_activate", town), follow=True)

    assert str(advice_for("relay.revoked").what) in page.text
    town.identity.refresh_from_db()
    assert town.identity.current == pair[0]


def test_a_period_that_has_yet_to_begin_is_offered_as_the_moment(
    browser_of: Browser, town: Town
) -> None:
    give_certificate(town.identity)
    begin = NOW + timedelta(days=3, seconds=20)
    give_certificate(town.identity, make_client(not_before=begin).bundle())
    browser = browser_of("administrator")

    page = browser.get(reverse("identity_show", args=[town.identity.pk])).text
    plan = browser.get(url("switch_plan", town)).text

    assert "It can be used from" in page
    assert url("certificate_activate", town) not in page
    assert 'value="2027-01-18T13:01"' in plan
    assert 'max="9999-12-31T23:59"' in plan


def test_a_moment_is_taken_in_local_time_and_shown(
    browser_of: Browser, town: Town, pair: tuple[Certificate, Certificate]
) -> None:
    page = browser_of("administrator").post(
        url("switch_plan", town), {"at": "2027-01-16T09:30"}, follow=True
    )

    town.identity.refresh_from_db()
    at = town.identity.activate_next_at
    assert at is not None
    assert at == datetime.fromisoformat("2027-01-16T09:30:00+01:00")
    assert '<time datetime="2027-01-16T09:30:00+01:00">' in page.text


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2027-01-15T10:00", "That moment has passed."),
        ("2030-01-01T10:00", "expired by that moment"),
        ("2027-03-28T02:30", "That time does not exist: the clocks go forward then."),
        ("2027-10-31T02:30", "That time comes twice, as the clocks go back then."),
        ("tomorrow", "Enter a valid date/time."),
        ("", "required"),
    ],
)
def test_a_moment_that_can_not_be_is_refused_with_its_reason(
    browser_of: Browser, town: Town, pair: tuple[Certificate, Certificate], at: str, words: str
) -> None:
    page = browser_of("administrator").post(url("switch_plan", town), {"at": at})

    assert page.status_code == 200
    assert words in page.text
    town.identity.refresh_from_db()
    assert town.identity.activate_next_at is None


def test_a_planned_moment_stands_in_the_form_and_can_be_forgotten(
    browser_of: Browser, town: Town, pair: tuple[Certificate, Certificate]
) -> None:
    plan_switch(town.identity, LATER, actor=ACTOR, now=NOW)
    browser = browser_of("administrator")

    form = browser.get(url("switch_plan", town))
    after = browser.post(url("switch_cancel", town), follow=True)

    assert 'value="2027-01-15T15:00"' in form.text
    assert "No switch is planned any more." in after.text
    town.identity.refresh_from_db()
    assert town.identity.activate_next_at is None


def test_the_next_is_laid_aside_after_a_question(
    browser_of: Browser, town: Town, pair: tuple[Certificate, Certificate]
) -> None:
    browser = browser_of("administrator")

    asked = browser.get(url("next_discard", town))
    done = browser.post(url("next_discard", town), follow=True)

    assert pair[1].serial in asked.text
    assert "laid aside" in done.text
    town.identity.refresh_from_db()
    assert town.identity.next is None


@pytest.mark.parametrize("name", PAGES)
def test_without_a_next_certificate_one_is_sent_back(
    browser_of: Browser, town: Town, name: str
) -> None:
    page = browser_of("administrator").get(url(name, town), follow=True)

    assert "There is no next certificate." in page.text


@pytest.mark.parametrize("name", [*PAGES, "switch_cancel"])
@pytest.mark.parametrize(
    ("role", "status"),
    [("anonymous", 302), ("clerk", 403), ("commuter", 403), ("helpdesk", 403), ("stranger", 404)],
)
def test_only_an_administrator_of_the_organisation_switches(
    browser_of: Browser,
    town: Town,
    pair: tuple[Certificate, Certificate],
    name: str,
    role: str,
    status: int,
) -> None:
    events = events_for(town.identity).count()

    answer = browser_of(role).post(url(name, town), {"at": "2027-01-16T09:30"})

    assert answer.status_code == status
    assert events_for(town.identity).count() == events


def test_a_second_press_of_the_button_switches_nothing_back(
    browser_of: Browser, town: Town, pair: tuple[Certificate, Certificate]
) -> None:
    activate_next(town.identity, actor=ACTOR, now=NOW)

    page = browser_of("administrator").post(url("certificate_activate", town), follow=True)

    assert str(advice_for("relay.no_next").what) in page.text
    town.identity.refresh_from_db()
    assert town.identity.current == pair[1]
