"""The options from which every operation of a libcurl handle starts."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pycurl

from exchange.ftps.config import (
    ClientCredentials,
    Endpoint,
    Proxy,
    Timeouts,
    TLSVersion,
    TrustStore,
)

BUFFER_SIZE: Final = 512 * 1024
# Well under the four minutes after which Azure's gateways forget an idle connection.
KEEPALIVE_SECONDS: Final = 60
# MAGDA asks for no password, but libcurl would otherwise send its own idea of one.
DUMMY_PASSWORD: Final = "none"  # noqa: S105 - it protects nothing, the certificate does

# CURLOPT_SERVER_RESPONSE_TIMEOUT_MS (curl/curl.h), which pycurl passes on but has no name for.
_REPLY_TIMEOUT_MS: Final = 324

_HIGHEST_TLS: Final = {
    None: pycurl.SSLVERSION_MAX_DEFAULT,
    TLSVersion.TLS12: pycurl.SSLVERSION_MAX_TLSv1_2,
    TLSVersion.TLS13: pycurl.SSLVERSION_MAX_TLSv1_3,
}


@dataclass(frozen=True, slots=True)
class Setup:
    """What every operation of a handle has in common.

    ``heartbeat`` is called before an operation sends anything, at every line of a reply, and about
    once a second: what it raises keeps libcurl from sending another command. ``logged_in`` is
    called once for each control connection, at the first thing that the server does after a login;
    what it raises has the same effect.
    """

    endpoint: Endpoint
    credentials: ClientCredentials
    trust: TrustStore
    timeouts: Timeouts
    heartbeat: Callable[[], object]
    logged_in: Callable[[], object]


def set_options(curl: pycurl.Curl, setup: Setup, url_path: str, *, resume_sessions: bool) -> None:
    """Set everything that does not differ from operation to operation but the path."""
    endpoint = setup.endpoint
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    curl.setopt(pycurl.URL, f"ftp://{host}:{endpoint.port}/{url_path}")
    curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_FTP)
    curl.setopt(pycurl.PATH_AS_IS, 1)
    curl.setopt(pycurl.FTP_FILEMETHOD, pycurl.FTPMETHOD_NOCWD)
    curl.setopt(pycurl.NETRC, pycurl.NETRC_IGNORED)
    curl.setopt(pycurl.NOSIGNAL, 1)
    curl.setopt(pycurl.TCP_NODELAY, 1)
    curl.setopt(pycurl.TCP_KEEPALIVE, 1)
    curl.setopt(pycurl.TCP_KEEPIDLE, KEEPALIVE_SECONDS)
    curl.setopt(pycurl.TCP_KEEPINTVL, KEEPALIVE_SECONDS)
    curl.setopt(pycurl.BUFFERSIZE, BUFFER_SIZE)
    curl.setopt(pycurl.UPLOAD_BUFFERSIZE, BUFFER_SIZE)
    _set_security(curl, setup, resume_sessions=resume_sessions)
    _set_proxy(curl, endpoint.proxy)
    _set_timeouts(curl, setup.timeouts)


def _set_security(curl: pycurl.Curl, setup: Setup, *, resume_sessions: bool) -> None:
    credentials = setup.credentials
    curl.setopt(pycurl.USE_SSL, pycurl.USESSL_ALL)
    curl.setopt(pycurl.FTPSSLAUTH, pycurl.FTPAUTH_TLS)
    highest = _HIGHEST_TLS[setup.endpoint.highest_tls]
    curl.setopt(pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2 | highest)
    curl.setopt(pycurl.SSL_VERIFYPEER, 1)
    curl.setopt(pycurl.SSL_VERIFYHOST, 2)
    curl.setopt(pycurl.SSL_SESSIONID_CACHE, int(resume_sessions))
    curl.setopt(pycurl.CAINFO_BLOB, setup.trust.pem)
    curl.setopt(pycurl.OPT_CERTINFO, int(setup.trust.inspect is not None))
    curl.setopt(pycurl.SSLCERT_BLOB, credentials.certificate_chain_pem)
    curl.setopt(pycurl.SSLKEY_BLOB, credentials.private_key_pem)
    curl.setopt(pycurl.USERNAME, credentials.username.encode())
    curl.setopt(pycurl.PASSWORD, DUMMY_PASSWORD)


def _set_proxy(curl: pycurl.Curl, proxy: Proxy | None) -> None:
    # An empty value also keeps libcurl from looking into the environment.
    curl.setopt(pycurl.NOPROXY, "")
    if proxy is None:
        curl.setopt(pycurl.PROXY, "")
        return
    host = f"[{proxy.host}]" if ":" in proxy.host else proxy.host
    curl.setopt(pycurl.PROXY, f"http://{host}:{proxy.port}")
    curl.setopt(pycurl.HTTPPROXYTUNNEL, 1)
    if proxy.username:
        curl.setopt(pycurl.PROXYAUTH, pycurl.HTTPAUTH_BASIC)
        curl.setopt(pycurl.PROXYUSERNAME, proxy.username.encode())
        curl.setopt(pycurl.PROXYPASSWORD, proxy.password.encode())


def _set_timeouts(curl: pycurl.Curl, timeouts: Timeouts) -> None:
    curl.setopt(pycurl.CONNECTTIMEOUT_MS, _milliseconds(timeouts.connect))
    curl.setopt(_REPLY_TIMEOUT_MS, _milliseconds(timeouts.reply))
    curl.setopt(pycurl.LOW_SPEED_LIMIT, 1)
    curl.setopt(pycurl.LOW_SPEED_TIME, math.ceil(timeouts.stall))
    curl.setopt(pycurl.TIMEOUT_MS, _milliseconds(timeouts.total or 0))


def _milliseconds(seconds: float) -> int:
    return math.ceil(seconds * 1000)
