"""A client that tells apart what libraries hide: close_notify, FIN, RST, and a missing reply."""

import ftplib
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Final

from sandbox.authority import Authority

# <netinet/tcp.h>
_CLOSE_WAIT: Final = 8

VERSIONS: Final = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


class RawClient(ftplib.FTP_TLS):
    """Logged in, with protected data connections; no session is reused on them."""

    def __init__(
        self, port: int, authority: Authority, account: str, directory: Path, version: str
    ) -> None:
        super().__init__(context=_context(authority, account, directory, VERSIONS[version]))
        self.connect("127.0.0.1", port, timeout=10)
        self.login(account)
        self.prot_p()
        self.voidcmd("TYPE I")

    def open(self, command: str) -> ssl.SSLSocket:
        """Begin a transfer and return its data connection, on which every ending shows."""
        plain, _ = ftplib.FTP.ntransfercmd(self, command)
        return self.context.wrap_socket(
            plain, server_hostname=self.host, suppress_ragged_eofs=False
        )

    def last_reply(self) -> str:
        """Return the reply that follows a transfer, empty when the connection ends instead."""
        try:
            return self.getmultiline()
        except (EOFError, ssl.SSLError, ConnectionError):
            return ""


def read_to_the_end(connection: ssl.SSLSocket) -> tuple[bytes, str]:
    """Read all there is, and say how it ended: ``notify``, ``fin``, ``rst`` or ``never``."""
    received = b""
    connection.settimeout(1)
    try:
        while data := connection.recv(65536):
            received += data
    except (ssl.SSLError, ConnectionError):
        return received, "fin" if _holds_a_fin(connection) else "rst"
    except TimeoutError:
        return received, "never"
    return received, "notify"


def finish_sending(connection: ssl.SSLSocket, content: bytes) -> tuple[bytes, str]:
    """Send all of it; return what ``read_to_the_end`` says about the other side."""
    with suppress(ssl.SSLError, ConnectionError):
        connection.sendall(content)
    return read_to_the_end(connection)


def close(connection: ssl.SSLSocket) -> None:
    """Say close_notify and close; a connection that is gone already does not matter."""
    with connection, suppress(OSError, ValueError):
        connection.unwrap()


def _holds_a_fin(connection: ssl.SSLSocket) -> bool:
    # The module ssl calls a RST an unexpected end, too, but the kernel knows (tcp(7), TCP_INFO).
    (state,) = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
    return state == _CLOSE_WAIT


def _context(
    authority: Authority, account: str, directory: Path, version: ssl.TLSVersion
) -> ssl.SSLContext:
    issued = authority.issue_client(account)
    chain, key = directory / "client.crt", directory / "client.key"
    chain.write_bytes(issued.certificate_pem + issued.chain_pem)
    key.write_bytes(issued.private_key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority.root_pem.decode())
    context.load_cert_chain(chain, key)
    context.minimum_version = context.maximum_version = version
    # Older releases of Python 3.11 take a FIN without close_notify for an orderly end.
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    return context
