"""Whose a file at MAGDA is: what the portal knows of it by its folder, name and size."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exchange.filenames import FileNameError, check_final_name
from exchange.ftps import Entry
from exchange.models import Account, RemoteFile, Subscription, TemporaryFile, Transfer
from exchange.models.remote_name import escaped, needs_escaping
from exchange.models.transfer import Direction, State, Step
from exchange.remote import path_in

_REACHED_THE_SERVER = (State.DONE, State.UNCERTAIN)
_PERHAPS_RENAMED = (Step.RENAME_ASKED, Step.FINAL)


class Standing(models.TextChoices):
    """What a file on the server is to us; the label is what people read."""

    SENT = "SENT", _("sent from here; MAGDA has yet to pick it up")
    BEING_SENT = "BEING_SENT", _("being sent from here")
    PICKED_UP = "PICKED_UP", _("sent from here; MAGDA picked it up")
    EXPECTED = "EXPECTED", _("the portal collects it")
    STUCK = "STUCK", _("the portal could not collect it")
    KEPT = "KEPT", _("kept here")
    NOT_COLLECTED = "NOT_COLLECTED", _("nobody here collects it")
    NOT_SUBSCRIBED = "NOT_SUBSCRIBED", _("no subscription asks for it")
    MOVED = "MOVED", _("collected here, and moved to this folder")
    OTHER_HANDS = "OTHER_HANDS", _("from other hands: neither sent nor known here")

    @property
    def tone(self) -> str:
        return _TONES[self]


_TONES: Mapping[Standing, str] = {
    Standing.SENT: "waiting",
    Standing.BEING_SENT: "busy",
    Standing.PICKED_UP: "good",
    Standing.EXPECTED: "waiting",
    Standing.STUCK: "bad",
    Standing.KEPT: "good",
    Standing.NOT_COLLECTED: "attention",
    Standing.NOT_SUBSCRIBED: "neutral",
    Standing.MOVED: "good",
    Standing.OTHER_HANDS: "attention",
}

Verdict = tuple[Standing, Transfer | None, str]
"""What a file is, the transfer that it belongs to, and the code of what keeps it from us."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of the files of some listings."""

    account: Account
    subscriptions: Sequence[Subscription]
    # By folder and name as the server writes it.
    ledger: Mapping[tuple[str, str], RemoteFile]
    # By path in the cache folder.
    moved: Mapping[str, RemoteFile]
    # By name, the newest that may stand in ``to_vip``, and in the cache.
    sent: Mapping[str, Transfer]
    picked_up: Mapping[str, Transfer]
    # Temporary paths.
    temporary: Mapping[str, Transfer]

    def about(self, folder: str, entry: Entry) -> Verdict:
        """Say what ``entry`` of ``folder`` is to us."""
        if found := self.temporary.get(path_in(folder, entry.name)):
            return Standing.BEING_SENT, found, ""
        if folder == self.account.folder_to_vip:
            return _ours(Standing.SENT, self.sent.get(entry.name), entry)
        if folder == self.account.folder_cache_to_vip:
            return _ours(Standing.PICKED_UP, self.picked_up.get(entry.name), entry)
        if folder == self.account.folder_cache_from_vip:
            return _moved(self.moved.get(path_in(folder, entry.name)), entry)
        if folder == self.account.staging_folder:
            return Standing.OTHER_HANDS, None, ""
        return self._to_collect(folder, entry)

    def _to_collect(self, folder: str, entry: Entry) -> Verdict:
        row = self.ledger.get((folder, entry.name))
        if row is not None and row.state == RemoteFile.State.KEPT:
            return Standing.KEPT, row.transfer, ""
        if not self._is_wanted(folder, entry.name):
            is_public = folder == self.account.folder_public
            return (Standing.NOT_SUBSCRIBED if is_public else Standing.NOT_COLLECTED), None, ""
        if row is not None and row.error_code:
            return Standing.STUCK, row.transfer, row.error_code
        return Standing.EXPECTED, None, ""

    def _is_wanted(self, folder: str, name: str) -> bool:
        if folder in self.account.collect_folders:
            return True
        return folder == self.account.folder_public and any(
            subscription.matches(name) for subscription in self.subscriptions
        )


def known_files(account: Account, listed: Mapping[str, Sequence[Entry]]) -> Known:
    """Return what the database knows of ``listed``, the entries by their folder: five questions."""
    ours = (account.folder_to_vip, account.folder_cache_to_vip)
    names = [entry.name for folder in ours for entry in listed.get(folder, ())]
    paths = [path for folder in listed for path in _paths(folder, listed[folder])]
    cache = account.folder_cache_from_vip
    deliveries = _deliveries(account, [name for name in names if is_sendable(name)])
    return Known(
        account=account,
        subscriptions=list(account.subscriptions.all()),
        ledger=_ledger(account, listed),
        moved=_moved_to(account, _paths(cache, listed.get(cache, ()))),
        sent={row.final_name: row for row in deliveries if row.picked_up_at is None},
        picked_up={row.final_name: row for row in deliveries if row.state in _REACHED_THE_SERVER},
        temporary=_temporary(account, paths),
    )


def _paths(folder: str, entries: Iterable[Entry]) -> list[str]:
    """Return the paths of entries; of those whose name a column can hold as it is."""
    return [path_in(folder, entry.name) for entry in entries if not needs_escaping(entry.name)]


def _ours(standing: Standing, transfer: Transfer | None, entry: Entry) -> Verdict:
    """Tell our own file from another one under its name."""
    if transfer is None or entry.size not in (None, transfer.size):
        return Standing.OTHER_HANDS, None, ""
    return standing, transfer, ""


def _moved(row: RemoteFile | None, entry: Entry) -> Verdict:
    if row is None or entry.size not in (None, row.size):
        return Standing.OTHER_HANDS, None, ""
    return Standing.MOVED, row.transfer, ""


def is_sendable(name: str) -> bool:
    """Return whether a delivery may carry ``name``; no other one surely fits into a query."""
    try:
        check_final_name(name)
    except FileNameError:
        return False
    return True


def _deliveries(account: Account, names: Sequence[str]) -> list[Transfer]:
    # One that is still on its way, failed or was cancelled is not what stands there.
    there = Q(state__in=_REACHED_THE_SERVER) | Q(state=State.RUNNING, step__in=_PERHAPS_RENAMED)
    rows = Transfer.objects.filter(
        there, account=account, direction=Direction.DELIVERY, final_name__in=names
    )
    return list(rows.order_by("id"))


def _ledger(
    account: Account, listed: Mapping[str, Sequence[Entry]]
) -> dict[tuple[str, str], RemoteFile]:
    names = {
        escaped(entry.name) if needs_escaping(entry.name) else entry.name
        for entries in listed.values()
        for entry in entries
    }
    rows = RemoteFile.objects.filter(
        account=account, folder__in=list(listed), name__in=names, state__in=RemoteFile.PRESENT
    ).select_related("transfer")
    return {(row.folder, row.wire_name): row for row in rows}


def _moved_to(account: Account, paths: Sequence[str]) -> dict[str, RemoteFile]:
    rows = RemoteFile.objects.filter(
        account=account, state=RemoteFile.State.RELEASED, cleared_at=None, cache_path__in=paths
    ).select_related("transfer")
    return {row.cache_path: row for row in rows}


def _temporary(account: Account, paths: Sequence[str]) -> dict[str, Transfer]:
    rows = TemporaryFile.objects.filter(transfer__account=account, path__in=paths)
    return {row.path: row.transfer for row in rows.select_related("transfer")}
