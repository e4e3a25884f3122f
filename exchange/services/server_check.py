"""Judge a server by the certificates it shows, beyond what libcurl does: name and revocation.

libcurl has found the chain and the host name good by then. It takes the common name for the host
where a certificate has no subjectAltName; we do so only for an account whose setting says so. And
it knows of no revocation list: those in the store are looked into, and none is fetched meanwhile.
"""

from cryptography import x509
from django.utils import timezone

from certificates.pki import PKIError, RevokedError, check_server_name, load_certificates
from certificates.services.revocation import refuse_revoked_server
from exchange.ftps import Inspect, ServerCertificateError, Stage
from exchange.models import Account


def server_check(account: Account, anchors: bytes) -> Inspect:
    """Return what judges the servers of ``account``; ``anchors`` are trusted, in PEM.

    It raises ServerCertificateError: ``tls.server_name``, ``tls.server_revoked``, or
    ``tls.server_untrusted`` for a certificate that can't be read.
    """

    def check(presented: tuple[bytes, ...]) -> None:
        try:
            chain = [x509.load_pem_x509_certificate(pem) for pem in presented]
            _check_name(account, chain[0])
            refuse_revoked_server(chain, anchors=load_certificates(anchors), at=timezone.now())
        except RevokedError as exc:
            raise _refused("tls.server_revoked", exc) from exc
        except (PKIError, ValueError) as exc:
            raise _refused("tls.server_untrusted", exc) from exc

    return check


def _check_name(account: Account, certificate: x509.Certificate) -> None:
    try:
        check_server_name(
            certificate, account.host, host_in_common_name=account.accepts_host_in_common_name
        )
    except PKIError as exc:
        raise _refused("tls.server_name", exc) from exc


def _refused(code: str, error: Exception) -> ServerCertificateError:
    return ServerCertificateError(str(error), code=code, stage=Stage.SECURE)
