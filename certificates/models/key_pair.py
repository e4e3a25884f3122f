"""Private keys, sealed."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models.identity import ClientIdentity
from magda_portal.sealing.fields import SealedField


class KeyPair(models.Model):
    """A key pair of a client identity; the private half is sealed to this very row.

    Only :mod:`certificates.services.bundles` opens it. On ``destroy_at`` the private half is
    erased; the row stays, since certificates and the audit trail speak of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    identity = models.ForeignKey(ClientIdentity, on_delete=models.PROTECT, related_name="key_pairs")
    algorithm = models.CharField(max_length=40)
    # SHA-256 over SubjectPublicKeyInfo, hex: what certificate and key have in common.
    spki_fingerprint = models.CharField(max_length=64)
    # Empty once it is destroyed.
    sealed_private_key = SealedField(blank=True)
    destroy_at = models.DateTimeField(_("to be destroyed on"), null=True, blank=True)
    destroyed_at = models.DateTimeField(_("destroyed on"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "spki_fingerprint"], name="key_pair_unique_per_identity"
            )
        ]

    def __str__(self) -> str:
        return f"{self.algorithm} {self.spki_fingerprint[:16]}"
