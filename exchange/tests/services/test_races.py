"""What two processes do to one transfer, or one name, at the same moment: one of them wins."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

from exchange.tests.services.racer import FILES
from magda_portal.tests.environment import for_a_process


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Give the environment of a portal with its own database, in which one account is open."""
    environ = for_a_process(tmp_path / "data")
    run(environ, "manage.py", "migrate", "--verbosity", "0")
    run(environ, "manage.py", "open_account", "demo", "--organisation", "O", "--environment", "TNI")
    return environ


def run(environ: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=settings.BASE_DIR, env=environ, check=True)


def outcomes_of(environ: dict[str, str], *acts: str) -> list[list[str]]:
    """Let one process for each act begin at the same moment; return what each met, by file."""
    go = Path(environ["DATA_DIR"]) / f"go-{'-'.join(acts)}"
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "exchange.tests.services.racer", *act.split()],
            cwd=settings.BASE_DIR,
            env={**environ, "GO_FILE": os.fspath(go)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for act in acts
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    go.touch()
    outcomes = [json.loads(racer.communicate(timeout=60)[0]) for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * len(acts)
    return outcomes


def transfers(environ: dict[str, str]) -> list[tuple[str, str, int]]:
    """Return name, state and whether it holds its name, in the order of their making."""
    with closing(sqlite3.connect(Path(environ["DATA_DIR"]) / "portal.sqlite3")) as database:
        return database.execute(
            "SELECT final_name, state, holds_name FROM exchange_transfer ORDER BY id"
        ).fetchall()


def test_of_two_submissions_under_one_name_one_is_accepted(environ: dict[str, str]) -> None:
    first, second = outcomes_of(environ, "submit", "submit")

    pairs = [sorted(pair) for pair in zip(first, second, strict=True)]
    assert pairs == [["done", "name.in_progress"]] * FILES
    assert len(transfers(environ)) == FILES


def test_of_two_who_send_again_at_once_one_wins(environ: dict[str, str]) -> None:
    outcomes_of(environ, "deliver")

    first, second = outcomes_of(environ, "send_again", "send_again")

    pairs = [sorted(pair) for pair in zip(first, second, strict=True)]
    refusals = {"name.in_progress", "transfer.sent_again_already"}
    assert all(pair[0] == "done" and pair[1] in refusals for pair in pairs)
    assert len(transfers(environ)) == 2 * FILES


def test_sending_again_and_submitting_with_a_reason_at_once_is_one_delivery(
    environ: dict[str, str],
) -> None:
    outcomes_of(environ, "deliver")

    outcomes = outcomes_of(environ, "send_again", "force")

    assert [pair.count("done") for pair in zip(*outcomes, strict=True)] == [1] * FILES
    assert sum(holds for _, _, holds in transfers(environ)) == FILES


def test_a_transfer_is_either_cancelled_or_claimed(environ: dict[str, str]) -> None:
    outcomes_of(environ, "submit")

    cancelled, claimed = outcomes_of(environ, "cancel", "claim backwards")

    told = {
        ("done", "nothing to claim"): ("CANCELLED", 0),
        ("transfer.being_sent", "done"): ("RUNNING", 1),
    }
    pairs = list(zip(cancelled, claimed, strict=True))
    assert [told.get(pair) for pair in pairs] == [row[1:] for row in transfers(environ)]


def test_of_two_who_send_one_upload_at_once_both_get_the_one_transfer(
    environ: dict[str, str],
) -> None:
    outcomes_of(environ, "bring")

    outcomes = outcomes_of(environ, "send_upload", "send_upload")

    assert outcomes == [["done"] * FILES] * 2
    assert len(transfers(environ)) == FILES


def test_an_upload_is_either_sent_or_removed(environ: dict[str, str]) -> None:
    outcomes_of(environ, "bring")

    sent, removed = outcomes_of(environ, "send_upload", "discard_upload backwards")

    pairs = list(zip(sent, removed, strict=True))
    assert set(pairs) <= {
        ("done", "nothing to remove"),
        ("upload.gone", "done"),
        ("missing", "done"),
    }
    assert len(transfers(environ)) == sent.count("done")
