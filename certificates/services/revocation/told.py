"""Mail about certificates that turned out to be revoked, once for each."""

import logging
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from certificates.models import Certificate, RevocationState
from certificates.services.recipients import recipients_for
from certificates.services.relay import PORTAL
from certificates.services.revocation.authorities import certificates_in_use
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record

logger = logging.getLogger(__name__)


def tell_revoked(*, now: datetime) -> int:
    """Mail about the revoked certificates in use of which nobody was told; return how many."""
    untold = certificates_in_use().filter(
        revocation=RevocationState.REVOKED, revocation_told_at=None
    )
    sent = 0
    for certificate in untold.select_related("identity__organisation"):
        recipients = recipients_for(certificate.identity)
        if not recipients:
            logger.warning("%s is revoked and has nobody to tell.", certificate.identity)
            continue
        if not _claim(certificate, now=now):
            continue
        if not _send(certificate, recipients):
            # A mail server that hangs costs one time limit in a round, not one for each mail.
            break
        sent += 1
    return sent


def _claim(certificate: Certificate, *, now: datetime) -> bool:
    """Mark before the mail leaves: rather no mail than the same one again and again."""
    untold = Certificate.objects.filter(pk=certificate.pk, revocation_told_at=None)
    return bool(untold.update(revocation_told_at=now))


def _send(certificate: Certificate, recipients: list[str]) -> bool:
    """Mail, and tell the trail; a mail server that fails gives the mark back for later."""
    try:
        _mail(certificate, recipients).send()
    except (SMTPException, OSError):
        logger.exception("The mail about %s could not be sent.", certificate.identity)
        Certificate.objects.filter(pk=certificate.pk).update(revocation_told_at=None)
        return False
    _record(certificate, recipients)
    return True


@transaction.atomic
def _record(certificate: Certificate, recipients: list[str]) -> None:
    record(
        Action.CERTIFICATE_REVOCATION_TOLD,
        actor=PORTAL,
        organisation_id=certificate.identity.organisation_id,
        subject=Subject.row(certificate.identity),
        details={"fingerprint": certificate.fingerprint, "recipients": recipients},
    )


def _mail(certificate: Certificate, recipients: list[str]) -> EmailMessage:
    identity = certificate.identity
    with translation.override(settings.LANGUAGE_CODE):
        revoked_at = certificate.revoked_at
        body = render_to_string(
            "certificates/mail/revoked.txt",
            {
                "identity": identity,
                "certificate": certificate,
                "revoked_at": timezone.localtime(revoked_at) if revoked_at else None,
                "is_current": certificate.pk == identity.current_id,
                "link": settings.PORTAL_URL + reverse("identity_show", args=[identity.pk]),
            },
        )
        subject = _("The certificate of %(name)s (%(environment)s) was revoked") % {
            "name": identity.common_name,
            "environment": identity.environment,
        }
        return EmailMessage(subject, body, to=recipients)
