"""The oracle sees each way in which the promise can be broken."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from exchange.models import Account, ConnectionSlot, Payload, RemoteFile, Transfer
from exchange.models.transfer import Direction, State, Step
from exchange.services.lease_clock import lease_end
from exchange.tests.builders import make_transfer
from exchange.tests.wiring import ACTOR
from faults import oracle
from faults.expectations import Placed
from faults.stage import Stage
from faults.witness import Witness
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record

NAME = "vraag.xml"
CONTENT = b"<vraag/>"
ANSWER = "antwoord.xml"


@pytest.fixture(autouse=True)
def _leave_nothing_broken(stage: Stage) -> Iterator[None]:
    """Put right what other tests would see: they look into the same store."""
    yield
    Payload.objects.filter(transfer__account=stage.account).update(erased_at=timezone.now())
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        path.unlink()


def _tell(action: Action, transfer: Transfer) -> None:
    record(action, actor=ACTOR, subject=Subject.row(transfer))


def _appear(stage: Stage, content: bytes = CONTENT, name: str = NAME) -> None:
    """Have a file stand under its final name, as the witness sees it."""
    target = stage.expected.home / "to_vip" / name
    target.write_bytes(content)
    stage.expected.witness.after_moving(stage.account.name, stage.expected.home, f"to_vip/{name}")


@pytest.fixture
def delivered(stage: Stage) -> Transfer:
    """A world in which one request was delivered, and all is well."""
    transfer = make_transfer(
        stage.account, name=NAME, content=CONTENT, state=State.DONE, step=Step.FINAL
    )
    stage.expected.requests.append(transfer.pk)
    _tell(Action.TRANSFER_SUBMITTED, transfer)
    _tell(Action.TRANSFER_DELIVERED, transfer)
    _appear(stage)
    return transfer


@pytest.fixture
def collected(stage: Stage) -> Transfer:
    """A world in which one file was collected, and all is well."""
    transfer = make_transfer(
        stage.account,
        name=ANSWER,
        content=CONTENT,
        direction=Direction.COLLECTION,
        state=State.DONE,
        folder="from_vip",
        holds_name=False,
    )
    _ledger(stage, transfer, RemoteFile.State.RELEASED)
    stage.expected.placed.append(Placed("from_vip", ANSWER, transfer.size, transfer.sha256))
    _tell(Action.TRANSFER_COLLECTED, transfer)
    _tell(Action.TRANSFER_RELEASED, transfer)
    return transfer


def _ledger(stage: Stage, transfer: Transfer | None, state: str, name: str = ANSWER) -> None:
    RemoteFile.objects.create(
        account=stage.account,
        folder="from_vip",
        name=name,
        size=len(CONTENT),
        state=state,
        removal_day=timezone.localdate(),
        transfer=transfer,
    )


@pytest.mark.usefixtures("delivered", "collected")
def test_it_has_no_complaint_about_a_world_in_which_all_is_well(stage: Stage) -> None:
    stage.check()


# --- 1


def _nothing_appeared(stage: Stage, _: Transfer) -> None:
    stage.expected.witness = Witness()


def _it_appeared_twice(stage: Stage, _: Transfer) -> None:
    _appear(stage)


def _a_part_appeared_before(stage: Stage, _: Transfer) -> None:
    _appear(stage, CONTENT[:3])
    _put_back(stage)


def _it_appeared_with_other_content(stage: Stage, _: Transfer) -> None:
    stage.expected.witness = Witness()
    _appear(stage, CONTENT[::-1])
    _put_back(stage)


def _it_is_gone(stage: Stage, _: Transfer) -> None:
    (stage.expected.home / "to_vip" / NAME).unlink()


def _a_failed_one_appeared(_: Stage, transfer: Transfer) -> None:
    Transfer.objects.filter(pk=transfer.pk).update(state=State.FAILED)


def _its_row_is_gone(stage: Stage, _: Transfer) -> None:
    stage.expected.requests.append(0)


def _put_back(stage: Stage) -> None:
    (stage.expected.home / "to_vip" / NAME).write_bytes(CONTENT)


Break = Callable[[Stage, Transfer], None]


def _named(broken: Break) -> str:
    return broken.__name__.strip("_").replace("_", " ")


@pytest.mark.parametrize(
    "broken",
    [
        _nothing_appeared,
        _it_appeared_twice,
        _a_part_appeared_before,
        _it_appeared_with_other_content,
        _it_is_gone,
        _a_failed_one_appeared,
        _its_row_is_gone,
    ],
    ids=_named,
)
def test_it_sees_what_is_wrong_with_a_delivery(
    stage: Stage, delivered: Transfer, broken: Break
) -> None:
    assert list(oracle.delivered_once(stage.expected)) == []

    broken(stage, delivered)

    assert list(oracle.delivered_once(stage.expected))


def test_it_takes_an_uncertain_delivery_for_right_whether_it_arrived_or_not(
    stage: Stage, delivered: Transfer
) -> None:
    Transfer.objects.filter(pk=delivered.pk).update(state=State.UNCERTAIN)

    arrived = list(oracle.delivered_once(stage.expected))
    stage.expected.witness = Witness()
    lost = list(oracle.delivered_once(stage.expected))

    assert (arrived, lost) == ([], [])


@pytest.mark.parametrize("path", ["to_vip/vraag.xml", "to_vip/tmp.xml"])
def test_the_witness_sees_a_file_that_is_written_under_its_final_name(
    stage: Stage, path: str
) -> None:
    stage.expected.witness.before_storing(stage.account.name, path)

    assert stage.expected.witness.breaches(stage.account.name)


@pytest.mark.parametrize("path", ["to_vip/vraag.xml.1-1.tmp", "to_vip/staging/vraag.xml"])
def test_the_witness_lets_a_temporary_file_be_written(stage: Stage, path: str) -> None:
    stage.expected.witness.before_storing(stage.account.name, path)

    assert stage.expected.witness.breaches(stage.account.name) == []


def test_the_witness_sees_a_delivered_file_go(stage: Stage) -> None:
    witness, name, home = stage.expected.witness, stage.account.name, stage.expected.home

    witness.before_deleting(name, home, "to_vip/a.xml")
    witness.before_moving(name, home, "to_vip/b.xml", "to_vip/c.xml")

    assert len(witness.breaches(name)) == 2


# --- 2


def _it_was_not_kept(_: Stage, transfer: Transfer) -> None:
    RemoteFile.objects.filter(transfer=transfer).delete()
    Transfer.objects.filter(pk=transfer.pk).update(final_name="another.xml")


def _it_was_kept_twice(stage: Stage, _: Transfer) -> None:
    make_transfer(
        stage.account,
        name=ANSWER,
        content=CONTENT,
        direction=Direction.COLLECTION,
        state=State.DONE,
        folder="from_vip",
        holds_name=False,
    )


def _it_was_kept_with_other_content(_: Stage, transfer: Transfer) -> None:
    Transfer.objects.filter(pk=transfer.pk).update(sha256="0" * 64)


def _its_content_is_damaged(_: Stage, transfer: Transfer) -> None:
    _content_of(transfer).write_bytes(CONTENT[:-1])


def _its_content_is_gone(_: Stage, transfer: Transfer) -> None:
    _content_of(transfer).unlink()


def _it_was_not_cleared(stage: Stage, _: Transfer) -> None:
    (stage.expected.home / "from_vip" / ANSWER).write_bytes(CONTENT)


def _content_of(transfer: Transfer) -> Path:
    assert transfer.payload is not None
    return next(Path(settings.PAYLOAD_DIR).glob(f"*/{transfer.payload.pk}"))


@pytest.mark.parametrize(
    "broken",
    [
        _it_was_not_kept,
        _it_was_kept_twice,
        _it_was_kept_with_other_content,
        _its_content_is_damaged,
        _its_content_is_gone,
        _it_was_not_cleared,
    ],
    ids=_named,
)
def test_it_sees_what_is_wrong_with_a_collection(
    stage: Stage, collected: Transfer, broken: Break
) -> None:
    assert list(oracle.collected_once(stage.expected)) == []

    broken(stage, collected)

    assert list(oracle.collected_once(stage.expected))


def _the_ledger_does_not_know_it(_: Stage, transfer: Transfer) -> None:
    RemoteFile.objects.filter(transfer=transfer).delete()


def _it_is_only_seen(_: Stage, transfer: Transfer) -> None:
    RemoteFile.objects.filter(transfer=transfer).update(state=RemoteFile.State.SEEN)


@pytest.mark.parametrize(
    "broken",
    [
        _the_ledger_does_not_know_it,
        _it_is_only_seen,
        _it_was_kept_with_other_content,
        _its_content_is_damaged,
        _its_content_is_gone,
    ],
    ids=_named,
)
def test_the_witness_sees_a_file_taken_away_that_is_not_safely_kept(
    stage: Stage, collected: Transfer, broken: Break
) -> None:
    witness, name, home = stage.expected.witness, stage.account.name, stage.expected.home
    RemoteFile.objects.filter(transfer=collected).update(state=RemoteFile.State.KEPT)
    (home / "from_vip" / ANSWER).write_bytes(CONTENT)
    witness.before_moving(name, home, f"from_vip/{ANSWER}", f"cache/from_vip/{ANSWER}")
    assert witness.breaches(name) == []

    broken(stage, collected)
    witness.before_moving(name, home, f"from_vip/{ANSWER}", f"cache/from_vip/{ANSWER}")
    witness.before_deleting(name, home, f"from_vip/{ANSWER}")

    assert len(witness.breaches(name)) == 2


# --- 3


def _it_is_running(_: Stage, transfer: Transfer) -> None:
    Transfer.objects.filter(pk=transfer.pk).update(state=State.RUNNING)


def _it_is_waiting(_: Stage, transfer: Transfer) -> None:
    Transfer.objects.filter(pk=transfer.pk).update(state=State.WAITING)


def _a_collection_holds_the_account(stage: Stage, _: Transfer) -> None:
    Account.objects.filter(pk=stage.account.pk).update(collection_lease_until=lease_end())


def _a_connection_is_held(stage: Stage, _: Transfer) -> None:
    ConnectionSlot.objects.create(account=stage.account, number=1)
    ConnectionSlot.objects.filter(account=stage.account).update(lease_until=lease_end())


def _a_temporary_file_is_left_at_magda(stage: Stage, _: Transfer) -> None:
    (stage.expected.home / "to_vip" / f"{NAME}.1-1.tmp").write_bytes(b"")


def _an_upload_is_left(_: Stage, __: Transfer) -> None:
    (Path(settings.FILE_UPLOAD_TEMP_DIR) / "left.upload").write_bytes(b"")


def _a_file_is_still_to_be_fetched(stage: Stage, _: Transfer) -> None:
    _ledger(stage, None, RemoteFile.State.SEEN, "seen.xml")


@pytest.mark.parametrize(
    "broken",
    [
        _it_is_running,
        _it_is_waiting,
        _a_collection_holds_the_account,
        _a_connection_is_held,
        _a_temporary_file_is_left_at_magda,
        _an_upload_is_left,
        _a_file_is_still_to_be_fetched,
        _its_content_is_gone,
    ],
    ids=_named,
)
def test_it_sees_what_is_stuck(stage: Stage, delivered: Transfer, broken: Break) -> None:
    assert list(oracle.nothing_stuck(stage.expected)) == []

    broken(stage, delivered)

    assert list(oracle.nothing_stuck(stage.expected))


def test_it_lets_the_sweep_take_what_a_dead_worker_left_in_the_store(stage: Stage) -> None:
    folder = Path(settings.PAYLOAD_DIR) / "ab"
    folder.mkdir(exist_ok=True)
    part, stray = folder / f"{uuid.uuid4()}.part", folder / f"ab{str(uuid.uuid4())[2:]}"
    part.write_bytes(b"half")
    stray.write_bytes(b"whole")

    assert list(oracle.nothing_stuck(stage.expected)) == []
    assert not part.exists()
    assert not stray.exists()


# --- 4


def _the_trail_says_it_twice(_: Stage, transfer: Transfer) -> None:
    _tell(Action.TRANSFER_DELIVERED, transfer)


def _the_trail_says_it_is_uncertain(_: Stage, transfer: Transfer) -> None:
    _tell(Action.TRANSFER_UNCERTAIN, transfer)


def _the_row_says_it_is_uncertain(_: Stage, transfer: Transfer) -> None:
    Transfer.objects.filter(pk=transfer.pk).update(state=State.UNCERTAIN)


@pytest.mark.parametrize(
    "broken",
    [_the_trail_says_it_twice, _the_trail_says_it_is_uncertain, _the_row_says_it_is_uncertain],
    ids=_named,
)
def test_it_sees_stories_that_differ(stage: Stage, delivered: Transfer, broken: Break) -> None:
    assert list(oracle.one_story(stage.expected)) == []

    broken(stage, delivered)

    assert list(oracle.one_story(stage.expected))


def test_it_sees_a_clearing_that_the_trail_does_not_tell(stage: Stage, collected: Transfer) -> None:
    assert list(oracle.one_story(stage.expected)) == []

    RemoteFile.objects.filter(transfer=collected).update(state=RemoteFile.State.VANISHED)

    assert list(oracle.one_story(stage.expected))
