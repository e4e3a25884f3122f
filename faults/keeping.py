"""Whether a file that stands at MAGDA is safely kept here, by the database and the disk."""

import time

from django.db import DatabaseError, connection

from exchange.models import RemoteFile
from exchange.models.transfer import Direction, State
from faults.disk import fingerprint, path_of

_TRIES = 10
_PAUSE = 0.2


def why_not_safely_kept(account: str, folder: str, name: str, sha256: str) -> str:
    """Return what is wrong with our copy of a remote file, or nothing.

    Asks over a database connection of the calling thread's own, so it sees what is committed. A
    database that was started anew a moment ago is asked again.
    """
    for _ in range(_TRIES - 1):
        try:
            return _complaint(account, folder, name, sha256)
        except DatabaseError:
            time.sleep(_PAUSE)
        finally:
            connection.close()
    try:
        return _complaint(account, folder, name, sha256)
    except DatabaseError as exc:
        return f"nobody can tell whether we have it: {exc}"
    finally:
        connection.close()


def _complaint(account: str, folder: str, name: str, sha256: str) -> str:
    rows = RemoteFile.objects.filter(
        account__identity__common_name=account,
        folder=folder,
        name=name,
        state=RemoteFile.State.KEPT,
    )
    row = rows.select_related("transfer__payload").first()
    if row is None:
        return "the ledger does not know it as kept"
    transfer = row.transfer
    if transfer is None or transfer.direction != Direction.COLLECTION:
        return "its line in the ledger has no collected transfer"
    if transfer.state != State.DONE or transfer.sha256 != sha256:
        return f"transfer {transfer.pk} is {transfer.state} with SHA-256 {transfer.sha256}"
    if transfer.payload is None:
        return f"transfer {transfer.pk} has no content"
    try:
        _, stored = fingerprint(path_of(transfer.payload))
    except FileNotFoundError:
        return f"the content of transfer {transfer.pk} is not in the store"
    return "" if stored == sha256 else f"the store holds other content for transfer {transfer.pk}"
