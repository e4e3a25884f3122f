"""Files at MAGDA as the commands print them: what keeps them there, and how long they stay."""

from collections.abc import Iterable, Iterator
from typing import TypedDict

from django.db.models import QuerySet
from django.utils import timezone

from exchange.filenames import shown, shown_path
from exchange.management.command import advice_text
from exchange.models import Account, RemoteFile
from exchange.queries import WaitingFile, waiting_files


class RemoteFileObject(TypedDict):
    """What ``--json`` tells of a file at MAGDA. Times are in ISO 8601, empty where there is none.

    ``days_left`` is negative once MAGDA may remove the file at any moment.
    """

    account: str
    folder: str
    name: str
    state: str
    size: int
    error: str
    failures: int
    next_try: str
    removal_day: str
    days_left: int


def still_at_magda(rows: QuerySet[RemoteFile]) -> list[WaitingFile]:
    """Return those of ``rows`` that are not fetched yet, or kept and refused to be cleared."""
    kept = RemoteFile.State.KEPT
    there = rows.filter(state=RemoteFile.State.SEEN) | rows.filter(state=kept).exclude(
        error_code=""
    )
    return waiting_files(there.order_by("removal_day", "id"), today=timezone.localdate())


def as_object(item: WaitingFile) -> RemoteFileObject:
    file = item.file
    next_try = timezone.localtime(file.next_try_at) if file.next_try_at else None
    return {
        "account": file.account.name,
        "folder": file.folder,
        "name": file.name,
        "state": file.state,
        "size": file.size,
        "error": file.error_code,
        "failures": file.failures,
        "next_try": next_try.isoformat(timespec="seconds") if next_try else "",
        "removal_day": file.removal_day.isoformat(),
        "days_left": item.days_left,
    }


def as_line(item: WaitingFile) -> str:
    """Describe a file in columns between tabs; a remote name is made safe for a terminal."""
    fields = as_object(item)
    fields["folder"], fields["name"] = shown_path(item.file.folder), shown(item.file.wire_name)
    return "\t".join(str(value) for value in fields.values())


def as_complaint(item: WaitingFile) -> str:
    """Say in one line what keeps a file at MAGDA, when it is tried again, and until when."""
    fields = as_object(item)
    facts = [f"{shown(item.file.wire_name)}: {advice_text(fields['error'])}"]
    if fields["failures"]:
        facts.append(f"failed {fields['failures']} times in a row")
    if fields["next_try"]:
        facts.append(f"next try {fields['next_try']}")
    facts.append(f"MAGDA removes it on {fields['removal_day']} ({_time_left(item.days_left)})")
    return "; ".join(facts)


def troubled_files(account: Account) -> list[WaitingFile]:
    """Return the files of ``account`` that something keeps at MAGDA."""
    return still_at_magda(account.remote_files.exclude(error_code=""))


def complaints(files: Iterable[WaitingFile], failed: Iterable[str]) -> Iterator[str]:
    """Say in a line each what keeps ``files`` at MAGDA, and what else failed in a run.

    ``failed`` holds names as :func:`shown` gives them: of files, of folders, of cached copies.
    """
    told = list(files)
    yield from (as_complaint(item) for item in told)
    for name in sorted(set(failed) - {shown(item.file.wire_name) for item in told}):
        yield f"{name}: not read, or not cleared; the next run tries it again."


def _time_left(days: int) -> str:
    if days < 0:
        return "so it may be gone at any moment"
    if days == 0:
        return "today"
    return "1 day left" if days == 1 else f"{days} days left"
