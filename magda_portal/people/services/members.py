"""Add people, and grant and withdraw their roles."""

from collections.abc import Collection

from django.db import transaction

from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Membership, Organisation, Person, Role


class OwnAdministrationError(Exception):
    """Somebody would take their own administration away, and perhaps lock the last one out."""


@transaction.atomic
def get_or_add_person(
    email: str, *, actor: Actor, name: str = "", password: str | None = None
) -> tuple[Person, bool]:
    """Return the person with that address and whether they are new.

    Without a password a new person sets one through the "forgot password" page.
    """
    email = email.strip().lower()
    found = Person.objects.filter(email=email).first()
    if found is not None:
        return found, False
    person = Person.objects.create_user(email, password, name=name)
    record(Action.PERSON_ADDED, actor=actor, subject=Subject.row(person, email))
    return person, True


@transaction.atomic
def grant_role(
    person: Person, *, organisation: Organisation, role: Role, actor: Actor
) -> Membership:
    """Give ``person`` a role; a role they already have changes nothing."""
    membership, new = Membership.objects.get_or_create(
        person=person, organisation=organisation, role=role
    )
    if new:
        _record_role(Action.MEMBERSHIP_GRANTED, membership, actor)
    return membership


@transaction.atomic
def withdraw_role(membership: Membership, *, actor: Actor) -> None:
    """Take a role away; it ends at the person's next request."""
    _record_role(Action.MEMBERSHIP_WITHDRAWN, membership, actor)
    membership.delete()


@transaction.atomic
def set_roles(
    person: Person, *, organisation: Organisation, roles: Collection[Role], actor: Actor
) -> bool:
    """Give ``person`` exactly ``roles`` in an organisation; none of them removes the person there.

    Returns whether that changes anything; roles that stay leave no event. Raises
    OwnAdministrationError, with nothing changed, when ``person`` is the actor and an administrator
    there, and would be one no more.
    """
    rows = Membership.objects.filter(person=person, organisation=organisation)
    present = {Role(row.role): row for row in rows.select_for_update(of=("self",))}
    gone = present.keys() - set(roles)
    if Role.ADMINISTRATOR in gone and actor.id == str(person.pk):
        raise OwnAdministrationError
    # In a set order, so that the trail always tells the same story.
    for role in Role:
        if role in gone:
            withdraw_role(present[role], actor=actor)
        elif role in roles:
            grant_role(person, organisation=organisation, role=role, actor=actor)
    return present.keys() != set(roles)


@transaction.atomic
def make_helpdesk(person: Person, *, actor: Actor) -> None:
    """Let ``person`` see history and diagnostics of every organisation, and no file content."""
    if person.is_helpdesk:
        return
    person.is_helpdesk = True
    person.save(update_fields=["is_helpdesk"])
    record(
        Action.MEMBERSHIP_GRANTED,
        actor=actor,
        subject=Subject.row(person, person.email),
        details={"role": "HELPDESK"},
    )


def _record_role(action: Action, membership: Membership, actor: Actor) -> None:
    record(
        action,
        actor=actor,
        organisation_id=membership.organisation_id,
        subject=Subject.row(membership.person, membership.person.email),
        details={"role": membership.role},
    )
