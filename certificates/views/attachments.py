"""Hand out a file that no browser interprets and no cache keeps."""

import re

from django.http import HttpResponse
from django.utils.http import content_disposition_header

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")


def attachment(contents: bytes, *, name: str, ending: str) -> HttpResponse:
    """Return an attachment (RFC 6266) named after a common name, which may hold slashes."""
    stem = _UNSAFE.sub("-", name).strip("-.") or "certificate"
    header = content_disposition_header(as_attachment=True, filename=f"{stem}.{ending}")
    return HttpResponse(
        contents,
        content_type="application/octet-stream",
        headers={"Content-Disposition": header or "attachment", "Cache-Control": "no-store"},
    )
