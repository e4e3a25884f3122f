"""Bring the database and the static files up to date, and seed the practice data when asked.

One process for what would be three management commands, so that Django starts once. ``make run``
calls it as ``python -m magda_portal.preparation`` when :mod:`magda_portal.freshness` says that
there is something to do; with containers it runs once before the others start.
"""

import argparse
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.core.management.base import SystemCheckError

from magda_portal.bootstrap import BootstrapError, prepare_from_environment
from magda_portal.freshness import mark_fresh


def main() -> None:
    """Check, migrate, collect static files and, with ``--seed-demo``, make the practice data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed-demo", action="store_true")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magda_portal.settings")
    try:
        prepare_from_environment(os.environ)
    except BootstrapError as error:
        sys.exit(str(error))
    django.setup()
    try:
        # Before anything is written: a wrong setting, or a database that these keys don't open.
        BaseCommand().check(databases=["default"])
    except SystemCheckError as error:
        sys.exit(str(error))
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    if arguments.seed_demo:
        call_command("seed_demo", sandbox_port=settings.SANDBOX_PORT)
    if not settings.DATABASE_URL_GIVEN:
        mark_fresh(Path(settings.DATA_DIR))


if __name__ == "__main__":
    main()
