"""What MAGDA calls a service, as an account may use it: how its request files are named."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.models.account import Account


class Service(models.Model):
    """A service, such as GeefPersoon, that an account sends request files to.

    MAGDA recognises the files of a service by their name: ``pattern`` is that agreement, in the
    notation of :mod:`exchange.messages.name_patterns`. A schema is optional; its files are in
    ``schema_files`` and ``schema_entry`` is the one that declares the request.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="services")
    name = models.CharField(_("service"), max_length=100)
    pattern = models.CharField(_("pattern of the file name"), max_length=200)
    # Path of the schema file that declares the request; empty without a schema.
    schema_entry = models.CharField(max_length=300, blank=True)
    schema_added_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("service")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], name="service_unique_in_account")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_schema(self) -> bool:
        return bool(self.schema_entry)


class SchemaFile(models.Model):
    """One file of a service's XML Schema, under the path by which the others refer to it."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="schema_files")
    path = models.CharField(max_length=300)
    content = models.BinaryField()

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["service", "path"], name="schema_file_path_unique")
        ]

    def __str__(self) -> str:
        return self.path
