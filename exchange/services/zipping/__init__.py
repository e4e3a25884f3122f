"""Several collected files as one ZIP file, which is written while it is read.

Each file counts as opened, and is in the history, at the moment when its turn comes: what a broken
download never reached stays new. A file is first read through and compared with the SHA-256 that
was taken when it came; one that is gone or damaged is left out, and the list of contents, which is
the last file, says so. Should the store fail in the middle of a file, the ZIP file breaks off, and
no program takes it for a whole one.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import BinaryIO, Final

from django.utils.translation import gettext as _

from exchange.advice import advice_for
from exchange.errors import StateError
from exchange.filenames import escaped
from exchange.models import Payload, Transfer
from exchange.services.opening import open_content
from exchange.services.zipping.names import NameRegister, safe_name
from exchange.services.zipping.stream import ZipStream
from exchange.storage import PayloadMissingError, in_pieces, payload_store
from magda_portal.audit.services import Actor
from magda_portal.web.current import RequestFacts, current_request, handling
from magda_portal.web.spreadsheets import csv_lines

logger = logging.getLogger(__name__)

MOST_FILES: Final = 100
_MOST_BYTES_OF_A_FOLDER: Final = 80


def zip_of(
    transfers: Sequence[Transfer], *, actor: Actor, clock: Callable[[], datetime]
) -> Iterator[bytes]:
    """Return the pieces of a ZIP file with the contents of ``transfers``.

    The caller has checked that ``actor`` may read them all, and that there are at most
    :data:`MOST_FILES`.
    """
    return _Writing(transfers, actor, clock, current_request()).pieces()


class _Writing:
    """One ZIP file in the making; the request is over by then, and its facts are kept here."""

    def __init__(
        self,
        transfers: Sequence[Transfer],
        actor: Actor,
        clock: Callable[[], datetime],
        facts: RequestFacts,
    ) -> None:
        self._transfers = transfers
        self._actor = actor
        self._clock = clock
        self._facts = facts
        self._zip = ZipStream()
        self._names = NameRegister()
        self._list_name = self._names.take(_("contents") + ".csv")
        self._folders = _folders(transfers)
        self._lines: list[Sequence[object]] = []

    def pieces(self) -> Iterator[bytes]:
        for transfer in self._transfers:
            try:
                content = self._opened(transfer)
            except StateError as exc:
                logger.warning("Transfer %s is left out of a ZIP: %s.", transfer.pk, exc.code)
                self._note(transfer, "", str(advice_for(exc.code)))
                continue
            folder = self._folders.get(transfer.account_id, "")
            name = self._names.take(transfer.final_name, folder=folder)
            with content:
                yield from self._zip.add(name, content, size=transfer.size, at=transfer.created_at)
                if content.tell() != transfer.size:
                    raise OSError(f"Payload of transfer {transfer.pk} changed while it was read.")
            self._note(transfer, name, "")
        yield from self._zip.add_text(
            self._list_name, "".join(csv_lines(_header(), self._lines)), at=self._clock()
        )
        yield from self._zip.end()

    def _opened(self, transfer: Transfer) -> BinaryIO:
        """Open one file that is whole, and record that. Raises StateError."""
        if transfer.payload is None:
            raise StateError("payload.not_fetched")
        # Its retention may have ended since the list was made.
        transfer.payload.refresh_from_db(fields=["erased_at"])
        if transfer.payload.erased_at is None:
            _require_whole(transfer.payload)
        with handling(self._facts):
            return open_content(transfer, actor=self._actor, now=self._clock())

    def _note(self, transfer: Transfer, name: str, left_out: str) -> None:
        self._lines.append(
            [
                name,
                left_out or _("whole"),
                escaped(transfer.final_name),
                transfer.account.name,
                transfer.account.environment,
                transfer.referte,
                transfer.size,
                transfer.sha256,
                transfer.pk,
            ]
        )


def _header() -> Sequence[str]:
    return [
        _("File in this ZIP"),
        _("State"),
        _("Name at MAGDA"),
        _("Account"),
        _("Environment"),
        _("Reference (Referte)"),
        _("Size in bytes"),
        _("SHA-256"),
        _("Number in the portal"),
    ]


def _require_whole(payload: Payload) -> None:
    """Raise StateError unless the store has exactly what was kept."""
    try:
        content = payload_store().open(payload.pk)
    except PayloadMissingError as exc:
        raise StateError("payload.missing", str(exc)) from exc
    digest = hashlib.sha256()
    with content:
        for piece in in_pieces(content):
            digest.update(piece)
    if digest.hexdigest() != payload.sha256:
        raise StateError("payload.corrupt")


def _folders(transfers: Iterable[Transfer]) -> dict[object, str]:
    """Return a folder for each account, where there are several; it names the environment."""
    accounts = {transfer.account_id: transfer.account for transfer in transfers}
    if len(accounts) < 2:
        return {}
    names = NameRegister()
    return {
        key: names.take(
            safe_name(f"{account.environment} {account.name}", most_bytes=_MOST_BYTES_OF_A_FOLDER)
        )
        for key, account in accounts.items()
    }
