"""Files that the clerk brought and has not sent: good ones, bad ones, and some for production."""

import uuid
from collections.abc import Mapping
from io import BytesIO
from typing import Final

from e2e.world.accounts import Keys
from e2e.world.cast import clerk
from e2e.world.transfers import REQUEST, STRANGE_NAME
from exchange.models import Account
from exchange.services.uploads import Parcel, keep_upload

_BAD: Final[Mapping[str, bytes]] = {
    "kapot.xml": b"<Vragen><Vraag></Vragen>",
    STRANGE_NAME: b"<Vragen/>",
}


def add_uploads(keys: Keys) -> Keys:
    """Bring files for two accounts; return what their parcels are called."""
    good = {"vragen.xml": REQUEST.read_bytes()}
    return {
        "parcel": _bring(keys["practice"], good),
        "parcel_bad": _bring(keys["practice"], _BAD),
        "parcel_production": _bring(keys["production"], good),
    }


def _bring(account: str, files: Mapping[str, bytes]) -> str:
    row = Account.objects.get(pk=account)
    parcel = Parcel.of_form(uuid.uuid4(), row, clerk())
    kept = [keep_upload(parcel, name, BytesIO(content)) for name, content in files.items()]
    return str(kept[0].parcel)
