"""The only join of an account and its opened key."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from certificates.models import Certificate
from certificates.queries import trust_pem
from certificates.services.bundles import key_bundle
from exchange.errors import NotReadyError
from exchange.ftps import (
    ClientCredentials,
    Endpoint,
    FTPSClient,
    Proxy,
    Timeouts,
    TLSVersion,
    TrustStore,
)
from exchange.models import Account
from magda_portal.sealing.fields import unseal_from


@dataclass(frozen=True, slots=True)
class Connection:
    """A client for one batch, and the certificate it shows."""

    client: FTPSClient
    certificate_fingerprint: str


def connect(account: Account, *, now: datetime) -> Connection:
    """Prepare a client for ``account``; it connects at its first call.

    Raises NotReadyError when certificate or trust anchors are missing or the certificate is not
    valid at ``now``: the server would refuse it anyway, and say less about why.
    """
    certificate = _usable_certificate(account, now)
    anchors = trust_pem(account.identity)
    if not anchors:
        raise NotReadyError("account.no_trust_anchor")
    bundle = key_bundle(certificate)
    client = FTPSClient(
        _endpoint(account),
        ClientCredentials(account.name, bundle.certificate_chain_pem, bundle.private_key_pem),
        TrustStore(anchors),
        Timeouts(
            connect=settings.FTPS_CONNECT_TIMEOUT,
            reply=settings.FTPS_REPLY_TIMEOUT,
            stall=settings.FTPS_STALL_TIMEOUT,
            total=settings.FTPS_TOTAL_TIMEOUT or None,
        ),
    )
    return Connection(client, certificate.fingerprint)


def _usable_certificate(account: Account, now: datetime) -> Certificate:
    certificate = account.identity.current
    if certificate is None:
        raise NotReadyError("account.no_certificate")
    if certificate.not_after <= now:
        raise NotReadyError("account.certificate_expired")
    if certificate.not_before > now:
        raise NotReadyError("account.certificate_not_yet_valid")
    return certificate


def _endpoint(account: Account) -> Endpoint:
    proxy = None
    if account.proxy_host:
        password = b""
        if account.sealed_proxy_password:
            password = unseal_from(account, "sealed_proxy_password")
        proxy = Proxy(
            account.proxy_host, account.proxy_port, account.proxy_username, password.decode()
        )
    highest = TLSVersion.TLS12 if account.highest_tls == Account.HighestTLS.TLS12 else None
    return Endpoint(account.host, account.port, proxy=proxy, highest_tls=highest)
