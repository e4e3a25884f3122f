"""What needs the running portal: an answer that came, servers that were seen, due mails."""

import time
from datetime import datetime
from typing import Final

from django.utils import timezone

from certificates.models import Environment, ExpiryNotice, ServerAlarm, TrustAnchor, WatchedServer
from certificates.services.calendar import make_feed
from certificates.services.expiry import notify_expiring
from certificates.services.watch import expect_addresses
from e2e.world.accounts import Keys, practice_account
from e2e.world.cast import ACTOR, clerk
from exchange.models import Transfer
from exchange.models.transfer import Direction
from exchange.services.server_watch import look_at_all

_PATIENCE: Final = 120.0  # seconds


def settle(keys: Keys) -> Keys:
    """Wait for the answer to the request that went out, and let everything else be seen."""
    answer = _await_answer(int(keys["request"]))
    now = timezone.now()
    alarm = _alarm(now)
    notify_expiring(now=now)
    make_feed(clerk(), now=now)
    anchor = TrustAnchor.objects.filter(environment=Environment.SANDBOX).first()
    notice = ExpiryNotice.objects.filter(organisation=practice_account().organisation).first()
    assert anchor is not None
    assert notice is not None
    return {
        "answer": str(answer.pk),
        "anchor": str(anchor.pk),
        "notice": str(notice.pk),
        "server": str(alarm.sighting.server_id),
        "alarm": str(alarm.pk),
        "sighting": str(alarm.sighting_id),
        "publication": str(_publication()),
    }


def _await_answer(request: int) -> Transfer:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        answer = Transfer.objects.filter(answers_to=request).first()
        if answer is not None:
            return answer
        time.sleep(0.5)
    raise RuntimeError(f"No answer came within {_PATIENCE:.0f} seconds.")


def _publication() -> int | None:
    collected = Transfer.objects.filter(direction=Direction.COLLECTION, answers_to=None)
    row = collected.order_by("pk").first()
    return row.pk if row else None


def _alarm(now: datetime) -> ServerAlarm:
    """Expect the practice server elsewhere, so that what it shows alarms."""
    look_at_all(now=now)
    account = practice_account()
    server = WatchedServer.objects.get(environment=Environment.SANDBOX, port=account.port)
    expect_addresses(server, ["192.0.2.1"], organisation=account.organisation, actor=ACTOR, now=now)
    look_at_all(now=now)
    return ServerAlarm.objects.filter(sighting__server=server).latest("pk")
