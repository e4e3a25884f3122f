"""A mail server that answers as told, so that Python's own client meets real replies."""

import socket
import threading
from types import TracebackType
from typing import BinaryIO, Self

_SUITS = {b"EHLO": b"250 there", b"DATA": b"354 go on", b".": b"250 kept", b"QUIT": b"221 bye"}


class SMTPServer:
    """Takes one connection after the other (RFC 5321), and says so of each.

    ``answers`` tells what it says instead to a command that begins so, or, for ``"greeting"``, at
    once; an empty answer hangs up.
    """

    def __init__(self, **answers: str) -> None:
        self._answers = {
            command.replace("_", " ").encode().upper(): answer.encode()
            for command, answer in answers.items()
        }
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self.port: int = self._listener.getsockname()[1]
        self.visits = 0
        self.mails: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # close() alone does not wake a thread that waits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(5)
            with client, client.makefile("rb") as lines:
                self.visits += 1
                self._serve(client, lines)

    def _serve(self, client: socket.socket, lines: BinaryIO) -> None:
        answer = self._answers.get(b"GREETING", b"220 ready")
        while answer:
            client.sendall(answer + b"\r\n")
            line = lines.readline()
            if not line:
                return
            answer = self._answer(line.strip())
            if answer.startswith(b"354"):
                client.sendall(answer + b"\r\n")
                mail = b"".join(iter(lines.readline, b".\r\n"))
                answer = self._answer(b".")
                if answer.startswith(b"2"):
                    self.mails.append(mail.decode())

    def _answer(self, line: bytes) -> bytes:
        for command, answer in self._answers.items():
            if line.upper().startswith(command):
                return answer
        return _SUITS.get(line[:4].upper(), b"250 ok")
