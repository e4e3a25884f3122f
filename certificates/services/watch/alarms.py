"""Mail about what looks alarming, once per sighting.

``ServerSighting.alerted_at`` is written before the mails leave, by a conditional UPDATE: of two
jobs one sends them. It is given back when the mail server fails.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import OuterRef, Subquery
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from certificates.advice import advice_for
from certificates.advice.watch import Finding
from certificates.models import ServerSighting
from certificates.pki import load_certificates
from certificates.services.recipients import recipients_in
from certificates.services.relay import PORTAL
from certificates.services.watch.verdicts import Verdict, verdicts_on
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record
from magda_portal.people.models import Organisation

logger = logging.getLogger(__name__)


def send_alarms(*, now: datetime) -> int:
    """Mail about each latest sighting that alarms and nobody was told of; return the mails sent."""
    latest = ServerSighting.objects.filter(server=OuterRef("server")).values("pk")[:1]
    untold = ServerSighting.objects.filter(
        pk=Subquery(latest),
        severity=ServerSighting.Severity.ALARM,
        alerted_at=None,
        acknowledged_at=None,
    )
    sent = 0
    for sighting in untold.select_related("server"):
        try:
            sent += _tell(sighting, now)
        except (SMTPException, OSError):
            # A mail server that hangs costs one time limit in a round, not one for each alarm.
            logger.exception("No mail can be sent now; alarms are tried again at the next round.")
            break
    return sent


def _tell(sighting: ServerSighting, now: datetime) -> int:
    claim = ServerSighting.objects.filter(pk=sighting.pk, alerted_at=None)
    if not claim.update(alerted_at=now):
        return 0
    sent = 0
    try:
        for organisation in _concerned(sighting, now):
            sent += _mail(sighting, organisation)
    except (SMTPException, OSError):
        ServerSighting.objects.filter(pk=sighting.pk, alerted_at=now).update(alerted_at=None)
        raise
    return sent


def _concerned(sighting: ServerSighting, now: datetime) -> Iterable[Organisation]:
    """Return who meets what alarms: where anchors differ, some organisations may be fine."""
    chain = load_certificates(sighting.chain_pem.encode())
    verdicts = verdicts_on(sighting.server, chain, at=now)
    finding = Finding(sighting.finding)
    met = [verdict.organisation for verdict in verdicts if _is_alarming(verdict)]
    # Addresses and TLS versions are the same for all of them.
    is_common = finding in {Finding.UNEXPECTED_ADDRESS, Finding.TLS_WEAKER}
    return [verdict.organisation for verdict in verdicts] if is_common or not met else met


def _is_alarming(verdict: Verdict) -> bool:
    return verdict.finding is not None and verdict.finding.is_alarm


def _mail(sighting: ServerSighting, organisation: Organisation) -> bool:
    server = sighting.server
    recipients = recipients_in(organisation.pk, environment=server.environment)
    if not recipients:
        logger.warning("%s raises an alarm and has nobody to tell.", server)
        return False
    _message(sighting, recipients).send()
    record(
        Action.SERVER_ALARMED,
        actor=PORTAL,
        organisation_id=organisation.pk,
        subject=Subject.row(server),
        details={"finding": sighting.finding, "recipients": recipients},
    )
    return True


def _message(sighting: ServerSighting, recipients: list[str]) -> EmailMessage:
    server = sighting.server
    with translation.override(settings.LANGUAGE_CODE):
        body = render_to_string(
            "certificates/mail/server_alarm.txt",
            {
                "server": server,
                "sighting": sighting,
                "advice": advice_for(sighting.finding),
                "link": settings.PORTAL_URL + reverse("server_show", args=[server.pk]),
            },
        )
        subject = _("Alarm about the server %(host)s (%(environment)s)") % {
            "host": server.host,
            "environment": server.environment,
        }
        return EmailMessage(subject, body, to=recipients)
