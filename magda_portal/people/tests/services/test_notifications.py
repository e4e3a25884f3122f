"""A choice holds; without one, what suits the roles does."""

import pytest

from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import (
    Kind,
    Membership,
    Notice,
    NotificationChoice,
    Person,
    Role,
    Timing,
)
from magda_portal.people.services.notifications import (
    choose_notifications,
    note,
    timings_of,
    timings_of_each,
    watchers,
)
from magda_portal.tests.world import World


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([], ["OFF", "OFF", "OFF", "OFF"]),
        ([Role.CLERK], ["DIGEST", "AT_ONCE", "AT_ONCE", "OFF"]),
        ([Role.ADMINISTRATOR], ["OFF", "DIGEST", "AT_ONCE", "AT_ONCE"]),
        ([Role.CLERK, Role.ADMINISTRATOR], ["DIGEST", "AT_ONCE", "AT_ONCE", "AT_ONCE"]),
    ],
)
def test_the_default_is_that_of_the_role_that_wants_to_know_soonest(
    world: World, roles: list[Role], expected: list[str]
) -> None:
    person = Person.objects.create(email="nieuw@voorbeeld.example")
    for role in roles:
        Membership.objects.create(person=person, organisation=world.organisation, role=role)

    assert [timings_of(person)[kind].value for kind in Kind] == expected


def test_the_helpdesk_gets_one_mail_a_day_about_failures(world: World) -> None:
    timings = timings_of(world.helpdesk)

    assert {kind for kind, timing in timings.items() if timing != Timing.OFF} == {Kind.FAILED}
    assert timings[Kind.FAILED] == Timing.DIGEST


def test_a_choice_goes_before_the_default_and_is_recorded(world: World) -> None:
    wanted = {**timings_of(world.clerk), Kind.ARRIVED: Timing.OFF}

    assert choose_notifications(world.clerk, wanted)

    assert timings_of(world.clerk) == wanted
    event = AuditEvent.objects.get(action="person.notifications_chosen")
    assert event.details == {"before": {"ARRIVED": "DIGEST"}, "after": {"ARRIVED": "OFF"}}


def test_the_same_choice_again_changes_nothing(world: World) -> None:
    wanted = {**timings_of(world.clerk), Kind.ARRIVED: Timing.OFF}
    choose_notifications(world.clerk, wanted)

    assert not choose_notifications(world.clerk, wanted)
    assert AuditEvent.objects.filter(action="person.notifications_chosen").count() == 1


def test_what_was_chosen_outlives_another_role(world: World) -> None:
    choose_notifications(world.clerk, timings_of(world.clerk))

    Membership.objects.create(
        person=world.clerk, organisation=world.organisation, role=Role.ADMINISTRATOR
    )

    assert timings_of(world.clerk)[Kind.CERTIFICATE] == Timing.OFF


def test_a_kind_that_this_version_does_not_know_is_passed_over(world: World) -> None:
    NotificationChoice.objects.create(person=world.clerk, kind="FUTURE", timing="OFF")

    assert set(timings_of(world.clerk)) == set(Kind)


def test_many_cost_as_much_as_one(world: World, django_assert_num_queries: object) -> None:
    people = list(Person.objects.all())

    with django_assert_num_queries(2):  # type: ignore[operator]  # a fixture of pytest-django
        timings_of_each(people)


def test_who_hears_of_an_organisation(world: World) -> None:
    found = {watcher.person for watcher in watchers([world.organisation.pk])}

    assert found == {world.clerk, world.administrator, world.helpdesk}


def test_a_member_of_two_hears_of_each_only_what_it_is_about(world: World) -> None:
    (stranger,) = [
        each
        for each in watchers([world.organisation.pk, world.elsewhere.pk])
        if each.person == world.stranger
    ]

    assert stranger.wants(Kind.ARRIVED, organisation_id=world.elsewhere.pk)
    assert not stranger.wants(Kind.ARRIVED, organisation_id=world.organisation.pk)


def test_a_notice_is_noted_once(world: World) -> None:
    def notice() -> Notice:
        return Notice(
            person=world.clerk,
            organisation=world.organisation,
            kind=Kind.ARRIVED,
            source=Notice.Source.EVENT,
            source_id=1,
        )

    note([notice(), notice()])
    note([notice()])

    assert Notice.objects.count() == 1
