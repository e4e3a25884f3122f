"""Read memberships and the trail as one person may see them."""

from django.db.models import Q, QuerySet

from magda_portal.audit.models import AuditEvent
from magda_portal.people.access import has_role_somewhere, organisations_where
from magda_portal.people.models import Membership, Person, Role


def memberships_managed_by(person: Person) -> QuerySet[Membership]:
    """Return the memberships of the organisations that ``person`` administers."""
    organisations = organisations_where(person, Role.ADMINISTRATOR)
    rows = Membership.objects.filter(organisation__in=organisations)
    return rows.select_related("person", "organisation").order_by(
        "organisation__name", "person__email", "role"
    )


def withdrawable_memberships(person: Person) -> QuerySet[Membership]:
    """Return what ``person`` may withdraw: all but their own administration.

    Whoever withdraws that locks the last one out without noticing.
    """
    own = Q(person=person, role=Role.ADMINISTRATOR)
    return memberships_managed_by(person).exclude(own)


def may_see_events(person: Person) -> bool:
    return person.is_helpdesk or has_role_somewhere(person, Role.ADMINISTRATOR)


def events_visible_to(person: Person) -> QuerySet[AuditEvent]:
    """Return the events of the organisations that ``person`` administers; the helpdesk sees all."""
    if person.is_helpdesk:
        return AuditEvent.objects.all()
    organisations = organisations_where(person, Role.ADMINISTRATOR)
    ids = [str(pk) for pk in organisations.values_list("pk", flat=True)]
    return AuditEvent.objects.filter(organisation_id__in=ids)
