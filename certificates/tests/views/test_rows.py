"""What the page of an identity says of its keys, certificates and history."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from certificates.models import KeyPair
from certificates.pki import KeyKind, SubjectName
from certificates.services.key_pairs import destroy_key_pair, set_destruction
from certificates.services.relay import activate_next, prove
from certificates.services.requests import request_with_kept_key, request_with_new_key
from certificates.tests.builders import make_client
from certificates.tests.rows import ACTOR, NOW, give_certificate
from certificates.tests.views.conftest import Town
from certificates.views.rows import key_rows
from magda_portal.audit.queries import events_for
from magda_portal.web.templatetags.portal import short_serial

Browser = Callable[[str], Client]
LEFT_OVER = "The account needs the key"


def show_url(town: Town) -> str:
    return reverse("identity_show", args=[town.identity.pk])


def states(town: Town) -> dict[KeyPair, str]:
    town.identity.refresh_from_db()
    rows = key_rows(town.identity, town.identity.key_pairs.all())
    return {row.key_pair: row.state.words for row in rows}


def test_a_key_waits_for_its_certificate_until_that_comes(town: Town) -> None:
    subject = SubjectName(town.identity.common_name)
    made = request_with_new_key(town.identity, KeyKind.EC_P256, subject=subject, actor=ACTOR)
    waiting = states(town)
    certificate = give_certificate(town.identity)
    town.identity.certificates.update(imported_at=NOW + timedelta(days=1))

    assert waiting == {made.key_pair: "waiting for its certificate"}
    assert states(town)[certificate.key_pair] == "needed"


def test_a_key_whose_request_was_handed_in_again_waits_too(town: Town) -> None:
    old = give_certificate(town.identity)
    give_certificate(town.identity)
    activate_next(town.identity, actor=ACTOR, now=NOW)
    prove(town.identity, town.identity.current.fingerprint, now=NOW)  # type: ignore[union-attr]  # just set
    left_over = states(town)
    town.identity.certificates.update(imported_at=NOW - timedelta(days=1))
    subject = SubjectName(town.identity.common_name)
    request_with_kept_key(town.identity, old.key_pair, subject=subject, actor=ACTOR)

    assert left_over[old.key_pair] == "no longer needed"
    assert states(town)[old.key_pair] == "waiting for its certificate"


def test_after_the_first_login_with_the_new_certificate_the_old_key_may_go(
    browser_of: Browser, town: Town
) -> None:
    old = give_certificate(town.identity)
    new = give_certificate(town.identity)
    activate_next(town.identity, actor=ACTOR, now=NOW)
    before = browser_of("administrator").get(show_url(town)).text
    prove(town.identity, new.fingerprint, now=NOW)

    after = browser_of("administrator").get(show_url(town)).text

    assert LEFT_OVER not in before
    assert after.count(LEFT_OVER) == 1
    set_destruction(old.key_pair, NOW + timedelta(days=1), actor=ACTOR, now=NOW)
    assert LEFT_OVER not in browser_of("administrator").get(show_url(town)).text


def test_the_end_of_a_certificate_without_a_place_is_no_worry(
    browser_of: Browser, town: Town
) -> None:
    soon = NOW + timedelta(days=20)
    old = give_certificate(town.identity, make_client(not_after=soon).bundle())
    new = give_certificate(town.identity)
    in_use = browser_of("clerk").get(show_url(town)).text
    activate_next(town.identity, actor=ACTOR, now=NOW)
    prove(town.identity, new.fingerprint, now=NOW)
    destroy_key_pair(old.key_pair, actor=ACTOR, now=NOW)

    page = browser_of("clerk").get(show_url(town)).text

    assert 'badge-attention"><span aria-hidden="true">!</span>20 days left' in in_use
    assert 'badge-neutral"><span aria-hidden="true">·</span>20 days left' in page
    assert "badge-attention" not in page


def test_the_history_names_the_certificate_and_the_key(browser_of: Browser, town: Town) -> None:
    first, second = give_certificate(town.identity), give_certificate(town.identity)
    activate_next(town.identity, actor=ACTOR, now=NOW)
    prove(town.identity, second.fingerprint, now=NOW)
    set_destruction(first.key_pair, NOW + timedelta(days=1), actor=ACTOR, now=NOW)

    history = browser_of("clerk").get(show_url(town)).text.partition("History")[2]

    assert history.count(short_serial(first.serial)) >= 3
    assert str(first.key_pair) in history
    assert "16 Jan" in history


def test_an_import_that_takes_the_place_of_the_next_names_both(town: Town) -> None:
    give_certificate(town.identity)
    replaced, following = give_certificate(town.identity), give_certificate(town.identity)

    (event,) = events_for(town.identity).filter(action="certificate.discarded")

    assert event.details == {"before": replaced.fingerprint, "after": following.fingerprint}


def test_a_certificate_is_exported_from_where_it_is_in_use(browser_of: Browser, town: Town) -> None:
    certificate = give_certificate(town.identity)
    link = reverse("key_pair_export", args=[town.identity.pk, certificate.pk])

    assert browser_of("administrator").get(show_url(town)).text.count(link) == 2
    assert link not in browser_of("clerk").get(show_url(town)).text


def test_a_long_serial_number_shows_its_beginning_and_its_end() -> None:
    assert short_serial("123456789012345678901234567890") == "123456…7890"
    assert short_serial("12345678901") == "12345678901"
