"""Who is mailed about a common name, or about what all of an organisation's depend on."""

from collections.abc import Iterable

from django.db.models import F

from certificates.models import ClientIdentity, ExpirySubscription
from magda_portal.people.models import Person, Role


def recipients_for(identity: ClientIdentity) -> list[str]:
    """Return the addresses to mail about one identity; none when nobody can be told."""
    return _or_administrators(identity.organisation_id, [identity.role_mailbox])


def recipients_in(organisation_id: int, *, environment: str) -> list[str]:
    """Return the addresses to mail about what all identities of an environment depend on."""
    identities = ClientIdentity.objects.filter(
        organisation=organisation_id, environment=environment
    ).order_by("role_mailbox")
    return _or_administrators(organisation_id, identities.values_list("role_mailbox", flat=True))


def _or_administrators(organisation_id: int, mailboxes: Iterable[str]) -> list[str]:
    """Join the role mailboxes and who asked for it; the administrators when there is neither.

    Who may not log in or is no longer a member gets nothing.
    """
    wanted = [*filter(None, mailboxes), *_who_asked(organisation_id)]
    return list(dict.fromkeys(wanted or _administrators(organisation_id)))


def _who_asked(organisation_id: int) -> Iterable[str]:
    subscriptions = ExpirySubscription.objects.filter(
        organisation=organisation_id,
        person__is_active=True,
        person__memberships__organisation=F("organisation"),
    )
    return subscriptions.order_by("person__email").values_list("person__email", flat=True)


def _administrators(organisation_id: int) -> Iterable[str]:
    return Person.objects.filter(
        is_active=True,
        memberships__organisation=organisation_id,
        memberships__role=Role.ADMINISTRATOR,
    ).values_list("email", flat=True)
