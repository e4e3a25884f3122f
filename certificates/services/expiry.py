"""Warn people before a certificate in use expires, and when it has."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import Certificate, ClientIdentity, Expiring, ExpiryNotice
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Person, Role

logger = logging.getLogger(__name__)

THRESHOLDS = (0, 1, 3, 7, 14, 30, 60)
"""Days before expiry at which people are warned; 0 is once it has expired."""
PORTAL = Actor(name="MAGDA portal")


def notify_expiring(*, now: datetime) -> int:
    """Mail about every certificate in use that passed a threshold; return how many mails went out.

    Each threshold is mailed once, however often and in how many processes this runs. When several
    were passed at once, people get the tightest one only.
    """
    # What ends within 60 days and some hours has passed the first threshold.
    soon = now + timedelta(days=max(THRESHOLDS) + 1)
    identities = ClientIdentity.objects.filter(current__not_after__lt=soon)
    return sum(
        _notify(identity, identity.current, now=now)
        for identity in identities.select_related("organisation", "current")
        if identity.current is not None
    )


def passed_thresholds(certificate: Certificate, now: datetime) -> list[int]:
    """Return the thresholds that a certificate has passed, the tightest first."""
    if certificate.not_after <= now:
        return list(THRESHOLDS)
    days = certificate.days_left(now)
    return [threshold for threshold in THRESHOLDS if threshold > 0 and days <= threshold]


def _notify(identity: ClientIdentity, certificate: Certificate, *, now: datetime) -> bool:
    recipients = _recipients(identity)
    if not recipients:
        logger.warning("%s expires soon and has nobody to warn.", identity)
        return False
    notice = _claim(identity, certificate, passed_thresholds(certificate, now), now=now)
    if notice is None:
        return False
    return _send(identity, certificate, notice, recipients=recipients, now=now)


def _recipients(identity: ClientIdentity) -> list[str]:
    """Return the addresses of the administrators who may log in, and the role mailbox."""
    administrators = Person.objects.filter(
        is_active=True,
        memberships__organisation=identity.organisation_id,
        memberships__role=Role.ADMINISTRATOR,
    ).values_list("email", flat=True)
    mailbox = [identity.role_mailbox] if identity.role_mailbox else []
    return list(dict.fromkeys([*administrators, *mailbox]))


@transaction.atomic
def _claim(
    identity: ClientIdentity, certificate: Certificate, thresholds: list[int], *, now: datetime
) -> ExpiryNotice | None:
    """Mark all thresholds; return the tightest when this very call marked it.

    The unique constraint lets one of two processes through, and the row is committed before the
    mail leaves: rather no mail for one threshold than the same mail again and again.
    """
    tightest, *wider = thresholds
    about = {
        "organisation_id": identity.organisation_id,
        "environment": identity.environment,
        "kind": Expiring.CERTIFICATE,
        "fingerprint": certificate.fingerprint,
    }
    ExpiryNotice.objects.bulk_create(
        [ExpiryNotice(**about, threshold_days=threshold, sent_at=now) for threshold in wider],
        ignore_conflicts=True,
    )
    notice, is_new = ExpiryNotice.objects.get_or_create(
        **about, threshold_days=tightest, defaults={"sent_at": now}
    )
    return notice if is_new else None


def _send(
    identity: ClientIdentity,
    certificate: Certificate,
    notice: ExpiryNotice,
    *,
    recipients: list[str],
    now: datetime,
) -> bool:
    """Mail, and tell the trail; a mail server that fails gives the threshold back for later."""
    try:
        _mail(identity, certificate, recipients=recipients, now=now).send()
    except (SMTPException, OSError):
        logger.exception("The warning about %s could not be sent.", identity)
        notice.delete()
        return False
    record(
        Action.CERTIFICATE_EXPIRY_NOTIFIED,
        actor=PORTAL,
        organisation_id=identity.organisation_id,
        subject=Subject.row(identity),
        details={
            "fingerprint": certificate.fingerprint,
            "threshold_days": notice.threshold_days,
            "recipients": recipients,
        },
    )
    return True


def _mail(
    identity: ClientIdentity, certificate: Certificate, *, recipients: list[str], now: datetime
) -> EmailMessage:
    with translation.override(settings.LANGUAGE_CODE):
        body = render_to_string(
            "certificates/mail/expiring.txt",
            {
                "identity": identity,
                "certificate": certificate,
                "expires_at": timezone.localtime(certificate.not_after),
                "has_expired": certificate.not_after <= now,
                "when": _when(certificate, now),
                "link": settings.PORTAL_URL + reverse("identity_show", args=[identity.pk]),
            },
        )
        return EmailMessage(_subject(identity, certificate, now), body, to=recipients)


def _subject(identity: ClientIdentity, certificate: Certificate, now: datetime) -> str:
    names = {"name": identity.common_name, "environment": identity.environment}
    if certificate.not_after <= now:
        return _("The certificate of %(name)s (%(environment)s) has expired") % names
    return _("The certificate of %(name)s (%(environment)s) expires %(when)s") % {
        **names,
        "when": _when(certificate, now),
    }


def _when(certificate: Certificate, now: datetime) -> str:
    days = certificate.days_left(now)
    if days < 1:
        return _("in less than a day")
    return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
