"""ProFTPD with mod_tls, set up like MAGDA's server: the certificate's common name is the login."""

import grp
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from exchange.tests.servers.ports import free_port
from sandbox.authority import Authority, Issued

WRITABLE_FOLDERS = ("to_vip", "from_vip", "cache/from_vip")
READ_ONLY_FOLDERS = ("cache/to_vip", "public")
START_TIMEOUT = 10.0
START_ATTEMPTS = 5

_CONFIGURATION = """\
ModulePath /usr/lib/proftpd
LoadModule mod_tls.c
LoadModule mod_vroot.c
ServerName "test"
ServerIdent on "{token}"
ServerType standalone
Port {port}
DefaultAddress 127.0.0.1
SocketBindTight on
UseIPv6 off
UseReverseDNS off
PassivePorts 40000 42000
MaxInstances 60
User {user}
Group {group}
RootLogin on
VRootEngine on
DefaultRoot ~
AuthOrder mod_auth_file.c
AuthUserFile {directory}/passwd
AuthGroupFile {directory}/group
RequireValidShell off
WtmpLog off
AllowOverwrite on
AllowStoreRestart on
AllowRetrieveRestart on
PidFile {directory}/proftpd.pid
ScoreboardFile {directory}/scoreboard
SystemLog {directory}/system.log
TransferLog none
LogFormat commands "%P %r => %s"
ExtendedLog {directory}/commands.log ALL commands
TLSEngine on
TLSRequired on
TLSLog {directory}/tls.log
TLSProtocol {protocols}
TLSRSACertificateFile {directory}/server.crt
TLSRSACertificateKeyFile {directory}/server.key
TLSCertificateChainFile {directory}/issuing.crt
TLSCACertificateFile {directory}/bundle.crt
TLSVerifyClient on
TLSVerifyDepth 3
TLSUserName CommonName
TLSRenegotiate none
<IfModule mod_delay.c>
  DelayEngine off
</IfModule>
<IfModule mod_ctrls.c>
  ControlsEngine off
</IfModule>
<IfModule mod_cap.c>
  CapabilitiesEngine off
</IfModule>
<IfModule mod_auth_pam.c>
  AuthPAM off
</IfModule>
"""

# File modes do not hold back a server that runs as root, so the rights stand here, too. Under
# mod_vroot the account's home is the root of these paths.
_READ_ONLY = """\
<Directory {folder}>
  <Limit WRITE>
    DenyAll
  </Limit>
</Directory>
"""


