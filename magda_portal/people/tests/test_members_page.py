import re
import socket
from html import unescape
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.http import int_to_base36
from pytest_django import DjangoAssertNumQueries, Settings

from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Membership, Person, Role
from magda_portal.tests.world import Visitor, World


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def grant(world: World, visitor: Visitor, **fields: object) -> int:
    data = {
        "organisation": world.organisation.pk,
        "email": "Nieuw@Voorbeeld.example",
        "role": "CLERK",
        **fields,
    }
    return world.browser(visitor).post(reverse("members"), data).status_code


def test_an_administrator_adds_a_person_with_a_role(world: World) -> None:
    assert grant(world, Visitor.ADMINISTRATOR) == 302

    person = Person.objects.get(email="nieuw@voorbeeld.example")
    assert person.memberships.get().organisation == world.organisation
    assert not person.has_usable_password()
    event = AuditEvent.objects.get(action="membership.granted")
    assert event.actor_id == str(world.administrator.pk)


def test_an_administrator_grants_nothing_in_another_organisation(world: World) -> None:
    before = Membership.objects.count()

    assert grant(world, Visitor.ADMINISTRATOR, organisation=world.elsewhere.pk) == 422
    assert Membership.objects.count() == before


def test_people_of_other_organisations_are_not_shown(world: World) -> None:
    page = world.browser(Visitor.ADMINISTRATOR).get(reverse("members")).text

    assert world.clerk.email in page
    assert world.stranger.email not in page


def change(world: World, person: Person, *roles: Role) -> Any:
    url = reverse("member_change", args=[world.organisation.pk, person.pk])
    return world.browser(Visitor.ADMINISTRATOR).post(url, {"roles": list(roles)}, follow=True)


def remove(world: World, person: Person) -> Any:
    url = reverse("member_remove", args=[world.organisation.pk, person.pk])
    return world.browser(Visitor.ADMINISTRATOR).post(url, follow=True)


def roles_of(person: Person) -> set[str]:
    return set(person.memberships.values_list("role", flat=True))


def test_roles_are_changed_and_only_the_difference_is_recorded(world: World) -> None:
    change(world, world.clerk, Role.CLERK, Role.ADMINISTRATOR)
    assert roles_of(world.clerk) == {"CLERK", "ADMINISTRATOR"}

    change(world, world.clerk, Role.ADMINISTRATOR)

    assert roles_of(world.clerk) == {"ADMINISTRATOR"}
    events = AuditEvent.objects.filter(action__startswith="membership.").order_by("id")
    assert [(event.action, event.details["role"]) for event in events] == [
        ("membership.granted", "ADMINISTRATOR"),
        ("membership.withdrawn", "CLERK"),
    ]


def test_roles_that_stay_are_not_told_as_changed(world: World) -> None:
    same = change(world, world.clerk, Role.CLERK).text
    other = change(world, world.clerk, Role.CLERK, Role.ADMINISTRATOR).text

    assert "The roles are changed." not in same
    assert "nothing is changed" in same
    assert "The roles are changed." in other


@pytest.mark.parametrize("name", ["member_change", "member_remove"])
def test_who_was_removed_in_another_tab_is_told_of(world: World, name: str) -> None:
    remove(world, world.clerk)
    url = reverse(name, args=[world.organisation.pk, world.clerk.pk])

    for answer in (
        world.browser(Visitor.ADMINISTRATOR).get(url, follow=True),
        world.browser(Visitor.ADMINISTRATOR).post(url, {"roles": ["CLERK"]}, follow=True),
    ):
        assert answer.redirect_chain == [(reverse("members"), 302)]
        assert "no member of the organisation any more" in answer.text
    assert roles_of(world.clerk) == set()


def test_no_role_at_all_is_refused_with_the_way_to_remove(world: World) -> None:
    response = change(world, world.clerk)

    assert response.status_code == 422
    assert "remove the person" in response.text
    assert roles_of(world.clerk) == {"CLERK"}


def test_a_member_is_removed_after_the_page_said_what_happens(world: World) -> None:
    url = reverse("member_remove", args=[world.organisation.pk, world.clerk.pk])
    page = world.browser(Visitor.ADMINISTRATOR).get(url).text

    assert "What will happen" in page
    assert roles_of(world.clerk) == {"CLERK"}

    remove(world, world.clerk)

    assert roles_of(world.clerk) == set()
    assert AuditEvent.objects.filter(action="membership.withdrawn").count() == 1


def test_nobody_withdraws_their_own_administration(world: World) -> None:
    """The last administrator would lock everybody out."""
    changed = change(world, world.administrator, Role.CLERK)
    removed = remove(world, world.administrator)

    assert changed.status_code == 422
    assert "Ask another administrator" in unescape(changed.text)
    assert "Another administrator has to remove you" in removed.text
    assert roles_of(world.administrator) == {"ADMINISTRATOR"}


def test_another_administrator_removes_an_administrator(world: World) -> None:
    Membership.objects.create(
        person=world.clerk, organisation=world.organisation, role=Role.ADMINISTRATOR
    )

    remove(world, world.clerk)

    assert roles_of(world.clerk) == set()


@pytest.mark.parametrize("name", ["member_change", "member_remove", "member_invite"])
def test_somebody_of_another_organisation_is_not_found(world: World, name: str) -> None:
    browser = world.browser(Visitor.ADMINISTRATOR)
    pairs = [
        (world.organisation.pk, world.stranger.pk),
        (world.elsewhere.pk, world.stranger.pk),
    ]

    statuses = [
        browser.post(reverse(name, args=pair), {"roles": ["CLERK"]}).status_code for pair in pairs
    ]

    assert statuses == [404, 404]
    assert roles_of(world.stranger) == {"CLERK", "ADMINISTRATOR"}


