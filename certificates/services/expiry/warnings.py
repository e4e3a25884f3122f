"""The round that looks for what expires and mails about it."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from certificates.models import ClientIdentity, Expiring, ExpiryNotice, TrustAnchor, WatchedServer
from certificates.queries.expiring import Affected, ExpiringThing, expiring_things
from certificates.services.expiry.mails import warning_about
from certificates.services.expiry.notices import about, claim, warned_of
from certificates.services.expiry.thresholds import thresholds_to_tell
from certificates.services.recipients import recipients_for, recipients_in
from certificates.services.relay import PORTAL
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record
from magda_portal.people.models import Organisation
from magda_portal.web.mailing import mail_each
from magda_portal.web.telling import tell_once

logger = logging.getLogger(__name__)

_ROWS = {
    Expiring.CERTIFICATE: ClientIdentity,
    Expiring.ANCHOR: TrustAnchor,
    Expiring.SERVER: WatchedServer,
}


@dataclass(frozen=True, slots=True)
class _Due:
    """What one organisation has not been warned of."""

    thing: ExpiringThing
    organisation: Affected
    thresholds: list[int]
    """All that were passed, tightest first."""

    def __str__(self) -> str:
        return f"{self.thing.name} of {self.organisation.name}"


def notify_expiring(*, now: datetime) -> int:
    """Mail about everything in use that passed a threshold; return how many mails went out.

    Each threshold is mailed once to each organisation, however often and in how many processes
    this runs. When several were passed at once, people get the tightest one only.
    """
    return mail_each(lambda due: _warn(due, now=now), _untold(now))


def _untold(now: datetime) -> Iterable[_Due]:
    passed = [
        (thing, thresholds)
        for thing in expiring_things(Organisation.objects.all(), now=now)
        if (thresholds := thresholds_to_tell(thing))
    ]
    warned = warned_of(thing for thing, _ in passed)
    return [
        _Due(thing, organisation, thresholds)
        for thing, thresholds in passed
        for organisation in thing.organisations
        if about(thing, organisation, thresholds[0]) not in warned
    ]


def _warn(due: _Due, *, now: datetime) -> bool:
    """Warn the organisation; return whether this call did. Raises MailError."""
    recipients = _recipients(due.thing, due.organisation)
    if not recipients:
        logger.warning("%s expires soon, and nobody is there to warn.", due)
        return False
    return tell_once(
        warning_about(due.thing, due.organisation, recipients),
        mark=lambda: claim(due.thing, due.organisation, due.thresholds, now=now),
        unmark=lambda notice: notice.delete(),
        record=lambda notice: _record(due, notice, recipients),
    )


def _recipients(thing: ExpiringThing, organisation: Affected) -> list[str]:
    if thing.kind == Expiring.CERTIFICATE:
        return recipients_for(ClientIdentity.objects.get(pk=thing.row_id))
    return recipients_in(organisation.id, environment=thing.environment)


def _record(due: _Due, notice: ExpiryNotice, recipients: list[str]) -> None:
    thing = due.thing
    record(
        Action.CERTIFICATE_EXPIRY_NOTIFIED,
        actor=PORTAL,
        organisation_id=due.organisation.id,
        subject=Subject(
            type=str(_ROWS[thing.kind]._meta.model_name),
            id=str(thing.row_id),
            text=f"{thing.name} ({thing.environment})"[:300],
        ),
        details={
            "kind": thing.kind.value,
            "fingerprint": thing.fingerprint,
            "threshold_days": notice.threshold_days,
            "recipients": recipients,
        },
    )
