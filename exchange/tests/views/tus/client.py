"""A client of tus, as far as tests need one."""

import base64
import uuid
from typing import Any, Final

from django.test import Client
from django.urls import reverse

from exchange.models import Account, Upload

PART: Final = "application/offset+octet-stream"
XML: Final = b"<?xml version='1.0'?><vraag>" + b"x" * 1000 + b"</vraag>"


class TusClient:
    """Somebody's browser, which sends one file of one form."""

    def __init__(self, browser: Client, account: Account, *, form: uuid.UUID | None = None) -> None:
        self.browser = browser
        self.account = account
        self.form = form or uuid.uuid4()

    def begin(
        self, length: int | str = len(XML), *, name: str = "vraag.xml", **headers: str
    ) -> Any:
        """Announce a file; ``headers`` replace those that are sent by themselves."""
        told = {
            "tus-resumable": "1.0.0",
            "upload-length": str(length),
            "upload-metadata": metadata(filename=name, account=str(self.account.pk), modified="17"),
            "upload-form": str(self.form),
        }
        return self.browser.post(reverse("upload_begin"), headers={**told, **headers})

    def begun(self, content: bytes = XML, **told: Any) -> Upload:
        """Announce a file that is taken; return its row."""
        response = self.begin(len(content), **told)
        assert response.status_code == 201
        return Upload.objects.get(pk=response["Location"].rstrip("/").rpartition("/")[2])

    def patch(
        self, upload: Upload, content: bytes, *, offset: int | str, kind: str = PART, **headers: str
    ) -> Any:
        told = {
            "tus-resumable": "1.0.0",
            "upload-offset": str(offset),
            "upload-form": str(self.form),
        }
        return self.browser.patch(
            address(upload), content, content_type=kind, headers={**told, **headers}
        )

    def head(self, upload: Upload) -> Any:
        return self.browser.head(address(upload), headers={"tus-resumable": "1.0.0"})

    def delete(self, upload: Upload) -> Any:
        return self.browser.delete(address(upload), headers={"tus-resumable": "1.0.0"})


def address(upload: Upload) -> str:
    return reverse("upload_continue", args=[upload.pk])


def metadata(**fields: str) -> str:
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in fields.items()
    )
