"""Maps libcurl's result codes, with the stage and the last reply, to our errors.

libcurl's code alone says too little: 56 (receive error) may be a rejected client certificate right
after a TLS 1.3 handshake, is a lost connection later, and a broken transfer on the data connection.
"""

import errno
import re
from dataclasses import dataclass
from enum import IntEnum

from exchange.ftps.dialogue import Dialogue
from exchange.ftps.errors import (
    AbortedError,
    ClientCertificateError,
    CommandError,
    ConnectError,
    ConnectTimeoutError,
    FTPSError,
    HandshakeError,
    ProxyError,
    RefusedError,
    ResolveError,
    ServerCertificateError,
    SizeMismatchError,
    Stage,
    StalledError,
    UnconfirmedError,
    UnsafeNameError,
)
from exchange.ftps.refusals import refusal


class CurlCode(IntEnum):
    """libcurl's result codes that we tell apart (libcurl-errors(3))."""

    URL_MALFORMAT = 3
    COULDNT_RESOLVE_PROXY = 5
    COULDNT_RESOLVE_HOST = 6
    COULDNT_CONNECT = 7
    PARTIAL_FILE = 18
    OPERATION_TIMEDOUT = 28
    SSL_CONNECT_ERROR = 35
    BAD_FUNCTION_ARGUMENT = 43
    GOT_NOTHING = 52
    SEND_ERROR = 55
    RECV_ERROR = 56
    SSL_CERTPROBLEM = 58
    PEER_FAILED_VERIFICATION = 60
    USE_SSL_FAILED = 64
    SSL_CACERT_BADFILE = 77
    PROXY = 97


@dataclass(frozen=True, slots=True)
class Fault:
    """How libcurl ended an operation: its code and message, and what ``getinfo`` adds.

    ``verify_result`` is OpenSSL's (X509_V_ERR_…), ``system_error`` is an ``errno``.
    """

    code: int
    message: str
    verify_result: int = 0
    system_error: int = 0

    def __str__(self) -> str:
        return f"{self.message} (libcurl {self.code})"


_EFFECTIVE_VERBS = frozenset({"RNTO", "DELE"})
# What libcurl says ahead of a transfer: silence then is the control connection's, not the data's.
_PREPARING_VERBS = frozenset({"EPSV", "PASV", "TYPE", "SIZE"})
_X509_EXPIRED = frozenset({9, 10})  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
# OpenSSL finds the chain good and libcurl compares the names itself, in these words.
_NAME_MISMATCH = re.compile(r"subject name|does not match", re.IGNORECASE)
_BROKEN = frozenset(
    {
        CurlCode.SSL_CONNECT_ERROR,
        CurlCode.GOT_NOTHING,
        CurlCode.SEND_ERROR,
        CurlCode.RECV_ERROR,
    }
)
# The alerts with which a server turns down our certificate or its lack (RFC 8446 section 6.2):
# handshake_failure (TLS 1.2 has no other for a missing certificate), bad, unsupported, revoked,
# expired and unknown certificate, unknown_ca, access_denied, decrypt_error, certificate_required.
_CLIENT_ALERTS = frozenset({40, 42, 43, 44, 45, 46, 48, 49, 51, 116})
# A handshake that ended without any alert: more likely the network than a disagreement.
_CUT = re.compile(r"reset by peer|unexpected eof|SYSCALL|closed abruptly", re.IGNORECASE)


def error_for(fault: Fault, dialogue: Dialogue) -> FTPSError:
    """Return the error for an operation that libcurl gave up."""
    for explain in (_own_mistake, _proxy, _connecting, _securing, _refused, _timed_out):
        if error := explain(fault, dialogue):
            return error
    return _broken(fault, dialogue)


def _own_mistake(fault: Fault, dialogue: Dialogue) -> FTPSError | None:
    stage = dialogue.stage
    match fault.code:
        case CurlCode.URL_MALFORMAT:
            return UnsafeNameError(str(fault), stage=Stage.COMMAND)
        case CurlCode.SSL_CERTPROBLEM | CurlCode.BAD_FUNCTION_ARGUMENT:
            return ClientCertificateError(str(fault), code="client.key_unusable", stage=stage)
        case CurlCode.SSL_CACERT_BADFILE:
            return HandshakeError(str(fault), code="client.trust_unusable", stage=stage)
    return None


def _proxy(fault: Fault, dialogue: Dialogue) -> FTPSError | None:
    stage, status = dialogue.stage, dialogue.proxy_status
    if status == 407:
        return ProxyError(str(fault), code="proxy.authentication", stage=stage, retryable=False)
    if status >= 300:
        return ProxyError(str(fault), code="proxy.refused", stage=stage, retryable=status >= 500)
    if fault.code in {CurlCode.COULDNT_RESOLVE_PROXY, CurlCode.PROXY}:
        return ProxyError(str(fault), stage=Stage.PROXY)
    before_server = {Stage.RESOLVE, Stage.CONNECT, Stage.PROXY}
    if dialogue.behind_proxy and stage in before_server and not dialogue.sent:
        return ProxyError(str(fault), stage=Stage.PROXY)
    return None


