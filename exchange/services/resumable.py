"""Begin a file that comes in over several requests, and say where it stands.

Each request goes on where the last one broke off: :mod:`exchange.services.appending`.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from exchange.errors import SubmissionError
from exchange.filenames import own_name
from exchange.models import Upload
from exchange.services.appending import given_up, standing
from exchange.services.unfinished import announced_lately, require_room
from exchange.services.uploads import UPLOAD_RETENTION, Parcel, record_upload, require_place
from exchange.storage import FileBusyError, PayloadMissingError, payload_store
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor


@dataclass(frozen=True, slots=True)
class Announced:
    """What a client says beforehand of the file that it will send; nothing of it is trusted.

    ``length`` is in bytes; ``modified`` in milliseconds since 1970, or None.
    """

    file_name: str
    length: int
    modified: int | None = None


def begin(parcel: Parcel, announced: Announced) -> Upload:
    """Make room for a file of which nothing is here yet.

    The same file of the same form, of which nothing came, is the same upload: the answer to the
    first request may have been lost. Raises SubmissionError: ``upload.empty``,
    ``upload.too_large``, ``upload.too_many``, ``upload.too_many_begun``, ``storage.reserved``,
    ``storage.full``.
    """
    if announced.length == 0:
        raise SubmissionError("upload.empty")
    if announced.length > settings.UPLOAD_LIMIT:
        raise SubmissionError("upload.too_large")
    if earlier := _begun(parcel, announced):
        return earlier
    require_place(parcel.id)
    require_room(parcel.person, announced.length)
    try:
        file_id = payload_store().begin()
    except OSError as exc:
        raise SubmissionError("storage.full", f"The file could not be begun: {exc}") from exc
    return _enter(file_id, parcel, announced)


def _begun(parcel: Parcel, announced: Announced) -> Upload | None:
    return (
        announced_lately(now=timezone.now())
        .filter(
            parcel=parcel.id,
            person=parcel.person,
            account=parcel.account,
            file_name=announced.file_name,
            length=announced.length,
            modified=announced.modified,
        )
        .first()
    )


@transaction.atomic
def _enter(file_id: uuid.UUID, parcel: Parcel, announced: Announced) -> Upload:
    upload = Upload.objects.create(
        id=file_id,
        parcel=parcel.id,
        person=parcel.person,
        account=parcel.account,
        file_name=announced.file_name,
        name=own_name(announced.file_name),
        length=announced.length,
        modified=announced.modified,
    )
    record_upload(Action.UPLOAD_BEGUN, upload, Actor.person(parcel.person))
    return upload


def expires_at(upload: Upload) -> datetime:
    """Return when an upload that nobody touches is erased."""
    return upload.touched_at + UPLOAD_RETENTION


def require_unexpired(upload: Upload, *, now: datetime) -> None:
    """Raise SubmissionError, ``upload.gone``, when it may be erased at any moment."""
    if expires_at(upload) <= now:
        raise SubmissionError("upload.gone")


def settled(upload: Upload) -> Upload:
    """Return the upload as it stands, once nobody writes to it at this moment.

    Raises SubmissionError: ``upload.busy`` while the whole file is being checked, ``upload.gone``.
    """
    if upload.state == Upload.State.RECEIVING:
        try:
            with payload_store().partial(upload.pk) as partial, partial.locked():
                return standing(upload)
        except FileBusyError as exc:
            raise SubmissionError("upload.busy") from exc
        except PayloadMissingError as exc:
            raise given_up(upload, exc) from exc
    return upload
