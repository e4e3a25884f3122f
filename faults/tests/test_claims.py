"""Claims and connection slots when several processes reach for them at once."""

import json
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from exchange.models import Transfer
from exchange.models.transfer import State
from exchange.tests.builders import make_transfer
from faults.stage import Stage


def test_what_several_workers_want_at_once_is_claimed_once(stage: Stage, tmp_path: Path) -> None:
    account = stage.account
    made = {make_transfer(account, name=f"{number}.xml").pk for number in range(150)}
    go = tmp_path / "go"

    claimants = [_start(str(account.pk), go) for _ in range(4)]
    for claimant in claimants:
        assert claimant.stdout is not None
        assert claimant.stdout.readline() == "ready\n"
    go.touch()
    outcomes = [json.loads(claimant.communicate(timeout=60)[0]) for claimant in claimants]

    claimed = [pk for outcome in outcomes for pk in outcome["claimed"]]
    held = [count for outcome in outcomes for count in outcome["held"]]
    assert sorted(claimed) == sorted(made)
    assert set(Transfer.objects.filter(pk__in=made).values_list("state", "token")) == {
        (State.RUNNING, 1)
    }
    assert held
    assert max(held) <= settings.CONNECTIONS_PER_ACCOUNT


def _start(account_id: str, go: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "faults.claimant", account_id, str(go)],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
