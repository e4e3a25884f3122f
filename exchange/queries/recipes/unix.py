"""Recipes for lftp, curl and openssl."""

import ipaddress
import shlex
from urllib.parse import quote

from exchange.models import Account
from exchange.queries.recipes.files import (
    CERTIFICATE,
    KEY,
    PASSPHRASE,
    PKCS12,
    PROXY_PASSWORD,
    TRUST,
    UNUSED_PASSWORD,
)


def unpacking() -> str:
    """Return the commands that take the PKCS#12 file apart; both ask for its passphrase.

    lftp takes an unencrypted key only, so the file that comes of it needs guarding.
    """
    return (
        "umask 077\n"
        f"openssl pkcs12 -in {PKCS12} -nokeys -out {CERTIFICATE}\n"
        f"openssl pkcs12 -in {PKCS12} -nocerts -nodes -out {KEY}\n"
    )


def lftp_file(account: Account) -> str:
    """Return a script for ``lftp -f``, which lists the folder of answers."""
    settings = {
        "cmd:fail-exit": "true",
        "ftp:ssl-force": "true",
        "ftp:ssl-auth": "TLS",
        "ftp:ssl-protect-data": "true",
        "ftp:ssl-protect-list": "true",
        "ftp:ssl-data-use-keys": "true",
        "ftp:ssl-copy-sid": "true",
        "ftp:passive-mode": "true",
        "ftp:use-allo": "false",
        "ftp:use-site-utime": "false",
        "ftp:use-site-utime2": "false",
        "ssl:verify-certificate": "true",
        "ssl:check-hostname": "true",
        "ssl:ca-file": TRUST,
        "ssl:cert-file": CERTIFICATE,
        "ssl:key-file": KEY,
    }
    if account.proxy_host:
        settings["ftp:proxy"] = _proxy_url(account, with_user=True)
        settings["ftp:use-hftp"] = "false"
    lines = [f"set {name} {_in_lftp(value)}" for name, value in settings.items()]
    user = _in_lftp(f"{account.name},{UNUSED_PASSWORD}")
    lines += [
        f"open -u {user} -p {account.port} {_in_lftp(f'ftp://{_in_url(account.host)}')}",
        f"cls -1 {_in_lftp(account.folder_from_vip)}",
    ]
    return "\n".join(lines) + "\n"


def curl_file(account: Account) -> str:
    """Return a file for ``curl --config``, which lists the folder of answers.

    In a file, as everybody on a machine can read the arguments of a command.
    """
    folder = quote(account.folder_from_vip)
    options: list[tuple[str, str]] = [
        ("url", f"ftp://{_in_url(account.host)}:{account.port}/{folder}/"),
        ("user", f"{account.name}:{UNUSED_PASSWORD}"),
        ("cert-type", "P12"),
        ("cert", PKCS12),
        ("pass", PASSPHRASE),
        ("cacert", TRUST),
    ]
    if account.proxy_host:
        options.append(("proxy", _proxy_url(account, with_user=False)))
        if account.proxy_username:
            options.append(("proxy-user", f"{account.proxy_username}:{PROXY_PASSWORD}"))
    switches = ["ssl-reqd", "tlsv1.2", "ftp-pasv", "list-only"]
    if account.proxy_host:
        switches.append("proxytunnel")
    lines = [f"{name} = {_in_curl(value)}" for name, value in options]
    return "\n".join([*lines, *switches]) + "\n"


def openssl_check(account: Account) -> str:
    """Return the command that shows which certificate the server has, and verifies it.

    ``-partial_chain`` lets every trusted certificate end the path, as the portal does, and not
    only a root. Behind a proxy openssl (seen with 3.0) waits for ever when the server's greeting
    comes in one packet with the proxy's answer; the page says what to do then.
    """
    arguments = [
        *("openssl", "s_client", "-starttls", "ftp"),
        *("-connect", f"{_in_url(account.host)}:{account.port}"),
        *_expected_name(account.host),
        *("-verify_return_error", "-partial_chain", "-CAfile", TRUST),
        *("-cert", CERTIFICATE, "-key", KEY),
    ]
    if account.proxy_host:
        arguments += ["-proxy", f"{_in_url(account.proxy_host)}:{account.proxy_port}"]
    if account.proxy_host and account.proxy_username:
        arguments += ["-proxy_user", account.proxy_username]
        arguments += ["-proxy_pass", f"pass:{PROXY_PASSWORD}"]
    return shlex.join(arguments) + " </dev/null\n"


def _expected_name(host: str) -> list[str]:
    """Return the options by which openssl compares the name; it doesn't by itself."""
    if _is_address(host):
        return ["-verify_ip", host]
    return ["-servername", host, "-verify_hostname", host]


def _proxy_url(account: Account, *, with_user: bool) -> str:
    user = ""
    if with_user and account.proxy_username:
        user = f"{quote(account.proxy_username, safe='')}:{PROXY_PASSWORD}@"
    return f"http://{user}{_in_url(account.proxy_host)}:{account.proxy_port}"


def _in_lftp(value: str) -> str:
    """Quote a word for lftp, whose shell knows double quotes and the backslash."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _in_curl(value: str) -> str:
    """Quote a value for curl's configuration file."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _in_url(host: str) -> str:
    """Return a host as it stands in a URL: an IPv6 address in brackets (RFC 3986, 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
