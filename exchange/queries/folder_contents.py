"""What stands in the folders of an account at MAGDA, and whose it is, as far as we can tell.

A listing says names, sizes and times. The ledger, the deliveries and the temporary names say which
of them are ours; what none of them knows was put there by other hands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from django.utils import timezone

from exchange.filenames import parse_name
from exchange.ftps import Entry, EntryKind
from exchange.models import Account, Transfer
from exchange.queries.deadlines import ALARM_DAYS, WARNING_DAYS, Urgency
from exchange.queries.standing import Known, Standing, is_sendable, known_files
from exchange.remote import path_in, removal_day

# Of one folder, those that MAGDA removes first.
MOST_SHOWN = 150
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
# For these the days left are a deadline: nobody here has the file yet.
_UNKEPT = (Standing.EXPECTED, Standing.STUCK)


@dataclass(frozen=True, slots=True)
class Listing:
    """What the server listed in a folder; names are untrusted."""

    folder: str
    entries: list[Entry]
    is_missing: bool = False
    # Why the folder could not be listed; empty when it could.
    error_code: str = ""


@dataclass(frozen=True, slots=True)
class StandingFile:
    """A file on the server: how old, how long yet, and what it is to us."""

    entry: Entry
    standing: Standing
    # The delivery or the kept file that it belongs to.
    transfer: Transfer | None
    # Why it could not be fetched; of a STUCK one.
    error_code: str
    # Since when it stands there: by the server's clock, else when we first saw it; None: not told.
    since: datetime | None
    # Until MAGDA may remove it; negative once that day has passed; None: not told.
    days_left: int | None

    @property
    def prefix(self) -> str:
        """What a subscription to files of this kind would ask for; empty when the name is odd."""
        if not is_sendable(self.entry.name):
            return ""
        parsed = parse_name(self.entry.name)
        return parsed.prefix if parsed else self.entry.name.rpartition(".")[0] or self.entry.name

    @property
    def urgency(self) -> Urgency:
        if self.days_left is None or self.standing not in _UNKEPT or self.days_left > WARNING_DAYS:
            return Urgency.NONE
        return Urgency.ALARM if self.days_left < ALARM_DAYS else Urgency.WARNING


@dataclass(frozen=True, slots=True)
class FolderContents:
    """A folder as a page shows it: what MAGDA removes first stands first."""

    listing: Listing
    is_collected: bool
    files: list[StandingFile] = field(default_factory=list)
    # Files in all, of which ``files`` holds some.
    total: int = 0
    subfolders: list[str] = field(default_factory=list)


def folders_of(account: Account) -> list[str]:
    """Return the folders of an account in the order of a file's life, each once."""
    folders = [
        account.folder_to_vip,
        *([account.staging_folder] if account.staging_folder else []),
        account.folder_cache_to_vip,
        account.folder_from_vip,
        *account.collect_folders,
        account.folder_cache_from_vip,
        account.folder_public,
    ]
    return list(dict.fromkeys(folders))


def describe_folders(
    account: Account, listings: Sequence[Listing], *, now: datetime
) -> list[FolderContents]:
    """Say of each listed file what it is; asks the database a fixed number of times."""
    shown = {listing.folder: _shown(listing) for listing in listings}
    known = known_files(account, shown)
    today = timezone.localdate(now)
    return [
        FolderContents(
            listing=listing,
            is_collected=listing.folder in account.collect_folders,
            files=[
                _described(known, listing.folder, entry, today) for entry in shown[listing.folder]
            ],
            total=len(_files(listing)),
            subfolders=_subfolders(account, listing),
        )
        for listing in listings
    ]


def _files(listing: Listing) -> list[Entry]:
    return [entry for entry in listing.entries if entry.kind is EntryKind.FILE]


def _shown(listing: Listing) -> list[Entry]:
    oldest_first = sorted(_files(listing), key=lambda entry: entry.modified or _LONG_AGO)
    return oldest_first[:MOST_SHOWN]


def _subfolders(account: Account, listing: Listing) -> list[str]:
    """Return the folders in a folder that are not shown on their own."""
    names = [entry.name for entry in listing.entries if entry.kind is EntryKind.FOLDER]
    own = folders_of(account)
    return sorted(name for name in names if path_in(listing.folder, name) not in own)[:MOST_SHOWN]


def _described(known: Known, folder: str, entry: Entry, today: date) -> StandingFile:
    standing, transfer, error_code = known.about(folder, entry)
    row = known.ledger.get((folder, entry.name))
    until = row.removal_day if row else _removal_day(entry)
    return StandingFile(
        entry=entry,
        standing=standing,
        transfer=transfer,
        error_code=error_code,
        since=entry.modified or (row.first_seen_at if row else None),
        days_left=(until - today).days if until else None,
    )


def _removal_day(entry: Entry) -> date | None:
    return removal_day(timezone.localtime(entry.modified)) if entry.modified else None
