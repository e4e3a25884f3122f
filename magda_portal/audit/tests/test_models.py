import pytest
from django.db import DatabaseError, connection, transaction

from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor, Subject, record

pytestmark = pytest.mark.django_db


def make_event() -> AuditEvent:
    return record(
        Action.TRANSFER_SUBMITTED,
        actor=Actor(name="An"),
        organisation_id=3,
        subject=Subject(type="transfer", id="7", text="request.xml"),
        details={"size": 12},
    )


def test_an_event_keeps_names_and_ids_as_plain_text() -> None:
    event = make_event()

    event.refresh_from_db()
    assert (event.actor_name, event.organisation_id, event.subject_id) == ("An", "3", "7")
    assert event.details == {"size": 12}
    assert not [field for field in AuditEvent._meta.get_fields() if field.is_relation]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET actor_name = 'nobody'",
        "DELETE FROM audit_auditevent",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_event(statement: str) -> None:
    make_event()

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert AuditEvent.objects.get().actor_name == "An"


def test_an_event_is_rolled_back_with_the_write_it_tells_of() -> None:
    with transaction.atomic():
        make_event()
        transaction.set_rollback(True)

    assert not AuditEvent.objects.exists()
