"""``manage.py export_pkcs12``: write an account's certificate with its key to a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from certificates.models import Certificate, ClientIdentity
from certificates.pki import make_passphrase
from certificates.services.exports import export_pkcs12
from exchange.management.command import (
    PortalCommand,
    account_from,
    add_account_arguments,
    command_actor,
    wrong_usage,
)
from exchange.management.credentials import passphrase_from
from exchange.management.output_files import require_new_file, write_new_file


class Command(PortalCommand):
    help = (
        "Write the certificate in use, its chain and its private key to a PKCS#12 file, for "
        "WinSCP and the like. The history tells who took it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_arguments(parser)
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")
        parser.add_argument(
            "--next", action="store_true", help="the next certificate instead of the one in use"
        )
        parser.add_argument(
            "--passphrase-file",
            type=Path,
            metavar="FILE",
            help="file whose first line is the passphrase; without it one is made and printed",
        )

    def work(self, options: dict[str, Any]) -> bool:
        require_new_file(options["output"])
        identity = account_from(options).identity
        certificate = _certificate(identity, takes_next=options["next"])
        given = options["passphrase_file"]
        passphrase = make_passphrase() if given is None else passphrase_from(given)
        file = export_pkcs12(certificate, passphrase=passphrase, actor=command_actor())
        write_new_file(options["output"], file)
        self.say(f"exported\t{options['output']}\t{certificate.fingerprint}")
        if given is None:
            self.say(f"passphrase\t{passphrase}")
        return True


def _certificate(identity: ClientIdentity, *, takes_next: bool) -> Certificate:
    certificate = identity.next if takes_next else identity.current
    if certificate is None:
        raise wrong_usage(f"The account has no {'next ' * takes_next}certificate to export.")
    return certificate
