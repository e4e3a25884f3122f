"""Certificate requests for which a certificate may still come."""

from django.db.models import Max, QuerySet

from certificates.models import CertificateRequest, KeyPair


def open_requests(key_pair: KeyPair) -> QuerySet[CertificateRequest]:
    """Return the requests for this key that are younger than the last certificate with it."""
    made = key_pair.certificate_requests.all()
    latest = key_pair.certificates.aggregate(at=Max("imported_at"))["at"]
    return made if latest is None else made.filter(created_at__gt=latest)
