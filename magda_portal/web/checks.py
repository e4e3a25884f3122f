"""System checks: a wrong setting is told at start, in a sentence, not met in the middle of work."""

import ipaddress
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.urls import get_resolver

from magda_portal.sealing.inventory import KeyUse, key_uses
from magda_portal.sealing.ring import Ring, SealingError

SECRETS = "secrets"
"""The tag of what a process must not serve without, whatever else was checked before."""


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


@register(Tags.urls)
def check_portal_path(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a path that also begins addresses of the portal: what it means would be a guess."""
    beginning = settings.PORTAL_PATH.lstrip("/").partition("/")[0]
    if not beginning or beginning not in _beginnings():
        return []
    return [
        Error(
            f"PORTAL_URL ends in /{beginning}, as pages of the portal itself begin.",
            hint="Give the portal another path on this host, such as /magda.",
            id="portal.E007",
        )
    ]


def _beginnings() -> set[str]:
    """Return the first parts of all the portal's addresses."""
    known = get_resolver().reverse_dict
    forms = (form for name in known for form in known.getlist(name))
    return {path.partition("/")[0] for possible in forms for path, _ in possible[0]}


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


@register(SECRETS)
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


@register(SECRETS, Tags.database)
def check_sealed_values(
    app_configs: Sequence[AppConfig] | None, *, databases: Sequence[str] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse to start on a database that was sealed with keys which the ring does not hold."""
    if "default" not in (databases or []):
        return []
    try:
        ring = Ring.parse(settings.SEALING_KEYS)
    except SealingError:
        # Told by check_secrets.
        return []
    return [
        _another_key(use) if use.key_id in ring.keys else _missing_key(use)
        for use in key_uses(ring)
        if not use.fits and use.key_id not in ring.lost
    ]


def errors_about_secrets() -> list[CheckMessage]:
    """Return why this process must not serve, if so; a look at settings and database."""
    messages = run_checks(tags=[SECRETS], databases=["default"])
    return [message for message in messages if message.is_serious()]


def _missing_key(use: KeyUse) -> CheckMessage:
    return Error(
        f"The sealing key {use.key_id!r} is not in the ring, and {use.values} sealed value(s) in"
        " the database need it.",
        hint=f"Put {use.key_id!r} back into SEALING_KEYS, behind the first key, from the back-up"
        f" of the keys. Only if nobody has it any more, write '{use.key_id}:lost' there: what it"
        " sealed then stays closed, as docs/keys.md tells.",
        id="portal.E005",
    )


def _another_key(use: KeyUse) -> CheckMessage:
    return Error(
        f"The sealing key {use.key_id!r} of the ring opens none of the {use.values} sealed"
        " value(s) that name it: it is another key of the same id.",
        hint=f"Restore the right {use.key_id!r} from the back-up of the keys; give the other one"
        " an id of its own. Only if nobody has the right one any more, write"
        f" '{use.key_id}:lost' behind the other, as docs/keys.md tells.",
        id="portal.E006",
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
