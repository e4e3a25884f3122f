"""The only join of an account and its opened key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from certificates.models import Certificate, ClientIdentity
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
from exchange.queries.readiness import why_not_ready
from exchange.services.logins import login_seen
from exchange.services.server_check import server_check
from magda_portal.sealing.fields import unseal_from
from magda_portal.sealing.ring import SealingError


@dataclass(frozen=True, slots=True)
class Connection:
    """A client for one batch, and the certificate it shows: to its end, whatever is switched."""

    client: FTPSClient
    certificate_fingerprint: str


def connect(
    account: Account, *, now: datetime, heartbeat: Callable[[], object] | None = None
) -> Connection:
    """Prepare a client for ``account`` with its current certificate; it connects when first used.

    The identity is read again, since the certificates may have been switched after ``account`` was
    read. ``heartbeat`` is called about once a second during every operation. Raises NotReadyError
    when certificate or trust anchors are missing, the certificate is not valid at ``now`` or
    revoked (the server would refuse it anyway, and say less about why), or a secret or setting
    can't be used.
    """
    account.identity.refresh_from_db(
        fields=["current", "next", "previous", "switched_at"],
        from_queryset=ClientIdentity.objects.select_related("current__key_pair"),
    )
    if code := why_not_ready(account, now=now):
        raise NotReadyError(code)
    certificate = account.identity.current
    if certificate is None:  # why_not_ready has said so
        raise NotReadyError("account.no_certificate")
    return connect_with(account, certificate, timeouts=usual_timeouts(), heartbeat=heartbeat)


def connect_with(
    account: Account,
    certificate: Certificate,
    *,
    timeouts: Timeouts,
    heartbeat: Callable[[], object] | None = None,
) -> Connection:
    """Prepare a client that shows ``certificate``, whatever its dates. Raises as connect does.

    Its first sign of a login that works proves the certificate, however its work ends.
    """
    anchors = trust_pem(account.identity)
    if not anchors:
        raise NotReadyError("account.no_trust_anchor")
    try:
        client = FTPSClient(
            _endpoint(account),
            _credentials(account, certificate),
            TrustStore(anchors, server_check(account, anchors)),
            timeouts,
            heartbeat=heartbeat,
            logged_in=lambda: login_seen(account, certificate.fingerprint, now=timezone.now()),
        )
    except SealingError as exc:
        raise NotReadyError("account.secret_unreadable", str(exc)) from exc
    except ValueError as exc:
        raise NotReadyError("account.unusable_settings", str(exc)) from exc
    return Connection(client, certificate.fingerprint)


def usual_timeouts() -> Timeouts:
    """Return the time-outs of the settings, in seconds."""
    return Timeouts(
        connect=settings.FTPS_CONNECT_TIMEOUT,
        reply=settings.FTPS_REPLY_TIMEOUT,
        stall=settings.FTPS_STALL_TIMEOUT,
        total=settings.FTPS_TOTAL_TIMEOUT or None,
    )


def _credentials(account: Account, certificate: Certificate) -> ClientCredentials:
    bundle = key_bundle(certificate)
    return ClientCredentials(account.name, bundle.certificate_chain_pem, bundle.private_key_pem)


def proxy_of(account: Account) -> Proxy | None:
    """Return the proxy of ``account`` with its password, None without one.

    Raises NotReadyError when the password can't be opened, or the proxy has no usable address.
    """
    try:
        return _proxy(account)
    except SealingError as exc:
        raise NotReadyError("account.secret_unreadable", str(exc)) from exc
    except ValueError as exc:
        raise NotReadyError("account.unusable_settings", str(exc)) from exc


def _proxy(account: Account) -> Proxy | None:
    if not account.proxy_host:
        return None
    password = b""
    if account.sealed_proxy_password:
        password = unseal_from(account, "sealed_proxy_password")
    return Proxy(account.proxy_host, account.proxy_port, account.proxy_username, password.decode())


def _endpoint(account: Account) -> Endpoint:
    highest = TLSVersion.TLS12 if account.highest_tls == Account.HighestTLS.TLS12 else None
    return Endpoint(account.host, account.port, proxy=_proxy(account), highest_tls=highest)
