"""Look a client certificate up in the lists that are here, before it is put in use.

The job judges what is in use already. What comes in, or was laid aside, may stand on a list that
has been here for long.
"""

from datetime import datetime

from cryptography import x509

from certificates.models import Certificate, RevocationList, RevocationState
from certificates.pki import (
    IssuerLists,
    Verdict,
    distinguished_name,
    is_issued_by,
    is_named_by,
    load_certificates,
    revoked_error,
)
from certificates.services.revocation.authorities import authorities
from certificates.services.revocation.verdicts import note_revocation


def refuse_revoked_client(certificate: x509.Certificate, *, chain_pem: bytes, at: datetime) -> None:
    """Raise RevokedError when a list that is here revokes a client certificate.

    ``chain_pem`` holds the issuers that came along, if any. They are for the server to judge.
    """
    verdict = _revocation_of(certificate, chain_pem, at=at)
    if verdict is not None:
        raise revoked_error(certificate, verdict)


def judge_again(row: Certificate, *, now: datetime) -> None:
    """Mark a certificate as revoked when a list says so that came since it was last judged.

    Call it outside a transaction: a long list takes a second to open.
    """
    lists = RevocationList.objects.filter(issuer=row.issuer)
    if row.revocation_checked_at is not None:
        lists = lists.filter(obtained_at__gt=row.revocation_checked_at)
    if row.revocation == RevocationState.REVOKED or not lists.exists():
        return
    certificate = x509.load_der_x509_certificate(bytes(row.der))
    verdict = _revocation_of(certificate, row.chain_pem.encode(), at=now)
    if verdict is not None:
        note_revocation(row, verdict, now=now)


def _revocation_of(
    certificate: x509.Certificate, chain_pem: bytes, *, at: datetime
) -> Verdict | None:
    """Return how a list revokes the certificate, however old it is by now; else None.

    Nearly no certificate is named by any, and for those nothing more is read.
    """
    rows = RevocationList.objects.filter(issuer=distinguished_name(certificate.issuer))
    lists = [x509.load_der_x509_crl(bytes(der)) for der in rows.values_list("der", flat=True)]
    if not any(is_named_by(one, certificate) for one in lists):
        return None
    chain = load_certificates(chain_pem) if chain_pem else []
    issuers = dict.fromkeys([*chain, *authorities()])
    verdicts = (
        IssuerLists(issuer, lists, at=at).revocation_when_last_fresh(certificate)
        for issuer in issuers
        if is_issued_by(certificate, issuer)
    )
    return next((one for one in verdicts if one is not None), None)
