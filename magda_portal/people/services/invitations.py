"""The mail to somebody who was added: where the portal is, and how to set a password."""

import logging

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Organisation, Person
from magda_portal.web.mailing import MailError, compose, send

logger = logging.getLogger(__name__)


def invite(person: Person, *, organisation: Organisation, actor: Actor) -> bool:
    """Mail ``person`` how to log in for the first time; False when the mail did not leave.

    The mail holds the same link as that of "forgot password": it sets a password once, for as long
    as ``PASSWORD_RESET_TIMEOUT`` says, and a login or another password ends it.
    """
    context = {
        "person": person,
        "organisation": organisation,
        "inviter": actor.name,
        "portal": settings.PORTAL_URL,
        "link": settings.PORTAL_ORIGIN + _path_to_set_password(person),
        "forgotten": settings.PORTAL_ORIGIN + reverse("account_reset_password"),
    }
    try:
        send(
            compose(
                "people/mail/invitation.txt",
                subject=_("Your access to the MAGDA portal"),
                context=context,
                recipients=[person.email],
            )
        )
    except MailError:
        logger.exception("The invitation of person %s could not be sent.", person.pk)
        return False
    record(
        Action.PERSON_INVITED,
        actor=actor,
        organisation_id=organisation.pk,
        subject=Subject.row(person, person.email),
    )
    return True


def _path_to_set_password(person: Person) -> str:
    key = default_token_generator.make_token(person)
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(person), "key": key},
    )
