"""Do one thing to ten files in a row; ``test_races`` runs two of these at the same time.

Two that go in opposite directions meet in the middle, and each is first somewhere.
"""

import json
import os
import sys
import time
from pathlib import Path

import django

FILES = 10


def main() -> None:
    """Wait for the file that GO_FILE names, then act; print one outcome for each file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magda_portal.settings")
    django.setup()
    # Models can be imported only now.
    from exchange.errors import ExchangeError  # noqa: PLC0415 - after django.setup()
    from exchange.tests.services.races import ACTS  # noqa: PLC0415 - after django.setup()

    act = ACTS[sys.argv[1]]
    backwards = "backwards" in sys.argv[2:]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not Path(os.environ["GO_FILE"]).exists():
        time.sleep(0.001)
    outcomes = {}
    for number in range(FILES)[:: -1 if backwards else 1]:
        try:
            act(number)
            outcomes[number] = "done"
        except ExchangeError as exc:
            outcomes[number] = exc.code
        # SQLite hands its lock out unfairly: without a pause one of them is done first.
        time.sleep(0.01)
    sys.stdout.write(json.dumps([outcomes[number] for number in range(FILES)]))


if __name__ == "__main__":
    main()
