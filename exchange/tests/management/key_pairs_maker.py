"""Make as many sealed key pairs as asked for in the database of the environment."""

import os
import sys

import django


def main() -> None:
    """Seal each with the first key of the ring; its number is its secret and its fingerprint."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magda_portal.settings")
    django.setup()
    # Models can be imported only now.
    from certificates.models import ClientIdentity, KeyPair  # noqa: PLC0415 - after django.setup()
    from magda_portal.sealing.fields import seal_into  # noqa: PLC0415 - after django.setup()

    identity = ClientIdentity.objects.get()
    rows = []
    for number in range(int(sys.argv[1])):
        row = KeyPair(identity=identity, algorithm="RSA 3072", spki_fingerprint=f"{number:064x}")
        seal_into(row, "sealed_private_key", str(number).encode())
        rows.append(row)
    KeyPair.objects.bulk_create(rows)


if __name__ == "__main__":
    main()
