"""Logins, logouts and refusals become events (ASVS 16.3.1)."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Person
from magda_portal.web.session_end import begin


@receiver(user_logged_in)
def record_login(sender: object, user: Person, **kwargs: Any) -> None:
    record(Action.PERSON_LOGGED_IN, actor=Actor.person(user), subject=Subject.row(user, user.email))


@receiver(user_logged_in)
def set_end_of_session(sender: object, request: HttpRequest, **kwargs: Any) -> None:
    begin(request.session, now=timezone.now())


@receiver(user_logged_out)
def record_logout(sender: object, user: Person | None, **kwargs: Any) -> None:
    if user is not None:
        record(
            Action.PERSON_LOGGED_OUT,
            actor=Actor.person(user),
            subject=Subject.row(user, user.email),
        )


@receiver([password_changed, password_reset])
def record_password(sender: object, user: Person, **kwargs: Any) -> None:
    """Note that a password was set, by its owner or with the link of a mail."""
    record(
        Action.PERSON_PASSWORD_SET,
        actor=Actor.person(user),
        subject=Subject.row(user, user.email),
    )


@receiver(user_login_failed)
def record_failed_login(sender: object, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Keep which address was tried; the password was masked by Django before it came here."""
    tried = str(credentials.get("email") or credentials.get("username") or "")[:254]
    record(Action.PERSON_LOGIN_FAILED, actor=Actor(name=tried or "?"))


@receiver(user_locked_out)
def record_lock_out(sender: object, username: str | None, **kwargs: Any) -> None:
    record(Action.PERSON_LOCKED_OUT, actor=Actor(name=(username or "?")[:254]))
