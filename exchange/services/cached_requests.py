"""Look into MAGDA's cache of requests, now, for somebody who waits for the page.

MAGDA moves each request that it picks up to ``cache/to_vip`` and removes it there after two weeks
(FTPS Technical Information, File Exchange and File Cleanup).
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from exchange.filenames import FileNameError, check_final_name
from exchange.ftps import Entry, EntryKind, FTPSClient, NotFoundError
from exchange.models import Account, Transfer
from exchange.models.transfer import Direction, State
from exchange.services.looking import looking_at_magda

# How long a page may take; a worker would have more patience.
LONGEST_LOOK_SECONDS = 6.0
MOST_SHOWN = 500
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CachedRequest:
    """A file in the cache, and the newest of our deliveries that may have put it there.

    ``name`` is untrusted. ``refusal`` is the code of what is wrong with it as a name to send
    under, else empty.
    """

    name: str
    size: int | None
    modified: datetime | None
    refusal: str
    transfer: Transfer | None


@dataclass(frozen=True, slots=True)
class CacheContents:
    """What the cache holds: the newest files, at most 500, and how many there are in all."""

    newest: list[CachedRequest]
    total: int


def look_into_cache(account: Account) -> CacheContents:
    """List the requests in the cache of ``account``, newest first.

    Raises FTPSError and AccountError as :func:`~exchange.services.looking.looking_at_magda`.
    """
    entries = _list(account)
    newest = sorted(entries, key=lambda entry: entry.modified or _LONG_AGO, reverse=True)
    return CacheContents(_described(account, newest[:MOST_SHOWN]), len(entries))


def find_in_cache(account: Account, name: str) -> Entry | None:
    """Return what the cache of ``account`` holds under ``name``. Raises as the above."""
    return next((entry for entry in _list(account) if entry.name == name), None)


def _list(account: Account) -> list[Entry]:
    with looking_at_magda(account, at_most=LONGEST_LOOK_SECONDS) as client:
        return _files(client, account.folder_cache_to_vip)


def _files(client: FTPSClient, folder: str) -> list[Entry]:
    try:
        return [entry for entry in client.entries(folder) if entry.kind is EntryKind.FILE]
    except NotFoundError:
        return []


def _described(account: Account, entries: list[Entry]) -> list[CachedRequest]:
    refusals = {entry.name: _refusal(entry.name) for entry in entries}
    # Only such names can be names of ours, and no other surely fits into a query.
    known = _newest_by_name(account, [name for name, code in refusals.items() if not code])
    return [
        CachedRequest(
            name=entry.name,
            size=entry.size,
            modified=entry.modified,
            refusal=refusals[entry.name],
            transfer=known.get(entry.name),
        )
        for entry in entries
    ]


def _refusal(name: str) -> str:
    try:
        check_final_name(name)
    except FileNameError as exc:
        return exc.code
    return ""


def _newest_by_name(account: Account, names: list[str]) -> dict[str, Transfer]:
    # One that is still on its way, failed or was cancelled is not what MAGDA picked up.
    rows = Transfer.objects.filter(
        account=account,
        direction=Direction.DELIVERY,
        state__in=[State.DONE, State.UNCERTAIN],
        final_name__in=names,
    )
    rows = rows.select_related("account__identity__organisation").prefetch_related("answers")
    return {row.final_name: row for row in rows.order_by("id")}
