"""Append to a file that comes in over several requests, and keep it once it is whole.

What a request brings is made durable first, and only then acknowledged in the row: the offset that
a client is told never lies ahead of the disk. What lies behind that offset was not acknowledged, so
the next request drops it and sends it again.

Only the latest request may append. One that hangs, on a connection that the network forgot, keeps
nobody waiting: the next one takes the upload over with a token of its own, and whatever the first
still receives is not written any more. The lock of the file is held for the moment of each write,
and while a whole file is checked.
"""

import errno
import logging
import uuid
from collections.abc import Iterable
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from exchange.errors import SubmissionError
from exchange.models import Upload
from exchange.services.troubles import PORTAL
from exchange.services.uploads import (
    Parcel,
    discard,
    findings_in,
    record_upload,
    require_place,
    the_same,
)
from exchange.storage import FileBusyError, PartialFile, PayloadMissingError, payload_store
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor

logger = logging.getLogger(__name__)

# How many bytes at most are sent once more after a break: each so many are made durable. When the
# disk is full, a part of no more than that is worth keeping.
_SYNC_EVERY: Final = 8 * 1024**2
_DISK_IS_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def append(
    upload: Upload, pieces: Iterable[bytes], *, offset: int, size: int, parcel: Parcel | None = None
) -> Upload:
    """Keep ``pieces``, of ``size`` bytes together, from ``offset`` on; return what it became.

    Fewer may come, when the connection breaks: they are kept. With the last byte the file is whole
    and is checked as one that came in a form. ``parcel`` is that of the form which goes on with it.

    Raises SubmissionError: ``upload.offset`` when the upload stands elsewhere, or another request
    took it over; ``upload.overrun`` for more bytes than were announced; ``upload.busy``,
    ``upload.gone``, ``upload.too_many``, ``storage.full``: a large part is then given up.
    """
    if size > upload.length - offset:
        raise SubmissionError("upload.overrun")
    try:
        with payload_store().partial(upload.pk) as partial:
            appending = _Appending(upload, partial, offset)
            try:
                appending.take_over(parcel)
                for piece in pieces:
                    appending.write(piece)
                return appending.end()
            except OSError as exc:
                if exc.errno in _DISK_IS_FULL:
                    appending.free_room()
                raise
    except FileBusyError as exc:
        raise SubmissionError("upload.busy") from exc
    except PayloadMissingError as exc:
        raise given_up(upload, exc) from exc
    except OSError as exc:
        raise SubmissionError("storage.full", f"A part could not be kept: {exc}") from exc


def given_up(upload: Upload, error: PayloadMissingError) -> SubmissionError:
    """Give up what the store no longer has, unless it was sent or removed at this moment."""
    gone = SubmissionError("upload.gone", str(error))
    if Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVING).exists():
        logger.error("Upload %s was begun, and the store has no such file.", upload.pk)
        discard(upload, actor=Actor.person(upload.person), action=Action.UPLOAD_ERASED)
    return gone


def standing(upload: Upload) -> Upload:
    """Return its row as it stands now. Raises SubmissionError: ``upload.gone``."""
    found = Upload.objects.filter(pk=upload.pk).select_related("account__identity").first()
    if found is None:
        raise SubmissionError("upload.gone")
    return found


class _Appending:
    """One request's right to append to an upload, until a later one takes it over."""

    def __init__(self, upload: Upload, partial: PartialFile, offset: int) -> None:
        self._upload = upload
        self._partial = partial
        self._token = uuid.uuid4()
        self._offset = offset
        self._position = offset
        self._durable = offset

    def take_over(self, parcel: Parcel | None) -> None:
        """Take the upload over from whoever appended to it, if it stands where we go on."""
        parcel_id = parcel.id if parcel else self._upload.parcel
        # What was only announced takes no place yet.
        if not self._offset or parcel_id != self._upload.parcel:
            require_place(parcel_id)
        with self._partial.locked():
            waits_here = Upload.objects.filter(
                pk=self._upload.pk, state=Upload.State.RECEIVING, received=self._offset
            )
            if not waits_here.update(writer=self._token, parcel=parcel_id):
                raise SubmissionError("upload.offset")
            self._partial.cut_to(self._offset)

    def write(self, piece: bytes) -> None:
        if self._position + len(piece) > self._upload.length:
            raise SubmissionError("upload.overrun")
        with self._partial.locked():
            self._require_right()
            self._partial.write(piece, at=self._position)
            self._position += len(piece)
            is_whole = self._position == self._upload.length
            if self._position - self._durable >= _SYNC_EVERY and not is_whole:
                self._acknowledge()

    def end(self) -> Upload:
        """Acknowledge what came, or check and keep the file when it is whole."""
        with self._partial.locked():
            self._require_right()
            if self._position == self._upload.length:
                return self._keep()
            self._acknowledge()
        return standing(self._upload)

    def free_room(self) -> None:
        """Let go of what fills the disk: a large part may wait for a day, and others need the room.

        Of a small one only goes what was not acknowledged.
        """
        with self._partial.locked():
            large = self._ours.filter(received__gt=_SYNC_EVERY)
            if large.exists():
                discard(self._upload, actor=PORTAL, action=Action.UPLOAD_ERASED)
            elif self._ours.exists():
                self._partial.cut_to(self._durable)

    @property
    def _ours(self) -> QuerySet[Upload]:
        return Upload.objects.filter(
            pk=self._upload.pk, state=Upload.State.RECEIVING, writer=self._token
        )

    def _require_right(self) -> None:
        if not self._ours.exists():
            raise SubmissionError("upload.offset", "Another request took it over, or removed it.")

    def _acknowledge(self) -> None:
        if self._position == self._durable:
            # Who brings nothing doesn't keep a part from its end either.
            return
        self._partial.sync()
        self._ours.update(received=self._position, touched_at=timezone.now())
        self._durable = self._position

    def _keep(self) -> Upload:
        """Check the whole file; its row says that it is here only once it has its final name."""
        self._partial.sync()
        sha256 = self._partial.sha256()
        upload = self._upload
        with self._partial.read() as content:
            findings = findings_in(upload.account, upload.name, content)
        self._partial.keep()
        try:
            with transaction.atomic():
                kept = self._ours.update(
                    state=Upload.State.WAITING,
                    received=upload.length,
                    sha256=sha256,
                    findings=findings,
                    writer=None,
                    touched_at=timezone.now(),
                )
                if not kept:
                    raise SubmissionError("upload.gone", "It was removed while it was checked.")
                upload = standing(upload)
                record_upload(Action.UPLOAD_KEPT, upload, Actor.person(upload.person))
        except IntegrityError:
            return self._give_way(sha256)
        return upload

    def _give_way(self, sha256: str) -> Upload:
        """Leave it to the same file that the parcel has already."""
        parcel_id = Upload.objects.values_list("parcel", flat=True).get(pk=self._upload.pk)
        same = the_same(parcel_id, self._upload.file_name, sha256)
        self._ours.delete()
        payload_store().erase(self._upload.pk)
        return same
