"""``python -m e2e.world prepare|settle``: make states, and print what they are called."""

import json
import os
import sys

import django


def main(phase: str) -> None:
    """Do one phase in the data folder that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magda_portal.settings")
    django.setup()
    keys = prepare() if phase == "prepare" else settle(json.load(sys.stdin))
    sys.stdout.write(json.dumps(keys) + "\n")


def prepare() -> dict[str, str]:
    """Make what no worker may meet half way."""
    # Models exist once Django is set up.
    from e2e.world.accounts import add_accounts  # noqa: PLC0415
    from e2e.world.cast import add_people, clerk, forgotten_password  # noqa: PLC0415
    from e2e.world.certificates import add_requests  # noqa: PLC0415
    from e2e.world.transfers import add_transfers  # noqa: PLC0415
    from e2e.world.uploads import add_uploads  # noqa: PLC0415

    add_people()
    keys = add_accounts()
    keys |= add_transfers()
    keys |= add_uploads(keys)
    keys |= add_requests(keys)
    return {**keys, **forgotten_password(), "member": str(clerk().pk)}


def settle(keys: dict[str, str]) -> dict[str, str]:
    """Make what needs the running portal."""
    from e2e.world import settling  # noqa: PLC0415

    return settling.settle(keys)


if __name__ == "__main__":
    main(sys.argv[1])
