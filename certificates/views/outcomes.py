"""Say what became of a certificate that somebody brought or made."""

from datetime import datetime

from django.contrib import messages
from django.utils.translation import gettext as _

from certificates.models import Certificate, ClientIdentity
from certificates.services.relay import Plan, is_usable
from magda_portal.people.access import PersonRequest
from magda_portal.web.moments import moment_in_words


def say_place(
    request: PersonRequest,
    identity: ClientIdentity,
    certificate: Certificate,
    *,
    before: Plan,
    now: datetime,
) -> None:
    """Say in which place it is, and that a switch is called off which was planned ``before``."""
    messages.success(request, _place_in_words(identity, certificate, now))
    replaced = _replaced(identity, before)
    if replaced is not None:
        words = _(
            "The certificate %(serial)s, which was the next until now, is laid aside: it stays "
            "in the list, and can be imported again."
        )
        messages.info(request, words % {"serial": replaced.serial})
    called_off = before.called_off_by(identity)
    if called_off is not None:
        words = _(
            "The switch that was planned for %(moment)s is called off: it was meant for the "
            "certificate that was the next until now. Set a moment for this one if you need it."
        )
        messages.warning(request, words % {"moment": moment_in_words(called_off)})


def _replaced(identity: ClientIdentity, before: Plan) -> Certificate | None:
    """Return the certificate whose place as the next another one took."""
    if before.next_id in {None, identity.next_id, identity.current_id}:
        return None
    return identity.certificates.filter(pk=before.next_id).first()


def _place_in_words(identity: ClientIdentity, certificate: Certificate, now: datetime) -> str:
    if identity.current_id == certificate.pk:
        return _("The certificate is in use.")
    if certificate.not_before > now and not is_usable(identity.current, now):
        return _("The certificate is kept, and put in use as soon as its period begins.")
    if identity.activate_next_at is not None:
        words = _("The certificate is kept as the next one, to be put in use on %(moment)s.")
        return words % {"moment": moment_in_words(identity.activate_next_at)}
    if certificate.not_before > now:
        words = _(
            "The certificate is kept as the next one. It can be used from %(moment)s: plan the "
            "switch for that moment or a later one."
        )
        return words % {"moment": moment_in_words(certificate.not_before)}
    return _(
        "The certificate is kept as the next one. The one in use stays in use: test the login "
        "with the next one, then put it in use."
    )
