"""An FTPS client without Django: values in, values out.

Start with :class:`~exchange.ftps.client.FTPSClient`; the errors are drawn in
:mod:`exchange.ftps.errors`.
"""

from exchange.ftps.client import FTPSClient
from exchange.ftps.config import (
    ClientCredentials,
    Endpoint,
    Inspect,
    Proxy,
    Timeouts,
    TLSVersion,
    TrustStore,
)
from exchange.ftps.errors import (
    ERROR_CODES,
    AbortedError,
    ClientCertificateError,
    CommandError,
    ConnectError,
    ConnectTimeoutError,
    DataError,
    DeniedError,
    FTPSError,
    HandshakeError,
    ListingError,
    LoginError,
    NotFoundError,
    ProxyError,
    RefusedError,
    ResolveError,
    ServerCertificateError,
    SizeMismatchError,
    Stage,
    StalledError,
    StorageFullError,
    TLSError,
    UnconfirmedError,
    UnsafeNameError,
)
from exchange.ftps.listing import Entry, EntryKind
from exchange.ftps.replies import Reply, ReplyKind
from exchange.ftps.results import ConnectionFacts, Probe, Receipt
from exchange.ftps.transcript import displayable

__all__ = [
    "ERROR_CODES",
    "AbortedError",
    "ClientCertificateError",
    "ClientCredentials",
    "CommandError",
    "ConnectError",
    "ConnectTimeoutError",
    "ConnectionFacts",
    "DataError",
    "DeniedError",
    "Endpoint",
    "Entry",
    "EntryKind",
    "FTPSClient",
    "FTPSError",
    "HandshakeError",
    "Inspect",
    "ListingError",
    "LoginError",
    "NotFoundError",
    "Probe",
    "Proxy",
    "ProxyError",
    "Receipt",
    "RefusedError",
    "Reply",
    "ReplyKind",
    "ResolveError",
    "ServerCertificateError",
    "SizeMismatchError",
    "Stage",
    "StalledError",
    "StorageFullError",
    "TLSError",
    "TLSVersion",
    "Timeouts",
    "TrustStore",
    "UnconfirmedError",
    "UnsafeNameError",
    "displayable",
]
