"""System checks: a wrong setting is told at start, in a sentence, not met in the middle of work."""

import ipaddress
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from magda_portal.sealing.ring import Ring, SealingError


@register()
def check_portal_url(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Allow plain http on a loopback address only."""
    url = urlsplit(settings.PORTAL_URL)
    if url.scheme == "https" and url.hostname:
        return []
    if url.scheme == "http" and _is_loopback(url.hostname or ""):
        return []
    return [
        Error(
            f"PORTAL_URL is {settings.PORTAL_URL!r}, which is neither https nor on loopback.",
            hint="Put a reverse proxy with TLS before the portal and set PORTAL_URL=https://….",
            id="portal.E001",
        )
    ]


@register()
def check_trusted_proxies(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Name proxies by address: who trusts everybody believes what any client says of itself."""
    errors: list[CheckMessage] = []
    for entry in settings.TRUSTED_PROXIES:
        try:
            ipaddress.ip_network(entry, strict=False)
        except ValueError:
            hint = "List the addresses or networks of your reverse proxies, separated by commas."
            message = f"FORWARDED_ALLOW_IPS holds {entry!r}, which is no address or network."
            errors.append(Error(message, hint=hint, id="portal.E004"))
    return errors


@register()
def check_secrets(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to start without the secrets."""
    errors: list[CheckMessage] = []
    if not settings.SECRET_KEY:
        errors.append(
            Error(
                "There is no SECRET_KEY.",
                hint="Run 'manage.py migrate' on a new data folder, or set SECRET_KEY(_FILE).",
                id="portal.E002",
            )
        )
    try:
        Ring.parse(settings.SEALING_KEYS)
    except SealingError as exc:
        errors.append(Error(str(exc), hint="Restore them from the back-up.", id="portal.E003"))
    return errors


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
