"""Mail about certificates that turned out to be revoked, once for each."""

import logging
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from certificates.models import Certificate, RevocationState
from certificates.services.actors import PORTAL
from certificates.services.recipients import recipients_for
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record
from magda_portal.web.mailing import compose, mail_each
from magda_portal.web.telling import ToldAt, tell_once

logger = logging.getLogger(__name__)


def tell_revoked(*, now: datetime) -> int:
    """Mail about the revoked certificates of which nobody was told; return how many.

    One that was in use when it was found revoked may have made way for the next by now.
    """
    untold = Certificate.objects.filter(revocation=RevocationState.REVOKED, revocation_told_at=None)
    return mail_each(
        lambda one: _tell(one, now=now), untold.select_related("identity__organisation")
    )


def _tell(certificate: Certificate, *, now: datetime) -> bool:
    """Tell those who look after the identity; return whether this call did. Raises MailError."""
    recipients = recipients_for(certificate.identity)
    if not recipients:
        logger.warning("%s is revoked and has nobody to tell.", certificate.identity)
        return False
    told = ToldAt(certificate, "revocation_told_at", now)
    return tell_once(
        _mail(certificate, recipients),
        mark=told.mark,
        unmark=told.unmark,
        record=lambda _: _record(certificate, recipients),
    )


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
        return compose(
            "certificates/mail/revoked.txt",
            subject=_("The certificate of %(name)s (%(environment)s) was revoked")
            % {"name": identity.common_name, "environment": identity.environment},
            context={
                "identity": identity,
                "certificate": certificate,
                "revoked_at": timezone.localtime(revoked_at) if revoked_at else None,
                "is_current": certificate.pk == identity.current_id,
                "link": settings.PORTAL_ORIGIN + reverse("identity_show", args=[identity.pk]),
            },
            recipients=recipients,
        )
