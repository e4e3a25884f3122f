"""Private keys, sealed."""

import uuid

from django.db import models
from django.utils import timezone

from certificates.models.identity import ClientIdentity
from magda_portal.sealing.fields import SealedField


class KeyPair(models.Model):
    """A key pair of a client identity; the private half is sealed to this very row.

    Only :mod:`certificates.services.bundles` opens it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    identity = models.ForeignKey(ClientIdentity, on_delete=models.PROTECT, related_name="key_pairs")
    algorithm = models.CharField(max_length=40)
    # SHA-256 over SubjectPublicKeyInfo, hex: what certificate and key have in common.
    spki_fingerprint = models.CharField(max_length=64)
    sealed_private_key = SealedField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "spki_fingerprint"], name="key_pair_unique_per_identity"
            )
        ]

    def __str__(self) -> str:
        return f"{self.algorithm} {self.spki_fingerprint[:16]}"
