"""Requests for a certificate (PKCS#10), as they are handed in at VO-DCB."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models.identity import ClientIdentity
from certificates.models.key_pair import KeyPair


class CertificateRequest(models.Model):
    """A certificate request (CSR) of an identity, made for one of its key pairs.

    It may be handed in again for a renewal with the same key.
    """

    identity = models.ForeignKey(
        ClientIdentity, on_delete=models.PROTECT, related_name="certificate_requests"
    )
    key_pair = models.ForeignKey(
        KeyPair, on_delete=models.PROTECT, related_name="certificate_requests"
    )
    der = models.BinaryField()
    subject = models.TextField(_("subject"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("certificate request")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.subject
