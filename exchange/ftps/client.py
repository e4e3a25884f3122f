"""The FTPS client (RFC 4217): explicit TLS, passive mode, the client certificate is the login."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from exchange.ftps._curl import Handle, Source
from exchange.ftps._options import Setup
from exchange.ftps.config import ClientCredentials, Endpoint, Timeouts, TrustStore
from exchange.ftps.dialogue import Dialogue
from exchange.ftps.errors import (
    CommandError,
    FTPSError,
    ListingError,
    SizeMismatchError,
    Stage,
)
from exchange.ftps.listing import Entry, parse_list, parse_mlsd
from exchange.ftps.paths import file_url_path, folder_url_path, wire_path
from exchange.ftps.pulse import Progress, Pulse
from exchange.ftps.questions import ask_features, ask_sha256, ask_size, check_folder
from exchange.ftps.repetition import Repeatable, always, never_sent
from exchange.ftps.replies import Reply
from exchange.ftps.results import ConnectionFacts, Probe, Receipt
from exchange.ftps.session import Session
from exchange.ftps.transcript import Transcript

# Some 500,000 entries; a listing without end must not fill our memory.
MAXIMUM_LISTING: Final = 64 * 1024 * 1024


class FTPSClient:
    """A conversation with one server as one account, for one batch of work.

    The control connection is opened by the first operation and kept until the end of the ``with``
    block. ``heartbeat`` is called before an operation sends anything, at every line of a reply, and
    about once a second in between. What it raises comes out unchanged, no other command is sent,
    and an upload under way is broken off so that the server cannot take its part for the whole.
    ``logged_in`` is called once for each control connection, as soon as a reply shows that the
    login works; what it raises has the same effect.
    After an error the connection is dropped and the next operation opens a new one. An operation is
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
        logged_in: Callable[[], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        setup = Setup(
            endpoint,
            credentials,
            trust,
            timeouts or Timeouts(),
            heartbeat=heartbeat or _nothing,
            logged_in=logged_in or _nothing,
        )
        self._session = Session(setup, clock=clock)
        self._clock = clock
        self._refuses_size = False

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
        self._session.close()

    @property
    def transcript(self) -> Transcript:
        """The dialogue, without secrets, fit to be shown; bounded to its last lines."""
        return self._session.transcript

    @property
    def connection(self) -> ConnectionFacts:
        """What is known of the latest connection."""
        return self._session.connection

    @property
    def control_connections(self) -> int:
        """How many control connections were opened so far, those of :meth:`probe` included."""
        return self._session.control_connections

    def probe(self) -> Probe:
        """Log in anew and ask for the server's features.

        A resumed TLS session would skip the check of our certificate, so nothing is reused. Under
        TLS 1.3 a rejection arrives after the handshake: the replies read here bring it to light.
        """
        started = self._clock()
        found = self._session.run_apart(ask_features)
        return Probe(self.connection, frozenset(found), self._clock() - started)

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
            machine = "MLST" in self._session.features_of(handle)
            handle.listing(url_path, collect, machine=machine)
            if not received and not machine:
                check_folder(handle, wire_path(folder))
            return machine

        machine = self._session.run(work, repeatable=always)
        text = received.decode("utf-8", "surrogateescape")
        try:
            return parse_mlsd(text) if machine else parse_list(text)
        except ValueError as error:
            raise ListingError(str(error), stage=Stage.DATA) from error

    def retrieve(
        self,
        path: str,
        sink: Callable[[bytes], object],
        *,
        expected: int | None = None,
        progress: Progress | None = None,
    ) -> Receipt:
        """Pass a file's bytes to the sink and wait for the server to confirm the whole.

        The number of bytes is compared with the size that the server gave beforehand and with
        ``expected``, the one that a listing told; whether the file still has that size afterwards
        is for the caller to see. A server that refuses SIZE is asked for the file all the same.
        Without ``expected`` nothing but its 226, after a data connection that TLS ended in good
        order, then vouches for the whole. What ``sink`` and ``progress`` raise stops the transfer
        and comes out unchanged.

        Raises:
            NotFoundError: there is no such file.
            SizeMismatchError: fewer or more bytes came than ``expected`` or announced.

        """
        url_path = file_url_path(path)
        pulse = Pulse(progress)
        asks_size = expected is None or not self._refuses_size
        was_refused = False

        def work(handle: Handle) -> Reply:
            nonlocal was_refused
            try:
                return handle.download(url_path, sink, pulse, asks_size=asks_size)
            except CommandError:
                was_refused = handle.dialogue.verbs[-1:] == ["SIZE"]
                raise

        try:
            receipt = self._download(work, pulse)
        except CommandError:
            if not was_refused:
                raise
            # libcurl takes that for a missing file. RETR tells.
            asks_size = False
            receipt = self._download(work, pulse)
            self._refuses_size = True
        return _of_size(receipt, expected)

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
        self._session.run(lambda handle: handle.command(commands), repeatable=never_sent("RNTO"))

    def delete(self, path: str) -> None:
        """Delete a file.

        Raises:
            UnconfirmedError: the connection broke after DELE was sent, so it may have happened.

        """
        command = b"DELE " + wire_path(path)
        # A second DELE could hit a new file of the same name, which nobody has read yet.
        self._session.run(lambda handle: handle.command([command]), repeatable=never_sent("DELE"))

    def size(self, path: str) -> int | None:
        """Return a file's size in bytes, or None where the server has no SIZE (RFC 3659 section 4).

        Raises:
            NotFoundError: there is no such file.

        """
        wire = wire_path(path)
        return self._session.run(lambda handle: ask_size(handle, wire), repeatable=always)

    def sha256(self, path: str) -> str | None:
        """Return the SHA-256 of a file's content, in lower case, as the server reckons it.

        None where the server offers neither HASH nor XSHA256 with SHA-256, or refuses it for any
        other reason than that the file is missing. The server may read the whole file before it
        answers, for which it has the reply time-out.

        Raises:
            NotFoundError: there is no such file.

        """
        wire = wire_path(path)
        return self._session.run(
            lambda handle: ask_sha256(handle, wire, self._session.features_of(handle)),
            repeatable=always,
        )

    def _download(self, work: Callable[[Handle], Reply], pulse: Pulse) -> Receipt:
        # The sink never gets the same bytes twice.
        return self._transfer(work, pulse, repeatable=lambda _error, _dialogue: pulse.count == 0)

    def _transfer(
        self,
        work: Callable[[Handle], Reply],
        pulse: Pulse,
        *,
        repeatable: Repeatable,
    ) -> Receipt:
        started = self._clock()
        reply = self._session.run(work, repeatable=repeatable)
        return Receipt(pulse.count, self._clock() - started, reply, self.connection.tls_version)


def _nothing() -> None:
    pass


def _of_size(receipt: Receipt, expected: int | None) -> Receipt:
    if expected not in {None, receipt.size}:
        raise SizeMismatchError(
            f"{receipt.size} bytes came, {expected} were expected",
            stage=Stage.CONFIRM,
            reply=receipt.reply,
        )
    return receipt
