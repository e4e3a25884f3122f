"""Mail about what alarms an organisation, once.

``ServerAlarm.alerted_at`` is written before the mail leaves: of two jobs one sends it.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from certificates.advice import advice_for
from certificates.models import ServerAlarm
from certificates.services.recipients import recipients_in
from certificates.services.relay import PORTAL
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record
from magda_portal.web.mailing import compose, mail_each
from magda_portal.web.telling import ToldAt, tell_once

logger = logging.getLogger(__name__)


def send_alarms(*, now: datetime) -> int:
    """Mail about each standing alarm that its organisation was not told of; return the mails sent.

    What somebody of the organisation has acknowledged needs no mail.
    """
    untold = ServerAlarm.objects.filter(ended_at=None, alerted_at=None, acknowledged_at=None)
    alarms = untold.select_related("sighting__server", "organisation").order_by("raised_at", "pk")
    return mail_each(lambda alarm: _tell(alarm, now), alarms)


def _tell(alarm: ServerAlarm, now: datetime) -> bool:
    """Tell the organisation; return whether this call did. Raises MailError."""
    server = alarm.sighting.server
    recipients = recipients_in(alarm.organisation_id, environment=server.environment)
    if not recipients:
        logger.warning("%s raises an alarm, and %s has nobody to tell.", server, alarm.organisation)
        return False
    told = ToldAt(alarm, "alerted_at", now)
    return tell_once(
        _message(alarm, recipients),
        mark=lambda: told.mark(ended_at=None, acknowledged_at=None),
        unmark=told.unmark,
        record=lambda _: record(
            Action.SERVER_ALARMED,
            actor=PORTAL,
            organisation_id=alarm.organisation_id,
            subject=Subject.row(server),
            details={"finding": alarm.finding, "recipients": recipients},
        ),
    )


def _message(alarm: ServerAlarm, recipients: list[str]) -> EmailMessage:
    sighting, server = alarm.sighting, alarm.sighting.server
    with translation.override(settings.LANGUAGE_CODE):
        return compose(
            "certificates/mail/server_alarm.txt",
            subject=_("Alarm about the server %(host)s (%(environment)s)")
            % {"host": server.host, "environment": server.environment},
            context={
                "server": server,
                "sighting": sighting,
                "advice": advice_for(alarm.finding),
                "link": settings.PORTAL_ORIGIN + reverse("server_show", args=[server.pk]),
            },
            recipients=recipients,
        )
