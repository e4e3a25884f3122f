"""Keep a file that comes in from a person, within the limits of this portal."""

from collections.abc import Iterator
from typing import BinaryIO

from django.conf import settings

from exchange.errors import SubmissionError
from exchange.storage import StoredFile, in_pieces, payload_store


def keep_file(content: BinaryIO) -> StoredFile:
    """Keep ``content`` in the store.

    Raises SubmissionError, with nothing kept: ``upload.empty``, ``upload.too_large`` for more than
    UPLOAD_LIMIT bytes, ``storage.full``.
    """
    try:
        stored = payload_store().keep(_limited(content))
    except OSError as exc:
        raise SubmissionError("storage.full", f"The file could not be kept: {exc}") from exc
    if stored.size == 0:
        payload_store().erase(stored.id)
        raise SubmissionError("upload.empty")
    return stored


def _limited(content: BinaryIO) -> Iterator[bytes]:
    total = 0
    for piece in in_pieces(content):
        total += len(piece)
        if total > settings.UPLOAD_LIMIT:
            raise SubmissionError("upload.too_large")
        yield piece