def test_whoever_is_new_is_invited_by_mail(world: World) -> None:
    grant(world, Visitor.ADMINISTRATOR, name="An Peeters")

    person = Person.objects.get(email="nieuw@voorbeeld.example")
    (mailed,) = mail.outbox
    assert person.name == "An Peeters"
    assert mailed.to == [person.email]
    assert f"{reverse('account_reset_password')}\n" in str(mailed.body)
    assert AuditEvent.objects.filter(action="person.invited").count() == 1


def link_to_set_password() -> str:
    found = re.search(r"http://\S+?(/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def set_password(link: str) -> Any:
    browser = Client()
    page = browser.get(link, follow=True)
    password = "een lang en goed wachtwoord"
    data = {"password1": password, "password2": password}
    return browser.post(page.request["PATH_INFO"], data, follow=True)


def test_the_invitation_leads_straight_to_setting_a_password_once(world: World) -> None:
    grant(world, Visitor.ADMINISTRATOR)
    person = Person.objects.get(email="nieuw@voorbeeld.example")
    link = link_to_set_password()

    set_password(link)
    person.refresh_from_db()
    first = person.password
    again = set_password(link)

    assert person.has_usable_password()
    person.refresh_from_db()
    assert person.password == first
    assert reverse("account_reset_password") in again.text
    event = AuditEvent.objects.get(action="person.password_set")
    assert (event.actor_id, event.subject_id) == (str(person.pk), str(person.pk))
    assert len(mail.outbox) == 1


def test_the_link_of_an_invitation_ends_after_three_days(world: World, settings: Settings) -> None:
    grant(world, Visitor.ADMINISTRATOR)
    assert settings.PASSWORD_RESET_TIMEOUT == 3 * 24 * 3600
    settings.PASSWORD_RESET_TIMEOUT = -1

    set_password(link_to_set_password())

    assert not Person.objects.get(email="nieuw@voorbeeld.example").has_usable_password()


def test_an_invitation_opens_nothing_for_another_person(world: World) -> None:
    grant(world, Visitor.ADMINISTRATOR)
    person = Person.objects.get(email="nieuw@voorbeeld.example")
    own, other = (int_to_base36(each.pk) for each in (person, world.clerk))
    before = world.clerk.password

    set_password(link_to_set_password().replace(f"/{own}-", f"/{other}-"))

    world.clerk.refresh_from_db()
    assert world.clerk.password == before


def test_whoever_is_here_already_gets_no_invitation(world: World) -> None:
    grant(world, Visitor.ADMINISTRATOR, email=world.stranger.email)

    assert world.stranger.memberships.filter(organisation=world.organisation).exists()
    assert mail.outbox == []


def test_an_invitation_is_sent_again_until_there_is_a_password(world: World) -> None:
    grant(world, Visitor.ADMINISTRATOR)
    person = Person.objects.get(email="nieuw@voorbeeld.example")
    url = reverse("member_invite", args=[world.organisation.pk, person.pk])
    browser = world.browser(Visitor.ADMINISTRATOR)

    assert url in browser.get(reverse("members")).text
    browser.post(url)
    assert len(mail.outbox) == 2

    person.set_password("een lang wachtwoord")
    person.save()
    browser.post(url)
    assert len(mail.outbox) == 2
    assert url not in browser.get(reverse("members")).text


def test_a_mail_server_that_is_away_keeps_nobody_from_being_added(
    world: World, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    url, data = reverse("members"), {"email": "nieuw@voorbeeld.example", "role": "CLERK"}
    answer = world.browser(Visitor.ADMINISTRATOR).post(
        url, {**data, "organisation": world.organisation.pk}, follow=True
    )

    assert "The mail could not be sent." in answer.text
    assert Person.objects.get(email="nieuw@voorbeeld.example").memberships.exists()
    assert not AuditEvent.objects.filter(action="person.invited").exists()


def test_many_members_cost_no_more_queries(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        person = Person.objects.create(email=f"nr{number}@voorbeeld.example")
        Membership.objects.create(person=person, organisation=world.organisation, role=Role.CLERK)
    browser = world.browser(Visitor.ADMINISTRATOR)

    with django_assert_max_num_queries(12):
        page = browser.get(reverse("members"))

    assert page.text.count('account-name">') == 22


@pytest.mark.parametrize(
    ("visitor", "sees"),
    [(Visitor.ADMINISTRATOR, True), (Visitor.HELPDESK, True), (Visitor.STRANGER, False)],
)
def test_the_history_shows_an_organisations_events_to_who_may_see_them(
    world: World, visitor: Visitor, sees: bool
) -> None:
    grant(world, Visitor.ADMINISTRATOR)

    page = world.browser(visitor).get(reverse("events")).text

    assert ("nieuw@voorbeeld.example" in page) is sees


def test_the_history_has_pages(world: World) -> None:
    for number in range(45):
        grant(world, Visitor.ADMINISTRATOR, email=f"nr{number}@voorbeeld.example")
    browser = world.browser(Visitor.ADMINISTRATOR)

    first = browser.get(reverse("events"))
    second = browser.get(reverse("events") + first.context["page"].further)

    assert "nr44@" in first.text
    assert "nr44@" not in second.text
    assert "nr0@" in second.text
    assert not second.context["page"].further
