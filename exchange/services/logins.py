"""What a login's success or failure means for the certificate that was shown.

After a switch of certificates, the first login decides: one that works proves the new certificate,
one that is rejected makes the portal step back to the one before
(:mod:`certificates.services.relay`). Connections that show an older certificate than the current
one decide nothing: what MAGDA thinks of it is no news about the account.

A certificate is rejected by a TLS alert or by a 530. A connection that was only cut right after the
handshake may mean the same, or a server that restarts: it takes a second one, after the pause that
the first one brought. Once the portal has stepped back, and the server won't have the old
certificate either, a person decides; the portal never goes to and fro.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from certificates.models import Certificate
from certificates.services import relay
from exchange.errors import NotReadyError
from exchange.ftps import FTPSError, Stage, displayable
from exchange.models import Account
from exchange.services.troubles import (
    PORTAL,
    end_trouble,
    pause_account,
    try_again_at_once,
)

CUT = "tls.cut_after_handshake"
BOTH_REFUSED = "account.both_certificates_refused"
REJECTIONS = frozenset({"tls.client_rejected", "login.refused"})
LONGEST_DETAIL = 300
_LOGGING_IN = (Stage.SECURE, Stage.LOGIN)


def is_rejected(account: Account, error: FTPSError | NotReadyError) -> bool:
    """Return whether the server turned down our certificate, or the login with it, for good.

    ``account`` is as it was read before the connection was made.
    """
    if not isinstance(error, FTPSError) or not is_about_certificate(error):
        return False
    return error.code != CUT or _was_cut_before(account)


def is_about_certificate(error: FTPSError) -> bool:
    """Return whether ``error`` is what a server does that won't have our certificate."""
    if error.stage not in _LOGGING_IN:
        return False
    return error.code == CUT or (error.code in REJECTIONS and not error.retryable)


def one_line(error: FTPSError) -> str:
    """Return the server's own words, or else the technical line, fit to be kept and shown."""
    text = error.reply.text if error.reply else str(error)
    return displayable(text)[:LONGEST_DETAIL]


def login_seen(account: Account, fingerprint: str, *, now: datetime) -> None:
    """Note that the server let in the certificate of this fingerprint.

    There is no more stepping back from it; and if the portal has stepped back to it, it was right
    to do so. Costs one short query where nothing waits for the news.
    """
    if account.identity.previous_id is not None:
        relay.prove(account.identity, fingerprint, now=now)
    unproven = _stepped_back_in_vain(account).filter(identity__current__fingerprint=fingerprint)
    # By key, so that no join stands in the UPDATE.
    if unproven.exists():
        Account.objects.filter(pk=account.pk).update(last_reached_at=now)


def login_failed(
    account: Account,
    error: FTPSError | NotReadyError,
    fingerprint: str,
    *,
    transcript: str,
    now: datetime,
) -> bool:
    """Step back to the certificate before, if the new one was rejected; else pause ``account``.

    ``account`` is as the worker read it before it connected. ``fingerprint`` is that of the
    certificate shown, "" when there was none. Returns whether the account may go on at once: when
    it stepped back, and when the rejected certificate was no longer the one in use.
    """
    if isinstance(error, FTPSError) and is_about_certificate(error):
        shown = account.identity.certificates.filter(fingerprint=fingerprint).first()
        if shown is not None and _goes_on(account, error, shown, now=now):
            return True
        if is_rejected(account, error) and _stepped_back_in_vain(account).exists():
            error = NotReadyError(BOTH_REFUSED, str(error))
    pause_account(account, error, transcript=transcript, now=now)
    return False


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
    Account.objects.filter(pk=account.pk).update(
        stepped_back_at=now, step_back_code=error.code, stepped_back_from=rejected
    )
    end_trouble(account, now=now)
    return True


def _was_cut_before(account: Account) -> bool:
    """Return whether an earlier login with the same certificate ended in a cut, too.

    By what the worker read: workers that were cut all at once count as one.
    """
    since, switched_at = account.trouble_since, account.identity.switched_at
    if account.trouble_code not in {CUT, BOTH_REFUSED} or since is None:
        return False
    return switched_at is None or since >= switched_at


def _goes_on(account: Account, error: FTPSError, shown: Certificate, *, now: datetime) -> bool:
    """Return whether another certificate than ``shown`` is in use, after a step back too."""
    if is_rejected(account, error) and step_back_from(account, shown, error, now=now):
        return True
    account.identity.refresh_from_db(fields=["current"])
    if account.identity.current_id in {None, shown.pk}:
        return False
    try_again_at_once(account)
    return True


def _stepped_back_in_vain(account: Account) -> QuerySet[Account]:
    """Select ``account`` if the certificate that it stepped back to has not logged in since."""
    never = Q(last_reached_at=None) | Q(last_reached_at__lt=F("stepped_back_at"))
    return Account.objects.filter(never, pk=account.pk, stepped_back_at=F("identity__switched_at"))
