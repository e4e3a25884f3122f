"""The options by which commands are given a certificate with its key."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from certificates.models import Certificate, ClientIdentity
from certificates.pki import KeyBundle, load_pkcs12
from certificates.services.relay import Plan
from certificates.services.uploads import brings_key, read_upload
from exchange.management.command import wrong_usage


def add_credential_arguments(parser: CommandParser) -> None:
    """Add --pkcs12, or --certificate with --key, and --passphrase-file."""
    group = parser.add_argument_group("certificate and key")
    forms = group.add_mutually_exclusive_group()
    forms.add_argument("--pkcs12", type=Path, metavar="FILE", help="certificate, key and chain")
    forms.add_argument(
        "--certificate", type=Path, metavar="FILE", help="PEM, DER or PKCS#7, with or without chain"
    )
    group.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="private key, PEM or DER; not needed when the certificate's PEM file holds it too",
    )
    group.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="file whose first line opens the PKCS#12 file or the key",
    )


def bundle_from(options: dict[str, Any]) -> KeyBundle | None:
    """Read what the options name, or return None when they name nothing.

    Raises PKIError or UploadError for files that don't hold what they should, and CommandError for
    files that can't be read (exit status 1) and options that don't fit together (2).
    """
    if options["pkcs12"] is None and options["certificate"] is None:
        if options["key"] is not None or options["passphrase_file"] is not None:
            raise wrong_usage("--key and --passphrase-file need --certificate or --pkcs12.")
        return None
    passphrase = passphrase_from(options["passphrase_file"])
    if options["pkcs12"] is not None:
        if options["key"] is not None:
            raise wrong_usage("A PKCS#12 file brings its own key; leave --key out.")
        return load_pkcs12(_contents(options["pkcs12"]), password=passphrase)
    key = None if options["key"] is None else _contents(options["key"])
    return read_upload(_contents(options["certificate"]), key=key, passphrase=passphrase)


def certificate_alone(options: dict[str, Any]) -> bytes | None:
    """Return the file that --certificate names when no key came along; else None.

    Raises UploadError for a file that is empty or too large, and CommandError as bundle_from does.
    """
    if options["certificate"] is None or options["key"] is not None:
        return None
    file = _contents(options["certificate"])
    return None if brings_key(file, key=None) else file


def place_of(certificate: Certificate, identity: ClientIdentity) -> str:
    """Say in a word what the identity does with an imported certificate."""
    return "current" if certificate.pk == identity.current_id else "next"


def what_is_called_off(before: Plan, identity: ClientIdentity) -> list[str]:
    """Return a line when the import called a switch off that was planned before; else none."""
    moment = before.called_off_by(identity)
    if moment is None:
        return []
    called_off = f"The switch that was planned for {moment.isoformat()} is called off"
    return [f"{called_off}: it was meant for the certificate that was the next until now."]


def passphrase_from(path: Path | None) -> str:
    """Return the first line: editors add a line end, and that is no part of the passphrase."""
    if path is None:
        return ""
    try:
        lines = _contents(path).decode().splitlines()
    except UnicodeDecodeError as exc:
        raise CommandError(f"{path} is not text in UTF-8.") from exc
    return lines[0] if lines else ""


def _contents(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise CommandError(f"{path} can't be read: {exc.strerror}.") from exc
