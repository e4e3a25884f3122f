"""The pages of an account's services: the list, a service, its schema."""

import io
import zipfile
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from exchange.advice import advice_for
from exchange.messages.tests.schemas import COMMON, ENTRY, FILES
from exchange.models import Account, SchemaFile, Service
from exchange.tests.builders import make_account
from magda_portal.tests.world import Visitor, World


@pytest.fixture
def service(account: Account) -> Service:
    return Service.objects.create(account=account, name="GeefX", pattern="x_*.xml")


def get(world: World, name: str, *args: object, visitor: Visitor = Visitor.ADMINISTRATOR) -> Any:
    return world.browser(visitor).get(reverse(name, args=args))


def post(world: World, name: str, /, *args: object, **fields: object) -> Any:
    browser = world.browser(Visitor.ADMINISTRATOR)
    return browser.post(reverse(name, args=args), fields, follow=True)


def listed(world: World, account: Account, visitor: Visitor, query: str = "") -> str:
    url = reverse("account_services", args=[account.pk]) + query
    return unescape(world.browser(visitor).get(url).text)


def archive() -> SimpleUploadedFile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for path, content in FILES.items():
            target.writestr(path, content)
    return SimpleUploadedFile("schemas.zip", packed.getvalue())


def test_a_clerk_reads_the_services_and_changes_none(
    world: World, account: Account, service: Service
) -> None:
    clerks = listed(world, account, Visitor.CLERK)
    administrators = listed(world, account, Visitor.ADMINISTRATOR)

    change = reverse("service_edit", args=[account.pk, service.pk])
    assert "x_*.xml" in clerks
    assert change not in clerks
    assert change in administrators


def test_an_account_without_services_says_what_that_means(world: World, account: Account) -> None:
    assert "no file name is checked" in listed(world, account, Visitor.CLERK)


@pytest.mark.parametrize(
    ("name", "words"),
    [("x_1.xml", "fits this service: GeefX."), ("y.xml", "fits none of the services.")],
)
def test_a_clerk_tries_a_file_name(
    world: World, account: Account, service: Service, name: str, words: str
) -> None:
    assert words in listed(world, account, Visitor.CLERK, f"?name={name}")


def test_a_name_that_is_tried_is_shown_safely(
    world: World, account: Account, service: Service
) -> None:
    url = reverse("account_services", args=[account.pk]) + "?name=%3Cscript%3E%E2%80%AEx"
    page = world.browser(Visitor.CLERK).get(url).text

    assert "<script>\u202e" not in page
    assert r"&lt;script&gt;\u202ex" in page


def test_the_list_asks_the_database_little_however_many_there_are(
    world: World, account: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        row = Service.objects.create(account=account, name=f"S{number:02}", pattern="*")
        SchemaFile.objects.create(service=row, path="a.xsd", content=b"x")

    browser = world.browser(Visitor.ADMINISTRATOR)
    url = reverse("account_services", args=[account.pk])

    with django_assert_max_num_queries(12):
        browser.get(url, {"name": "a.xml"})


def test_a_service_is_added(world: World, account: Account) -> None:
    page = post(world, "service_add", account.pk, name="GeefX", pattern="x_#.xml", act="save")

    assert "GeefX" in page.text
    assert Service.objects.get().pattern == "x_#.xml"


@pytest.mark.parametrize(
    ("sample", "words"),
    [("x_1.xml", "The pattern fits the name"), ("x_a.xml", "The pattern does not fit the name")],
)
def test_a_pattern_is_tried_and_nothing_is_saved(
    world: World, account: Account, sample: str, words: str
) -> None:
    page = post(world, "service_add", account.pk, pattern="x_#.xml", sample=sample, act="try")

    assert page.status_code == 200
    assert words in page.text
    assert 'value="x_#.xml"' in page.text
    # Else a browser would ask for the service's name before it lets somebody try.
    assert 'value="try" formnovalidate' in page.text
    assert not Service.objects.exists()


def test_a_try_without_a_name_asks_for_one(world: World, account: Account) -> None:
    page = post(world, "service_add", account.pk, pattern="x_#.xml", act="try")

    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"sample"}


def test_a_wrong_pattern_is_told_at_its_field_and_what_was_typed_stays(
    world: World, account: Account
) -> None:
    fields = {"name": "GeefX", "pattern": "{day}.xml", "sample": "a.xml"}

    page = post(world, "service_add", account.pk, **fields, act="save")

    assert page.status_code == 422
    form = page.context["form"]
    assert form.errors == {"pattern": [str(advice_for("pattern.word"))]}
    assert all(form[name].value() == value for name, value in fields.items())


def test_a_name_that_is_taken_is_told_at_its_field(
    world: World, account: Account, service: Service
) -> None:
    page = post(world, "service_add", account.pk, name="geefx", pattern="*", act="save")

    assert page.context["form"].errors == {"name": [str(advice_for("service.duplicate"))]}


