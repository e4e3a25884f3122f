"""The trail: who reads which part, by what it is chosen, and where it leads."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Organisation
from magda_portal.tests.world import Visitor, World


def make_event(organisation: Organisation | None, **columns: Any) -> AuditEvent:
    values = {
        "action": Action.TRANSFER_DELIVERED,
        "actor_name": "MAGDA portal",
        "organisation_id": str(organisation.pk) if organisation else "",
        "subject_type": "transfer",
        "subject_id": "7",
        "subject_text": "vraag.xml",
    }
    return AuditEvent.objects.create(**{**values, **columns})


def listed(world: World, visitor: Visitor = Visitor.ADMINISTRATOR, **query: Any) -> list[int]:
    page = world.browser(visitor).get(reverse("events"), query).context["page"]
    return [event.pk for event in page.rows]


def exported(
    world: World, visitor: Visitor = Visitor.ADMINISTRATOR, **query: Any
) -> list[dict[str, str]]:
    text = world.browser(visitor).get(reverse("events_csv"), query).getvalue().decode()
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_each_reads_the_trail_of_their_own_organisations(world: World) -> None:
    here, there = make_event(world.organisation), make_event(world.elsewhere)
    nowhere = make_event(None)

    assert listed(world) == [here.pk]
    assert listed(world, Visitor.STRANGER) == [there.pk]
    # Logins of the people who look are events too.
    assert {here.pk, there.pk, nowhere.pk} <= set(listed(world, Visitor.HELPDESK))


@pytest.mark.parametrize("name", ["events", "events_csv"])
def test_no_filter_leads_into_the_trail_of_another_organisation(world: World, name: str) -> None:
    make_event(world.elsewhere, subject_text="geheim.xml", subject_id="42")

    for query in (
        {"organisation": str(world.elsewhere.pk)},
        {"subject_type": "transfer", "subject_id": "42"},
        {"about": "geheim"},
        {"action": "transfer.delivered"},
    ):
        response = world.browser(Visitor.ADMINISTRATOR).get(reverse(name), query)
        text = response.getvalue().decode() if response.streaming else response.text
        assert "geheim.xml" not in text


def test_the_trail_is_filtered_by_what_who_and_about_what(world: World) -> None:
    one = make_event(world.organisation, action=Action.TRANSFER_FAILED, actor_name="Ann")
    two = make_event(world.organisation, subject_text="antwoord.xml", subject_id="8")

    assert listed(world, action="transfer.failed") == [one.pk]
    assert listed(world, who="ann") == [one.pk]
    assert listed(world, about="ANTWOORD") == [two.pk]
    assert listed(world, subject_type="transfer", subject_id="8") == [two.pk]


def test_the_trail_is_filtered_by_days_that_both_count(world: World) -> None:
    noon = timezone.localtime().replace(hour=12)
    events = [make_event(world.organisation, at=noon - timedelta(days=days)) for days in range(4)]
    first, last = (noon - timedelta(days=2)).date(), (noon - timedelta(days=1)).date()

    assert listed(world, first_day=first, last_day=last) == [events[1].pk, events[2].pk]
    assert listed(world, first_day=first, last_day=last, order="oldest") == [
        events[2].pk,
        events[1].pk,
    ]


def test_the_helpdesk_chooses_an_organisation(world: World) -> None:
    make_event(world.organisation)
    there = make_event(world.elsewhere)

    assert listed(world, Visitor.HELPDESK, organisation=world.elsewhere.pk) == [there.pk]


@pytest.mark.parametrize(
    ("kind", "key", "path"),
    [
        ("transfer", "7", "/transfers/7/"),
        ("clientidentity", "3", "/certificates/3/"),
        ("account", "not-a-uuid", ""),
        ("person", "3", ""),
    ],
)
def test_an_event_leads_to_what_it_is_about(world: World, kind: str, key: str, path: str) -> None:
    make_event(world.organisation, subject_type=kind, subject_id=key)

    page = world.browser(Visitor.ADMINISTRATOR).get(reverse("events")).text

    assert (f'<a href="{path}"><bdi>vraag.xml' in page) is bool(path)
    assert f"?subject_type={kind}&amp;subject_id={key}" in page


@pytest.mark.parametrize(
    "query",
    [
        {"action": "x"},
        {"organisation": "x"},
        {"organisation": "9" * 40},
        {"first_day": "gisteren"},
        {"place": "x"},
        {"subject_id": "\x00"},
    ],
)
def test_a_filter_that_makes_no_sense_breaks_nothing(world: World, query: dict[str, str]) -> None:
    make_event(world.organisation)

    for visitor in (Visitor.ADMINISTRATOR, Visitor.HELPDESK):
        assert world.browser(visitor).get(reverse("events"), query).status_code == 200


def test_the_file_holds_what_the_filter_finds_and_no_formula(world: World) -> None:
    make_event(world.organisation, actor_name="=cmd|' /C calc'!A0", details={"before": "één"})
    make_event(world.organisation, action=Action.TRANSFER_FAILED)

    (row,) = exported(world, action="transfer.delivered")

    assert row["Who"] == "'=cmd|' /C calc'!A0"
    assert row["What"] == "delivered"
    assert row["Details"] == '{"before": "één"}'


def test_who_takes_the_trail_out_is_in_the_trail(world: World) -> None:
    exported(world, who="Ann")
    exported(world, Visitor.HELPDESK)

    own, all_of_it = AuditEvent.objects.filter(action="history.exported").order_by("id")
    assert own.actor_id == str(world.administrator.pk)
    assert own.organisation_id == str(world.organisation.pk)
    assert own.details == {"list": "events", "filters": ["who"]}
    assert (all_of_it.actor_id, all_of_it.organisation_id) == (str(world.helpdesk.pk), "")


def test_the_trail_takes_few_queries_however_long(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        make_event(world.organisation, subject_id=str(number))
    browser = world.browser(Visitor.ADMINISTRATOR)

    with django_assert_max_num_queries(12):
        browser.get(reverse("events"), {"who": "portal"})


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("MAGDA portal", "MAGDA-portaal"),
        ("practice data", "oefengegevens"),
        ("command line (root)", "opdrachtregel (root)"),
        ("An Peeters", "An Peeters"),
    ],
)
def test_the_jobs_of_the_portal_are_named_and_found_in_the_readers_language(
    world: World, name: str, shown: str
) -> None:
    event = make_event(world.organisation, actor_name=name)
    browser = world.browser(Visitor.ADMINISTRATOR)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "nl"

    for part in (shown, shown[:6].upper()):
        page = browser.get(reverse("events"), {"who": part})
        assert [row.pk for row in page.context["page"].rows] == [event.pk]
        assert f"<bdi>{shown}</bdi>" in page.text


def test_a_person_keeps_their_name_whatever_it_is(world: World) -> None:
    make_event(world.organisation, actor_name="practice data", actor_id="7")
    browser = world.browser(Visitor.ADMINISTRATOR)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "nl"

    assert "<bdi>practice data</bdi>" in browser.get(reverse("events")).text


def test_details_are_told_in_words_and_the_long_rest_is_folded(world: World) -> None:
    make_event(
        world.organisation,
        details={
            "error": "account.no_certificate",
            "recipients": ["a@x.example"],
            "reason": "daarom",
            "pattern": "*.xml",
        },
    )

    page = world.browser(Visitor.ADMINISTRATOR).get(reverse("events")).text

    assert "account.no_certificate" not in page
    assert "Recipients: a@x.example<" in page
    before, rest = page.split("<details><summary>More</summary>")
    assert "daarom" in before
    assert "*.xml" in rest.split("</details>")[0]
