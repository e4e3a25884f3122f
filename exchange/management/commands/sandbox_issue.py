"""``manage.py sandbox_issue``: let the practice MAGDA's authority issue what a request asks for."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from exchange.management.command import PortalCommand
from exchange.management.output_files import require_new_file, write_new_file
from sandbox.server import open_authority


class Command(PortalCommand):
    help = (
        "Issue a client certificate for a certificate request, as VO-DCB does for MAGDA itself. "
        "Only the practice MAGDA accepts it. The issuing certificate comes along."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--request", type=Path, required=True, metavar="FILE", help="PKCS#10, PEM or DER"
        )
        parser.add_argument(
            "--output", type=Path, required=True, metavar="FILE", help="where the certificate goes"
        )

    def work(self, options: dict[str, Any]) -> bool:
        require_new_file(options["output"])
        request = _contents(options["request"])
        authority = open_authority(settings.DATA_DIR / "sandbox")
        try:
            certificate_pem = authority.certify(request)
        except ValueError as exc:
            raise CommandError(
                f"{options['request']} is no request that can be granted: {exc}. Download it "
                "again from the page of the request."
            ) from exc
        write_new_file(options["output"], certificate_pem + authority.chain_pem)
        self.say(f"certificate\t{options['output']}")
        return True


def _contents(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise CommandError(f"{path} can't be read: {exc.strerror}.") from exc
