"""The FTPS client (RFC 4217): explicit TLS, passive mode, the client certificate is the login."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, TypeVar

from exchange.ftps._curl import Handle, Setup, Source
from exchange.ftps.config import ClientCredentials, Endpoint, Timeouts, TrustStore
from exchange.ftps.dialogue import Dialogue
from exchange.ftps.errors import (
    CommandError,
    FTPSError,
    ListingError,
    Stage,
)
from exchange.ftps.keeper import HandleKeeper
from exchange.ftps.listing import Entry, parse_list, parse_mlsd
from exchange.ftps.paths import file_url_path, folder_url_path, wire_path
from exchange.ftps.pulse import Progress, Pulse
from exchange.ftps.refusals import refusal
from exchange.ftps.repetition import Repeatable, always, kept_in_vain, never_sent
from exchange.ftps.replies import Reply, features
from exchange.ftps.results import ConnectionFacts, Probe, Receipt
from exchange.ftps.transcript import Transcript

# Some 500,000 entries; a listing without end must not fill our memory.
MAXIMUM_LISTING: Final = 64 * 1024 * 1024

_NOT_IMPLEMENTED = frozenset({500, 501, 502, 504})

Result = TypeVar("Result")


class FTPSClient:
    """A conversation with one server as one account, for one batch of work.

    The control connection is opened by the first operation and kept until the end of the ``with``
    block. ``heartbeat`` is called about once a second during every operation, also while nothing
    moves; what it raises stops the operation and comes out unchanged. After an error the connection
    is dropped and the next operation opens a new one. An operation is
    repeated once by itself where the kept connection turned out dead before the server can have
    acted on it. A client is used by one thread; after a fork the child opens its own connection.

    Every method raises a subclass of :class:`~exchange.ftps.errors.FTPSError`. Paths are relative
    to the login folder unless they start with a slash.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: ClientCredentials,
        trust: TrustStore,
        timeouts: Timeouts | None = None,
        *,
        heartbeat: Callable[[], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._setup = Setup(endpoint, credentials, trust, timeouts or Timeouts(), heartbeat)
        self._transcript = Transcript()
        self._clock = clock
        self._handles = HandleKeeper(self._new_handle, clock=clock)
        self._features: tuple[Handle, frozenset[str]] | None = None
        self._connection = ConnectionFacts()
        self._dialogues: list[Dialogue] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye to the server; the next operation would open a new connection."""
        self._features = None
        self._handles.drop()

    @property
    def transcript(self) -> Transcript:
        """The dialogue, without secrets, fit to be shown; bounded to its last lines."""
        return self._transcript

    @property
    def connection(self) -> ConnectionFacts:
        """What is known of the latest connection."""
        return self._connection

    @property
    def control_connections(self) -> int:
        """How many control connections were opened so far, those of :meth:`probe` included."""
        return sum(dialogue.control_connections for dialogue in self._dialogues)

    def probe(self) -> Probe:
        """Log in anew and ask for the server's features.

        A resumed TLS session would skip the check of our certificate, so nothing is reused. Under
        TLS 1.3 a rejection arrives after the handshake: the replies read here bring it to light.
        """
        started = self._clock()
        handle = self._new_handle(resume_sessions=False)
        try:
            reply = handle.command([b"*FEAT"])
        finally:
            self._remember(handle)
            handle.close()
        found = frozenset[str]() if reply.is_refusal else features(reply)
        return Probe(self._connection, found, self._clock() - started)

    def entries(self, folder: str) -> list[Entry]:
        """List a folder with MLSD, or with LIST where the server has no MLSD.

        Raises:
            NotFoundError: there is no such folder.
            ListingError: the listing cannot be read.

        """
        url_path = folder_url_path(folder)
        received = bytearray()

        def collect(data: bytes) -> None:
            received.extend(data)
            if len(received) > MAXIMUM_LISTING:
                raise ListingError("the listing does not end", stage=Stage.DATA)

        def work(handle: Handle) -> bool:
            received.clear()
            machine = "MLST" in self._features_of(handle)
            handle.listing(url_path, collect, machine=machine)
            if not received and not machine:
                _check_folder(handle, wire_path(folder))
            return machine

        machine = self._run(work, repeatable=always)
        text = received.decode("utf-8", "surrogateescape")
        try:
            return parse_mlsd(text) if machine else parse_list(text)
        except ValueError as error:
            raise ListingError(str(error), stage=Stage.DATA) from error

    def retrieve(
        self, path: str, sink: Callable[[bytes], object], *, progress: Progress | None = None
    ) -> Receipt:
        """Pass a file's bytes to the sink and wait for the server to confirm the whole.

        The number of bytes is compared with the size that the server gave beforehand; whether the
        file still has that size afterwards is for the caller to see. What ``sink`` and ``progress``
        raise stops the transfer and comes out unchanged.
        """
        url_path = file_url_path(path)
        pulse = Pulse(progress)
        return self._transfer(
            lambda handle: handle.download(url_path, sink, pulse),
            pulse,
            repeatable=lambda _error, _dialogue: pulse.count == 0,
        )

    def store(
        self, path: str, source: Source, *, size: int, progress: Progress | None = None
    ) -> Receipt:
        """Store exactly ``size`` bytes under the path and wait for the server's 226.

        The server's word is no proof: a data connection that broke can leave a shorter file behind
        a 226. Compare :meth:`size` before the file gets its final name. What ``source`` and
        ``progress`` raise stops the transfer and comes out unchanged; a part may remain there.

        Raises:
            SizeMismatchError: the source is shorter or longer than ``size``, among other reasons.

        """
        url_path = file_url_path(path)
        pulse = Pulse(progress)

        def repeatable(error: FTPSError, dialogue: Dialogue) -> bool:
            # Once STOR is out, the server may have emptied the file, or another may be reading it:
            # only its own word that no data connection came about makes a second STOR the same.
            refused = error.code == "data.session_not_resumed" and pulse.count == 0
            return refused or "STOR" not in dialogue.verbs

        return self._transfer(
            lambda handle: handle.upload(url_path, source, size, pulse),
            pulse,
            repeatable=repeatable,
        )

    def rename(self, old: str, new: str) -> None:
        """Rename a file; whether an existing one is replaced is the server's choice.

        Raises:
            UnconfirmedError: the connection broke after RNTO was sent, so it may have happened.

        """
        commands = [b"RNFR " + wire_path(old), b"RNTO " + wire_path(new)]
        # RNFR alone changes nothing. RNTO twice could replace what came under the name in between.
        self._run(lambda handle: handle.command(commands), repeatable=never_sent("RNTO"))

    def delete(self, path: str) -> None:
        """Delete a file.

        Raises:
            UnconfirmedError: the connection broke after DELE was sent, so it may have happened.

        """
        command = b"DELE " + wire_path(path)
        # A second DELE could hit a new file of the same name, which nobody has read yet.
        self._run(lambda handle: handle.command([command]), repeatable=never_sent("DELE"))

    def size(self, path: str) -> int | None:
        """Return a file's size in bytes, or None where the server has no SIZE (RFC 3659 section 4).

        Raises:
            NotFoundError: there is no such file.

        """
        wire = wire_path(path)
        reply = self._run(lambda handle: _size_reply(handle, wire), repeatable=always)
        if reply.code in _NOT_IMPLEMENTED:
            return None
        if reply.code != 213 or not reply.lines[0].strip().isdecimal():
            raise refusal(reply, verb="SIZE", stage=Stage.COMMAND)
        return int(reply.lines[0])

    def _transfer(
        self,
        work: Callable[[Handle], Reply],
        pulse: Pulse,
        *,
        repeatable: Repeatable,
    ) -> Receipt:
        started = self._clock()
        reply = self._run(work, repeatable=repeatable)
        return Receipt(pulse.count, self._clock() - started, reply, self._connection.tls_version)

    def _run(
        self,
        work: Callable[[Handle], Result],
        *,
        repeatable: Repeatable,
    ) -> Result:
        handle = self._handles.current()
        was_kept = handle.used
        try:
            return self._attempt(handle, work)
        except FTPSError as error:
            if not kept_in_vain(error, handle.dialogue, was_kept=was_kept):
                raise
            if not repeatable(error, handle.dialogue):
                raise
        return self._attempt(self._handles.current(), work)

    def _attempt(self, handle: Handle, work: Callable[[Handle], Result]) -> Result:
        keep = False
        try:
            result = work(handle)
            keep = True
        except CommandError as error:
            # A plain refusal without a data connection leaves the dialogue in step.
            keep = error.reply is not None and error.stage is Stage.COMMAND
            raise
        finally:
            self._remember(handle)
            if not keep:
                self._handles.drop()
        return result

    def _features_of(self, handle: Handle) -> frozenset[str]:
        if self._features is None or self._features[0] is not handle:
            reply = handle.command([b"*FEAT"])
            found = frozenset[str]() if reply.is_refusal else features(reply)
            self._features = handle, found
        return self._features[1]

    def _new_handle(self, *, resume_sessions: bool = True) -> Handle:
        behind_proxy = self._setup.endpoint.proxy is not None
        dialogue = Dialogue(self._transcript, behind_proxy=behind_proxy)
        self._dialogues.append(dialogue)
        return Handle(self._setup, dialogue, resume_sessions=resume_sessions)

    def _remember(self, handle: Handle) -> None:
        self._connection = ConnectionFacts(*handle.addresses, handle.dialogue.tls_version)


def _check_folder(handle: Handle, folder: bytes) -> None:
    # Some servers answer LIST of a missing folder as if it were empty; CWD they refuse. The way
    # back belongs to the same operation, since relative paths start from the login folder.
    if login_folder := handle.dialogue.login_folder:
        handle.command([b"CWD " + folder, b"CWD " + wire_path(login_folder)])


def _size_reply(handle: Handle, wire: bytes) -> Reply:
    # SIZE counts what would be sent, so it means bytes in TYPE I only. A connection that libcurl
    # opened anew meanwhile is back at TYPE A, and its refusal says nothing about the file.
    ask = b"*SIZE " + wire
    if handle.dialogue.representation == "I":
        reply = handle.command([ask])
        if handle.dialogue.representation == "I":
            return reply
    return handle.command([b"TYPE I", ask])
