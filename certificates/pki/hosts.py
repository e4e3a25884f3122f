"""Judge whether a server's certificate is for the host that was asked for (RFC 9525, 6)."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from cryptography import x509

from certificates.pki.certificates import is_authority, is_self_signed
from certificates.pki.errors import ErrorCode, HostNameError
from certificates.pki.names import alternative_names, common_name

# Authorities are named in words; a host has dots and nothing but labels between them.
_HOST = re.compile(r"(\*\.)?([A-Za-z0-9_-]+\.)+[A-Za-z][A-Za-z0-9-]*|localhost")
_Address = IPv4Address | IPv6Address


def check_server_name(
    certificate: x509.Certificate, host: str, *, host_in_common_name: bool = False
) -> None:
    """Raise HostNameError unless the certificate is for this host (A-label or address).

    subjectAltName decides; the port plays no part. Only when there is none of it at all, and
    ``host_in_common_name`` says so, the common name may stand in, as it did of old (RFC 2818, 3.1).
    """
    names = _alternatives(certificate)
    if names is None:
        own = common_name(certificate)
        fits = host_in_common_name and _is_same(_address(host), own, host)
        found = f"CN={own}" if own else ""
    else:
        fits = any(_fits(name, host) for name in names)
        found = ", ".join(alternative_names(certificate))
    if not fits:
        raise HostNameError(
            f"the server's certificate is for {found or 'no host at all'}, not for {host}",
            code=ErrorCode.PATH_HOST_NAME,
            expected=host,
            found=found,
        )


def is_servers_own(certificate: x509.Certificate) -> bool:
    """Say whether a certificate is a server's own one, which its renewal replaces.

    One that may issue others can be it, too: a self-signed one that OpenSSL makes by default calls
    itself an authority. Authorities bear no host's name.
    """
    if not is_authority(certificate):
        return True
    names = _alternatives(certificate) or []
    if any(isinstance(name, x509.DNSName | x509.IPAddress) for name in names):
        return True
    own = common_name(certificate)
    return is_self_signed(certificate) and bool(_HOST.fullmatch(own) or _address(own))


def _alternatives(certificate: x509.Certificate) -> list[x509.GeneralName] | None:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return None
    return list(extension.value)


def _fits(name: x509.GeneralName, host: str) -> bool:
    address = _address(host)
    match name:
        case x509.IPAddress():
            return address is not None and name.value == address
        case x509.DNSName():
            return address is None and _matches(name.value, host)
        case _:
            return False


def _is_same(address: _Address | None, common_name: str, host: str) -> bool:
    """Compare a common name, which may write an address down, too."""
    return _matches(common_name, host) if address is None else _address(common_name) == address


def _matches(pattern: str, host: str) -> bool:
    """Compare names; an asterisk stands for exactly one whole label, the first."""
    wanted, offered = (name.lower().rstrip(".").split(".") for name in (host, pattern))
    if offered[0] == "*" and len(offered) > 2:
        return wanted[1:] == offered[1:] and wanted[0] != ""
    return wanted == offered


def _address(host: str) -> _Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
