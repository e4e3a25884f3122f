"""Register the names under which MAGDA knows an organisation."""

from django.db import transaction

from certificates.errors import CertificateCode, IdentityError
from certificates.models import ClientIdentity
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Organisation


@transaction.atomic
def get_or_add_identity(
    organisation: Organisation,
    *,
    environment: str,
    common_name: str,
    actor: Actor,
    role_mailbox: str = "",
) -> ClientIdentity:
    """Return the organisation's identity with that name, made when there is none.

    The name is kept exactly as MAGDA set it. Raises IdentityError when another organisation has
    it in that environment, or when no certificate could bear it.
    """
    _check_common_name(common_name)
    identity, new = ClientIdentity.objects.get_or_create(
        environment=environment,
        common_name=common_name,
        defaults={"organisation": organisation, "role_mailbox": role_mailbox},
    )
    if identity.organisation_id != organisation.pk:
        raise IdentityError(
            f"{common_name!r} belongs to another organisation in {environment}",
            code=CertificateCode.IDENTITY_TAKEN,
        )
    if new:
        record(
            Action.IDENTITY_ADDED,
            actor=actor,
            organisation_id=organisation.pk,
            subject=Subject.row(identity),
            details={"environment": environment, "common_name": common_name},
        )
    return identity


@transaction.atomic
def change_role_mailbox(identity: ClientIdentity, mailbox: str, *, actor: Actor) -> bool:
    """Mail warnings about the identity to another address, "" for none; return whether it is new.

    ``mailbox`` is a valid address.
    """
    identity.refresh_from_db(from_queryset=ClientIdentity.objects.select_for_update())
    before = identity.role_mailbox
    if before == mailbox:
        return False
    identity.role_mailbox = mailbox
    identity.save(update_fields=["role_mailbox"])
    record(
        Action.IDENTITY_CHANGED,
        actor=actor,
        organisation_id=identity.organisation_id,
        subject=Subject.row(identity),
        details={"role_mailbox": {"before": before, "after": mailbox}},
    )
    return True


def _check_common_name(name: str) -> None:
    longest = ClientIdentity._meta.get_field("common_name").max_length or 0
    if not name.strip() or len(name) > longest or not name.isprintable():
        raise IdentityError(
            f"{name[:longest]!r} cannot be a common name",
            code=CertificateCode.IDENTITY_COMMON_NAME,
        )
