"""Made history looks like a real one, and goes into an empty database only."""

import pytest

from bench.seed import fill
from bench.seeding.history import OPEN
from exchange.models import Payload, RemoteFile, Transfer, TransferAttempt
from exchange.models.transfer import Direction, State
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def _filled() -> None:
    fill(1_000, 5_000)


@pytest.mark.usefixtures("_filled")
def test_there_are_as_many_rows_as_were_asked_for() -> None:
    collected = Transfer.objects.filter(direction=Direction.COLLECTION).count()

    assert Transfer.objects.count() == Payload.objects.count() == 1_000
    assert TransferAttempt.objects.count() == 1_000
    assert RemoteFile.objects.count() == collected
    assert abs(AuditEvent.objects.count() - 5_000) <= 5


@pytest.mark.usefixtures("_filled")
def test_history_is_spread_as_work_is() -> None:
    by_organisation = [
        Transfer.objects.filter(account__identity__organisation=row).count()
        for row in Organisation.objects.order_by("name")
    ]
    open_rows = Transfer.objects.filter(state__in=[State.QUEUED, State.WAITING])
    answers = Transfer.objects.filter(answers_to__isnull=False)

    assert by_organisation[0] > 10 * by_organisation[-1]
    assert open_rows.count() == OPEN
    assert not open_rows.filter(finished_at__isnull=False).exists()
    assert 0.3 < answers.count() / 1_000 < 0.6
    assert all(row.answers_to and row.answers_to.pk < row.pk for row in answers[:50])


@pytest.mark.usefixtures("_filled")
def test_events_tell_of_transfers_that_exist() -> None:
    subjects = set(
        AuditEvent.objects.filter(subject_type="transfer").values_list("subject_id", flat=True)
    )

    assert subjects
    assert subjects <= {str(key) for key in Transfer.objects.values_list("pk", flat=True)}


@pytest.mark.usefixtures("_filled")
def test_a_database_with_transfers_is_refused() -> None:
    with pytest.raises(SystemExit, match="empty one only"):
        fill(10, 50)


@pytest.mark.usefixtures("_filled")
def test_rows_can_be_added_afterwards() -> None:
    last = Transfer.objects.order_by("-pk").first()
    assert last is not None
    last.pk = None
    last.payload, last.holds_name = None, False
    last.save(force_insert=True)

    assert Transfer.objects.count() == 1_001
