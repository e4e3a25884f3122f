import pytest
from django.urls import reverse

from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Membership, Person, Role
from magda_portal.tests.world import Visitor, World


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


def test_a_role_is_withdrawn(world: World) -> None:
    membership = world.clerk.memberships.get()

    url = reverse("member_withdraw", args=[membership.pk])
    world.browser(Visitor.ADMINISTRATOR).post(url)

    assert not world.clerk.memberships.exists()


def test_nobody_withdraws_their_own_administration(world: World) -> None:
    """The last administrator would lock everybody out."""
    own = world.administrator.memberships.get(role=Role.ADMINISTRATOR)

    url = reverse("member_withdraw", args=[own.pk])
    response = world.browser(Visitor.ADMINISTRATOR).post(url)

    assert response.status_code == 404
    assert world.administrator.memberships.exists()


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
    for number in range(60):
        grant(world, Visitor.ADMINISTRATOR, email=f"nr{number}@voorbeeld.example")
    browser = world.browser(Visitor.ADMINISTRATOR)

    first = browser.get(reverse("events"))
    second = browser.get(reverse("events") + first.context["page"].older)

    assert "nr59@" in first.text
    assert "nr59@" not in second.text
    assert "nr0@" in second.text
    assert not second.context["page"].has_older
