from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar, Event
from pytest_django.fixtures import Settings

from certificates.models import CalendarFeed
from certificates.services.calendar import make_feed
from certificates.tests.ends import (
    YEAR,
    end_current,
    make_anchor,
    make_list,
    make_server,
    make_sighting,
)
from certificates.tests.rows import NOW, make_identity
from certificates.tests.views.conftest import Town
from magda_portal.people.models import Person

Browser = Callable[[str], Client]
PAGE = "/certificates/calendar/"


def feed_of(person: Person) -> str:
    return reverse("calendar_feed", args=[make_feed(person, now=NOW)])


def events_in(content: bytes) -> list[Event]:
    calendar = Calendar.from_ical(content)
    assert isinstance(calendar, Calendar)
    return list(calendar.events)


def text_of(event: Event, name: str) -> str:
    return str(event[name])


def address_in(page: str) -> str:
    return page.partition("<pre>")[2].partition("</pre>")[0]


def test_the_address_is_shown_once_and_a_calendar_can_read_there(
    browser_of: Browser, town: Town, settings: Settings
) -> None:
    end_current(town.identity, NOW + YEAR)
    browser = browser_of("clerk")
    made = browser.post(PAGE)
    address = address_in(made.text)
    again = browser.get(PAGE)
    read = browser_of("anonymous").get(urlsplit(address).path)

    assert address.startswith(settings.PORTAL_URL)
    assert made["Cache-Control"] == "no-store"
    assert urlsplit(address).path not in again.text
    assert read.status_code == 200
    assert len(events_in(read.content)) == 1


def test_a_calendar_holds_no_more_than_its_owner_sees_as_a_member(
    browser_of: Browser, town: Town
) -> None:
    end_current(town.identity, NOW + YEAR)
    elsewhere = town.stranger.memberships.get().organisation
    end_current(make_identity(elsewhere, common_name="kb/elders"), NOW + YEAR)

    found = {
        role: len(events_in(Client().get(feed_of(getattr(town, role))).content))
        for role in ("clerk", "stranger", "commuter", "helpdesk")
    }

    assert found == {"clerk": 1, "stranger": 1, "commuter": 2, "helpdesk": 0}


def test_the_event_stands_on_the_last_day_in_local_time(town: Town) -> None:
    end_current(town.identity, datetime(2027, 6, 30, 22, 30, tzinfo=UTC))

    (event,) = events_in(Client().get(feed_of(town.clerk)).content)

    assert (event.start, event.end) == (date(2027, 7, 1), date(2027, 7, 2))
    assert text_of(event, "transp") == "TRANSPARENT"
    assert town.identity.common_name in text_of(event, "summary")
    assert "TNI" in text_of(event, "summary")
    assert town.organisation.name in text_of(event, "description")
    assert text_of(event, "url").endswith(reverse("identity_show", args=[town.identity.pk]))


def test_everything_but_lists_is_in_it_and_a_renewal_replaces_its_event(town: Town) -> None:
    first = end_current(town.identity, NOW + timedelta(days=30))
    make_anchor(town.organisation, NOW + YEAR)
    make_sighting(make_server(town.organisation), NOW + YEAR)
    make_list(NOW + timedelta(days=2), this_update=NOW)
    feed = feed_of(town.clerk)

    before, again = (
        {text_of(event, "uid") for event in events_in(Client().get(feed).content)} for _ in "ab"
    )
    second = end_current(town.identity, NOW + YEAR)
    after = {text_of(event, "uid") for event in events_in(Client().get(feed).content)}

    assert before == again
    assert len(before) == 3
    assert {uid.partition("@")[0] for uid in before ^ after} == {
        f"certificate-{first.pk}",
        f"certificate-{second.pk}",
    }


def test_lines_are_folded_and_names_escaped_as_rfc_5545_wants(town: Town) -> None:
    name = "kb/één, twee; drie\\" + "ë" * 60
    end_current(make_identity(town.organisation, common_name=name), NOW + YEAR)

    content = Client().get(feed_of(town.clerk)).content

    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    (event,) = events_in(content)
    assert name in text_of(event, "summary")


def test_the_answer_may_not_be_shared_and_leaks_its_address_nowhere(town: Town) -> None:
    answer = Client().get(feed_of(town.clerk))

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies


def test_a_token_that_is_unknown_or_of_somebody_who_went_is_not_found(town: Town) -> None:
    feed = feed_of(town.clerk)
    town.clerk.is_active = False
    town.clerk.save()

    assert Client().get(feed).status_code == 404
    assert Client().get(f"{PAGE}{'x' * 43}.ics").status_code == 404
    assert Client().get(f"{PAGE}.ics").status_code == 404


def test_a_removed_address_no_longer_works(browser_of: Browser, town: Town) -> None:
    feed = feed_of(town.clerk)

    page = browser_of("clerk").post(reverse("calendar_remove"), follow=True)

    assert page.redirect_chain == [(PAGE, 302)]
    assert not CalendarFeed.objects.exists()
    assert Client().get(feed).status_code == 404


def test_making_and_removing_concern_ones_own_address_only(browser_of: Browser, town: Town) -> None:
    feed = feed_of(town.clerk)

    browser_of("administrator").post(PAGE)
    browser_of("administrator").post(reverse("calendar_remove"))

    assert Client().get(feed).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_feed_only_reads(town: Town, method: str) -> None:
    assert getattr(Client(), method)(feed_of(town.clerk)).status_code == 405


def test_wrong_methods_and_strangers_are_refused(browser_of: Browser) -> None:
    assert browser_of("clerk").put(PAGE).status_code == 405
    assert browser_of("clerk").get(reverse("calendar_remove")).status_code == 405
    assert browser_of("anonymous").get(PAGE).status_code == 302
    assert browser_of("anonymous").post(PAGE).status_code == 302
