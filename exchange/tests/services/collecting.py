"""What the tests of collections look at: the practice MAGDA's folders, our store, the trail."""

from pathlib import Path

from exchange.models import Account, Transfer
from exchange.storage import payload_store
from exchange.tests.servers.faulty_magda import FaultyMAGDA
from magda_portal.audit.models import AuditEvent
from sandbox.server import DEMO_ACCOUNT


def home(magda: FaultyMAGDA) -> Path:
    return magda.home(DEMO_ACCOUNT)


def place(
    magda: FaultyMAGDA, name: str, content: bytes = b"<x/>", folder: str = "from_vip"
) -> Path:
    return magda.place(DEMO_ACCOUNT, folder, name, content)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def payload_path(transfer: Transfer) -> Path:
    assert transfer.payload is not None
    (path,) = payload_store().root.glob(f"*/{transfer.payload.pk}")
    return path


def delete_mode(account: Account) -> None:
    account.after_collection = Account.AfterCollection.DELETE
    account.save()


def events(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()
