"""Who is locked out after failed logins, and letting them try again.

django-axes counts failures by the name that was typed, and forgets them after its cool-off time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Sum

from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Person

# An attack from many addresses must not fill the page.
MOST_ADDRESSES = 5
MOST_ATTEMPTS = 1000


@dataclass(frozen=True, slots=True)
class LockOut:
    """Somebody whose right password is refused too, until ``until``."""

    person: Person
    failures: int
    last_failure_at: datetime
    until: datetime
    # From which the wrong passwords came, the most recent first.
    ip_addresses: list[str]


def lock_outs(people: Iterable[Person], *, now: datetime) -> list[LockOut]:
    """Return who of ``people`` is locked out at ``now``, by e-mail address."""
    by_email = {person.email.lower(): person for person in people}
    locked = [row for row in _locked_names(now) if row[0].lower() in by_email]
    addresses = _addresses_by_name([name for name, _failures, _last in locked], now)
    found = [
        LockOut(
            person=by_email[name.lower()],
            failures=failures,
            last_failure_at=last,
            until=last + get_cool_off(),
            ip_addresses=addresses.get(name, []),
        )
        for name, failures, last in locked
    ]
    return sorted(found, key=lambda each: each.person.email)


def unknown_locked_names(*, now: datetime) -> int:
    """Return how many names are locked out that nobody here has.

    Never the names: whose they are is not for the portal to tell.
    """
    names = {name.lower() for name, _failures, _last in _locked_names(now)}
    known = Person.objects.filter(email__in=names).count()
    return len(names) - known


@transaction.atomic
def unlock(person: Person, *, actor: Actor, organisation_id: object = "") -> bool:
    """Forget the failed logins of ``person``; False when there were none, and nothing is recorded.

    ``organisation_id`` is that of the administrator who did it: the event stands in its history.
    """
    removed, _ = AccessAttempt.objects.filter(username__iexact=person.email).delete()
    if removed:
        record(
            Action.PERSON_UNLOCKED,
            actor=actor,
            organisation_id=organisation_id,
            subject=Subject.row(person, person.email),
        )
    return bool(removed)


def _locked_names(now: datetime) -> list[tuple[str, int, datetime]]:
    """Return names as they were typed, with their failures and the time of the last one."""
    rows = AccessAttempt.objects.filter(attempt_time__gte=now - get_cool_off())
    totals = rows.exclude(username=None).values_list("username").order_by("username")
    counted = totals.annotate(Sum("failures_since_start"), Max("attempt_time"))
    return [row for row in counted if row[1] >= settings.AXES_FAILURE_LIMIT]


def _addresses_by_name(names: Sequence[str], now: datetime) -> dict[str, list[str]]:
    """Return from which addresses each of ``names`` was tried lately, the most recent first."""
    attempts = AccessAttempt.objects.filter(
        username__in=names, attempt_time__gte=now - get_cool_off()
    )
    pairs = attempts.order_by("-attempt_time").values_list("username", "ip_address")
    found: dict[str, list[str]] = {}
    for name, address in pairs[:MOST_ATTEMPTS]:
        seen = found.setdefault(name, [])
        if address and address not in seen and len(seen) < MOST_ADDRESSES:
            seen.append(address)
    return found
