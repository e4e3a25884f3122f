"""The recipe for WinSCP: what to fill in where, and the same as a file."""

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.models import Account
from exchange.queries.recipes.files import PKCS12

# The numbers are those of WinSCP's own enumerations (SessionData.h).
_FTP, _EXPLICIT_TLS, _TLS_12, _HTTP_PROXY = 5, 3, 12, 3


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in: on which page of WinSCP, under which name, and what."""

    page: Promise
    name: Promise
    value: str | Promise


def winscp_fields(account: Account) -> list[Field]:
    """Return what to fill in, in the order of WinSCP's pages."""
    login, tls = _("Login"), _("Advanced, Connection, TLS/SSL")
    fields = [
        Field(login, _("File protocol"), "FTP"),
        Field(login, _("Encryption"), _("TLS/SSL Explicit encryption")),
        Field(login, _("Host name"), account.host),
        Field(login, _("Port number"), str(account.port)),
        Field(login, _("User name"), account.name),
        Field(login, _("Password"), _("leave empty")),
        Field(tls, _("Minimum TLS/SSL version"), "TLS 1.2"),
        Field(tls, _("Client certificate file"), PKCS12),
        Field(_("Advanced, Connection"), _("Passive mode"), _("switched on")),
    ]
    if account.proxy_host:
        page = _("Advanced, Connection, Proxy")
        fields += [
            Field(page, _("Proxy type"), "HTTP"),
            Field(page, _("Proxy host name"), account.proxy_host),
            Field(page, _("Port number"), str(account.proxy_port)),
        ]
        if account.proxy_username:
            fields.append(Field(page, _("User name"), account.proxy_username))
    return fields


def winscp_file(account: Account) -> str:
    """Return the site as a configuration file for ``winscp.exe /ini=…``.

    Values are percent-encoded as WinSCP does; it marks those beyond ASCII in a way of its own,
    so there is no file ("") for an account that needs them.
    """
    values: dict[str, str | int] = {
        "HostName": account.host,
        "PortNumber": account.port,
        "UserName": account.name,
        "FSProtocol": _FTP,
        "Ftps": _EXPLICIT_TLS,
        "FtpPasvMode": 1,
        "SslSessionReuse": 1,
        "MinTlsVersion": _TLS_12,
        "TlsCertificateFile": PKCS12,
    }
    if account.proxy_host:
        values |= {
            "ProxyMethod": _HTTP_PROXY,
            "ProxyHost": account.proxy_host,
            "ProxyPort": account.proxy_port,
            "ProxyUsername": account.proxy_username,
        }
    if not all(str(value).isascii() for value in values.values()):
        return ""
    lines = [f"{name}={_encoded(value)}" for name, value in values.items() if value != ""]
    return "\n".join([f"[Sessions\\{_encoded(f'MAGDA {account.environment}')}]", *lines]) + "\n"


def _encoded(value: str | int) -> str:
    return quote(str(value), safe="/:@+,;=()-._~")
