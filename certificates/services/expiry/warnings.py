"""The round that looks for what expires and mails about it."""

import logging
from datetime import datetime
from smtplib import SMTPException

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

logger = logging.getLogger(__name__)

_ROWS = {
    Expiring.CERTIFICATE: ClientIdentity,
    Expiring.ANCHOR: TrustAnchor,
    Expiring.SERVER: WatchedServer,
}


class _NotMailedError(Exception):
    """The mail server did not take a mail."""


def notify_expiring(*, now: datetime) -> int:
    """Mail about everything in use that passed a threshold; return how many mails went out.

    Each threshold is mailed once to each organisation, however often and in how many processes
    this runs. When several were passed at once, people get the tightest one only.
    """
    due = [
        (thing, thresholds)
        for thing in expiring_things(Organisation.objects.all(), now=now)
        if (thresholds := thresholds_to_tell(thing))
    ]
    warned = warned_of(thing for thing, _ in due)
    sent = 0
    try:
        for thing, thresholds in due:
            for organisation in thing.organisations:
                if about(thing, organisation, thresholds[0]) not in warned:
                    sent += _warn(thing, organisation, thresholds, now=now)
    except _NotMailedError:
        # A mail server that hangs costs one time limit in a round, not one for each mail.
        logger.warning("No mail can be sent now; the warnings are tried again at the next round.")
    return sent


def _warn(
    thing: ExpiringThing, organisation: Affected, thresholds: list[int], *, now: datetime
) -> bool:
    recipients = _recipients(thing, organisation)
    if not recipients:
        logger.warning("%s expires soon, and %s has nobody to warn.", thing.name, organisation.name)
        return False
    notice = claim(thing, organisation, thresholds, now=now)
    if notice is None:
        return False
    _send(thing, organisation, notice, recipients)
    return True


def _recipients(thing: ExpiringThing, organisation: Affected) -> list[str]:
    if thing.kind == Expiring.CERTIFICATE:
        return recipients_for(ClientIdentity.objects.get(pk=thing.row_id))
    return recipients_in(organisation.id, environment=thing.environment)


def _send(
    thing: ExpiringThing, organisation: Affected, notice: ExpiryNotice, recipients: list[str]
) -> None:
    """Mail, and tell the trail; a mail server that fails gives the threshold back for later."""
    try:
        warning_about(thing, organisation, recipients).send()
    except (SMTPException, OSError) as exc:
        logger.exception("The warning about %s could not be sent.", thing.name)
        notice.delete()
        raise _NotMailedError from exc
    record(
        Action.CERTIFICATE_EXPIRY_NOTIFIED,
        actor=PORTAL,
        organisation_id=organisation.id,
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
