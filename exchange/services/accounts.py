"""Open accounts, change their settings, suspend and resume them.

Every refusal is an AccountError whose code says which setting is wrong; nothing is saved then.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from certificates.models import Environment
from certificates.services.identities import get_or_add_identity
from exchange import endpoints
from exchange.errors import AccountError
from exchange.models import Account
from exchange.services.account_checks import check_account
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Details, Subject, record
from magda_portal.people.services.organisations import get_or_add_organisation
from magda_portal.sealing.fields import seal_into

EDITABLE: Final = frozenset(
    {
        "tan",
        "host",
        "port",
        "passive_first",
        "passive_last",
        "highest_tls",
        "accepts_host_in_common_name",
        "proxy_host",
        "proxy_port",
        "proxy_username",
        "folder_to_vip",
        "folder_from_vip",
        "folder_cache_to_vip",
        "folder_cache_from_vip",
        "folder_public",
        "staging_folder",
        "collect_folders",
        "collect_every",
        "after_collection",
        "clear_cache_after",
        "expects_xml",
    }
)


def preset_for(environment: str) -> endpoints.Address:
    """Return the ready-made endpoint of an environment."""
    presets = {
        Environment.PRD: endpoints.PRD,
        Environment.TNI: endpoints.TNI,
        Environment.SANDBOX: endpoints.Address(endpoints.SANDBOX_HOST, settings.SANDBOX_PORT),
    }
    return presets[Environment(environment)]


@transaction.atomic
def open_account(
    name: str, *, organisation: str, environment: str, actor: Actor
) -> tuple[Account, bool]:
    """Return the account with that common name and whether it is new.

    ``organisation`` is a name; the organisation and the client identity are made when they don't
    exist yet. A new account has the environment's ready-made endpoint. Raises AccountError
    ``account.organisation`` for an empty name, and IdentityError when another organisation has
    the common name, or no certificate could bear it.
    """
    if not organisation.strip():
        raise AccountError("account.organisation")
    identity = get_or_add_identity(
        get_or_add_organisation(organisation, actor=actor),
        environment=environment,
        common_name=name,
        actor=actor,
    )
    found = Account.objects.filter(identity=identity).first()
    if found is not None:
        return found, False
    preset = preset_for(environment)
    account = Account(identity=identity, host=preset.host, port=preset.port)
    account.save(force_insert=True)
    _record(Action.ACCOUNT_OPENED, account, actor, {"environment": environment})
    return account, True


def find_account(name: str, *, environment: str = "") -> Account:
    """Return the account with that common name.

    Raises AccountError: ``account.unknown``, or ``account.ambiguous`` when several environments
    know the name and none was given.
    """
    accounts = Account.objects.filter(identity__common_name=name).select_related(
        "identity__organisation", "identity__current"
    )
    if environment:
        accounts = accounts.filter(identity__environment=environment)
    found = list(accounts[:2])
    if not found:
        raise AccountError("account.unknown", f"There is no account {name!r}.")
    if len(found) > 1:
        raise AccountError("account.ambiguous", f"Several environments know {name!r}.")
    return found[0]


def change_account(account: Account, *, changes: Mapping[str, object], actor: Actor) -> None:
    """Change settings of :data:`EDITABLE`; ``account`` carries the new values afterwards.

    Values that are as they were change nothing and leave no event. Raises AccountError, with
    nothing saved.
    """
    unknown = changes.keys() - EDITABLE
    if unknown:
        raise ValueError(f"not editable: {sorted(unknown)}")
    with transaction.atomic():
        row = _locked(account)
        before = {name: getattr(row, name) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        _validate(row)
        changed = [name for name in changes if getattr(row, name) != before[name]]
        if changed:
            row.save(update_fields=changed)
            details = {name: _change(before[name], getattr(row, name)) for name in changed}
            _record(Action.ACCOUNT_CHANGED, row, actor, details)
    for name in changes:
        setattr(account, name, getattr(row, name))


def set_proxy(account: Account, *, url: str, actor: Actor) -> None:
    """Go through an HTTP proxy from now on: ``http://[user:password@]host[:port]``, or none: "".

    The port is 8080 when none is given, as at :data:`exchange.endpoints.GOVERNMENT_PROXY`. The
    password is sealed; the history tells only that one was set. Raises AccountError
    ``account.proxy_url``; its text never repeats the URL, which may hold a password.
    """
    host, port, username, password = _parse_proxy(url)
    changes = {"proxy_host": host, "proxy_port": port, "proxy_username": username}
    with transaction.atomic():
        change_account(account, changes=changes, actor=actor)
        set_proxy_password(account, password=password, actor=actor)


@transaction.atomic
def set_proxy_password(account: Account, *, password: str, actor: Actor) -> None:
    """Seal the password for the proxy's user; an empty one removes it."""
    row = _locked(account)
    if not password and not row.sealed_proxy_password:
        return
    if password:
        seal_into(row, "sealed_proxy_password", password.encode())
    else:
        row.sealed_proxy_password = b""
    row.save(update_fields=["sealed_proxy_password"])
    account.sealed_proxy_password = row.sealed_proxy_password
    details = {"proxy_password": "set" if password else "removed"}
    _record(Action.ACCOUNT_CHANGED, row, actor, details)


@transaction.atomic
def suspend(account: Account, *, actor: Actor) -> None:
    """Stop delivering and collecting; an account that is suspended already stays so."""
    active = Account.objects.filter(pk=account.pk, state=Account.State.ACTIVE)
    if active.update(state=Account.State.SUSPENDED):
        _record(Action.ACCOUNT_SUSPENDED, account, actor)
    account.state = Account.State.SUSPENDED


@transaction.atomic
def resume(account: Account, *, actor: Actor) -> None:
    """Work again, collecting at once; an account that is active already is left alone."""
    suspended = Account.objects.filter(pk=account.pk, state=Account.State.SUSPENDED)
    if suspended.update(state=Account.State.ACTIVE, next_collection_at=timezone.now()):
        _record(Action.ACCOUNT_RESUMED, account, actor)
    account.state = Account.State.ACTIVE


def _locked(account: Account) -> Account:
    rows = Account.objects.select_related("identity__organisation")
    return rows.select_for_update(of=("self",)).get(pk=account.pk)


def _validate(row: Account) -> None:
    check_account(row)
    try:
        row.full_clean()
    except ValidationError as exc:
        fields = ", ".join(sorted(exc.message_dict))
        raise AccountError("account.invalid", f"Not acceptable: {fields}.") from exc


def _parse_proxy(url: str) -> tuple[str, int, str, str]:
    """Return host, port, user name and password; all empty for an empty URL."""
    default_port = endpoints.GOVERNMENT_PROXY.port
    if not url.strip():
        return "", default_port, "", ""
    text = url.strip()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port or default_port
    except ValueError:
        # Its text may quote the URL.
        raise AccountError("account.proxy_url") from None
    is_plain = parts.path in {"", "/"} and not parts.query and not parts.fragment
    if parts.scheme != "http" or not parts.hostname or not is_plain:
        raise AccountError("account.proxy_url")
    return parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or "")


def _change(before: object, after: object) -> Mapping[str, str | int | None]:
    return {"before": _plain(before), "after": _plain(after)}


def _plain(value: object) -> str | int | None:
    if value is None or isinstance(value, int):
        return value
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _record(action: Action, account: Account, actor: Actor, details: Details | None = None) -> None:
    record(
        action,
        actor=actor,
        organisation_id=account.organisation.pk,
        subject=Subject.row(account),
        details=details,
    )
