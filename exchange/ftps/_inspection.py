"""Shows the certificates of a server to who judges them, before the server hears who we are.

libcurl checks the chain and the host name by itself; more than that (revocation, say) is the
business of :attr:`~exchange.ftps.config.TrustStore.inspect`. It is asked in the remark with which
libcurl says that the chain is good: by then our certificate has been shown, as the handshake has
it, but no USER has been sent. Should a later libcurl word that remark otherwise, the first reply
after the handshake, which is the one to USER, is still ahead of any file.
"""

from collections.abc import Callable, Sequence
from typing import Final

from exchange.ftps.config import Inspect
from exchange.ftps.errors import ServerCertificateError, Stage

CertificateFields = Sequence[tuple[str, str]]

_VERIFIED: Final = ("SSL certificate verified", "SSL certificate verify ok")


class Inspection:
    """Has each chain looked at that the connections of one handle meet, once.

    ``presented`` tells what libcurl knows of the chain of the connection under way, as
    CURLINFO_CERTINFO has it: fields by certificate, the server's own first. A resumed session shows
    no chain; its server was looked at when the session began, on this very handle.
    """

    def __init__(
        self, inspect: Inspect | None, presented: Callable[[], Sequence[CertificateFields]]
    ) -> None:
        self._inspect = inspect
        self._presented = presented
        self._good: tuple[bytes, ...] = ()

    def is_due_after(self, remark: str) -> bool:
        """Say whether libcurl tells with this remark that it has found a chain good."""
        return self._inspect is not None and remark.lstrip().startswith(_VERIFIED)

    def insist(self) -> None:
        """Look at the chain unless one of this handle was found good before."""
        if not self._good:
            self.look()

    def look(self) -> None:
        """Have the chain of the connection under way judged. Raises what that raises.

        Raises ServerCertificateError when there is none to be seen.
        """
        if self._inspect is None:
            return
        chain = tuple(_pem(fields) for fields in self._presented()) or self._good
        if not chain:
            raise ServerCertificateError("the server's chain can't be seen", stage=Stage.SECURE)
        if chain != self._good:
            self._inspect(chain)
            self._good = chain


def _pem(fields: CertificateFields) -> bytes:
    return next((value for name, value in fields if name == "Cert"), "").encode()
