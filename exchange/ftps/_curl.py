"""One libcurl handle with its control connection, and the operations on it.

What libcurl keeps between operations: the connection, the login, and the TLS session, which servers
want to see again on the data connections.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import pycurl

from exchange.ftps._abort import OpenSocket
from exchange.ftps._faults import Fault, error_for
from exchange.ftps._guard import Guard
from exchange.ftps._inspection import CertificateFields, Inspection
from exchange.ftps._options import Setup, set_options
from exchange.ftps._silence import Silence
from exchange.ftps._verdict import Reset, await_verdict
from exchange.ftps.dialogue import Dialogue
from exchange.ftps.errors import AbortedError, SizeMismatchError, Stage, StalledError
from exchange.ftps.pulse import Pulse
from exchange.ftps.replies import Reply


class Source(Protocol):
    """What an upload reads from: any binary file, or something that reads one."""

    def read(self, size: int = -1, /) -> bytes: ...


class Handle:
    """A libcurl handle; for one thread of one process, and of no use after an error."""

    def __init__(self, setup: Setup, dialogue: Dialogue, *, resume_sessions: bool = True) -> None:
        self.dialogue = dialogue
        self._setup = setup
        self._resume_sessions = resume_sessions
        self._curl = pycurl.Curl()
        self._used = False
        self._told_of = 0
        self._pulse = Pulse(None)
        self._heart = Pulse(lambda _count: self._ask_heart())
        self._silence = Silence(setup.timeouts, self._shut)
        self._guard = Guard(self._break_off)
        self._inspection = Inspection(setup.trust.inspect, self._presented)
        self._control_sockets: list[OpenSocket] = []
        self._data_sockets: list[OpenSocket] = []
        self._reset: Reset | None = None

    @property
    def used(self) -> bool:
        """Say whether an operation succeeded on this handle, so that it holds a connection."""
        return self._used

    @property
    def addresses(self) -> tuple[str, str]:
        """Our and the other side's IP address; the other side is the proxy where there is one."""
        ours = self._reset.our_address if self._reset else self._curl.getinfo(pycurl.LOCAL_IP)
        return ours, self._curl.getinfo(pycurl.PRIMARY_IP)

    def close(self) -> None:
        self._curl.close()
        if self._reset:
            self._reset.far_end.close()

    def command(self, commands: Sequence[bytes]) -> Reply:
        """Send commands on the control connection and return the last reply.

        A command that starts with ``*`` may be refused: the caller looks at the reply.
        """
        self._prepare("", Pulse(None))
        self._curl.setopt(pycurl.NOBODY, 1)
        self._curl.setopt(pycurl.QUOTE, list(commands))
        return self._perform()

    def listing(self, url_path: str, sink: Callable[[bytes], object], *, machine: bool) -> Reply:
        """Pass the lines of a folder's listing to the sink: MLSD for machines, else LIST."""
        self._prepare(url_path, Pulse(None))
        if machine:
            self._curl.setopt(pycurl.CUSTOMREQUEST, "MLSD")
        self._curl.setopt(pycurl.WRITEFUNCTION, self._guarded_sink(sink))
        return self._confirmed(self._perform())

    def download(
        self, url_path: str, sink: Callable[[bytes], object], pulse: Pulse, *, asks_size: bool
    ) -> Reply:
        """Pass a file's bytes to the sink; ``pulse`` counts them.

        libcurl asks for the size beforehand and holds the server to it, unless told not to.
        """
        self._prepare(url_path, pulse)
        self._curl.setopt(pycurl.IGNORE_CONTENT_LENGTH, int(not asks_size))

        def receive(data: bytes) -> None:
            sink(data)
            pulse.add(len(data))
            if pulse.count == self.dialogue.announced:
                self.dialogue.stage = Stage.CONFIRM

        self._curl.setopt(pycurl.WRITEFUNCTION, self._guarded_sink(receive))
        reply = self._confirmed(self._perform())
        if self.dialogue.announced not in {None, pulse.count}:
            raise SizeMismatchError(
                f"{pulse.count} bytes came, {self.dialogue.announced} were announced",
                stage=Stage.CONFIRM,
                reply=reply,
            )
        return reply

    def upload(self, url_path: str, source: Source, size: int, pulse: Pulse) -> Reply:
        """Store exactly ``size`` bytes from the source; ``pulse`` counts them."""
        self._prepare(url_path, pulse)
        self._curl.setopt(pycurl.UPLOAD, 1)
        self._curl.setopt(pycurl.INFILESIZE_LARGE, size)
        if size == 0:
            _check_end(source)

        def read(limit: int) -> bytes:
            left = size - pulse.count
            data = source.read(min(limit, left))
            if len(data) < left and not data:
                raise SizeMismatchError(
                    f"the source ended after {pulse.count} of {size} bytes", stage=Stage.DATA
                )
            pulse.add(len(data))
            if pulse.count == size:
                _check_end(source)
                self.dialogue.stage = Stage.CONFIRM
            return data

        guarded = self._guard.around(read, stop=int(pycurl.READFUNC_ABORT))
        self._curl.setopt(pycurl.READFUNCTION, guarded)
        return self._confirmed(self._perform())

    def _prepare(self, url_path: str, pulse: Pulse) -> None:
        curl = self._curl
        self._pulse = pulse
        curl.reset()
        set_options(curl, self._setup, url_path, resume_sessions=self._resume_sessions)
        curl.setopt(pycurl.VERBOSE, 1)
        curl.setopt(pycurl.DEBUGFUNCTION, self._debug)
        curl.setopt(pycurl.NOPROGRESS, 0)
        curl.setopt(pycurl.XFERINFOFUNCTION, self._guard.around(self._beat, stop=1))
        # Of all callbacks the only one that stops libcurl between a reply and the next command.
        curl.setopt(pycurl.HEADERFUNCTION, self._guard.around(self._heed, stop=0))
        curl.setopt(pycurl.SOCKOPTFUNCTION, self._opened)

    def _perform(self) -> Reply:
        self._setup.heartbeat()
        self._guard.begin()
        self._control_sockets.clear()
        self._data_sockets.clear()
        self.dialogue.begin(connected=self._used)
        try:
            with self._silence.watched():
                self._curl.perform()
        except pycurl.error as error:
            if raised := self._guard.raised:
                raise raised from None
            if self._silence.was_too_long:
                stage = self.dialogue.stage
                raise StalledError("nothing happened any more", stage=stage) from error
            raise error_for(self._fault(error), self.dialogue) from error
        if raised := self._guard.raised:
            raise raised
        self._used = True
        return self._last_reply()

    def _last_reply(self) -> Reply:
        if self.dialogue.reply is None:
            raise AbortedError("no reply", code="data.unconfirmed", stage=Stage.CONFIRM)
        return self.dialogue.reply

    def _confirmed(self, reply: Reply) -> Reply:
        if reply.code not in {226, 250}:
            raise AbortedError(
                reply.text, code="data.unconfirmed", stage=Stage.CONFIRM, reply=reply
            )
        return reply

    def _fault(self, error: pycurl.error) -> Fault:
        code, message = error.args
        return Fault(
            code,
            message,
            verify_result=self._curl.getinfo(pycurl.SSL_VERIFYRESULT),
            system_error=self._curl.getinfo(pycurl.OS_ERRNO),
        )

    def _debug(self, kind: int, data: bytes) -> None:
        # Not stopped by an earlier exception: the dialogue is followed to its end.
        if kind not in _LINES:
            return
        try:
            text = data.decode("utf-8", "surrogateescape")
            if kind == pycurl.INFOTYPE_TEXT:
                self._note(text)
                if self._inspection.is_due_after(text):
                    self._inspect()
            elif kind == pycurl.INFOTYPE_HEADER_OUT:
                self.dialogue.commanded(text)
            else:
                self.dialogue.answered(text)
        except BaseException as error:  # noqa: BLE001 - raised again by _perform
            self._guard.keep(error)

    def _note(self, text: str) -> None:
        """Take in a remark; after a TLS 1.3 handshake, hear what the server makes of it."""
        if self._reset and text.startswith("Established "):
            return  # libcurl has looked at the socket that was put in the place of its own
        before = self.dialogue.stage
        self.dialogue.noted(text)
        is_secured = before is Stage.SECURE and self.dialogue.stage is Stage.LOGIN
        if is_secured and self.dialogue.tls_version == "TLSv1.3":
            with self._silence.our_own_time():
                self._reset = await_verdict(self._control_sockets)

    def _inspect(self) -> None:
        """Let the server be judged, and say nothing more to one that is found wanting."""
        try:
            with self._silence.our_own_time():
                self._inspection.look()
        except BaseException:
            # No callback could keep libcurl from sending USER now.
            for control_socket in self._control_sockets:
                control_socket.shut()
            raise

    def _presented(self) -> Sequence[CertificateFields]:
        presented: Sequence[CertificateFields] = self._curl.getinfo(pycurl.INFO_CERTINFO)
        return presented

    def _heed(self, line: bytes) -> int:
        self._silence.end()
        self._ask_heart()
        if self.dialogue.stage is Stage.LOGIN:
            self._inspection.insist()
        self._tell_of_login()
        return len(line)

    def _tell_of_login(self) -> None:
        """Say once for each control connection that its login works, as soon as that shows."""
        number = self.dialogue.control_connections
        if self.dialogue.is_logged_in and self._told_of != number:
            self._told_of = number
            with self._silence.our_own_time():
                self._setup.logged_in()

    def _ask_heart(self) -> None:
        with self._silence.our_own_time():
            self._setup.heartbeat()

    def _beat(self, _download: int, downloaded: int, _upload: int, uploaded: int) -> int:
        self._pulse.beat()
        self._heart.beat()
        self._silence.note_moved(downloaded + uploaded)
        return 0

    def _opened(self, number: int, _purpose: int) -> int:
        is_data = self.dialogue.stage is Stage.DATA
        opened = self._data_sockets if is_data else self._control_sockets
        opened.append(OpenSocket.at(number))
        return int(pycurl.SOCKOPT_OK)

    def _shut(self) -> None:
        for data_socket in list(self._data_sockets):
            data_socket.shut()

    def _break_off(self) -> None:
        for data_socket in self._data_sockets:
            data_socket.reset()

    def _guarded_sink(self, sink: Callable[[bytes], object]) -> Callable[[bytes], int]:
        def write(data: bytes) -> int:
            sink(data)
            return len(data)

        return self._guard.around(write, stop=0)


_LINES: Final = frozenset(
    {pycurl.INFOTYPE_TEXT, pycurl.INFOTYPE_HEADER_IN, pycurl.INFOTYPE_HEADER_OUT}
)


def _check_end(source: Source) -> None:
    if source.read(1):
        raise SizeMismatchError("the source is longer than announced", stage=Stage.DATA)
