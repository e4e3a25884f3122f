"""Submit files one after the other; ``test_database_faults`` runs several of these at once."""

import io
import json
import sys
import time
from pathlib import Path

import django


def main(account_id: str, prefix: str, count: int, go: Path) -> None:
    """Wait for the file ``go``, then submit ``count`` files; print their ids, and the seconds."""
    django.setup()
    # Models can be imported only now.
    from exchange.models import Account  # noqa: PLC0415 - after django.setup()
    from exchange.services.submission import Draft, Submitter, submit  # noqa: PLC0415 - as above
    from exchange.tests.wiring import ACTOR  # noqa: PLC0415 - as above

    account = Account.objects.select_related("identity").get(pk=account_id)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not go.exists():
        time.sleep(0.001)
    submitted, slowest = [], 0.0
    for number in range(count):
        draft = Draft(account, f"{prefix}-{number}.xml", Submitter(ACTOR))
        began = time.monotonic()
        submitted.append(submit(draft, content=io.BytesIO(draft.name.encode())).pk)
        slowest = max(slowest, time.monotonic() - began)
    sys.stdout.write(json.dumps({"submitted": submitted, "slowest": slowest}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
