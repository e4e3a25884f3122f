"""``manage.py create_csr``: make a key and a certificate request for an account."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from certificates.models import CertificateRequest, ClientIdentity, KeyPair
from certificates.pki import KeyKind, SubjectName, key_kind
from certificates.services.exports import FileForm
from certificates.services.requests import (
    request_with_kept_key,
    request_with_new_key,
    take_request,
)
from exchange.management.command import (
    PortalCommand,
    account_from,
    add_account_arguments,
    command_actor,
    wrong_usage,
)
from exchange.management.output_files import require_new_file, write_new_file

SUBJECT_FIELDS = {
    "country": "two letters by ISO 3166-1",
    "state": "province or region",
    "locality": "place",
    "organisation": "name of the organisation",
    "organisational_unit": "department",
    "email": "address of a function, not of a person",
}


class Command(PortalCommand):
    help = (
        "Make a private key, which stays here, and a certificate request for VO-DCB. "
        "The common name is the account's, as MAGDA set it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_arguments(parser)
        parser.add_argument(
            "--output", type=Path, required=True, metavar="FILE", help="where the request goes"
        )
        parser.add_argument(
            "--form", choices=[form.value for form in FileForm], default=FileForm.PEM.value
        )
        keys = parser.add_mutually_exclusive_group()
        keys.add_argument(
            "--key-kind",
            default=KeyKind.RSA_4096.value,
            metavar="KIND",
            help=f"one of {', '.join(KeyKind)} (default: {KeyKind.RSA_4096})",
        )
        keys.add_argument(
            "--same-key",
            action="store_true",
            help="use the key of the certificate in use; a new key is wiser",
        )
        for field, words in SUBJECT_FIELDS.items():
            parser.add_argument(f"--{field.replace('_', '-')}", default="", help=words)

    def work(self, options: dict[str, Any]) -> bool:
        require_new_file(options["output"])
        identity = account_from(options).identity
        made = _made(identity, options)
        file = take_request(made, FileForm(options["form"]), actor=command_actor())
        write_new_file(options["output"], file)
        self.say(f"request\t{options['output']}\t{made.key_pair.algorithm}\t{made.subject}")
        return True


def _made(identity: ClientIdentity, options: dict[str, Any]) -> CertificateRequest:
    subject = SubjectName(
        identity.common_name, **{field: options[field] for field in SUBJECT_FIELDS}
    )
    actor = command_actor()
    if options["same_key"]:
        key_pair = _key_in_use(identity)
        return request_with_kept_key(identity, key_pair, subject=subject, actor=actor)
    kind = key_kind(options["key_kind"])
    return request_with_new_key(identity, kind, subject=subject, actor=actor)


def _key_in_use(identity: ClientIdentity) -> KeyPair:
    if identity.current is None:
        raise wrong_usage("No certificate is in use, so there is no key to use again.")
    return identity.current.key_pair
