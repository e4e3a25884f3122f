"""The temporary file of a delivery: its name, and what earlier attempts left under theirs.

Each attempt has a name of its own, with its token in it. What an earlier attempt left is renamed to
ours or removed before we go on: a worker that was frozen and wakes up between RNFR and RNTO then
finds nothing to rename.
"""

import contextlib
import hashlib

from exchange.ftps import CommandError, FTPSClient, SizeMismatchError, Stage
from exchange.models import TemporaryFile, Transfer
from exchange.models.transfer import Step
from exchange.remote import temporary_path
from exchange.services import temporary_files
from exchange.services.delivery.errors import NameTakenError, PayloadCorruptError
from exchange.services.delivery.visit import Visit
from exchange.services.transfers import advance
from exchange.storage import PayloadMissingError, in_pieces, payload_store


def own_path(visit: Visit, transfer: Transfer) -> str:
    """Return where this very attempt stores the file."""
    account = visit.account
    return temporary_path(
        account.staging_folder or account.folder_to_vip,
        transfer.final_name,
        transfer_id=transfer.pk,
        token=transfer.token,
    )


def standing_before(visit: Visit, transfer: Transfer, *, anew: bool = False) -> dict[str, str]:
    """Return what stands under the final name before our rename. Raises NameTakenError."""
    folders = visit.look_again() if anew else visit.folders()
    standing = folders.standing(transfer.final_name)
    if "to_vip" in standing:
        raise NameTakenError
    return standing


def take_over(visit: Visit, transfer: Transfer) -> bool:
    """Bring the whole file of an earlier attempt under our own temporary name, if there is one.

    Parts of it are removed, but not once a rename was asked: then nothing is stored again, and a
    file that isn't whole raises SizeMismatchError.
    """
    if transfer.token == 1:
        return False
    asked = transfer.step == Step.RENAME_ASKED
    standing = temporary_files.standing(visit.client, transfer)
    whole = [row for row, entry in standing if entry.size in (None, transfer.size)]
    if asked and not whole:
        raise SizeMismatchError("The temporary file is not whole.", stage=Stage.CONFIRM)
    if not asked:
        _remove_others(visit.client, transfer, whole[-1:])
    if not whole:
        return False
    try:
        _rename_to_ours(visit, transfer, whole[-1])
    except CommandError:
        if asked:
            raise
        # It is stored anew; what could not be renamed stays entered, and is removed later.
        return False
    return True


def remove_temporary_files(client: FTPSClient, transfer: Transfer) -> None:
    """Remove all temporary files of ``transfer``, which recorded them as ours. Raises FTPSError."""
    for row in transfer.temporary_files.all():
        temporary_files.remove(client, row)


def _remove_others(
    client: FTPSClient,
    transfer: Transfer,
    kept: list[TemporaryFile],
) -> None:
    for row in transfer.temporary_files.exclude(pk__in=[row.pk for row in kept]):
        # The server may have a part open still. It stays entered, and is removed later.
        with contextlib.suppress(CommandError):
            temporary_files.remove(client, row)


def _rename_to_ours(visit: Visit, transfer: Transfer, earlier: TemporaryFile) -> None:
    path = own_path(visit, transfer)
    if transfer.step == Step.RENAME_ASKED:
        temporary_files.enter(transfer, path)
        visit.client.rename(earlier.path, path)
    else:
        if transfer.step not in (Step.STORED, Step.CONFIRMED):
            # The server's 226 was not seen, so nobody compared yet what was sent.
            _check_content(transfer)
        standing = standing_before(visit, transfer, anew=True)
        temporary_files.enter(transfer, path, stood_before=standing)
        visit.client.rename(earlier.path, path)
        advance(transfer, Step.STORED)
    temporary_files.forget(earlier)


def _check_content(transfer: Transfer) -> None:
    if transfer.payload is None:
        raise PayloadMissingError("The transfer has no payload.")
    digest = hashlib.sha256()
    with payload_store().open(transfer.payload.id) as content:
        for piece in in_pieces(content):
            digest.update(piece)
    if digest.hexdigest() != transfer.sha256:
        raise PayloadCorruptError
