"""Where the portal runs, as the environment says, and whether it can run there.

Plain standard library: it is asked before anything else is loaded.
"""

import errno
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from magda_portal import bootstrap


class StartError(Exception):
    """The portal cannot start; the text is one sentence for whoever started it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the portal runs, as the environment says."""

    data_dir: Path
    bind: str
    port: int
    sandbox_port: int
    portal_url: str
    has_sandbox: bool
    """The practice MAGDA and its demo people exist on the built-in database only."""

    @property
    def web_address(self) -> str:
        """The web server's address as gunicorn and URLs write it."""
        return _authority(self.bind, self.port)


def read_place(environ: Mapping[str, str]) -> Place:
    """Read where to run; raise StartError for a value that cannot be used."""
    bind = environ.get("BIND") or "127.0.0.1"
    port = _port(environ, "PORT", 8000)
    sandbox_port = _port(environ, "SANDBOX_PORT", 2121)
    has_sandbox = not bootstrap.is_given(environ, "DATABASE_URL")
    if has_sandbox and port == sandbox_port:
        raise StartError(f"PORT and SANDBOX_PORT are both {port}; set one of them to another port.")
    portal_url = environ.get("PORTAL_URL") or f"http://{_authority(bind, port)}"
    place = Place(
        data_dir=bootstrap.data_dir_from(environ),
        bind=bind,
        port=port,
        sandbox_port=sandbox_port,
        portal_url=portal_url.rstrip("/"),
        has_sandbox=has_sandbox,
    )
    _check_portal_url(place)
    return place


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise StartError(f"{name} is {text!r}; set it to a number from 1 to 65535.")
    return int(text)


def _check_portal_url(place: Place) -> None:
    """Refuse passwords and files in the clear on a network."""
    url = urlsplit(place.portal_url)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise StartError(
            f"PORTAL_URL is {place.portal_url!r}; set it to the portal's public address,"
            " such as https://portal.example.be."
        )
    if url.scheme == "https":
        return
    if not _is_loopback(place.bind):
        raise StartError(
            f"BIND is {place.bind}, which other machines can reach; set PORTAL_URL to the https"
            " address that people use, or leave BIND at 127.0.0.1."
        )
    if not _is_loopback(url.hostname):
        raise StartError(
            f"PORTAL_URL {place.portal_url} would carry passwords in the clear; set it to an"
            " https address."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_port(host: str, port: int, *, setting: str) -> None:
    """Raise StartError when no server can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the servers do: a port whose last connections still linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise StartError(
                    f"Port {port} on {host} is taken; stop the program that uses it, or choose"
                    f" another port in {setting}."
                ) from error
            raise StartError(
                f"Nothing can listen on {host} port {port} ({error.strerror}); choose another"
                f" address in BIND, or another port in {setting}."
            ) from error


def is_listening(place: Place) -> bool:
    """Tell whether the web server takes connections."""
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound to
    try:
        with socket.create_connection((anywhere.get(place.bind, place.bind), place.port), 0.2):
            return True
    except OSError:
        return False
