"""Requests to send: each has a name and a reference that no other has."""

import re
from uuid import uuid4

from playwright.sync_api import FilePayload

from magda_portal.bootstrap import BASE_DIR

_SAMPLE = BASE_DIR / "exchange/messages/tests/samples/request_three_questions.xml"


def new_request() -> FilePayload:
    """Return a request that was never sent before."""
    text = re.sub(r"<Referte>[^<]*", lambda _: f"<Referte>{uuid4()}", _SAMPLE.read_text("utf-8"))
    return {
        "name": f"GeefPersoon_{uuid4().hex[:12]}.xml",
        "mimeType": "application/xml",
        "buffer": text.encode(),
    }
