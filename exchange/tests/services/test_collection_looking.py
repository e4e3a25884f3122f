"""When we last looked at MAGDA: every folder that we collect was listed."""

from pathlib import Path

import pytest
from django.utils import timezone

from exchange.models import Account
from exchange.services.collection import collect
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.services.collecting import home


@pytest.fixture
def account(connected_account: Account, magda: FaultyMAGDA) -> Account:
    """An account that collects from two folders."""
    (home(magda) / "from_vip/dienst").mkdir()
    connected_account.collect_folders = ["from_vip/dienst", "from_vip"]
    connected_account.save()
    return connected_account


def test_a_run_that_listed_all_folders_looked_when_it_began(account: Account) -> None:
    before = timezone.now()

    collect(account)

    account.refresh_from_db()
    assert account.last_looked_at is not None
    assert before < account.last_looked_at < timezone.now()


def test_a_run_that_could_not_list_one_of_them_did_not_look(
    account: Account, magda: FaultyMAGDA
) -> None:
    magda.faults.append(Fault("MLSD", about="dienst", reply="550 Access denied."))

    collect(account)

    account.refresh_from_db()
    assert account.last_looked_at is None
    # It got through all the same.
    assert account.last_reached_at is not None


def test_a_run_that_could_not_connect_did_not_look(account: Account, magda: FaultyMAGDA) -> None:
    magda.stop()

    collect(account)

    account.refresh_from_db()
    assert account.last_looked_at is None


def test_a_file_that_can_not_be_fetched_was_looked_at(
    account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    magda.faults.append(Fault("RETR", reply="451 Broken."))

    collect(account)

    account.refresh_from_db()
    assert account.last_looked_at is not None


def test_what_goes_wrong_with_other_folders_does_not_undo_it(
    account: Account, magda: FaultyMAGDA
) -> None:
    account.subscriptions.create(prefix="pub_")
    magda.faults.append(Fault("MLSD", about="public", reply="421 Closing."))

    collect(account)

    account.refresh_from_db()
    assert account.last_looked_at is not None
