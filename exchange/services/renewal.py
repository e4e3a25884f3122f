"""What a renewal needs of account and certificate together: a login to try, and going on after it.

The switch itself is :mod:`certificates.services.relay`'s.
"""

from datetime import datetime
from typing import Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from certificates.models import Certificate, ClientIdentity, LoginTest
from certificates.queries import anchors_for
from certificates.services import relay
from exchange.errors import AccountError, NotReadyError
from exchange.ftps import FTPSError, Timeouts
from exchange.models import Account
from exchange.queries.readiness import ABOUT_CERTIFICATE, ABOUT_TRUST, why_unusable
from exchange.services.connections import connect_with
from exchange.services.logins import is_about_certificate, is_rejected, one_line, step_back_from
from exchange.services.slots import Slot, hold_slot
from exchange.services.troubles import end_outdated_trouble
from magda_portal.audit.services import Actor

# Seconds. Somebody waits for the answer, mostly before a page.
PATIENCE: Final = Timeouts(connect=10, reply=10, stall=10, total=25)


def test_login(
    account: Account, certificate: Certificate, *, actor: Actor, now: datetime
) -> LoginTest:
    """Log in to the server of ``account`` with one of its certificates, and touch no file.

    The login is a real one, over a connection of its own that reuses no TLS session; a rejection
    that arrives after a TLS 1.3 handshake shows in the replies that are read. It is tried whatever
    the certificate's dates are; if the server rejects it, what we know is wrong with them is told.
    With the certificate in use, the outcome counts as that of any other login: it proves the
    certificate, or makes the portal step back. A connection that was only cut is told as such.

    Raises AccountError ``account.connections_busy`` when the account holds all its connections.
    """
    with hold_slot(account, for_collection=True) as slot:
        if slot is None:
            raise AccountError("account.connections_busy")
        return _test(account, certificate, slot, actor=actor, now=now)


def resume_after_switch(identity: ClientIdentity, *, now: datetime) -> bool:
    """End the trouble of an identity's account if its cause was removed, as a switch may do."""
    return bool(_end_outdated(Account.objects.filter(identity=identity), now=now))


def resume_mended_accounts(*, now: datetime) -> int:
    """End the trouble of all accounts whose cause was removed; return how many work goes on for.

    That is trouble about the certificate used before, and about trust when an anchor was added
    since. What was added gets one try: if it fails too, the trouble is new and later than that.
    """
    return _end_outdated(Account.objects.all(), now=now)


def _test(
    account: Account, certificate: Certificate, slot: Slot, *, actor: Actor, now: datetime
) -> LoginTest:
    try:
        connection = connect_with(
            account, certificate, timeouts=PATIENCE, heartbeat=slot.renew_now_and_then
        )
    except NotReadyError as exc:
        return _record(certificate, exc.code, actor=actor, now=now)
    with connection.client as client:
        try:
            client.probe()
        except FTPSError as exc:
            code = _judge(account, certificate, exc, now=now)
            detail, tls_version = one_line(exc), client.connection.tls_version
            return _record(certificate, code, detail, tls_version, actor=actor, now=now)
    return _record(certificate, "", "", client.connection.tls_version, actor=actor, now=now)


def _judge(account: Account, certificate: Certificate, error: FTPSError, *, now: datetime) -> str:
    """Do what a rejection asks for, and return the code that says most about it."""
    if is_rejected(account, error):
        step_back_from(account, certificate, error, now=now)
    if not is_about_certificate(error):
        return error.code
    return why_unusable(certificate, now=now) or error.code


def _record(
    certificate: Certificate,
    code: str,
    detail: str = "",
    tls_version: str = "",
    *,
    actor: Actor,
    now: datetime,
) -> LoginTest:
    return relay.record_login_test(
        certificate, error_code=code, detail=detail, tls_version=tls_version, now=now, actor=actor
    )


def _end_outdated(accounts: QuerySet[Account], *, now: datetime) -> int:
    newer_anchors = anchors_for(
        organisation_id=OuterRef("identity__organisation"),
        environment=OuterRef("identity__environment"),
    ).filter(added_at__gt=OuterRef("trouble_since"))
    is_switched = Q(
        trouble_code__in=ABOUT_CERTIFICATE, identity__switched_at__gt=F("trouble_since")
    )
    trusts_more = Q(Exists(newer_anchors), trouble_code__in=ABOUT_TRUST)
    rows = accounts.filter(is_switched | trusts_more).select_related("identity__organisation")
    return sum(end_outdated_trouble(account, now=now) for account in rows)
