"""Run the practice MAGDA in the foreground, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import re
import signal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA, SandboxSettings, open_authority

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Runs a practice MAGDA on this machine, with its own certificate authority."
    # It has nothing to do with the portal's database and must start without one.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port",
            type=int,
            default=settings.SANDBOX_PORT,
            help="port of the control connection (default: SANDBOX_PORT)",
        )
        parser.add_argument(
            "--passive",
            type=_port_range,
            metavar="FIRST-LAST",
            help="ports of the data connections (default: any free one)",
        )
        parser.add_argument(
            "--account",
            action="append",
            metavar="CN",
            help=f"common name that may log in, repeatable (default: {DEMO_ACCOUNT})",
        )

    def handle(self, **options: Any) -> None:
        folder = settings.DATA_DIR / "sandbox"
        magda = PracticeMAGDA(
            folder,
            open_authority(folder),
            SandboxSettings(
                port=options["port"],
                passive_ports=options["passive"],
                accounts=tuple(options["account"] or [DEMO_ACCOUNT]),
            ),
        )

        def announce() -> None:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: magda.stop())
            host = magda.settings.host
            self.stdout.write(f"Practice MAGDA listens on {host}, port {magda.port}.")
            self.stdout.flush()

        try:
            magda.serve_forever(announce)
        except OSError as error:
            msg = f"The practice MAGDA cannot listen on port {options['port']}: {error}"
            raise CommandError(msg) from error


def _port_range(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)-(\d+)", text)
    if match is None or not 0 < int(match[1]) <= int(match[2]) < 65536:
        msg = f"{text!r} is not a range of ports such as 40000-40100"
        raise argparse.ArgumentTypeError(msg)
    return int(match[1]), int(match[2])
