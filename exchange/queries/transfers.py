"""Which transfers and remote files a person sees."""

from django.db.models import Q, QuerySet, prefetch_related_objects

from exchange.models import Account, FolderTrouble, RemoteFile, Transfer
from exchange.models.transfer import Direction, State
from magda_portal.people.access import organisations_seen_by, organisations_where
from magda_portal.people.models import Organisation, Person, Role

_IN_VAIN = (State.FAILED, State.CANCELLED)
_ABOUT_ANOTHER = frozenset({"name.held", "name.in_progress", "name.uncertain"})


def transfers_visible_to(person: Person) -> QuerySet[Transfer]:
    """Return the transfers of the person's organisations, with what their stage depends on."""
    rows = Transfer.objects.filter(
        account__identity__organisation__in=organisations_seen_by(person)
    )
    return in_lists(rows)


def in_lists(rows: QuerySet[Transfer]) -> QuerySet[Transfer]:
    """Return ``rows`` with what a list shows of each, in two queries however many there are."""
    return rows.select_related(
        "account__identity__organisation", "payload", "person", "answers_to", "remote_file"
    ).prefetch_related("answers")


def answers_and_publications(person: Person) -> QuerySet[Transfer]:
    """Return what was collected for the person's organisations."""
    return transfers_visible_to(person).filter(direction=Direction.COLLECTION)


def files_still_at_magda(person: Person) -> QuerySet[RemoteFile]:
    """Return the files that stand on the server and ask for attention.

    Not kept here yet, or kept and refused when they were to be cleared. First those that MAGDA
    removes first.
    """
    not_cleared = Q(state=RemoteFile.State.KEPT) & ~Q(error_code="")
    rows = RemoteFile.objects.filter(
        Q(state=RemoteFile.State.SEEN) | not_cleared,
        account__identity__organisation__in=organisations_seen_by(person),
    )
    return rows.select_related("account__identity__organisation").order_by("removal_day", "id")


def folders_in_trouble(person: Person) -> QuerySet[FolderTrouble]:
    """Return the folders that could not be read or tidied when they were last looked at."""
    rows = FolderTrouble.objects.filter(
        account__identity__organisation__in=organisations_seen_by(person)
    )
    return rows.select_related("account__identity__organisation").order_by("since", "id")


def organisations_diagnosed_by(person: Person) -> QuerySet[Organisation]:
    """Return the organisations for which ``person`` looks for faults: shows the dialogues."""
    if person.is_helpdesk:
        return organisations_seen_by(person)
    return organisations_where(person, Role.ADMINISTRATOR)


def newest_under(account: Account, name: str) -> Transfer | None:
    """Return the delivery that keeps ``name`` for itself, or else the last one that arrived."""
    rows = Transfer.objects.filter(account=account, final_name=name, direction=Direction.DELIVERY)
    return rows.exclude(state__in=_IN_VAIN).order_by("-holds_name", "-pk").first()


def behind_refusal(code: str, *, account: Account, name: str) -> Transfer | None:
    """Return the transfer for whose sake ``name`` was refused; None when ``code`` tells of none."""
    return newest_under(account, name) if code in _ABOUT_ANOTHER else None


def sent_again_as(transfer: Transfer) -> Transfer | None:
    """Return the transfer that sends ``transfer`` again, unless nothing came of it."""
    return transfer.resent_by.exclude(state__in=_IN_VAIN).order_by("-pk").first()


def organisations_opened_by(person: Person) -> set[int]:
    """Return the keys of the organisations whose files ``person`` may open: a clerk's own."""
    prefetch_related_objects([person], "memberships")
    return {row.organisation_id for row in person.memberships.all() if row.role == Role.CLERK}
