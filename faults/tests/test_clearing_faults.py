"""Files that are kept and then cleared at MAGDA: nothing goes unread, nothing is kept twice."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from exchange.models import Account, RemoteFile
from exchange.tests.servers.faults import DataFault, Fault
from faults.stage import Stage
from faults.tests.dialogue import asked, remaining
from faults.workers import Worker

HIT = "hit.xml"
CACHE = "cache/from_vip"
DELETE, MOVE = Account.AfterCollection.DELETE, Account.AfterCollection.MOVE


def set_after_collection(stage: Stage, after: Account.AfterCollection) -> None:
    Account.objects.filter(pk=stage.account.pk).update(after_collection=after)


def keep_without_clearing(stage: Stage, name: str) -> None:
    """Tick until a file is kept, not cleared, and no collection is on; the next one waits."""
    kept = RemoteFile.objects.filter(
        account=stage.account, name=name, state=RemoteFile.State.KEPT, failures__gt=0
    )

    def is_kept() -> bool:
        stage.tick()
        return kept.exists()

    stage.until(is_kept)
    account = Account.objects.filter(pk=stage.account.pk)
    account.update(paused_until=timezone.now() + timedelta(hours=1))
    leased = account.filter(collection_lease_until__gte=Now())
    stage.until(lambda: not leased.exists())


def collect_again(stage: Stage) -> None:
    stage.hurry()
    stage.tick()


@pytest.mark.parametrize("cause", ["busy", "garbage"])
def test_a_move_of_ours_is_not_laid_to_others_while_the_cache_can_not_be_listed(
    cause: str, stage: Stage, shared_worker: Worker
) -> None:
    """The file is gone where it stood; only the cache folder can tell that we moved it."""
    busy = Fault("MLSD", about=CACHE, reply="450 Busy.", times=0)
    garbage = DataFault("MLSD", about=CACHE, content=b"what is this?\r\n", times=0)
    stage.magda.faults.append(busy)
    stage.magda.data_faults.append(garbage)

    def begin() -> None:
        # The run that moves the file looks there once, and so does the next run.
        spoiled = busy if cause == "busy" else garbage
        spoiled.times = 2

    moved = Fault("RNTO", about=f"{CACHE}/{HIT}", obeys=True, times=1, first=begin)
    stage.magda.faults.append(moved)
    stage.place(HIT)

    stage.until_settled(within=20)

    assert asked(stage, "RETR", HIT) == 1
    assert remaining(stage, CACHE) == [HIT]
    stage.check()


@pytest.mark.parametrize("after", [MOVE, DELETE])
def test_a_file_that_replaced_a_kept_one_is_not_cleared_unread(
    after: Account.AfterCollection, stage: Stage, shared_worker: Worker
) -> None:
    """It comes after the listing by which the run that clears the first one goes."""
    set_after_collection(stage, after)
    second = stage.content(1000)
    verb = "RNFR" if after == MOVE else "DELE"
    refusal = Fault(verb, about=f"from_vip/{HIT}", reply="450 Busy.", times=1)
    stage.magda.faults.append(refusal)
    # Nothing is expected of the first one but what the witness sees: it is never cleared.
    stage.magda.place(stage.account.name, "from_vip", HIT, b"<first/>")
    keep_without_clearing(stage, HIT)

    replaced = stage.when_answered("MLSD", lambda: stage.place(HIT, second), about="from_vip")
    collect_again(stage)
    stage.until(replaced.is_set)
    stage.until_settled(within=20)

    stage.check()


def test_an_empty_listing_after_a_lost_deletion_clears_nothing(
    stage: Stage, shared_worker: Worker
) -> None:
    """Who took the file for deleted would keep it a second time when it is listed again."""
    set_after_collection(stage, DELETE)
    empty = DataFault("MLSD", about="from_vip", content=b"", times=0)
    stage.magda.data_faults.append(empty)

    def begin() -> None:
        empty.times = 1

    stage.magda.faults.append(Fault("DELE", about=HIT, times=1, first=begin))
    stage.place(HIT)

    stage.until_settled()

    assert asked(stage, "RETR", HIT) == 1
    assert asked(stage, "DELE", HIT) == 1
    assert remaining(stage, "from_vip") == []
    stage.check()
