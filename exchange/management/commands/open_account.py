"""``manage.py open_account``: open an account, or bring one up to date."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from certificates.models import Environment
from certificates.pki import KeyBundle
from certificates.services.imports import import_certificate
from certificates.services.relay import Plan
from certificates.services.trust import add_trust_anchors
from exchange.endpoints import GOVERNMENT_PROXY
from exchange.management.command import PortalCommand, command_actor
from exchange.management.credentials import (
    add_credential_arguments,
    bundle_from,
    place_of,
    what_is_called_off,
)
from exchange.models import Account
from exchange.services.accounts import change_account, open_account, set_proxy
from magda_portal.audit.services import Actor


class Command(PortalCommand):
    help = (
        "Open an account at MAGDA; its organisation is made when it doesn't exist. For an account "
        "that exists, what is given is brought up to date."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the common name, as MAGDA set it")
        parser.add_argument("--organisation", required=True, metavar="NAME")
        parser.add_argument("--environment", required=True, choices=Environment.values)
        parser.add_argument("--host", help="default: MAGDA's server of the environment")
        parser.add_argument("--port", type=int)
        parser.add_argument(
            "--proxy",
            metavar="URL",
            help="HTTP proxy, http://[user:password@]host[:port], or an empty text for none; the "
            f"Flemish government's is http://{GOVERNMENT_PROXY.host}:{GOVERNMENT_PROXY.port}",
        )
        add_credential_arguments(parser)
        parser.add_argument(
            "--trust",
            type=Path,
            metavar="FILE",
            help="certificates (PEM, DER, PKCS#7) that the server's chain must lead to",
        )

    def work(self, options: dict[str, Any]) -> bool:
        bundle = bundle_from(options)
        trust = _contents(options["trust"])
        actor = command_actor()
        # All of it or nothing: an account without its certificate would only fail later.
        with transaction.atomic():
            account, is_new = open_account(
                options["name"],
                organisation=options["organisation"],
                environment=options["environment"],
                actor=actor,
            )
            lines = [f"{'opened' if is_new else 'exists'}\t{account.name}\t{account.environment}"]
            _change(account, options, actor)
            before = Plan.of(account.identity)
            # First what is trusted: the certificate's chain is completed from it.
            trusted = _trust(account, trust, actor)
            lines += [*_import(account, bundle, actor), *trusted]
        for line in lines:
            self.say(line)
        for line in what_is_called_off(before, account.identity):
            self.complain(line)
        return True


def _change(account: Account, options: dict[str, Any], actor: Actor) -> None:
    changes = {name: options[name] for name in ("host", "port") if options[name] is not None}
    if changes:
        change_account(account, changes=changes, actor=actor)
    if options["proxy"] is not None:
        set_proxy(account, url=options["proxy"], actor=actor)


def _import(account: Account, bundle: KeyBundle | None, actor: Actor) -> list[str]:
    if bundle is None:
        return []
    row = import_certificate(account.identity, bundle, actor=actor, at=timezone.now())
    place = place_of(row, account.identity)
    return [f"certificate\t{row.fingerprint}\tvalid until {row.not_after:%Y-%m-%d}\t{place}"]


def _trust(account: Account, file: bytes | None, actor: Actor) -> list[str]:
    if file is None:
        return []
    anchors = add_trust_anchors(
        file, environment=account.environment, organisation=account.organisation, actor=actor
    )
    return [f"trusted\t{anchor.fingerprint}\t{anchor.subject}" for anchor in anchors]


def _contents(path: Path | None) -> bytes | None:
    try:
        return path.read_bytes() if path else None
    except OSError as exc:
        raise CommandError(f"{path} can't be read: {exc.strerror}.") from exc
