"""Whether rows, attempts and audit events tell of every file, once; on the portal's side."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.conf import settings

from bench.contents import Expected
from exchange.models import RemoteFile, TemporaryFile, Transfer
from exchange.models.transfer import Direction, State, Step
from faults.disk import fingerprint
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent

_DELIVERY_EVENTS = (Action.TRANSFER_SUBMITTED, Action.TRANSFER_SENDING, Action.TRANSFER_DELIVERED)
_COLLECTION_EVENTS = (Action.TRANSFER_COLLECTED, Action.TRANSFER_RELEASED)


def check_delivered(account: str, files: list[dict[str, object]]) -> list[str]:
    """Return what the database does not tell of deliveries that are said to be done."""
    return list(_delivered(account, [Expected(**file) for file in files]))  # type: ignore[arg-type]


def check_collected(account: str, files: list[dict[str, object]]) -> list[str]:
    """Return what database and store do not hold of files that are said to be collected."""
    return list(_collected(account, [Expected(**file) for file in files]))  # type: ignore[arg-type]


def _delivered(account: str, files: Sequence[Expected]) -> Iterator[str]:
    transfers = _transfers(account, Direction.DELIVERY, files)
    yield from _rows_agree(transfers, files)
    for transfer in transfers:
        if (transfer.state, transfer.step) != (State.DONE, Step.FINAL):
            yield f"{transfer.final_name} is {transfer.state}, at {transfer.step or 'no step'}."
    yield from _attempts_agree(transfers)
    yield from _events_agree(transfers, _DELIVERY_EVENTS, Action.TRANSFER_DELIVERED)
    left = TemporaryFile.objects.filter(transfer__in=[each.pk for each in transfers][:900])
    yield from (f"The temporary file {row.path} is still entered." for row in left)


def _collected(account: str, files: Sequence[Expected]) -> Iterator[str]:
    transfers = _transfers(account, Direction.COLLECTION, files)
    yield from _rows_agree(transfers, files)
    ledger = {row.transfer_id: row for row in _ledger(transfers)}
    for transfer in transfers:
        if transfer.state != State.DONE:
            yield f"{transfer.final_name} is {transfer.state}."
        row = ledger.get(transfer.pk)
        if row is None or row.state != RemoteFile.State.RELEASED or not row.cache_path:
            yield f"{transfer.final_name} is not noted as moved to the cache folder."
        yield from _is_kept(transfer)
    yield from _attempts_agree(transfers)
    yield from _events_agree(transfers, _COLLECTION_EVENTS, Action.TRANSFER_COLLECTED)


def _transfers(account: str, direction: Direction, files: Sequence[Expected]) -> list[Transfer]:
    rows = Transfer.objects.filter(account_id=account, direction=direction)
    return list(rows.filter(final_name__in=[file.name for file in files]).select_related("payload"))


def _ledger(transfers: Sequence[Transfer]) -> Iterator[RemoteFile]:
    yield from RemoteFile.objects.filter(transfer__in=[each.pk for each in transfers])


def _rows_agree(transfers: Sequence[Transfer], files: Sequence[Expected]) -> Iterator[str]:
    wanted = Counter((file.name, file.size, file.sha256) for file in files)
    found = Counter((each.final_name, each.size, each.sha256) for each in transfers)
    yield from (f"{name} has no row of this content." for name, _, _ in wanted - found)
    yield from (f"{name} has a row too many." for name, _, _ in found - wanted)


def _attempts_agree(transfers: Sequence[Transfer]) -> Iterator[str]:
    for transfer in transfers:
        tries = list(transfer.attempts.all())
        if [(row.number, row.error_code, row.bytes_moved) for row in tries] != [
            (1, "", transfer.size)
        ]:
            yield f"{transfer.final_name} has {len(tries)} attempts, or one that tells otherwise."
        elif not (tries[0].certificate_fingerprint and tries[0].transcript and tries[0].reply):
            yield f"The attempt of {transfer.final_name} lacks certificate, dialogue or reply."


def _events_agree(
    transfers: Sequence[Transfer], wanted: Sequence[Action], with_hash: Action
) -> Iterator[str]:
    names = {str(each.pk): each for each in transfers}
    found: Counter[tuple[str, str]] = Counter()
    hashed: set[str] = set()
    events = AuditEvent.objects.filter(subject_type="transfer", subject_id__in=list(names))
    for event in events:
        found[event.subject_id, event.action] += 1
        if (
            event.action == with_hash
            and event.details.get("sha256") == names[event.subject_id].sha256
        ):
            hashed.add(event.subject_id)
    for key, transfer in names.items():
        for action in wanted:
            if found[key, action] != 1:
                times = found[key, action]
                yield f"The trail says {action} {times} times of {transfer.final_name}."
        if key not in hashed:
            yield f"The trail does not tell the SHA-256 of {transfer.final_name}."


def _is_kept(transfer: Transfer) -> Iterator[str]:
    payload = transfer.payload
    path = Path(settings.PAYLOAD_DIR) / payload.pk.hex[:2] / str(payload.pk) if payload else None
    if path is None or not path.is_file() or fingerprint(path) != (transfer.size, transfer.sha256):
        yield f"The store does not hold {transfer.final_name}."
