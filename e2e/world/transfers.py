"""Transfers in every state that stays as it is, and one request that really goes out."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Final

from django.db.models import Q
from django.utils import timezone

from e2e.world.accounts import Keys, practice_account
from e2e.world.cast import clerk
from exchange.models import Account, Transfer, TransferAttempt
from exchange.models.transfer import Step
from exchange.remote import temporary_path
from exchange.services import temporary_files
from exchange.services.attempts import AttemptRecorder
from exchange.services.claims import claim_next
from exchange.services.decisions import cancel
from exchange.services.submission import Draft, Submitter, submit
from exchange.services.transfers import advance, doubt, fail, postpone
from magda_portal.audit.services import Actor
from magda_portal.bootstrap import BASE_DIR

REQUEST: Final = BASE_DIR / "exchange/messages/tests/samples/request_three_questions.xml"
STRANGE_NAME: Final = "<img src=x onerror=alert(1)>&amp;" + "x" * 160 + ".xml"

Outcome = Callable[[Transfer, TransferAttempt], None]


def add_transfers() -> Keys:
    """Submit requests, and give those of an account that connects to nothing an outcome each."""
    test = Account.objects.get(identity__common_name__contains="voorbeeld-aip")
    made = {
        "failed": _with_outcome(test, "mislukt.xml", "file.denied", _fail),
        "uncertain": _with_outcome(test, "onzeker.xml", "delivery.not_seen", _doubt),
        "waiting": _with_outcome(test, "wacht.xml", "connect.timed_out", _postpone),
        "strange": _with_outcome(test, STRANGE_NAME, "file.denied", _fail),
        "cancelled": _cancelled(test),
        "queued": _submitted(test, "in de rij.xml"),
        "request": _submitted(practice_account(), "verzoek.xml"),
        "unnoticed": _submitted(practice_account(), "verzoek.txt"),
    }
    return {name: str(transfer.pk) for name, transfer in made.items()}


def _submitted(account: Account, name: str) -> Transfer:
    person = clerk()
    draft = Draft(account, name, Submitter(Actor.person(person), person))
    return submit(draft, content=BytesIO(REQUEST.read_bytes()))


def _with_outcome(account: Account, name: str, code: str, outcome: Outcome) -> Transfer:
    """Submit a request, and have a worker's attempt end in ``outcome`` for the reason ``code``."""
    submitted = _submitted(account, name)
    claimed = claim_next(account, among=Q(pk=submitted.pk))
    assert claimed is not None
    attempt = AttemptRecorder(claimed, fingerprint="ab" * 32, client=None).failed_here(code)
    outcome(claimed, attempt)
    return claimed


def _fail(transfer: Transfer, attempt: TransferAttempt) -> None:
    fail(transfer, attempt, now=timezone.now())


def _doubt(transfer: Transfer, attempt: TransferAttempt) -> None:
    """Nothing can be seen of the file any more, after its rename was asked for."""
    folder, name = transfer.account.folder_to_vip, transfer.final_name
    path = temporary_path(folder, name, transfer_id=transfer.pk, token=transfer.token)
    temporary_files.enter(transfer, path, step=Step.NAMED, stood_before={})
    for step in (Step.STORED, Step.CONFIRMED):
        advance(transfer, step)
    advance(transfer, Step.RENAME_ASKED, rename_asked_at=timezone.now())
    doubt(transfer, attempt, now=timezone.now())


def _postpone(transfer: Transfer, attempt: TransferAttempt) -> None:
    postpone(transfer, attempt, until=timezone.now() + timedelta(hours=12))


def _cancelled(account: Account) -> Transfer:
    transfer = _submitted(account, "geannuleerd.xml")
    cancel(transfer, actor=Actor.person(clerk()))
    return transfer
