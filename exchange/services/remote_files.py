"""The state changes of a line in the ledger; each with its event.

Called inside a transaction that proves the lease (:meth:`CollectionLease.proven`). KEPT is written
by :mod:`exchange.services.fetching`, in the transaction that keeps the file.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from exchange.filenames import shown, shown_path
from exchange.models import Account, RemoteFile, Transfer
from exchange.services.troubles import LONGEST_TRANSFER_PAUSE, PORTAL, pause_after
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Details, Subject, event, record, record_all

State = RemoteFile.State

# SQLite takes a limited number of parameters in one statement.
AT_ONCE = 500
# Lines of a failed file's dialogue that are kept, the last ones.
LONGEST_DIALOGUE = 100


def in_chunks(rows: Sequence[RemoteFile]) -> Iterator[list[RemoteFile]]:
    for start in range(0, len(rows), AT_ONCE):
        yield list(rows[start : start + AT_ONCE])


def note_failure(
    row: RemoteFile, code: str, *, now: datetime, dialogue: Sequence[str] = ()
) -> None:
    """Note that a file could not be fetched or cleared; it waits, longer each time, without end.

    ``dialogue`` is what was said about this file. A file that could not be fetched makes an event
    when that is news; each further try with the same outcome makes none.
    """
    is_news = row.state == State.SEEN and row.error_code != code
    row.next_try_at = now + pause_after(row.failures, longest=LONGEST_TRANSFER_PAUSE)
    row.failures += 1
    row.transcript = "\n".join(dialogue[-LONGEST_DIALOGUE:])
    row.save(update_fields=["transcript"])
    note_trouble(row, code, now=now)
    if is_news:
        record_failures(row.account, [row])


def record_failures(account: Account, rows: Sequence[RemoteFile]) -> None:
    """Tell the trail which files could not be fetched, and why."""
    record_all([_event(Action.REMOTE_FILE_FAILED, account, row, _failure(row)) for row in rows])


def note_trouble(row: RemoteFile, code: str, *, now: datetime) -> None:
    """Note why a file was left for the next run, which tries it again."""
    row.error_code, row.last_error_at = code, now
    row.save(update_fields=["error_code", "last_error_at", "failures", "next_try_at"])


def mark_vanished(account: Account, rows: Sequence[RemoteFile]) -> None:
    """Note that other hands, or MAGDA's clean-up, took files."""
    for chunk in in_chunks(rows):
        _update(chunk, state=State.VANISHED)
        _record_all(Action.REMOTE_FILE_VANISHED, account, chunk)


def mark_reappeared(account: Account, rows: Sequence[RemoteFile]) -> None:
    """Note that files we had kept before they vanished are listed again."""
    for chunk in in_chunks(rows):
        _update(
            chunk,
            state=State.KEPT,
            release_asked_at=None,
            cache_path="",
            error_code="",
            failures=0,
            next_try_at=None,
        )
        _record_all(Action.REMOTE_FILE_REAPPEARED, account, chunk)


def ask_release(row: RemoteFile, *, cache_path: str, now: datetime) -> bool:
    """Note what the server is about to be asked; False when the row is no longer KEPT.

    ``cache_path`` is where the file shall go; empty when it is deleted.
    """
    asked = RemoteFile.objects.filter(pk=row.pk, state=State.KEPT).update(
        release_asked_at=now, cache_path=cache_path
    )
    row.release_asked_at, row.cache_path = now, cache_path
    return bool(asked)


def withdraw_release(row: RemoteFile) -> None:
    """Note that the server refused what it was asked: the file is where it was."""
    row.release_asked_at, row.cache_path = None, ""
    row.save(update_fields=["release_asked_at", "cache_path"])


def mark_released(row: RemoteFile, *, now: datetime, found_later: bool = False) -> None:
    """Note that a file went where :func:`ask_release` said.

    ``found_later``: the server's answer was lost; a later look at its folders told.
    """
    row.state, row.released_at = State.RELEASED, now
    row.error_code, row.failures, row.next_try_at, row.transcript = "", 0, None, ""
    row.save(
        update_fields=[
            "state",
            "released_at",
            "error_code",
            "failures",
            "next_try_at",
            "transcript",
        ]
    )
    details: dict[str, str | bool] = {"moved_to": shown_path(row.cache_path)}
    if found_later:
        details["found_later"] = True
    _record_of_transfer(Action.TRANSFER_RELEASED, row, details)


def mark_content_missing(row: RemoteFile, *, now: datetime) -> None:
    """Note that the content of a kept file is not in the store; it will be fetched again."""
    row.state = State.SEEN
    row.save(update_fields=["state"])
    note_trouble(row, "payload.missing", now=now)
    _record_of_transfer(Action.PAYLOAD_MISSING, row, {})


def mark_cleared(row: RemoteFile, *, now: datetime, found: str) -> None:
    """Note that our copy in the cache folder is gone; ``found`` says what stood there."""
    row.cleared_at, row.error_code = now, ""
    row.save(update_fields=["cleared_at", "error_code"])
    _record_of_transfer(Action.TRANSFER_CLEARED, row, {"found": found})


def _update(rows: Sequence[RemoteFile], **columns: str | int | None) -> None:
    RemoteFile.objects.filter(pk__in=[row.pk for row in rows]).update(**columns)


def _record_all(action: Action, account: Account, rows: Sequence[RemoteFile]) -> None:
    record_all([_event(action, account, row, {"was": row.state}) for row in rows])


def _failure(row: RemoteFile) -> Details:
    return {
        "error": row.error_code,
        "failures": row.failures,
        "removal_day": row.removal_day.isoformat(),
    }


def _event(action: Action, account: Account, row: RemoteFile, details: Details) -> AuditEvent:
    return event(
        action,
        actor=PORTAL,
        organisation_id=account.organisation.pk,
        subject=Subject.row(row, f"{row.folder}/{shown(row.wire_name)}"),
        details=details,
    )


def _record_of_transfer(action: Action, row: RemoteFile, details: Details) -> None:
    transfer: Transfer | None = row.transfer
    if transfer is None:
        return
    record(
        action,
        actor=PORTAL,
        organisation_id=row.account.organisation.pk,
        subject=Subject.row(transfer, shown(row.wire_name)),
        details=details,
    )
