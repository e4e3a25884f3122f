"""Let people ask for the warnings of an organisation, and stop them."""

from django.db import transaction

from certificates.models import ExpirySubscription
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Organisation, Person


@transaction.atomic
def warn_by_mail(person: Person, organisation: Organisation) -> None:
    """Mail the person about what expires in an organisation; who asked before changes nothing."""
    _, is_new = ExpirySubscription.objects.get_or_create(person=person, organisation=organisation)
    if is_new:
        _record(Action.EXPIRY_SUBSCRIBED, person, organisation)


@transaction.atomic
def stop_warning(person: Person, organisation: Organisation) -> None:
    """Mail the person no more; who never asked changes nothing."""
    removed, _ = ExpirySubscription.objects.filter(
        person=person, organisation=organisation
    ).delete()
    if removed:
        _record(Action.EXPIRY_UNSUBSCRIBED, person, organisation)


def _record(action: Action, person: Person, organisation: Organisation) -> None:
    record(
        action,
        actor=Actor.person(person),
        organisation_id=organisation.pk,
        subject=Subject.row(organisation),
    )
