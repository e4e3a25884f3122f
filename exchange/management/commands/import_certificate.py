"""``manage.py import_certificate``: give an account its certificate and private key."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from certificates.models import Certificate, ClientIdentity
from certificates.services.imports import import_certificate, import_issued_certificate
from certificates.services.relay import Plan
from exchange.management.command import (
    PortalCommand,
    account_from,
    add_account_arguments,
    command_actor,
    wrong_usage,
)
from exchange.management.credentials import (
    add_credential_arguments,
    bundle_from,
    certificate_alone,
    place_of,
    what_is_called_off,
)

NEXT_STEPS = (
    "The certificate in use stays in use. Test the login with the next one (test_login), "
    "then put it in use on the page of the account's certificates."
)


class Command(PortalCommand):
    help = (
        "Import an account's certificate with its private key; alone when the key was made here. "
        "It is put in use only when no other works, and becomes the next one otherwise."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_arguments(parser)
        add_credential_arguments(parser)

    def work(self, options: dict[str, Any]) -> bool:
        identity = account_from(options).identity
        before = Plan.of(identity)
        certificate = _imported(options, identity)
        place = place_of(certificate, identity)
        self.say(
            f"{place}\t{identity.common_name}\t{identity.environment}"
            f"\tvalid until {certificate.not_after.isoformat()}\t{certificate.fingerprint}"
        )
        if place == "next" and identity.activate_next_at is None:
            self.complain(NEXT_STEPS)
        for line in what_is_called_off(before, identity):
            self.complain(line)
        return True


def _imported(options: dict[str, Any], identity: ClientIdentity) -> Certificate:
    alone = certificate_alone(options)
    now = timezone.now()
    if alone is not None:
        return import_issued_certificate(identity, alone, actor=command_actor(), at=now)
    bundle = bundle_from(options)
    if bundle is None:
        raise wrong_usage("Give --pkcs12, or --certificate, with --key if the key is not here.")
    return import_certificate(identity, bundle, actor=command_actor(), at=now)
