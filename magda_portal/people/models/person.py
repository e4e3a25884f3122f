"""Organisations, people, and which person may do what for which organisation."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """A public body; every account, certificate and transfer belongs to exactly one."""

    name = models.CharField(_("name"), max_length=200)
    # KBO number (ten digits) or OVO code ("OVO" and six digits), as MAGDA asks for it.
    code = models.CharField(_("KBO number or OVO code"), max_length=12, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="organisation_name_unique"),
            models.UniqueConstraint(
                fields=["code"], condition=~models.Q(code=""), name="organisation_code_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PersonManager(BaseUserManager["Person"]):
    """Makes people; only :mod:`magda_portal.people.services.members` calls it."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "Person":
        person = self.model(email=email.strip().lower(), **extra)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Language(models.TextChoices):
    """The languages that the portal speaks; the same as in the settings."""

    DUTCH = "nl", _("Dutch")
    ENGLISH = "en", _("English")


class Person(AbstractBaseUser):
    """Somebody who logs in, by e-mail address.

    ``is_helpdesk`` is portal-wide: history and diagnostics of every organisation, but no file
    content. What a person does for an organisation is a :class:`Membership`.
    """

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_active = models.BooleanField(_("may log in"), default=True)
    is_helpdesk = models.BooleanField(_("helpdesk"), default=False)
    # Empty: the portal's own.
    language = models.CharField(_("language"), max_length=10, choices=Language, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = PersonManager()

    class Meta:
        ordering = ["email"]
        verbose_name = _("person")

    def __str__(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    """What a membership allows; several add up."""

    CLERK = "CLERK", _("clerk")
    ADMINISTRATOR = "ADMINISTRATOR", _("administrator")


class Membership(models.Model):
    """A role of a person in an organisation."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "role"], name="membership_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}, {self.organisation}"
