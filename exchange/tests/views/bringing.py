"""What a clerk's browser sends on the two pages that send a file."""

import uuid
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from exchange.models import Account, Upload
from magda_portal.tests.world import Visitor, World

XML = b"<?xml version='1.0'?><vraag/>"


def form(
    account: Account, *, content: bytes = XML, filename: str = "vraag.xml", **fields: object
) -> dict[str, Any]:
    """Return the fields of the first page with one file; their order is the form's."""
    return {
        "submission": str(uuid.uuid4()),
        "account": str(account.pk),
        "file": SimpleUploadedFile(filename, content),
        "complete": "1",
        **fields,
    }


def bring(world: World, data: dict[str, Any]) -> Any:
    """Send the first page."""
    return world.browser(Visitor.CLERK).post(reverse("send"), data)


def brought(world: World, account: Account, *names: str, content: bytes = XML) -> list[Upload]:
    """Bring files in one parcel; return them in the order of their names here."""
    submission = str(uuid.uuid4())
    for name in names:
        bring(world, form(account, filename=name, submission=submission, content=content))
    rows = {row.file_name: row for row in Upload.objects.filter(account=account)}
    return [rows[name] for name in names]


def filled(*uploads: Upload, **fields: str) -> dict[str, str]:
    """Return the fields of the second page as it shows them, with a button to send."""
    names = {f"name-{upload.pk.hex}": upload.name for upload in uploads}
    return {**names, "send": "1", **fields}


def key(kind: str, upload: Upload) -> str:
    return f"{kind}-{upload.pk.hex}"


def page_of(upload: Upload) -> str:
    return reverse("send_review", args=[upload.parcel])


def press(world: World, upload: Upload, data: dict[str, str]) -> Any:
    """Send the second page."""
    return world.browser(Visitor.CLERK).post(page_of(upload), data)


def files_of(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file()]


def see(world: World, upload: Upload, visitor: Visitor = Visitor.CLERK) -> Any:
    return world.browser(visitor).get(page_of(upload))


def warned(upload: Upload, code: str = "check.referte") -> Upload:
    """Let the last check have found a warning in it, as the page showed it."""
    finding = {"code": code, "severity": "WARNING", "lines": [3, 9], "count": 5, "subject": ""}
    upload.findings = [finding]
    upload.save(update_fields=["findings"])
    return upload
