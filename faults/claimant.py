"""Claim until nothing is left; ``test_claims`` runs several of these at the same time."""

import json
import sys
import time
from pathlib import Path

import django


def main(account_id: str, go: Path) -> None:
    """Wait for the file ``go``, then claim; print what was claimed and how many held a slot."""
    django.setup()
    # Models can be imported only now.
    from django.db.models import Q  # noqa: PLC0415 - after django.setup()

    from exchange.models import Account, ConnectionSlot  # noqa: PLC0415 - after django.setup()
    from exchange.services.claims import claim_next  # noqa: PLC0415 - after django.setup()
    from exchange.services.slots import hold_slot  # noqa: PLC0415 - after django.setup()

    account = Account.objects.select_related("identity").get(pk=account_id)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not go.exists():
        time.sleep(0.001)
    claimed, held = [], []
    while transfer := claim_next(account, among=Q()):
        claimed.append(transfer.pk)
        with hold_slot(account, for_collection=True) as slot:
            if slot is not None:
                taken = ConnectionSlot.objects.filter(account=account, lease_until__isnull=False)
                held.append(taken.count())
    sys.stdout.write(json.dumps({"claimed": claimed, "held": held}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
