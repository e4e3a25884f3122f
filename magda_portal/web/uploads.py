"""Where an upload waits while the rest of its request comes in, and the end of a broken one."""

import tempfile
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParser

from magda_portal.web.outages import Outage

if TYPE_CHECKING:
    from django.utils.datastructures import MultiValueDict

# Seconds that the rest of such an upload is listened to.
_LONGEST_LISTENING = 20.0
_PIECE = 256 * 1024
_FIRST_REDIRECT = 300
# After these a client asks anyhow where its upload stands, so the rest of the part needn't come.
_ASKED_ABOUT = (409, 423)
# Bytes of a part that is refused; our own page sends 8 MiB at a time.
_LARGEST_PART = 16 * 1024**2


class GivenFile(UploadedFile):  # type: ignore[type-arg]  # generic in the stubs alone
    """A file of a form, with its name as the browser gave it: Django's is without what is odd."""

    given_name = ""


class _Parser(MultiPartParser):
    """Django's reading of a form, which remembers the name of a file before it is cleaned."""

    given_name = ""

    def sanitize_file_name(self, file_name: str) -> str | None:
        self.given_name = file_name
        return super().sanitize_file_name(file_name)


class UnnamedFileUploadHandler(FileUploadHandler):
    """Stream an upload into a temporary file that has no name.

    Nothing can be left behind: the kernel frees the file when it is closed, and whatever ends the
    request or the process closes it: an upload cut short, a full disk, a SIGKILL.
    """

    file: GivenFile | None = None
    was_cut_short = False
    _parser: _Parser | None = None

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803  # as Django names it
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> "tuple[QueryDict, MultiValueDict[str, UploadedFile[bytes]]] | None":
        """Read the form with a parser of ours, which asks every handler once more, and us."""
        if self._parser is not None or self.request is None:
            return None
        self._parser = _Parser(META, input_data, self.request.upload_handlers, encoding)
        return self._parser.parse()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        unnamed = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115  # closed below, or with the request
        self.file = GivenFile(
            unnamed, self.file_name, self.content_type, 0, self.charset, self.content_type_extra
        )
        if self._parser is not None:
            self.file.given_name = self._parser.given_name

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self.file is not None
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        assert self.file is not None
        # Also writes what was still in memory, so it may fail as writing does.
        self.file.seek(0)
        complete, self.file = self.file, None
        complete.size = file_size
        # From here on it is the request's, which closes it.
        return complete

    def upload_interrupted(self) -> None:
        """Close what is not complete, and so give its room on the disk back."""
        if self.file is None:
            return
        self.was_cut_short = True
        try:
            self.file.close()
        except OSError:
            # A full disk fails once more over what was in memory; it is closed all the same.
            return


def was_cut_short(request: HttpRequest) -> bool:
    """Tell whether a file of the request ended before its end; its body has been read.

    The web server hands on what came, without a word about what did not, and Django leaves such a
    file out, as if nobody had chosen one.
    """
    ours = (row for row in request.upload_handlers if isinstance(row, UnnamedFileUploadHandler))
    return any(handler.was_cut_short for handler in ours)


class BrokenUploadMiddleware:
    """Clean up after an upload that ended in an error, and let its sender read why.

    Django tells upload handlers only of some of the ways in which an upload breaks off. And a web
    server that answers while the client still sends has to reset the connection, by which the
    answer is lost: so the rest of an upload that the disk couldn't take is read and thrown away,
    for a while; and so is a part of a file that is refused, whoever refuses it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST":
            for handler in request.upload_handlers:
                handler.upload_interrupted()
            if response.status_code == Outage.STORAGE_FULL.value:
                _listen_to_the_end(request)
        elif request.method == "PATCH" and _is_read(response):
            _listen_to_the_end(request, most=_LARGEST_PART)
        return response


def _is_read(response: HttpResponse) -> bool:
    """Say whether the sender of a part has to read that it was refused, and why."""
    return response.status_code >= _FIRST_REDIRECT and response.status_code not in _ASKED_ABOUT


def _listen_to_the_end(request: HttpRequest, *, most: int | None = None) -> None:
    give_up_at = time.monotonic() + _LONGEST_LISTENING
    heard = 0
    try:
        while (piece := request.read(_PIECE)) and time.monotonic() < give_up_at:
            heard += len(piece)
            if most is not None and heard > most:
                return
    except OSError:
        # The client went away.
        return
