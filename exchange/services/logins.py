"""What a login's success or failure means for the certificate that was shown.

After a switch of certificates, the first login decides: one that works proves the new certificate,
one that is rejected makes the portal step back to the one before
(:mod:`certificates.services.relay`). Connections that show an older certificate than the current
one decide nothing: what MAGDA thinks of it is no news about the account.
"""

from datetime import datetime

from django.db import transaction

from certificates.models import Certificate
from certificates.services import relay
from exchange.errors import NotReadyError
from exchange.ftps import FTPSError, Stage, displayable
from exchange.models import Account
from exchange.services.troubles import (
    PORTAL,
    account_reached,
    end_trouble,
    pause_account,
    try_again_at_once,
)

REJECTIONS = frozenset({"tls.client_rejected", "login.refused"})
LONGEST_DETAIL = 300
_LOGGING_IN = (Stage.SECURE, Stage.LOGIN)
_BEFORE_LOGIN = (Stage.RESOLVE, Stage.CONNECT, Stage.PROXY, Stage.GREET, *_LOGGING_IN)


def is_rejected(error: FTPSError | NotReadyError) -> bool:
    """Return whether the server turned down our certificate, or the login with it, for good."""
    return (
        isinstance(error, FTPSError)
        and error.code in REJECTIONS
        and error.stage in _LOGGING_IN
        and not error.retryable
    )


def one_line(error: FTPSError) -> str:
    """Return the server's own words, or else the technical line, fit to be kept and shown."""
    text = error.reply.text if error.reply else str(error)
    return displayable(text)[:LONGEST_DETAIL]


def login_worked(account: Account, fingerprint: str, *, now: datetime) -> None:
    """Note that ``account`` works, with the certificate of this fingerprint."""
    account_reached(account, now=now)
    prove(account, fingerprint, now=now)


def login_failed(
    account: Account,
    error: FTPSError | NotReadyError,
    fingerprint: str,
    *,
    transcript: str,
    now: datetime,
) -> bool:
    """Step back to the certificate before, if the new one was rejected; else pause ``account``.

    ``fingerprint`` is that of the certificate shown, "" when there was none. Returns whether the
    account may go on at once: when it stepped back, and when the rejected certificate was no longer
    the one in use.
    """
    if is_rejected(error) and _goes_on(account, error, fingerprint, now=now):
        return True
    note_stage(account, error, fingerprint, now=now)
    pause_account(account, error, transcript=transcript, now=now)
    return False


def note_stage(
    account: Account, error: FTPSError | NotReadyError, fingerprint: str, *, now: datetime
) -> None:
    """Take the certificate for proven when ``error`` came after a login that worked."""
    if isinstance(error, FTPSError) and error.stage not in _BEFORE_LOGIN:
        prove(account, fingerprint, now=now)


def prove(account: Account, fingerprint: str, *, now: datetime) -> None:
    """Note that a login with this certificate worked; costs nothing when nobody waits for it."""
    if account.identity.previous_id is not None:
        relay.prove(account.identity, fingerprint, now=now)


@transaction.atomic
def step_back_from(
    account: Account, rejected: Certificate, error: FTPSError, *, now: datetime
) -> bool:
    """Use the previous certificate again; return whether there was anything to step back to.

    Of several workers that were rejected one steps back.
    """
    # The account's row before the identity's, as everywhere where both are held.
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if not relay.step_back(account.identity, rejected=rejected, reason=error.code, now=now):
        return False
    relay.record_login_test(
        rejected,
        error_code=error.code,
        detail=one_line(error),
        tls_version="",
        now=now,
        actor=PORTAL,
    )
    Account.objects.filter(pk=account.pk).update(stepped_back_at=now, step_back_code=error.code)
    end_trouble(account, now=now)
    return True


def _goes_on(
    account: Account, error: FTPSError | NotReadyError, fingerprint: str, *, now: datetime
) -> bool:
    """Return whether another certificate than the rejected one is in use, after a step back too."""
    rejected = account.identity.certificates.filter(fingerprint=fingerprint).first()
    if rejected is None or not isinstance(error, FTPSError):
        return False
    if step_back_from(account, rejected, error, now=now):
        return True
    # step_back has read the identity again.
    if account.identity.current_id in {None, rejected.pk}:
        return False
    try_again_at_once(account)
    return True
