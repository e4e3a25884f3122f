"""Each remote file is kept once, its content intact, and then cleared at MAGDA.

The witness sees to it that it was safely kept by the time it was cleared.
"""

from collections import Counter
from collections.abc import Iterator

from exchange.models import Transfer
from exchange.models.transfer import Direction
from faults.disk import fingerprint, path_of
from faults.expectations import Expectations


def collected_once(expected: Expectations) -> Iterator[str]:
    """Hold what is kept against what was laid ready."""
    wanted = Counter((each.folder, each.name, each.sha256) for each in expected.placed)
    kept = Counter(
        Transfer.objects.filter(
            account=expected.account, direction=Direction.COLLECTION
        ).values_list("folder", "final_name", "sha256")
    )
    for content, times in wanted.items():
        if kept[content] != times:
            yield f"{content} was laid ready {times} times and kept {kept[content]} times."
    for placed in expected.placed:
        if (expected.home / placed.folder / placed.name).exists():
            yield f"{placed.folder}/{placed.name} was not cleared at MAGDA."
    rows = Transfer.objects.filter(account=expected.account, direction=Direction.COLLECTION)
    for transfer in rows.select_related("payload"):
        yield from _is_kept(transfer)


def _is_kept(transfer: Transfer) -> Iterator[str]:
    payload = transfer.payload
    if payload is None or payload.erased_at is not None:
        yield f"Collected transfer {transfer.pk} has no content."
        return
    path = path_of(payload)
    if not path.is_file() or fingerprint(path) != (transfer.size, transfer.sha256):
        yield f"The store does not hold what transfer {transfer.pk} collected."
