from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.models import KeyPair
from certificates.pki import SubjectName
from certificates.services.key_pairs import keep_key_pair, set_destruction
from certificates.services.relay import discard_next
from certificates.services.requests import request_with_kept_key
from certificates.tests.builders import make_client, make_key
from certificates.tests.rows import ACTOR, NOW, give_certificate
from certificates.tests.views.conftest import Town

Browser = Callable[[str], Client]
DAY = {"on": "2027-02-14", "is_understood": "on"}
MIDNIGHT = datetime.fromisoformat("2027-02-14T00:00:00+01:00")


@pytest.fixture
def key_pair(town: Town) -> KeyPair:
    return keep_key_pair(town.identity, make_key(), actor=ACTOR)


def url(key_pair: KeyPair, name: str = "key_pair_destroy") -> str:
    return reverse(name, args=[key_pair.identity_id, key_pair.pk])


def test_thirty_days_are_proposed_with_a_warning(browser_of: Browser, key_pair: KeyPair) -> None:
    page = browser_of("administrator").get(url(key_pair))

    assert 'value="2027-02-14"' in page.text
    assert "web services" in page.text


def test_the_day_is_set_in_local_time_and_shown(browser_of: Browser, key_pair: KeyPair) -> None:
    page = browser_of("administrator").post(url(key_pair), DAY, follow=True)

    key_pair.refresh_from_db()
    assert key_pair.destroy_at == MIDNIGHT
    assert "to be destroyed" in page.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"on": "2027-02-14"}, "required"),
        ({**DAY, "on": "2027-01-14"}, "That day has passed."),
        ({**DAY, "on": "soon"}, "Enter a valid date."),
    ],
)
def test_a_day_that_can_not_be_is_refused(
    browser_of: Browser, key_pair: KeyPair, fields: dict[str, str], words: str
) -> None:
    page = browser_of("administrator").post(url(key_pair), fields)

    assert words in page.text
    key_pair.refresh_from_db()
    assert key_pair.destroy_at is None


def test_today_is_at_once(browser_of: Browser, key_pair: KeyPair) -> None:
    today = {**DAY, "on": timezone.localdate(NOW).isoformat()}

    page = browser_of("administrator").post(url(key_pair), today, follow=True)

    key_pair.refresh_from_db()
    assert key_pair.destroyed_at == NOW
    assert "The key is destroyed." in page.text


def test_it_can_be_called_off(browser_of: Browser, key_pair: KeyPair) -> None:
    set_destruction(key_pair, MIDNIGHT, actor=ACTOR, now=NOW)

    page = browser_of("administrator").post(url(key_pair, "key_pair_spare"), follow=True)

    assert "The key stays." in page.text
    key_pair.refresh_from_db()
    assert key_pair.destroy_at is None


def test_a_key_in_use_offers_no_form_and_takes_no_day(browser_of: Browser, town: Town) -> None:
    key_pair = give_certificate(town.identity).key_pair
    browser = browser_of("administrator")

    asked, posted = browser.get(url(key_pair)), browser.post(url(key_pair), DAY)

    assert 'name="on"' not in asked.text
    assert "be destroyed now" in asked.text
    assert posted.status_code == 200
    key_pair.refresh_from_db()
    assert key_pair.destroy_at is None


def test_a_request_that_still_waits_for_its_certificate_is_a_warning(
    browser_of: Browser, town: Town, key_pair: KeyPair
) -> None:
    subject = SubjectName(town.identity.common_name)
    request_with_kept_key(town.identity, key_pair, subject=subject, actor=ACTOR)

    page = browser_of("administrator").get(url(key_pair))

    assert "A certificate may still come" in page.text


def test_a_request_whose_certificate_has_come_is_none(browser_of: Browser, town: Town) -> None:
    key = make_key()
    key_pair = keep_key_pair(town.identity, key, actor=ACTOR)
    subject = SubjectName(town.identity.common_name)
    request_with_kept_key(town.identity, key_pair, subject=subject, actor=ACTOR)
    give_certificate(town.identity)
    certificate = give_certificate(town.identity, make_client(key=key).bundle())
    discard_next(town.identity, actor=ACTOR)
    certificate.imported_at = NOW + timedelta(days=1)
    certificate.save()

    page = browser_of("administrator").get(url(key_pair))

    assert 'name="on"' in page.text
    assert "A certificate may still come" not in page.text


@pytest.mark.parametrize("name", ["key_pair_destroy", "key_pair_spare"])
@pytest.mark.parametrize(
    ("role", "status"),
    [("anonymous", 302), ("clerk", 403), ("commuter", 403), ("helpdesk", 403), ("stranger", 404)],
)
def test_only_an_administrator_of_the_organisation_decides(
    browser_of: Browser, key_pair: KeyPair, name: str, role: str, status: int
) -> None:
    assert browser_of(role).post(url(key_pair, name), DAY).status_code == status
    key_pair.refresh_from_db()
    assert key_pair.destroy_at is None
