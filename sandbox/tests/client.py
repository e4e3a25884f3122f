"""A small FTPS client on libcurl, made here so that the tests share no code with the portal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Self

import pycurl  # noqa: TID251 - the sandbox's tests must not use the portal's client

if TYPE_CHECKING:
    from sandbox.authority import Issued

TLS_1_2 = pycurl.SSLVERSION_TLSv1_2 | pycurl.SSLVERSION_MAX_TLSv1_2
TLS_1_3 = pycurl.SSLVERSION_TLSv1_3


class Client:
    """One kept control connection; libcurl's errors pass through as `pycurl.error`."""

    def __init__(
        self,
        port: int,
        *,
        root_pem: bytes,
        identity: Issued | None,
        user: str,
        tls: int = TLS_1_3,
    ) -> None:
        self._base = f"ftp://127.0.0.1:{port}/"
        self.curl = pycurl.Curl()
        options = {
            pycurl.USE_SSL: pycurl.USESSL_ALL,
            pycurl.FTPSSLAUTH: pycurl.FTPAUTH_TLS,
            pycurl.SSLVERSION: tls,
            pycurl.CAINFO_BLOB: root_pem,
            pycurl.USERNAME: user,
            pycurl.PASSWORD: "not looked at",
            pycurl.FTP_FILEMETHOD: pycurl.FTPMETHOD_NOCWD,
            pycurl.TIMEOUT: 20,
        }
        if identity is not None:
            options[pycurl.SSLCERT_BLOB] = identity.certificate_pem + identity.chain_pem
            options[pycurl.SSLKEY_BLOB] = identity.private_key_pem
        for option, value in options.items():
            self.curl.setopt(option, value)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.curl.close()

    def listing(self, folder: str = "") -> dict[str, str]:
        """Return name → facts of everything that MLSD tells about a folder."""
        self.curl.setopt(pycurl.CUSTOMREQUEST, "MLSD")
        try:
            text = self.retrieve(f"{folder}/" if folder else "").decode()
        finally:
            self.curl.unsetopt(pycurl.CUSTOMREQUEST)
        pairs = (line.partition(" ") for line in text.splitlines())
        return {name: facts for facts, _, name in pairs}

    def retrieve(self, path: str) -> bytes:
        sink = io.BytesIO()
        self.curl.setopt(pycurl.UPLOAD, 0)
        self.curl.setopt(pycurl.URL, self._base + path)
        self.curl.setopt(pycurl.WRITEDATA, sink)
        self.curl.perform()
        return sink.getvalue()

    def store(self, path: str, content: bytes, *, then: list[str] | None = None) -> None:
        """Upload; `then` are commands to send after it, such as RNFR and RNTO."""
        self.curl.setopt(pycurl.UPLOAD, 1)
        self.curl.setopt(pycurl.URL, self._base + path)
        self.curl.setopt(pycurl.INFILESIZE, len(content))
        self.curl.setopt(pycurl.READDATA, io.BytesIO(content))
        if then:
            self.curl.setopt(pycurl.POSTQUOTE, then)
        try:
            self.curl.perform()
        finally:
            # An empty list would leave the old commands in place.
            self.curl.unsetopt(pycurl.POSTQUOTE)

    def command(self, *lines: str) -> None:
        """Send commands over the control connection."""
        self.curl.setopt(pycurl.UPLOAD, 0)
        self.curl.setopt(pycurl.NOBODY, 1)
        self.curl.setopt(pycurl.URL, self._base)
        self.curl.setopt(pycurl.QUOTE, list(lines))
        try:
            self.curl.perform()
        finally:
            self.curl.unsetopt(pycurl.QUOTE)
            self.curl.setopt(pycurl.NOBODY, 0)

    @property
    def reply(self) -> int:
        """The last reply code."""
        return int(self.curl.getinfo(pycurl.RESPONSE_CODE))