class ProFTPD:
    """A ProFTPD process with one home folder per account; runs as root and as an ordinary user.

    Mutual TLS and session reuse on data connections are required. ``issued`` is the
    server's certificate where it is not to be an ordinary one for ``hosts``; ``extra`` is appended
    to the configuration.
    """

    def __init__(
        self,
        directory: Path,
        authority: Authority,
        *,
        tls_versions: Sequence[str] = ("TLSv1.2", "TLSv1.3"),
        accounts: Sequence[str] = ("test-account",),
        hosts: Sequence[str] = ("localhost", "127.0.0.1"),
        issued: Issued | None = None,
        extra: str = "",
    ) -> None:
        self.port = 0
        self._directory = directory
        self._authority = authority
        self._tls_versions = tls_versions
        self._accounts = accounts
        self._hosts = hosts
        self._issued = issued
        self._extra = extra
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        require_proftpd()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._write_certificates()
        self._write_accounts()
        for _ in range(START_ATTEMPTS):
            if self._start():
                return self
        raise RuntimeError(f"ProFTPD does not start:\n{self._text('system.log')}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server and the sessions it forked; a second call does nothing."""
        if self._process is not None:
            _end_group(self._process)
            self._process = None

    def home(self, account: str = "") -> Path:
        """Return the folder that the account (the first one, by default) sees as its root."""
        position = self._accounts.index(account) if account else 0
        return self._directory / "homes" / str(position)

    def commands(self, *verbs: str) -> list[str]:
        """Return every command, or those with one of the verbs: ``STOR to_vip/a.tmp => 226``."""
        return [said for _, said in self._said() if not verbs or said.split(" ", 1)[0] in verbs]

    def sessions(self) -> dict[str, list[str]]:
        """Return the logged commands by session; its name is the number of ProFTPD's process."""
        sessions: dict[str, list[str]] = {}
        for session, said in self._said():
            sessions.setdefault(session, []).append(said)
        return sessions

    def _said(self) -> list[tuple[str, str]]:
        lines = [line.partition(" ") for line in self._text("commands.log").splitlines()]
        return [(session, said) for session, _, said in lines]

    @property
    def configuration(self) -> str:
        return self._text("proftpd.conf")

    def _start(self) -> bool:
        self.port = free_port()
        token = secrets.token_hex(8)
        path = self._directory / "proftpd.conf"
        path.write_text(self._configuration(token))
        self._process = subprocess.Popen(
            [_executable(), "--nodaemon", "--config", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            # The token tells our server from one that took the port in between.
            if token in _greeting(self.port):
                return True
            time.sleep(0.02)
        self.stop()
        return False

    def _configuration(self, token: str) -> str:
        user, group = ("root", "root") if os.geteuid() == 0 else (_own_user(), _own_group())
        text = _CONFIGURATION.format(
            token=token,
            port=self.port,
            user=user,
            group=group,
            directory=self._directory,
            protocols=" ".join(self._tls_versions),
        )
        rights = "".join(_READ_ONLY.format(folder=f"/{folder}") for folder in READ_ONLY_FOLDERS)
        return text + rights + self._extra

    def _write_certificates(self) -> None:
        server = self._issued or self._authority.issue_server(self._hosts)
        for name, pem in (
            ("server.crt", server.certificate_pem),
            ("server.key", server.private_key_pem),
            ("issuing.crt", self._authority.chain_pem),
            ("bundle.crt", self._authority.bundle_pem),
        ):
            path = self._directory / name
            path.write_bytes(pem)
            path.chmod(0o600)

    def _write_accounts(self) -> None:
        uid, gid = os.geteuid(), os.getegid()
        for name in self._accounts:
            for folder in (*WRITABLE_FOLDERS, *READ_ONLY_FOLDERS):
                (self.home(name) / folder).mkdir(parents=True, exist_ok=True)
            for folder in READ_ONLY_FOLDERS:
                (self.home(name) / folder).chmod(0o555)
        users = [f"{name}:*:{uid}:{gid}::{self.home(name)}:/bin/false" for name in self._accounts]
        self._write_private("passwd", users)
        self._write_private("group", [f"accounts:*:{gid}:"])

    def _write_private(self, name: str, lines: Sequence[str]) -> None:
        path = self._directory / name
        path.write_text("".join(f"{line}\n" for line in lines))
        path.chmod(0o600)

    def _text(self, name: str) -> str:
        path = self._directory / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Let the test itself write in a folder that is read-only for the account."""
    folder.chmod(0o755)
    try:
        yield
    finally:
        folder.chmod(0o555)


def require_proftpd() -> None:
    """Skip the test where ProFTPD is missing, but fail where ``CI`` promises that it is there."""
    if _executable():
        return
    if os.environ.get("CI"):
        pytest.fail("ProFTPD is not installed, and tests that need it are not skipped in CI.")
    pytest.skip("ProFTPD is not installed.")


def _executable() -> str:
    return shutil.which("proftpd", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""


def _greeting(port: int) -> str:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return connection.recv(512).decode(errors="replace")
    except OSError:
        return ""


def _end_group(process: subprocess.Popen[bytes]) -> None:
    # The sessions are children of the server and share its process group, which is its own.
    for signal_number in (15, 9):
        try:
            os.killpg(process.pid, signal_number)
            process.wait(timeout=3)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _own_user() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _own_group() -> str:
    return grp.getgrgid(os.getegid()).gr_name
