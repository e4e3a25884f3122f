"""Make accounts and transfers for tests, without a server."""

from typing import Any

from django.utils import timezone

from certificates.models import ClientIdentity, Environment
from exchange.models import Account, Payload, RemoteFile, Transfer
from exchange.models.transfer import Direction, State, Step
from exchange.storage import payload_store
from magda_portal.people.models import Organisation, Person

COMMON_NAME = "kb.vlaanderen.be/aiv/voorbeeld-aip"


def make_account(
    organisation: Organisation,
    *,
    common_name: str = COMMON_NAME,
    environment: Environment = Environment.TNI,
    **overrides: Any,
) -> Account:
    """Make an account that was never connected; ``overrides`` are columns of it."""
    identity = ClientIdentity.objects.create(
        organisation=organisation, environment=environment, common_name=common_name
    )
    return Account.objects.create(
        identity=identity, **{"host": "vipftps-aip.vlaanderen.be", **overrides}
    )


def make_transfer(
    account: Account,
    *,
    name: str = "vraag.xml",
    content: bytes = b"<vraag/>",
    person: Person | None = None,
    **overrides: Any,
) -> Transfer:
    """Make a queued delivery with its content in the store; ``overrides`` are columns of it."""
    stored = payload_store().keep([content])
    payload = Payload.objects.create(id=stored.id, size=stored.size, sha256=stored.sha256)
    columns: dict[str, Any] = {
        "direction": Direction.DELIVERY,
        "final_name": name,
        "size": stored.size,
        "sha256": stored.sha256,
        "payload": payload,
        "person": person,
        "holds_name": True,
        "next_attempt_at": timezone.now(),
    }
    return Transfer.objects.create(account=account, **{**columns, **overrides})


def make_delivered(account: Account, **overrides: Any) -> Transfer:
    """Make a delivery that stands under its final name at MAGDA."""
    columns: dict[str, Any] = {
        "state": State.DONE,
        "step": Step.FINAL,
        "finished_at": timezone.now(),
        "next_attempt_at": None,
    }
    return make_transfer(account, **{**columns, **overrides})


def make_collected(account: Account, *, name: str = "antwoord.xml", **overrides: Any) -> Transfer:
    """Make a file that was fetched from ``from_vip``, with its line in the ledger."""
    columns: dict[str, Any] = {
        "direction": Direction.COLLECTION,
        "state": State.DONE,
        "folder": "from_vip",
        "holds_name": False,
        "next_attempt_at": None,
        "finished_at": timezone.now(),
    }
    transfer = make_transfer(account, name=name, **{**columns, **overrides})
    RemoteFile.objects.create(
        account=account,
        folder=transfer.folder,
        name=name,
        size=transfer.size,
        state=RemoteFile.State.KEPT,
        removal_day=timezone.localdate(),
        transfer=transfer,
    )
    return transfer
