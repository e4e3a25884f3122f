"""Ask for ten addresses in a row; ``test_addresses`` runs two of these at the same time."""

import json
import os
import sys
import time
from pathlib import Path

import django


def main() -> None:
    """Wait for the file that GO_FILE names, then write; print one outcome for each address."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magda_portal.settings")
    django.setup()
    # Models can be imported only now.
    from exchange.errors import AddressError  # noqa: PLC0415 - after django.setup()
    from exchange.services.accounts import find_account  # noqa: PLC0415 - after django.setup()
    from exchange.services.addresses import request_address  # noqa: PLC0415 - after django.setup()
    from magda_portal.audit.services import Actor  # noqa: PLC0415 - after django.setup()

    account = find_account("demo")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not Path(os.environ["GO_FILE"]).exists():
        time.sleep(0.001)
    outcomes = []
    for number in range(1, 11):
        address = f"131.189.{sys.argv[1]}.{number}"
        try:
            request_address(account, address=address, actor=Actor(name="a writer"))
            outcomes.append("added")
        except AddressError as exc:
            outcomes.append(exc.code)
    sys.stdout.write(json.dumps(outcomes))


if __name__ == "__main__":
    main()
