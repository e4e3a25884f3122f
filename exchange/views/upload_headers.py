"""Read and write the headers of tus that describe an upload."""

import base64
import binascii
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest

from exchange.filenames import as_given, own_name
from exchange.models import Upload
from exchange.services.resumable import Announced

_NAME: Final = "filename"
_ACCOUNT: Final = "account"
_MODIFIED: Final = "modified"
# What a column of the database holds.
_MOST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a client says of its file: the name, the account's id, and when it was changed (ms)."""

    file_name: str
    account: UUID
    modified: int | None


def metadata_in(request: HttpRequest) -> Metadata:
    """Read ``Upload-Metadata``. Raises BadRequest."""
    fields = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        fields[key] = _decoded(value)
    name = as_given(fields.get(_NAME, ""))
    if not own_name(name):
        raise BadRequest("The upload has no file name.")
    modified = fields.get(_MODIFIED)
    return Metadata(
        name, _uuid(fields.get(_ACCOUNT, "")), None if modified is None else _number(modified)
    )


def metadata_of(upload: Upload) -> str:
    """Write the metadata of an upload as its client gave them."""
    fields = {_NAME: upload.file_name, _ACCOUNT: str(upload.account_id)}
    if upload.modified is not None:
        fields[_MODIFIED] = str(upload.modified)
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode('ascii')}" for key, value in fields.items()
    )


def announced_in(request: HttpRequest, metadata: Metadata) -> Announced:
    """Read what the first request announces. Raises BadRequest."""
    length = number_in(request, "Upload-Length")
    return Announced(metadata.file_name, length, metadata.modified)


def form_in(request: HttpRequest) -> UUID | None:
    """Return the id of the page's form that sends the file. Raises BadRequest."""
    given = request.headers.get("Upload-Form")
    return _uuid(given) if given else None


def number_in(request: HttpRequest, header: str) -> int:
    """Return the whole number of a header that has to be there. Raises BadRequest."""
    return _number(request.headers.get(header, ""))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_MOST))):
        raise BadRequest("A header that has to be a number is none.")
    if (number := int(text)) > _MOST:
        raise BadRequest("A number is too large.")
    return number


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise BadRequest("A header that has to be an id is none.") from exc


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise BadRequest("The metadata of the upload can not be read.") from exc
