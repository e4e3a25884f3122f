"""Collections from a practice MAGDA."""

import hashlib
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import Q
from django.utils import timezone

from exchange.models import Account, RemoteFile, Subscription, Transfer
from exchange.models.transfer import Direction, State
from exchange.services.collection import collect
from exchange.services.delivery import deliver_batch
from exchange.services.submission import Draft, Submitter, submit
from exchange.storage import payload_store
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA

SAMPLES = Path(__file__).parents[2] / "messages/tests/samples"


def content_of(transfer: Transfer) -> bytes:
    assert transfer.payload is not None
    with payload_store().open(transfer.payload.pk) as content:
        return content.read()


def test_it_keeps_a_file_and_moves_it_to_the_cache(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"<answer/>" * 10_000)

    result = collect(connected_account)

    (transfer,) = result.collected
    assert content_of(transfer) == b"<answer/>" * 10_000
    assert transfer.sha256 == hashlib.sha256(b"<answer/>" * 10_000).hexdigest()
    assert (transfer.direction, transfer.state) == (Direction.COLLECTION, State.DONE)
    assert (result.released, result.failed, result.error_code) == (1, [], "")
    home = magda.home(DEMO_ACCOUNT)
    assert not (home / "from_vip/answer.xml").exists()
    assert (home / "cache/from_vip/answer.xml").read_bytes() == b"<answer/>" * 10_000


def test_it_says_when_magda_would_have_removed_the_file(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"x")

    collect(connected_account)

    today = timezone.localdate()
    assert RemoteFile.objects.get().removal_day == today + timedelta(days=14)


def test_a_second_run_does_nothing(connected_account: Account, magda: PracticeMAGDA) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"x")
    collect(connected_account)

    result = collect(connected_account)

    assert (result.collected, result.released) == ([], 0)
    assert Transfer.objects.count() == 1


def test_a_file_that_was_kept_but_not_cleared_is_only_cleared(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    """The promise after a crash between the commit and the move."""
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"x")
    collect(connected_account)
    home = magda.home(DEMO_ACCOUNT)
    (home / "cache/from_vip/answer.xml").rename(home / "from_vip/answer.xml")
    RemoteFile.objects.update(state=RemoteFile.State.KEPT)

    result = collect(connected_account)

    assert (result.collected, result.released) == ([], 1)
    assert (home / "cache/from_vip/answer.xml").exists()


def test_the_same_name_with_other_content_is_a_new_file(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "publication.csv", b"monday")
    collect(connected_account)
    magda.place(DEMO_ACCOUNT, "from_vip", "publication.csv", b"tuesday")

    collect(connected_account)

    contents = [content_of(t) for t in Transfer.objects.order_by("id")]
    assert contents == [b"monday", b"tuesday"]


def test_an_empty_file_is_valid(connected_account: Account, magda: PracticeMAGDA) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "pub_mut_klanten-functies0200_20240322043924000.csv", b"")

    result = collect(connected_account)

    assert [(t.size, t.sha256) for t in result.collected] == [(0, hashlib.sha256().hexdigest())]


def test_it_deletes_where_the_account_says_so(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    connected_account.after_collection = Account.AfterCollection.DELETE
    connected_account.save()
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"x")

    collect(connected_account)

    home = magda.home(DEMO_ACCOUNT)
    assert list((home / "from_vip").iterdir()) == []
    assert list((home / "cache/from_vip").iterdir()) == []