def test_a_service_is_changed(world: World, account: Account, service: Service) -> None:
    form = get(world, "service_edit", account.pk, service.pk).context["form"]
    assert form["pattern"].value() == "x_*.xml"
    seen = form["seen"].value()

    fields = {"name": "GeefX", "pattern": "y", "seen": seen, "act": "save"}
    post(world, "service_edit", account.pk, service.pk, **fields)

    assert Service.objects.get().pattern == "y"


def test_of_two_windows_the_second_is_told_what_the_first_saved(
    world: World, account: Account, service: Service
) -> None:
    seen = get(world, "service_edit", account.pk, service.pk).context["form"]["seen"].value()
    fields = {"name": "GeefX", "seen": seen, "act": "save"}
    post(world, "service_edit", account.pk, service.pk, pattern="first", **fields)

    page = post(world, "service_edit", account.pk, service.pk, pattern="second", **fields)

    assert page.status_code == 422
    assert str(advice_for("service.changed")) in unescape(page.text)
    assert "its pattern is first" in page.text
    assert Service.objects.get().pattern == "first"
    # Who saves once more has read that.
    form = page.context["form"]
    again = {"name": "GeefX", "pattern": form["pattern"].value(), "seen": form["seen"].value()}
    post(world, "service_edit", account.pk, service.pk, act="save", **again)
    assert Service.objects.get().pattern == "second"


def test_a_form_that_does_not_say_what_it_showed_changes_nothing(
    world: World, account: Account, service: Service
) -> None:
    page = post(world, "service_edit", account.pk, service.pk, name="X", pattern="y", act="save")

    assert page.status_code == 422
    assert Service.objects.get().pattern == "x_*.xml"


def test_a_change_that_is_refused_is_told(world: World, account: Account, service: Service) -> None:
    Service.objects.create(account=account, name="GeefY", pattern="*")

    page = post(
        world, "service_edit", account.pk, service.pk, name="GeefY", pattern="y", act="save"
    )

    assert page.status_code == 422
    assert Service.objects.filter(pattern="x_*.xml").exists()


def test_a_service_is_removed_after_a_question(
    world: World, account: Account, service: Service
) -> None:
    asked = get(world, "service_remove", account.pk, service.pk)
    assert Service.objects.exists()
    assert "GeefX" in asked.text

    post(world, "service_remove", account.pk, service.pk)

    assert not Service.objects.exists()


@pytest.mark.parametrize("name", ["service_edit", "service_remove", "service_schema"])
def test_a_service_of_another_account_is_not_found_under_this_one(
    world: World, account: Account, name: str
) -> None:
    other = make_account(world.elsewhere, common_name="elders")
    row = Service.objects.create(account=other, name="GeefX", pattern="*")

    assert get(world, name, account.pk, row.pk).status_code == 404
    assert post(world, name, account.pk, row.pk).status_code == 404
    assert Service.objects.exists()


def test_a_schema_is_added_from_an_archive(
    world: World, account: Account, service: Service
) -> None:
    page = post(world, "service_schema", account.pk, service.pk, schema=archive())

    assert "GeefXDienst/Service/GeefX.xsd" in page.text
    assert list(service.schema_files.values_list("path", flat=True)) == [ENTRY, COMMON]


def test_a_schema_is_added_from_several_files(
    world: World, account: Account, service: Service
) -> None:
    files = [
        SimpleUploadedFile("GeefX.xsd", FILES[ENTRY]),
        SimpleUploadedFile("Generiek.xsd", FILES[COMMON]),
    ]

    post(world, "service_schema", account.pk, service.pk, schema=files)

    service.refresh_from_db()
    assert service.schema_entry == "GeefX.xsd"
    assert service.schema_files.count() == 2


def test_a_schema_that_is_refused_says_which_file_it_is_about(
    world: World, account: Account, service: Service
) -> None:
    alone = SimpleUploadedFile("GeefX.xsd", FILES[ENTRY])

    page = post(world, "service_schema", account.pk, service.pk, schema=alone)

    assert page.status_code == 422
    told = unescape(page.text)
    assert str(advice_for("schema.missing_file")) in told
    assert "../../Generiek/Generiek.xsd" in told
    assert not SchemaFile.objects.exists()


def test_no_files_at_all_are_asked_for(world: World, account: Account, service: Service) -> None:
    page = post(world, "service_schema", account.pk, service.pk)

    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"schema"}


def test_a_schema_is_shown_and_removed(world: World, account: Account, service: Service) -> None:
    post(world, "service_schema", account.pk, service.pk, schema=archive())

    assert COMMON in get(world, "service_schema", account.pk, service.pk).text
    asked = get(world, "schema_remove", account.pk, service.pk)
    service.refresh_from_db()
    assert service.has_schema
    assert "no longer checked" in asked.text
    post(world, "schema_remove", account.pk, service.pk)

    service.refresh_from_db()
    assert not service.has_schema
