"""``manage.py import_certificate``: give an account its certificate and private key."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from certificates.models import Certificate, ClientIdentity
from certificates.services.imports import import_certificate
from exchange.management.command import (
    PortalCommand,
    account_from,
    add_account_arguments,
    command_actor,
    wrong_usage,
)
from exchange.management.credentials import add_credential_arguments, bundle_from


class Command(PortalCommand):
    help = "Import an account's certificate with its private key, and use it once it is valid."

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_arguments(parser)
        add_credential_arguments(parser)

    def work(self, options: dict[str, Any]) -> bool:
        bundle = bundle_from(options)
        if bundle is None:
            raise wrong_usage("Give --pkcs12, or --certificate with --key.")
        identity = account_from(options).identity
        certificate = import_certificate(identity, bundle, actor=command_actor(), at=timezone.now())
        self.say(
            f"{_place(identity, certificate)}\t{identity.common_name}\t{identity.environment}"
            f"\tvalid until {certificate.not_after.isoformat()}\t{certificate.fingerprint}"
        )
        return True


def _place(identity: ClientIdentity, certificate: Certificate) -> str:
    """Say in a word what the identity does with the certificate."""
    if certificate.pk == identity.current_id:
        return "current"
    return "next" if certificate.pk == identity.next_id else "replaced"
