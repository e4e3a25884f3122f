import io

import pytest

from exchange.errors import AccountError
from exchange.messages import SchemaError
from exchange.messages.tests.schemas import COMMON, ENTRY, FILES
from exchange.models import SchemaFile, Service
from exchange.services.account_services import remove_service
from exchange.services.schemas import add_schema, remove_schema
from exchange.tests.builders import make_account
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor
from magda_portal.tests.world import World

pytestmark = pytest.mark.django_db

ACTOR = Actor(name="a test")


@pytest.fixture
def service(world: World) -> Service:
    account = make_account(world.organisation)
    return Service.objects.create(account=account, name="GeefX", pattern="*.xml")


def add(service: Service, files: dict[str, bytes] = FILES, entry: str = "") -> None:
    uploads = [(path, io.BytesIO(content)) for path, content in files.items()]
    add_schema(service, uploads, entry=entry, actor=ACTOR)


def paths(service: Service) -> list[str]:
    return list(service.schema_files.values_list("path", flat=True))


def test_a_schema_is_kept_with_the_files_that_it_needs(service: Service) -> None:
    add(service, {**FILES, "more.xsd": FILES[COMMON]})

    service.refresh_from_db()
    assert service.schema_entry == ENTRY
    assert service.schema_added_at is not None
    assert paths(service) == [ENTRY, COMMON]
    event = AuditEvent.objects.get(action=Action.SERVICE_SCHEMA_ADDED)
    assert event.details["files"] == 2
    assert len(event.details["sha256"]) == 64


def test_another_schema_takes_the_place_of_an_earlier_one(service: Service) -> None:
    add(service)

    add(service, {"GeefX.xsd": FILES[ENTRY], "Generiek.xsd": FILES[COMMON]})

    assert paths(service) == ["GeefX.xsd", "Generiek.xsd"]


def test_a_schema_that_does_not_compile_leaves_the_earlier_one(service: Service) -> None:
    add(service)

    with pytest.raises(SchemaError) as caught:
        add(service, {"GeefX.xsd": FILES[ENTRY]})

    assert caught.value.code == "schema.missing_file"
    service.refresh_from_db()
    assert service.schema_entry == ENTRY
    assert paths(service) == [ENTRY, COMMON]


def test_the_entry_may_be_named_by_its_path_or_its_name_alone(service: Service) -> None:
    for entry in (COMMON, "Generiek.xsd", COMMON.replace("/", "\\")):
        add(service, entry=entry)

        assert service.schema_entry == COMMON


def test_an_entry_that_is_not_there_is_refused_with_those_that_are(service: Service) -> None:
    with pytest.raises(SchemaError) as caught:
        add(service, entry="Geef.xsd")

    assert caught.value.code == "schema.entry_unclear"
    assert ENTRY in caught.value.subject


def test_a_service_that_was_removed_meanwhile_gets_no_schema(service: Service) -> None:
    Service.objects.all().delete()

    with pytest.raises(AccountError) as caught:
        add(service)

    assert caught.value.code == "service.gone"
    assert not SchemaFile.objects.exists()


def test_removing_a_schema_twice_removes_and_tells_it_once(service: Service) -> None:
    add(service)

    remove_schema(service, actor=ACTOR)
    remove_schema(service, actor=ACTOR)

    service.refresh_from_db()
    assert not service.has_schema
    assert not SchemaFile.objects.exists()
    assert AuditEvent.objects.filter(action=Action.SERVICE_SCHEMA_REMOVED).count() == 1


def test_a_service_goes_with_its_schema(service: Service) -> None:
    add(service)

    remove_service(service, actor=ACTOR)

    assert not SchemaFile.objects.exists()