def test_public_is_read_where_a_subscription_matches_and_never_moved(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    Subscription.objects.create(account=connected_account, prefix="PUB_mut-onderneming")
    wanted = "pub_mut-ondernemingVKBO0200_20240417031451000.xml"
    magda.place(DEMO_ACCOUNT, "public", wanted, b"<a/>")
    magda.place(DEMO_ACCOUNT, "public", "codetabel_20240417031451000.xml", b"<b/>")

    first, second = collect(connected_account), collect(connected_account)

    assert [t.final_name for t in first.collected] == [wanted]
    assert second.collected == []
    assert (magda.home(DEMO_ACCOUNT) / "public" / wanted).exists()
    assert RemoteFile.objects.get().state == RemoteFile.State.KEPT


def test_a_file_that_other_hands_took_is_marked(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    RemoteFile.objects.create(
        account=connected_account,
        folder="from_vip",
        name="gone.xml",
        size=1,
        removal_day=timezone.localdate(),
    )

    collect(connected_account)

    assert RemoteFile.objects.get().state == RemoteFile.State.VANISHED
    assert AuditEvent.objects.filter(action="remote_file.vanished").count() == 1


@pytest.mark.parametrize("name", ["..\\..\\evil.xml", "\u202elmx.exe", "a b é.xml", "-rf"])
def test_a_strange_name_never_becomes_a_path(
    connected_account: Account, magda: PracticeMAGDA, name: str
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", name, b"x")

    result = collect(connected_account)

    (transfer,) = result.collected
    assert transfer.payload is not None
    assert transfer.final_name == name
    (stored,) = payload_store().root.glob(f"*/{transfer.payload.pk}")
    assert stored.read_bytes() == b"x"


def test_a_paused_account_is_left_alone_unless_asked_for(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    connected_account.paused_until = timezone.now() + timedelta(hours=1)
    connected_account.save()

    assert collect(connected_account).error_code == "account.paused"
    assert magda.log == []
    assert collect(connected_account, even_when_paused=True).error_code == ""


def test_a_suspended_account_is_left_alone_always(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    connected_account.state = Account.State.SUSPENDED
    connected_account.save()

    result = collect(connected_account, even_when_paused=True)

    assert (result.error_code, magda.log) == ("account.suspended", [])


def test_a_request_is_seen_picked_up_and_answered(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    """The main job, step by step."""
    sample = SAMPLES / "request_three_questions.xml"
    draft = Draft(connected_account, "request.xml", Submitter(Actor(name="An")))
    request = submit(draft, content=io.BytesIO(sample.read_bytes()))
    deliver_batch(connected_account, among=Q(state=State.QUEUED))
    before = collect(connected_account)
    magda.process_now()

    after = collect(connected_account)

    request.refresh_from_db()
    assert (before.picked_up, after.picked_up) == (0, 1)
    assert request.picked_up_at is not None
    (answer,) = after.collected
    assert answer.answers_to == request
    assert answer.referte == request.referte != ""
    assert answer.message_kind == "ANSWER"
    actions = AuditEvent.objects.filter(subject_type="transfer", subject_id=str(request.pk))
    assert [event.action for event in actions.order_by("id")] == [
        "transfer.submitted",
        "transfer.sending",
        "transfer.delivered",
        "transfer.answered",
        "transfer.picked_up",
    ]


def test_an_answer_whose_reference_is_unknown_stands_alone(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    answer = (SAMPLES / "answer.xml").read_bytes()
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", answer)

    (transfer,) = collect(connected_account).collected

    assert transfer.answers_to is None
    assert transfer.message_kind == "ANSWER"


def test_what_we_moved_is_deleted_from_the_cache_after_the_accounts_days(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    connected_account.clear_cache_after = 3
    connected_account.save()
    magda.place(DEMO_ACCOUNT, "from_vip", "ours.xml", b"x")
    magda.place(DEMO_ACCOUNT, "cache/from_vip", "theirs.xml", b"x")
    collect(connected_account)
    cache = magda.home(DEMO_ACCOUNT) / "cache/from_vip"
    before = sorted(path.name for path in cache.iterdir())
    RemoteFile.objects.update(released_at=timezone.now() - timedelta(days=4))

    collect(connected_account)

    assert before == ["ours.xml", "theirs.xml"]
    assert [path.name for path in cache.iterdir()] == ["theirs.xml"]


def test_a_name_that_is_taken_in_the_cache_loses_nothing(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"new")
    magda.place(DEMO_ACCOUNT, "cache/from_vip", "answer.xml", b"old")

    result = collect(connected_account)

    assert [content_of(t) for t in result.collected] == [b"new"]
    assert list((magda.home(DEMO_ACCOUNT) / "from_vip").iterdir()) == []
