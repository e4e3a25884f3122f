"""Contents go when their time is over; rows, hashes and unread answers stay."""

import io
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from exchange.models import Account, Payload, Transfer
from exchange.models.transfer import Direction, State
from exchange.services.retention import (
    AT_ONCE,
    erase_expired_payloads,
    free_names,
    sweep_store,
)
from exchange.services.submission import Draft, Submitter, submit
from exchange.storage import PayloadMissingError, payload_store
from exchange.tests.wiring import ACTOR, wire_account
from magda_portal.audit.models import AuditEvent
from sandbox.authority import Authority

pytestmark = pytest.mark.django_db

NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=31)


@pytest.fixture
def account(authority: Authority) -> Account:
    return wire_account("practice.vlaanderen.be/retention", port=1, authority=authority)


@pytest.fixture
def delivery(account: Account) -> Transfer:
    transfer = submit(Draft(account, "request.xml", Submitter(ACTOR)), content=io.BytesIO(b"<a/>"))
    Transfer.objects.filter(pk=transfer.pk).update(state=State.DONE, finished_at=LONG_AGO)
    return transfer


@pytest.fixture
def answer(account: Account) -> Transfer:
    stored = payload_store().keep([b"<answer/>"])
    return Transfer.objects.create(
        account=account,
        direction=Direction.COLLECTION,
        state=State.DONE,
        final_name="answer.xml",
        size=stored.size,
        sha256=stored.sha256,
        payload=Payload.objects.create(id=stored.id, size=stored.size, sha256=stored.sha256),
        finished_at=LONG_AGO,
    )


def is_kept(transfer: Transfer) -> bool:
    assert transfer.payload is not None
    try:
        payload_store().open(transfer.payload.pk).close()
    except PayloadMissingError:
        return False
    return True


def test_a_delivered_file_is_erased_and_its_row_and_hash_stay(delivery: Transfer) -> None:
    assert erase_expired_payloads(now=NOW) == 1

    delivery.refresh_from_db()
    assert delivery.payload is not None
    assert delivery.payload.erased_at == NOW
    assert len(delivery.sha256) == 64
    assert not is_kept(delivery)
    assert AuditEvent.objects.filter(action="payload.erased").count() == 1
    assert erase_expired_payloads(now=NOW) == 0


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.WAITING, State.UNCERTAIN])
def test_what_may_still_have_to_be_sent_is_kept(delivery: Transfer, state: State) -> None:
    Transfer.objects.update(state=state)

    assert erase_expired_payloads(now=NOW) == 0
    assert is_kept(delivery)


def test_an_answer_that_nobody_opened_is_never_erased(answer: Transfer) -> None:
    assert erase_expired_payloads(now=NOW + timedelta(days=10_000)) == 0
    assert is_kept(answer)


def test_an_answer_is_erased_its_days_after_it_was_first_opened(
    answer: Transfer, settings: Settings
) -> None:
    settings.PAYLOAD_RETENTION_DAYS = 10
    Payload.objects.update(first_opened_at=NOW - timedelta(days=9))
    before = erase_expired_payloads(now=NOW)

    assert before == 0
    assert erase_expired_payloads(now=NOW + timedelta(days=2)) == 1
    assert not is_kept(answer)


def test_a_name_is_let_go_after_two_weeks(delivery: Transfer) -> None:
    assert free_names(now=LONG_AGO + timedelta(days=13)) == 0
    assert free_names(now=NOW) == 1

    delivery.refresh_from_db()
    assert not delivery.holds_name


def test_a_file_that_no_row_knows_is_swept_after_a_day(delivery: Transfer) -> None:
    stray = payload_store().keep([b"nobody's"])
    fresh = payload_store().keep([b"an upload under way"])
    for path in payload_store().root.glob("??/*"):
        if path.name != str(fresh.id):
            yesterday = time.time() - 100_000
            os.utime(path, (yesterday, yesterday))

    assert sweep_store() >= 1

    with pytest.raises(PayloadMissingError):
        payload_store().open(stray.id)
    payload_store().open(fresh.id).close()
    assert is_kept(delivery)


def age(path: Path) -> None:
    yesterday = time.time() - 100_000
    os.utime(path, (yesterday, yesterday))


def test_what_is_not_ours_in_the_store_does_not_stop_the_sweep(delivery: Transfer) -> None:
    root = payload_store().root
    stray = payload_store().keep([b"nobody's"])
    foreign = root / str(stray.id)[:2] / ".nfs0001"
    foreign.write_bytes(b"x")
    folder = root / str(stray.id)[:2] / "lost+found.part"
    folder.mkdir()
    dangling = root / str(stray.id)[:2] / "dangling.part"
    dangling.symlink_to(root / "nowhere")
    for path in (foreign, folder, *root.glob(f"??/{stray.id}")):
        age(path)

    try:
        assert sweep_store() >= 1

        assert payload_store().size_of(stray.id) is None
        assert foreign.exists()
    finally:
        foreign.unlink()
        folder.rmdir()
        dangling.unlink()


def test_a_content_that_is_noted_as_erased_is_swept_too(delivery: Transfer) -> None:
    """The process ended between the two."""
    assert delivery.payload is not None
    Payload.objects.update(erased_at=NOW)
    (path,) = payload_store().root.glob(f"??/{delivery.payload.pk}")
    age(path)

    sweep_store()

    assert not path.exists()


def test_a_sweep_asks_twice_for_five_hundred_files(account: Account) -> None:
    for number in range(AT_ONCE + 1):
        stored = payload_store().keep([str(number).encode()])
        (path,) = payload_store().root.glob(f"??/{stored.id}")
        age(path)

    with CaptureQueriesContext(connection) as queries:
        removed = sweep_store()

    assert removed >= AT_ONCE + 1
    assert len(queries) <= 2 * (2 + removed // AT_ONCE)
