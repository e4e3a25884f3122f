"""Follows the dialogue, line by line as libcurl reports it, and remembers where it stands."""

import re
from dataclasses import dataclass, field

from exchange.ftps.errors import Stage
from exchange.ftps.replies import Reply, ReplyReader
from exchange.ftps.transcript import Transcript

_SECURE_VERBS = frozenset({"AUTH"})
_LOGIN_VERBS = frozenset({"USER", "PASS", "ACCT", "PBSZ", "PROT"})
_AFTER_LOGIN = frozenset({Stage.COMMAND, Stage.DATA, Stage.CONFIRM})
_DATA_VERBS = frozenset({"EPSV", "PASV", "STOR", "RETR", "MLSD", "LIST"})

_TLS_VERSION = re.compile(r"SSL connection using (\S+)")
# The number is the alert's level times 256 plus its description.
_TLS_ALERT = re.compile(r"TLSv[\d.]+ \(IN\), TLS alert, (.+) \((\d+)\)")
_CLOSE_NOTIFY = 0
# A quote within the path is doubled (RFC 959, appendix II).
_CURRENT_FOLDER = re.compile(r'"((?:[^"]|"")*)"')
_REMARKS = re.compile(
    r"\s*(Trying |Established |SSL connection using |SSL reusing session|CONNECT )"
)


@dataclass(slots=True)
class Dialogue:
    """What was said so far.

    The fields of the first group last as long as the handle; :meth:`begin` clears the others, which
    are about the operation under way.
    """

    transcript: Transcript
    behind_proxy: bool
    control_connections: int = 0
    tls_version: str = ""
    # The representation type that the server last agreed to: it is lost with the connection.
    representation: str = ""
    # Where the login put us (PWD), and what relative paths start from.
    login_folder: str = ""
    # Whether the server has done anything that it does only after a login.
    is_logged_in: bool = False
    _reader: ReplyReader = field(default_factory=ReplyReader)

    stage: Stage = Stage.RESOLVE
    reconnected: bool = False
    sent: list[str] = field(default_factory=list)
    reply: Reply | None = None
    replies_since_secured: int = 0
    proxy_status: int = 0
    # The description of the latest alert that the server sent (RFC 8446 section 6).
    alert: int | None = None
    # The size in bytes that the server gave for the file it is about to send.
    announced: int | None = None

    def begin(self, *, connected: bool) -> None:
        self.stage = Stage.COMMAND if connected else Stage.RESOLVE
        self.reconnected = False
        self.sent = []
        self.reply = None
        self.proxy_status = 0
        self.alert = None
        self.announced = None
        if not connected:
            self.replies_since_secured = 0

    @property
    def verbs(self) -> list[str]:
        """The verbs of the commands sent by this operation, in order."""
        return [line.split(" ", 1)[0].upper() for line in self.sent]

    def awaits_reply(self, verb: str) -> bool:
        """Say whether the verb was the last command sent and nothing came back for it."""
        return self.verbs[-1:] == [verb] and self.reply is None

    def noted(self, text: str) -> None:
        """Take in one of libcurl's remarks."""
        if match := _TLS_VERSION.match(text):
            self._secured(match[1])
        elif match := _TLS_ALERT.match(text):
            self._alerted(match[1], int(match[2]) % 256)
        if _REMARKS.match(text):
            self.transcript.remark(text.strip())
        if self.stage is Stage.RESOLVE and text.lstrip().startswith("Trying "):
            self.stage = Stage.CONNECT
        elif self.stage is Stage.CONNECT and text.startswith("Established "):
            self.stage = Stage.GREET

    def _secured(self, version: str) -> None:
        self.tls_version = version
        if self.stage is Stage.SECURE:
            self.stage = Stage.LOGIN

    def _alerted(self, text: str, description: int) -> None:
        if description != _CLOSE_NOTIFY:
            self.alert = description
            self.transcript.remark(f"TLS alert from the server: {text}")

    def commanded(self, text: str) -> None:
        """Take in what libcurl sent: a command, or the CONNECT request to the proxy."""
        self.transcript.sent(text)
        if text.startswith("CONNECT "):
            if self.stage in {Stage.RESOLVE, Stage.CONNECT}:
                self.stage = Stage.PROXY
            return
        line = text.rstrip("\r\n")
        self.sent.append(line)
        self.reply = None
        self.stage = _stage_of(self.verbs[-1], self.stage)

    def answered(self, text: str) -> None:
        """Take in what came back: a line of a reply, or of the proxy's answer."""
        self.transcript.received(text)
        if text.startswith("HTTP/"):
            self._proxy_answered(text)
            return
        if reply := self._reader.feed(text):
            self._replied(reply)

    def _proxy_answered(self, text: str) -> None:
        status = text.split(" ", 2)[1:2]
        self.proxy_status = int(status[0]) if status and status[0].isdecimal() else 0
        if self.stage is Stage.PROXY and self.proxy_status == 200:
            self.stage = Stage.GREET

    def _replied(self, reply: Reply) -> None:
        self.reply = reply
        verb = self.verbs[-1] if self.sent else ""
        if not verb and reply.code == 220:
            self._greeted()
        elif verb != "AUTH":
            self.replies_since_secured += 1
        if self.stage in _AFTER_LOGIN and not reply.is_refusal:
            self.is_logged_in = True
        if verb == "TYPE" and not reply.is_refusal:
            self.representation = self.sent[-1].split(" ", 1)[-1].upper()
        if verb == "PWD" and (match := _CURRENT_FOLDER.match(reply.lines[0])):
            self.login_folder = match[1].replace('""', '"')
        if verb == "SIZE" and reply.code == 213 and reply.lines[0].strip().isdecimal():
            self.announced = int(reply.lines[0])

    def _greeted(self) -> None:
        self.control_connections += 1
        self.reconnected = True
        self.representation = ""
        self.is_logged_in = False
        self.replies_since_secured = 0
        self.stage = Stage.GREET


def _stage_of(verb: str, before: Stage) -> Stage:
    if verb in _SECURE_VERBS:
        return Stage.SECURE
    if verb in _LOGIN_VERBS:
        return Stage.LOGIN
    if verb in _DATA_VERBS or (before is Stage.DATA and verb in {"TYPE", "SIZE"}):
        return Stage.DATA
    return Stage.COMMAND
