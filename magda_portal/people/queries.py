"""Read memberships and the trail as one person may see them."""

from dataclasses import dataclass
from itertools import groupby

from django.db.models import QuerySet

from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.people.access import has_role_somewhere, organisations_where
from magda_portal.people.models import Membership, Organisation, Person, Role


@dataclass(frozen=True, slots=True)
class Member:
    """A person with all roles in one organisation."""

    person: Person
    organisation: Organisation
    roles: list[Role]


def members_managed_by(person: Person) -> list[Member]:
    """Return the members of the organisations that ``person`` administers, in reading order."""
    organisations = organisations_where(person, Role.ADMINISTRATOR)
    rows = Membership.objects.filter(organisation__in=organisations)
    ordered = rows.select_related("person", "organisation").order_by(
        "organisation__name", "person__email", "role"
    )
    return [
        Member(person, organisation, [Role(row.role) for row in group])
        for (organisation, person), group in groupby(
            ordered, key=lambda row: (row.organisation, row.person)
        )
    ]


def people_helped_by(person: Person) -> QuerySet[Person]:
    """Return whom ``person`` may let in again after failed logins; the helpdesk helps everybody."""
    if person.is_helpdesk:
        return Person.objects.all()
    organisations = organisations_where(person, Role.ADMINISTRATOR)
    return Person.objects.filter(memberships__organisation__in=organisations).distinct()


def organisation_shared_with(administrator: Person, person: Person) -> Organisation | None:
    """Return the first organisation of ``person`` that ``administrator`` administers, if any."""
    organisations = organisations_where(administrator, Role.ADMINISTRATOR)
    return organisations.filter(pk__in=person.memberships.values("organisation")).first()


def has_left(*, person_id: int, organisation_id: int) -> bool:
    """Return whether somebody was a member of the organisation, and is none now."""
    withdrawn = AuditEvent.objects.filter(
        subject_type=Person._meta.model_name,
        subject_id=str(person_id),
        organisation_id=str(organisation_id),
        action=Action.MEMBERSHIP_WITHDRAWN,
    )
    present = Membership.objects.filter(person=person_id, organisation=organisation_id)
    return withdrawn.exists() and not present.exists()


def may_see_events(person: Person) -> bool:
    return person.is_helpdesk or has_role_somewhere(person, Role.ADMINISTRATOR)


def organisations_audited_by(person: Person) -> QuerySet[Organisation]:
    """Return the organisations whose trail ``person`` may read."""
    if person.is_helpdesk:
        return Organisation.objects.all()
    return organisations_where(person, Role.ADMINISTRATOR)


def events_visible_to(person: Person) -> QuerySet[AuditEvent]:
    """Return the events of the organisations that ``person`` administers; the helpdesk sees all."""
    if person.is_helpdesk:
        return AuditEvent.objects.all()
    ids = organisations_audited_by(person).values_list("pk", flat=True)
    return AuditEvent.objects.filter(organisation_id__in=[str(pk) for pk in ids])