def _connecting(fault: Fault, dialogue: Dialogue) -> FTPSError | None:
    if fault.code == CurlCode.COULDNT_RESOLVE_HOST:
        return ResolveError(str(fault), stage=Stage.RESOLVE)
    if fault.code != CurlCode.COULDNT_CONNECT:
        return None
    if dialogue.stage is Stage.DATA:
        return AbortedError(str(fault), code="data.connect_failed", stage=Stage.DATA)
    if fault.system_error == errno.ECONNREFUSED:
        return RefusedError(str(fault), stage=Stage.CONNECT)
    if fault.system_error == errno.ETIMEDOUT:
        return ConnectTimeoutError(str(fault), stage=Stage.CONNECT)
    return ConnectError(str(fault), stage=Stage.CONNECT)


def _securing(fault: Fault, dialogue: Dialogue) -> FTPSError | None:
    stage = dialogue.stage
    # First, since libcurl calls the server's alert about our expired certificate "peer failed".
    if dialogue.alert in _CLIENT_ALERTS and stage in {Stage.SECURE, Stage.LOGIN}:
        return ClientCertificateError(str(fault), stage=Stage.SECURE)
    if fault.code == CurlCode.PEER_FAILED_VERIFICATION:
        return ServerCertificateError(str(fault), code=_distrust(fault), stage=stage)
    if fault.code == CurlCode.USE_SSL_FAILED:
        reply = dialogue.reply
        return HandshakeError(
            str(fault), code="tls.refused_by_server", stage=Stage.SECURE, reply=reply
        )
    if fault.code not in _BROKEN or stage not in {Stage.SECURE, Stage.LOGIN}:
        return None
    if dialogue.awaits_reply("AUTH"):
        return None
    # A TLS 1.3 server judges our certificate after our side of the handshake is done, and its alert
    # can be lost when it closes with our first command unread. A server that is being restarted
    # closes just so: this one time proves nothing, and the code says that it was guessed.
    unheard = dialogue.tls_version == "TLSv1.3" and dialogue.replies_since_secured == 0
    if stage is Stage.LOGIN and unheard:
        return HandshakeError(
            str(fault), code="tls.cut_after_handshake", stage=Stage.SECURE, retryable=True
        )
    if fault.code == CurlCode.SSL_CONNECT_ERROR:
        cut = bool(_CUT.search(fault.message))
        return HandshakeError(str(fault), stage=Stage.SECURE, retryable=cut)
    return None


def _distrust(fault: Fault) -> str:
    if fault.verify_result in _X509_EXPIRED:
        return "tls.server_expired"
    if _NAME_MISMATCH.search(fault.message):
        return "tls.server_name"
    return "tls.server_untrusted"


def _refused(fault: Fault, dialogue: Dialogue) -> FTPSError | None:
    reply = dialogue.reply
    if reply is None or not reply.is_refusal:
        return None
    # Out of step after a refused STOR, ProFTPD's 550 arrives where libcurl waits for EPSV's answer.
    verb = dialogue.verbs[-1] if dialogue.sent else ""
    return refusal(reply, verb=verb, stage=dialogue.stage)


def _timed_out(fault: Fault, dialogue: Dialogue) -> FTPSError | None:
    if fault.code != CurlCode.OPERATION_TIMEDOUT:
        return None
    message, stage = str(fault), dialogue.stage
    if "Operation timed out" in fault.message and stage in {Stage.DATA, Stage.CONFIRM}:
        return StalledError(message, code="data.total_timed_out", stage=stage)
    match stage:
        case Stage.RESOLVE:
            return ResolveError(message, stage=stage)
        case Stage.CONNECT | Stage.PROXY:
            return ConnectTimeoutError(message, stage=stage)
        case Stage.DATA if not any(dialogue.awaits_reply(verb) for verb in _PREPARING_VERBS):
            return StalledError(message, stage=stage)
    return _unanswered(fault, dialogue, code="connect.no_reply")


def _broken(fault: Fault, dialogue: Dialogue) -> FTPSError:
    message, stage = str(fault), dialogue.stage
    if fault.code == CurlCode.PARTIAL_FILE:
        return SizeMismatchError(message, stage=stage, reply=dialogue.reply)
    if stage is Stage.DATA:
        return AbortedError(message, stage=stage, reply=dialogue.reply)
    if fault.code not in _BROKEN and stage is Stage.COMMAND:
        return CommandError(message, stage=stage, reply=dialogue.reply)
    return _unanswered(fault, dialogue, code="connect.lost")


def _unanswered(fault: Fault, dialogue: Dialogue, *, code: str) -> FTPSError:
    """Return the error for a silent control connection, by what the silence leaves open."""
    if dialogue.stage is Stage.CONFIRM:
        return AbortedError(str(fault), code="data.unconfirmed", stage=Stage.CONFIRM)
    if any(dialogue.awaits_reply(verb) for verb in _EFFECTIVE_VERBS):
        return UnconfirmedError(str(fault), stage=Stage.CONFIRM)
    return ConnectError(str(fault), code=code, stage=dialogue.stage)
