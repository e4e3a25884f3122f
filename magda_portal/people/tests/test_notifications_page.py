import pytest
from django.urls import reverse

from magda_portal.people.models import Kind, Person, Timing
from magda_portal.people.services.notifications import timings_of
from magda_portal.tests.world import Visitor, World

CHOICE = {"arrived": "AT_ONCE", "failed": "OFF", "removal": "DIGEST", "certificate": "OFF"}


def test_a_person_chooses_for_themselves_alone(world: World) -> None:
    before = timings_of(world.administrator)

    response = world.browser(Visitor.CLERK).post(reverse("notifications"), CHOICE)

    assert response.status_code == 302
    assert timings_of(world.clerk) == {
        Kind.ARRIVED: Timing.AT_ONCE,
        Kind.FAILED: Timing.OFF,
        Kind.REMOVAL: Timing.DIGEST,
        Kind.CERTIFICATE: Timing.OFF,
    }
    assert timings_of(world.administrator) == before


def test_the_page_shows_what_holds_now(world: World) -> None:
    browser = world.browser(Visitor.CLERK)
    browser.post(reverse("notifications"), CHOICE)

    page = browser.get(reverse("notifications")).text

    assert page.count("selected") == len(CHOICE)
    assert page.count('value="AT_ONCE" selected') == 1
    assert page.count('value="OFF" selected') == 2


@pytest.mark.parametrize(
    "wrong", [{**CHOICE, "failed": "WEEKLY"}, {"arrived": "OFF"}, {"another": "form"}]
)
def test_a_choice_that_does_not_exist_changes_nothing(world: World, wrong: dict[str, str]) -> None:
    before = timings_of(world.clerk)

    response = world.browser(Visitor.CLERK).post(reverse("notifications"), wrong)

    assert response.status_code == 422
    assert timings_of(world.clerk) == before


def test_a_person_changes_name_and_language(world: World) -> None:
    browser = world.browser(Visitor.CLERK)

    response = browser.post(reverse("profile"), {"name": " An Peeters ", "language": "nl"})

    assert response.status_code == 302
    person = Person.objects.get(pk=world.clerk.pk)
    assert (person.name, person.language) == ("An Peeters", "nl")
    assert '<html lang="nl">' in browser.get(reverse("profile")).text


def test_a_language_that_the_portal_does_not_speak_is_refused(world: World) -> None:
    response = world.browser(Visitor.CLERK).post(
        reverse("profile"), {"name": "An", "language": "xx"}
    )

    assert response.status_code == 422
    assert Person.objects.get(pk=world.clerk.pk).name == ""


def test_a_form_from_elsewhere_is_refused(world: World) -> None:
    browser = world.strict_browser(Visitor.CLERK)

    assert browser.post(reverse("notifications"), CHOICE).status_code == 403
    assert browser.post(reverse("profile"), {"language": "en"}).status_code == 403
