#!/usr/bin/env python3
"""The command line of the portal."""

import os
import sys


def main() -> None:
    """Run one management command; ``migrate`` first readies a new data folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magda_portal.settings")
    if sys.argv[1:2] == ["migrate"]:
        # Before Django reads its settings, since the secrets are settings too.
        from magda_portal.bootstrap import BootstrapError, prepare_from_environment  # noqa: PLC0415 - only this command needs it

        try:
            prepare_from_environment(os.environ)
        except BootstrapError as error:
            sys.exit(str(error))
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - as above
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - after bootstrap

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(
            f"A setting is missing or wrong: {error} On a new data folder run 'manage.py migrate'"
            " first; otherwise check the environment."
        )


if __name__ == "__main__":
    main()
