"""What is known of a delivery whose rename was asked: what a person needs to decide about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.models import Transfer, TransferAttempt
from exchange.models.transfer import Direction
from exchange.remote import path_in

MOST_LOOKS = 5
# An attempt whose worker stopped saw nothing.
_NO_LOOK = "transfer.worker_lost"
_NOT_SEEN = "delivery.not_seen"


@dataclass(frozen=True, slots=True)
class Standing:
    """A file that stood under the final name before ours was stored."""

    folder: str
    size: int | None
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Names are paths at MAGDA; ``looks`` are the last attempts since the rename, oldest first."""

    rename_asked_at: datetime
    # Where the file may stand under its final name.
    final_paths: list[str]
    temporary_paths: list[str]
    stood_before: list[Standing]
    looks: list[TransferAttempt]

    @property
    def was_not_there(self) -> bool:
        """Return whether the last look saw our file under none of its names."""
        return bool(self.looks) and self.looks[-1].error_code == _NOT_SEEN


def evidence_on(transfer: Transfer) -> Evidence | None:
    """Return what is known; None for what was never asked to be renamed."""
    asked = transfer.rename_asked_at
    if asked is None or transfer.direction != Direction.DELIVERY:
        return None
    looks = [
        look
        for look in transfer.attempts.all()
        if _end(look) >= asked and look.error_code != _NO_LOOK
    ]
    folders = (transfer.account.folder_to_vip, transfer.account.folder_cache_to_vip)
    return Evidence(
        rename_asked_at=asked,
        final_paths=[path_in(folder, transfer.final_name) for folder in folders],
        temporary_paths=_temporary_paths(transfer),
        stood_before=_stood_before(transfer),
        looks=looks[-MOST_LOOKS:],
    )


def _end(attempt: TransferAttempt) -> datetime:
    return attempt.started_at + timedelta(milliseconds=attempt.duration_ms)


def _temporary_paths(transfer: Transfer) -> list[str]:
    paths = [row.path for row in transfer.temporary_files.all()]
    if transfer.temporary_path and transfer.temporary_path not in paths:
        paths.append(transfer.temporary_path)
    return paths


def _stood_before(transfer: Transfer) -> list[Standing]:
    """Read what the delivery noted: a key for the folder, and "size modified"."""
    folders = {
        "to_vip": transfer.account.folder_to_vip,
        "cache_to_vip": transfer.account.folder_cache_to_vip,
    }
    return [
        _standing(folders.get(folder, folder), str(shape))
        for folder, shape in transfer.stood_before.items()
    ]


def _standing(folder: str, shape: str) -> Standing:
    size, _, modified = shape.partition(" ")
    return Standing(
        folder,
        int(size) if size.isdecimal() else None,
        datetime.fromisoformat(modified) if modified else None,
    )
