"""Logins that fail or are waited for, and what the trail says of them."""

import io

from django.utils import timezone

from exchange.ftps import ClientCertificateError, FTPSError, LoginError, Stage
from exchange.models import Account, Transfer
from exchange.services.logins import login_failed
from exchange.services.submission import Draft, Submitter, submit
from exchange.tests.wiring import ACTOR
from magda_portal.audit.models import AuditEvent

REJECTED = ClientCertificateError("unknown ca", stage=Stage.SECURE)
REFUSED = LoginError("530", stage=Stage.LOGIN)
BUSY = LoginError("421", stage=Stage.LOGIN, retryable=True)


def fresh(account: Account) -> Account:
    """Return the account as a worker has it that begins now."""
    return Account.objects.select_related("identity__organisation", "identity__current").get(
        pk=account.pk
    )


def queue(account: Account, name: str = "request.xml") -> Transfer:
    return submit(Draft(account, name, Submitter(ACTOR)), content=io.BytesIO(b"<a/>"))


def fail(account: Account, error: FTPSError, fingerprint: str) -> bool:
    return login_failed(fresh(account), error, fingerprint, transcript="", now=timezone.now())


def actions(prefix: str) -> list[str]:
    events = AuditEvent.objects.filter(action__startswith=prefix).order_by("id")
    return list(events.values_list("action", flat=True))
