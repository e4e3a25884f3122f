"""An FTPS account at MAGDA."""

import uuid
from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, ClientIdentity
from magda_portal.people.models import Organisation
from magda_portal.sealing.fields import SealedField


def default_collect_folders() -> list[str]:
    return ["from_vip"]


class Account(models.Model):
    """A home folder at MAGDA, reached with the certificate of its identity.

    Organisation, environment and name (the common name, as MAGDA set it) are those of the
    identity, so that they can't disagree. An account works when it is ACTIVE and not paused::

        ACTIVE ⇄ SUSPENDED        by an administrator
        paused_until              by the portal, when the server refuses certificate or login;
                                  tried again when it has passed, or by a button
    """

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", _("active")
        SUSPENDED = "SUSPENDED", _("suspended")

    class AfterCollection(models.TextChoices):
        """What happens to a file on the server once it is safely kept here."""

        MOVE = "MOVE", _("move to the cache folder")
        DELETE = "DELETE", _("delete")

    class HighestTLS(models.TextChoices):
        ANY = "", _("newest that both sides know")
        TLS12 = "TLSv1.2", _("TLS 1.2")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    identity = models.OneToOneField(
        ClientIdentity, on_delete=models.PROTECT, related_name="account"
    )
    # Connection number at MAGDA, quoted in every ticket.
    tan = models.CharField(_("connection number (TAN)"), max_length=40, blank=True)

    host = models.CharField(_("server"), max_length=253)
    port = models.PositiveIntegerField(
        _("port"), default=21, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    # What firewalls were told; MAGDA uses 40000 to 42000.
    passive_first = models.PositiveIntegerField(_("first passive port"), default=40000)
    passive_last = models.PositiveIntegerField(_("last passive port"), default=42000)
    highest_tls = models.CharField(
        _("newest TLS version"), max_length=10, choices=HighestTLS, blank=True, default=""
    )
    # The server's certificate may name its host in the common name alone, as very old ones do.
    accepts_host_in_common_name = models.BooleanField(
        _("accept a host name in the common name"), default=False
    )
    proxy_host = models.CharField(_("HTTP proxy"), max_length=253, blank=True)
    proxy_port = models.PositiveIntegerField(_("proxy port"), default=8080)
    proxy_username = models.CharField(_("proxy user"), max_length=100, blank=True)
    sealed_proxy_password = SealedField(blank=True, default=b"")

    folder_to_vip = models.CharField(max_length=100, default="to_vip")
    folder_from_vip = models.CharField(max_length=100, default="from_vip")
    folder_cache_to_vip = models.CharField(max_length=100, default="cache/to_vip")
    folder_cache_from_vip = models.CharField(max_length=100, default="cache/from_vip")
    # MAGDA's page says "public", a client in use says "publiek".
    folder_public = models.CharField(max_length=100, default="public")
    # Subfolder of to_vip to upload into before the move to to_vip; empty: a temporary name.
    staging_folder = models.CharField(_("staging folder"), max_length=100, blank=True)
    collect_folders = models.JSONField(_("folders to collect"), default=default_collect_folders)

    collect_every = models.PositiveIntegerField(
        _("seconds between collections"), default=300, validators=[MinValueValidator(5)]
    )
    after_collection = models.CharField(
        _("after collection"), max_length=10, choices=AfterCollection, default=AfterCollection.MOVE
    )
    # Days after which we delete what we moved to cache/from_vip; empty: MAGDA's clean-up does.
    clear_cache_after = models.PositiveSmallIntegerField(
        _("days to keep in the cache folder"), null=True, blank=True
    )
    expects_xml = models.BooleanField(_("requests must be XML"), default=False)

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    paused_until = models.DateTimeField(null=True, blank=True)
    trouble_code = models.CharField(max_length=60, blank=True)
    # Failures in a row; decides how long the next pause is.
    trouble_count = models.PositiveSmallIntegerField(default=0)
    trouble_since = models.DateTimeField(null=True, blank=True)
    trouble_transcript = models.TextField(blank=True)
    # When the latest mail about the account left: one trouble, one mail.
    trouble_alerted_at = models.DateTimeField(null=True, blank=True)
    # When the server last rejected a new certificate, so that the one before is in use again.
    stepped_back_at = models.DateTimeField(null=True, blank=True)
    step_back_code = models.CharField(max_length=60, blank=True)
    # The certificate that was rejected then; another one may wait as the next.
    stepped_back_from = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # When the mail about that left.
    step_back_alerted_at = models.DateTimeField(null=True, blank=True)
    last_reached_at = models.DateTimeField(_("last reached"), null=True, blank=True)
    # When every folder that we collect was last listed: what came later may be unknown to us.
    last_looked_at = models.DateTimeField(_("last looked at MAGDA"), null=True, blank=True)

    next_collection_at = models.DateTimeField(default=timezone.now)
    collection_token = models.PositiveBigIntegerField(default=0)
    collection_lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("account")
        ordering = ["identity__common_name", "identity__environment"]
        indexes = [models.Index(fields=["state", "next_collection_at"], name="account_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(port__gte=1, port__lte=65535), name="account_port_range"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The common name, which is the user name too."""
        return self.identity.common_name

    @property
    def environment(self) -> str:
        return self.identity.environment

    @property
    def organisation(self) -> Organisation:
        return self.identity.organisation

    @property
    def next_was_rejected(self) -> bool:
        """Whether the next certificate is the one that the server rejected last."""
        rejected = self.stepped_back_from_id
        return rejected is not None and rejected == self.identity.next_id

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now
