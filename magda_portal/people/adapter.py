"""How django-allauth behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

# Said by allauth's own forms. What stands here comes into our catalogue, and that wins over
# allauth's, whose Dutch is on other terms with its readers than the rest of the portal.
THEIR_WORDS = [gettext_noop("You must type the same password each time.")]


class ClosedSignUpAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """People are added by an administrator; nobody signs up. Errors are in words of our own."""

    # By allauth's codes; the others can't be met with the pages that are routed.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_password": _("The password is not right."),
        "invalid_password_reset": _("This link does not work any more."),
        "rate_limited": _("This is asked too often. Wait a minute and try again."),
        "too_many_login_attempts": _("Too many failed log-ins. Wait a quarter of an hour."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_password(self, password: str, user: AbstractBaseUser | None = None) -> str:
        """Return ``password`` when it will do. Raises ValidationError."""
        try:
            return str(super().clean_password(password, user))
        except ValidationError as refused:
            raise ValidationError([_in_own_words(each) for each in refused.error_list]) from None

    def format_email_subject(self, subject: str) -> str:
        """Return the subject as our own mails have it, without the name of a server before it."""
        return subject

    def send_password_reset_mail(
        self, user: AbstractBaseUser, email: str, context: dict[str, Any]
    ) -> None:
        """Write in the language that the person chose, or else in that of the page."""
        with translation.override(getattr(user, "language", "") or translation.get_language()):
            super().send_password_reset_mail(user, email, context)


def _in_own_words(refused: ValidationError) -> ValidationError:
    """Say in the reader's language that a password is too short.

    Django puts the number into its sentence before it looks for the translation, and finds none.
    """
    if refused.code != "password_too_short":
        return refused
    return ValidationError(
        _("This password is too short. Choose one of at least %(min_length)d characters."),
        code=refused.code,
        params=refused.params,
    )
