"""The only join of an account and its opened key."""

from collections.abc import Callable
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
from magda_portal.sealing.ring import SealingError


@dataclass(frozen=True, slots=True)
class Connection:
    """A client for one batch, and the certificate it shows."""

    client: FTPSClient
    certificate_fingerprint: str


def connect(
    account: Account, *, now: datetime, heartbeat: Callable[[], object] | None = None
) -> Connection:
    """Prepare a client for ``account``; it connects at its first call.

    ``heartbeat`` is called about once a second during every operation. Raises NotReadyError when
    certificate or trust anchors are missing, the certificate is not valid at ``now`` (the server
    would refuse it anyway, and say less about why), or a secret or setting can't be used.
    """
    certificate = _usable_certificate(account, now)
    anchors = trust_pem(account.identity)
    if not anchors:
        raise NotReadyError("account.no_trust_anchor")
    try:
        client = _client(account, certificate, anchors, heartbeat)
    except SealingError as exc:
        raise NotReadyError("account.secret_unreadable", str(exc)) from exc
    except ValueError as exc:
        raise NotReadyError("account.unusable_settings", str(exc)) from exc
    return Connection(client, certificate.fingerprint)


def _client(
    account: Account,
    certificate: Certificate,
    anchors: bytes,
    heartbeat: Callable[[], object] | None,
) -> FTPSClient:
    bundle = key_bundle(certificate)
    return FTPSClient(
        _endpoint(account),
        ClientCredentials(account.name, bundle.certificate_chain_pem, bundle.private_key_pem),
        TrustStore(anchors),
        Timeouts(
            connect=settings.FTPS_CONNECT_TIMEOUT,
            reply=settings.FTPS_REPLY_TIMEOUT,
            stall=settings.FTPS_STALL_TIMEOUT,
            total=settings.FTPS_TOTAL_TIMEOUT or None,
        ),
        heartbeat=heartbeat,
    )


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
