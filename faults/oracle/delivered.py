"""Each request stands at MAGDA once, whole, under its final name."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from exchange.models import Transfer
from exchange.models.transfer import Direction, State
from faults.disk import fingerprint
from faults.expectations import Expectations
from magda_portal.audit.actions import Action
from magda_portal.audit.queries import events_for

Content = tuple[str, int, str]
"""A final name, a size in bytes, and a SHA-256."""


def delivered_once(expected: Expectations) -> Iterator[str]:
    """Hold what appeared under final names against what the rows say."""
    appeared = Counter(
        (each.name, each.size, each.sha256)
        for each in expected.witness.appearances(expected.account.name)
    )
    deliveries = list(expected.account.transfers.filter(direction=Direction.DELIVERY))
    missing = set(expected.requests) - {transfer.pk for transfer in deliveries}
    yield from (f"Request {number} has no row any more." for number in sorted(missing))
    for transfer in deliveries:
        yield from _delivered_once(expected, transfer, appeared)
    for (name, size, sha256), times in (+appeared).items():
        yield f"{name} ({size} bytes, {sha256}) appeared {times} times more than was asked."


def _delivered_once(
    expected: Expectations, transfer: Transfer, appeared: Counter[Content]
) -> Iterator[str]:
    content = (transfer.final_name, transfer.size, transfer.sha256)
    title = f"Request {transfer.pk} ({transfer.final_name}, {transfer.state})"
    settled_by_hand = events_for(transfer).filter(action=Action.TRANSFER_SETTLED).exists()
    if transfer.state == State.DONE:
        if appeared[content]:
            appeared[content] -= 1
        elif not settled_by_hand:
            yield f"{title} never appeared under its final name, whole."
        if not settled_by_hand and not _stands(expected.home, transfer):
            yield f"{title} stands neither in to_vip nor in cache/to_vip with its content."
    elif transfer.state == State.UNCERTAIN:
        appeared[content] = max(0, appeared[content] - 1)


def _stands(home: Path, transfer: Transfer) -> bool:
    paths = (home / folder / transfer.final_name for folder in ("to_vip", "cache/to_vip"))
    content = (transfer.size, transfer.sha256)
    return any(path.is_file() and fingerprint(path) == content for path in paths)
