"""The control connection: who may come in, and what the journal sees of it.

Explicit TLS (RFC 4217) is required on both connections. The certificate is the login: USER with
the certificate's CN is answered with 232 (RFC 2228 section 5), and no password is asked for.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pyftpdlib.handlers.ftp.control import FTPHandler
from pyftpdlib.handlers.ftps.control import TLS_FTPHandler
from pyftpdlib.servers import FTPServer

from sandbox.data_channel import DataChannel
from sandbox.tls import peer_common_name

if TYPE_CHECKING:
    from OpenSSL import SSL
    from pyftpdlib.ioloop import IOLoop

    from sandbox.accounts import Authorizer
    from sandbox.journal import Journal
    from sandbox.settings import SandboxSettings

logger = logging.getLogger(__name__)


class Listener(FTPServer):  # type: ignore[misc]  # pyftpdlib publishes no types
    """The listening socket, and what all its control connections share."""

    def __init__(
        self,
        address: tuple[str, int],
        *,
        settings: SandboxSettings,
        authorizer: Authorizer,
        context: SSL.Context,
        journal: Journal,
        ioloop: IOLoop,
    ) -> None:
        self.require_session_reuse = settings.require_session_reuse
        self.allowed_addresses = settings.allowed_addresses
        self.journal = journal
        # pyftpdlib keeps its settings on the handler's class: one class for each server.
        handler = type(
            "BoundControlChannel",
            (ControlChannel,),
            {
                "authorizer": authorizer,
                "passive_ports": _port_range(settings.passive_ports),
                "ssl_context": context,
            },
        )
        super().__init__(address, handler, ioloop=ioloop)

    def drop(self) -> None:
        """Stop listening."""
        self.close()


class ControlChannel(TLS_FTPHandler):  # type: ignore[misc]  # pyftpdlib publishes no types
    """One control connection."""

    dtp_handler = DataChannel
    tls_control_required = True
    tls_data_required = True
    banner = "Practice MAGDA ready."

    def __init__(self, conn: object, server: Listener, ioloop: IOLoop | None = None) -> None:
        self._number = server.journal.number_connection()
        self._command = ""
        self._argument = ""
        self.authenticated = False
        super().__init__(conn, server, ioloop)

    # --- coming in

    def on_connect(self) -> None:
        """Turn away an address that is not on the list, before any TLS."""
        allowed = self.server.allowed_addresses
        if allowed is not None and self.remote_ip not in allowed:
            self.respond("421 This address is not on the list.")
            self.close_when_done()

    def ftp_USER(self, line: str) -> None:  # noqa: N802 - pyftpdlib names methods after commands
        """Log in the account that the client certificate names."""
        if self.authenticated:
            self.flush_account()
        if line != peer_common_name(self.socket) or not self.authorizer.has_user(line):
            self._refuse_login()
            return
        self.username = line
        self.authenticated = True
        self.attempted_logins = 0
        self.fs = self.abstracted_fs(self.authorizer.get_home_dir(line), self)
        self.respond("232 User logged in, authorized by security data exchange.")

    def ftp_PASS(self, _line: str) -> None:  # noqa: N802 - pyftpdlib names methods after commands
        """Ignore any password of an account that is logged in."""
        if self.authenticated:
            self.respond("202 No password needed.")
        else:
            self.respond("503 Login with USER first.")

    def ftp_PROT(self, line: str) -> None:  # noqa: N802 - pyftpdlib names methods after commands
        """Refuse clear data connections when they are asked for (RFC 2228 section 5)."""
        if line.upper() == "C":
            self.respond("534 Data connections must be protected.")
        else:
            super().ftp_PROT(line)

    def _refuse_login(self) -> None:
        self.attempted_logins += 1
        self.respond("530 The certificate does not belong to this account.")
        if self.attempted_logins >= self.max_login_attempts:
            self.close_when_done()

    # --- the journal

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        """Remember the command that the next replies answer."""
        self._command = cmd
        self._argument = "" if cmd == "PASS" else arg
        super().pre_process_command(line, cmd, arg)

    def respond(self, resp: str, logfun: object = logger.debug) -> None:
        """Send a reply and note it."""
        self.server.journal.add(
            connection=self._number,
            account=self.username,
            command=self._command,
            argument=self._argument,
            code=int(resp[:3]),
        )
        super().respond(resp, logfun)

    # --- going out

    def drop(self) -> None:
        """Close without TLS's goodbye."""
        self._ssl_established = False
        FTPHandler.close(self)


def _port_range(first_and_last: tuple[int, int] | None) -> list[int] | None:
    if first_and_last is None:
        return None
    first, last = first_and_last
    return list(range(first, last + 1))
