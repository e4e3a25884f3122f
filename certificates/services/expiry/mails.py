"""The words of a warning, in the portal's language."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import Environment, Expiring
from certificates.queries.expiring import Affected, ExpiringThing
from magda_portal.web.mailing import compose


def warning_about(
    thing: ExpiringThing, organisation: Affected, recipients: list[str]
) -> EmailMessage:
    """Return the mail that tells an organisation what ends, when, and what to do."""
    with translation.override(settings.LANGUAGE_CODE):
        return compose(
            f"certificates/mail/expiring_{thing.kind.lower()}.txt",
            subject=_subject(thing),
            context={
                "thing": thing,
                "organisation": organisation.name,
                "environment": Environment(thing.environment).label,
                "expires_at": timezone.localtime(thing.not_after),
                "when": _when(thing),
                "portal": settings.PORTAL_URL,
                "link": settings.PORTAL_ORIGIN + thing.link,
            },
            recipients=recipients,
        )


def _subject(thing: ExpiringThing) -> str:
    names = {"name": thing.name, "environment": thing.environment, "when": _when(thing)}
    if thing.kind == Expiring.SERVER:
        return _("The certificate of the server %(name)s (%(environment)s) has expired") % names
    if thing.kind == Expiring.ANCHOR:
        if thing.has_expired:
            return _("The trust anchor %(name)s (%(environment)s) has expired") % names
        return _("The trust anchor %(name)s (%(environment)s) expires %(when)s") % names
    if thing.has_expired:
        return _("The certificate of %(name)s (%(environment)s) has expired") % names
    return _("The certificate of %(name)s (%(environment)s) expires %(when)s") % names


def _when(thing: ExpiringThing) -> str:
    days = thing.days_left
    if days < 1:
        return _("in less than a day")
    return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
