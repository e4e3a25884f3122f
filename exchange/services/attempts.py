"""Gather what one attempt was: who talked to whom, how far it came, and what was said."""

import socket
import time

from django.utils import timezone

from exchange.errors import NotReadyError
from exchange.ftps import FTPSClient, FTPSError, Reply, displayable
from exchange.models import Transfer, TransferAttempt

REPLY_LENGTH = 300


class AttemptRecorder:
    """Measures one attempt on ``transfer`` and writes it down as an unsaved row."""

    def __init__(self, transfer: Transfer, *, fingerprint: str, client: FTPSClient | None) -> None:
        self.transfer = transfer
        self.fingerprint = fingerprint
        self.bytes_moved = 0
        self.reply: Reply | None = None
        self._client = client
        self._mark = client.transcript.written if client else 0
        self._started_at = timezone.now()
        self._started = time.monotonic()

    @property
    def transcript(self) -> str:
        """The dialogue since this attempt began, secrets removed."""
        if self._client is None:
            return ""
        return "\n".join(self._client.transcript.since(self._mark))

    def succeeded(self) -> TransferAttempt:
        return self._row()

    def failed(self, error: FTPSError | NotReadyError) -> TransferAttempt:
        row = self._row()
        row.error_code = error.code
        if isinstance(error, FTPSError):
            row.stage = error.stage
            row.reply = _shown(error.reply)
        return row

    def failed_here(self, code: str) -> TransferAttempt:
        """Tell of a cause that lies with us: an unreadable payload, say."""
        row = self._row()
        row.error_code = code
        return row

    def _row(self) -> TransferAttempt:
        connection = self._client.connection if self._client else None
        return TransferAttempt(
            transfer=self.transfer,
            number=self.transfer.attempts.count() + 1,
            started_at=self._started_at,
            duration_ms=int((time.monotonic() - self._started) * 1000),
            reply=_shown(self.reply),
            bytes_moved=self.bytes_moved,
            worker=socket.gethostname()[:100],
            local_address=connection.local_address if connection else "",
            server_address=connection.server_address if connection else "",
            tls_version=connection.tls_version if connection else "",
            certificate_fingerprint=self.fingerprint,
            transcript=self.transcript,
        )


def _shown(reply: Reply | None) -> str:
    """Return a reply fit to be stored: a server may send what is no UTF-8, or acts on a page."""
    return displayable(reply.text)[:REPLY_LENGTH] if reply else ""
