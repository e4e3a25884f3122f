"""Revocation lists (CRLs), and where they come from."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from magda_portal.people.models import Organisation


class RevocationSource(models.Model):
    """An address from which a revocation list is fetched, in the background, by nextUpdate.

    A source that fails keeps the list it gave before; the failure is told with its age.
    """

    url = models.CharField(_("address"), max_length=500, unique=True)
    # Due when this has passed; also the claim of the run that fetches it just now.
    next_try_at = models.DateTimeField(default=timezone.now, db_index=True)
    last_tried_at = models.DateTimeField(null=True, blank=True)
    last_fetched_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    # Whose certificates, anchors or servers name the address; one that is shared concerns all.
    organisations = models.ManyToManyField(Organisation, related_name="revocation_sources")
    is_shared = models.BooleanField(default=False)
    # Since when nothing names it; only after a while it is forgotten.
    unnamed_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("source of a revocation list")
        ordering = ["url"]

    def __str__(self) -> str:
        return self.url


class RevocationList(models.Model):
    """The newest list of one issuer whose signature was found right; what pages show is in columns.

    One per issuer, and per address where an issuer has several.
    """

    source = models.OneToOneField(
        RevocationSource,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="revocation_list",
    )
    issuer = models.TextField(_("issuer"))
    # SHA-256 of the DER form of the issuer's certificate, whose key signed the list, hex.
    issuer_fingerprint = models.CharField(max_length=64, db_index=True)
    der = models.BinaryField()
    # SHA-256 over the DER form, hex.
    fingerprint = models.CharField(_("SHA-256 fingerprint"), max_length=64)
    number = models.CharField(_("number"), max_length=64, blank=True)
    entry_count = models.PositiveIntegerField(_("revoked certificates"))
    this_update = models.DateTimeField(_("issued on"))
    next_update = models.DateTimeField(_("next list by"), null=True, blank=True)
    obtained_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("revocation list")
        ordering = ["issuer"]

    def __str__(self) -> str:
        return self.issuer
