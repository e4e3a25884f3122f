import pytest

from certificates.services.expiry import stop_warning, warn_by_mail
from certificates.services.recipients import recipients_for, recipients_in
from certificates.tests.rows import make_identity, make_organisation, make_person
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Organisation, Person, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation() -> Organisation:
    """An organisation with an administrator and a clerk, and people who get nothing of it."""
    organisation = make_organisation()
    make_person("beheer@voorbeeld.example", organisation=organisation)
    make_person("weg@voorbeeld.example", organisation=organisation, is_active=False)
    make_person("helpdesk@portaal.example", is_helpdesk=True)
    make_person("beheer@elders.example", organisation=make_organisation("Elders"))
    return organisation


@pytest.fixture
def clerk(organisation: Organisation) -> Person:
    return make_person("klerk@voorbeeld.example", organisation=organisation, role=Role.CLERK)


def test_the_role_mailbox_and_who_asked_are_mailed(
    organisation: Organisation, clerk: Person
) -> None:
    identity = make_identity(organisation, role_mailbox="rol@voorbeeld.example")
    warn_by_mail(clerk, organisation)

    assert recipients_for(identity) == ["rol@voorbeeld.example", "klerk@voorbeeld.example"]


@pytest.mark.parametrize("who", ["the mailbox", "who asked"])
def test_one_of_the_two_is_enough(organisation: Organisation, clerk: Person, who: str) -> None:
    identity = make_identity(organisation)
    if who == "the mailbox":
        identity.role_mailbox = "rol@voorbeeld.example"
    else:
        warn_by_mail(clerk, organisation)

    assert "beheer@voorbeeld.example" not in recipients_for(identity)


def test_when_there_is_neither_the_administrators_who_may_log_in_are_mailed(
    organisation: Organisation, clerk: Person
) -> None:
    assert recipients_for(make_identity(organisation)) == ["beheer@voorbeeld.example"]


@pytest.mark.parametrize("reason", ["stopped", "left", "may not log in"])
def test_who_asked_and_went_is_mailed_no_more(
    organisation: Organisation, clerk: Person, reason: str
) -> None:
    warn_by_mail(clerk, organisation)
    if reason == "stopped":
        stop_warning(clerk, organisation)
    elif reason == "left":
        clerk.memberships.all().delete()
    else:
        clerk.is_active = False
        clerk.save()

    assert recipients_for(make_identity(organisation)) == ["beheer@voorbeeld.example"]


def test_who_asked_in_two_roles_is_mailed_once(organisation: Organisation, clerk: Person) -> None:
    clerk.memberships.create(organisation=organisation, role=Role.ADMINISTRATOR)
    warn_by_mail(clerk, organisation)

    assert recipients_for(make_identity(organisation)) == ["klerk@voorbeeld.example"]


def test_what_an_environment_depends_on_goes_to_the_mailboxes_of_that_environment(
    organisation: Organisation,
) -> None:
    for name, mailbox in (
        ("kb/a", "a@voorbeeld.example"),
        ("kb/b", ""),
        ("kb/c", "a@voorbeeld.example"),
    ):
        make_identity(organisation, common_name=name, role_mailbox=mailbox)

    assert recipients_in(organisation.pk, environment="TNI") == ["a@voorbeeld.example"]
    assert recipients_in(organisation.pk, environment="PRD") == ["beheer@voorbeeld.example"]


def test_asking_and_stopping_are_recorded_once_each(
    organisation: Organisation, clerk: Person
) -> None:
    for act in (warn_by_mail, warn_by_mail, stop_warning, stop_warning):
        act(clerk, organisation)

    events = AuditEvent.objects.filter(action__startswith="expiry.").order_by("id")
    assert [event.action for event in events] == ["expiry.subscribed", "expiry.unsubscribed"]
