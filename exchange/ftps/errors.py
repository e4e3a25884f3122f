"""What can go wrong between us and an FTPS server.

FTPSError                       code, stage, retryable, reply
├─ ConnectError                 retryable: the control connection refused, cut or unanswered
│  ├─ ResolveError
│  ├─ RefusedError
│  ├─ ConnectTimeoutError
│  └─ ProxyError                retryable unless the proxy forbids it
├─ TLSError
│  ├─ HandshakeError            no common version or cipher, AUTH TLS refused, trust store unusable,
│  │                            or cut: in the handshake, or right after it
│  ├─ ServerCertificateError    untrusted, expired, revoked, wrong name
│  └─ ClientCertificateError    rejected, missing, or a key that does not fit
├─ LoginError                   530
├─ CommandError                 the server said no
│  ├─ NotFoundError             550 on something that is not there
│  ├─ DeniedError               550 or 553 on something that we may not do
│  ├─ StorageFullError          452 or 552, retryable
│  └─ ListingError              a listing that we cannot read
├─ UnconfirmedError             retryable after a look at the server: sent, but the reply lost
├─ UnsafeNameError              refused by us, before anything was sent
└─ DataError                    retryable
   ├─ StalledError
   ├─ AbortedError              425, 426, 451, or a broken connection
   └─ SizeMismatchError

``code`` is stable and names the cause for advice texts; :data:`ERROR_CODES` holds all of them.
"""

from enum import StrEnum
from typing import ClassVar, Final

from exchange.ftps.replies import Reply

ERROR_CODES: Final[frozenset[str]] = frozenset(
    {
        "client.key_unusable",
        "client.trust_unusable",
        "command.refused",
        "command.unconfirmed",
        "connect.failed",
        "connect.lost",
        "connect.no_reply",
        "connect.refused",
        "connect.resolve",
        "connect.timed_out",
        "connect.unavailable",
        "data.aborted",
        "data.connect_failed",
        "data.session_not_resumed",
        "data.size_mismatch",
        "data.stalled",
        "data.total_timed_out",
        "data.unconfirmed",
        "file.denied",
        "file.not_found",
        "listing.unreadable",
        "login.refused",
        "name.unsafe",
        "proxy.authentication",
        "proxy.refused",
        "proxy.unreachable",
        "server.full",
        "tls.client_rejected",
        "tls.cut_after_handshake",
        "tls.handshake",
        "tls.refused_by_server",
        "tls.server_expired",
        "tls.server_name",
        "tls.server_revoked",
        "tls.server_untrusted",
    }
)


class Stage(StrEnum):
    """How far the conversation with the server had come."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    PROXY = "proxy"
    GREET = "greet"
    SECURE = "secure"
    LOGIN = "login"
    COMMAND = "command"
    DATA = "data"
    CONFIRM = "confirm"


class FTPSError(Exception):
    """Any failure of the conversation; ``str()`` is one technical line in English.

    ``retryable`` says whether the same attempt may succeed later with nothing changed.
    """

    default_code: ClassVar[str] = "command.refused"
    default_retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        stage: Stage,
        code: str = "",
        reply: Reply | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        if self.code not in ERROR_CODES:
            raise ValueError(f"{self.code} is not among the error codes")
        self.stage = stage
        self.reply = reply
        self.retryable = self.default_retryable if retryable is None else retryable


class ConnectError(FTPSError):
    default_code = "connect.failed"
    default_retryable = True


class ResolveError(ConnectError):
    default_code = "connect.resolve"


class RefusedError(ConnectError):
    default_code = "connect.refused"


class ConnectTimeoutError(ConnectError):
    default_code = "connect.timed_out"


class ProxyError(ConnectError):
    default_code = "proxy.unreachable"


class TLSError(FTPSError):
    default_code = "tls.handshake"


class HandshakeError(TLSError):
    pass


class ServerCertificateError(TLSError):
    default_code = "tls.server_untrusted"


class ClientCertificateError(TLSError):
    default_code = "tls.client_rejected"


class LoginError(FTPSError):
    default_code = "login.refused"


class CommandError(FTPSError):
    pass


class NotFoundError(CommandError):
    default_code = "file.not_found"


class DeniedError(CommandError):
    default_code = "file.denied"


class StorageFullError(CommandError):
    default_code = "server.full"
    default_retryable = True


class ListingError(CommandError):
    default_code = "listing.unreadable"


class UnconfirmedError(FTPSError):
    default_code = "command.unconfirmed"
    default_retryable = True


class UnsafeNameError(FTPSError):
    default_code = "name.unsafe"


class DataError(FTPSError):
    default_code = "data.aborted"
    default_retryable = True


class StalledError(DataError):
    default_code = "data.stalled"


class AbortedError(DataError):
    pass


class SizeMismatchError(DataError):
    default_code = "data.size_mismatch"
