"""What is found in a file before it is sent."""

import io
from typing import Any

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from exchange.messages.tests.builders import request
from exchange.messages.tests.schemas import ENTRY, FILES, question, request_file
from exchange.models import Account, Service
from exchange.models.transfer import Direction, State
from exchange.services.checks import Finding, Severity, check_request
from exchange.services.schemas import add_schema
from exchange.tests.builders import make_account, make_transfer
from magda_portal.audit.services import Actor
from magda_portal.tests.world import World

pytestmark = pytest.mark.django_db

INSZ = "<Vraag><INSZ>85073003328</INSZ></Vraag>"


@pytest.fixture
def account(world: World) -> Account:
    return make_account(world.organisation)


def check(account: Account, content: bytes | str, name: str = "vraag.xml") -> list[Finding]:
    data = content.encode() if isinstance(content, str) else content
    return check_request(account, name, io.BytesIO(data))


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def make_service(account: Account, name: str = "GeefX", pattern: str = "*.xml") -> Service:
    return Service.objects.create(account=account, name=name, pattern=pattern)


def with_schema(service: Service) -> Service:
    uploads = [(path, io.BytesIO(content)) for path, content in FILES.items()]
    add_schema(service, uploads, actor=Actor(name="a test"))
    return service


def test_a_request_with_nothing_wrong_has_no_findings(account: Account) -> None:
    make_service(account)

    assert check(account, request(questions=INSZ)) == []


def test_the_file_is_left_at_its_beginning(account: Account) -> None:
    content = io.BytesIO(request().encode())
    content.read(10)

    check_request(account, "vraag.xml", content)

    assert content.tell() == 0


# The file as a whole


def test_an_empty_file_is_an_error(account: Account) -> None:
    assert check(account, b"") == [Finding("upload.empty", Severity.ERROR)]


def test_a_file_over_the_limit_is_an_error_and_is_not_read(account: Account, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 10

    assert check(account, b"x" * 11) == [Finding("upload.too_large", Severity.ERROR)]
    assert check(account, b"x" * 10) == []


# The name


def test_a_name_that_fits_no_service_is_a_warning(account: Account) -> None:
    make_service(account, "A", "a_*.xml")
    make_service(account, "B", "b_*.xml")

    assert check(account, request(), "c_1.xml") == [Finding("check.name", Severity.WARNING)]
    assert check(account, request(), "b_1.xml") == []


def test_without_services_any_name_will_do(account: Account) -> None:
    assert check(account, request(), "whatever") == []


def test_the_services_of_another_account_do_not_count(world: World, account: Account) -> None:
    make_service(make_account(world.elsewhere, common_name="elders"), pattern="z")

    assert check(account, request(), "vraag.xml") == []


def test_a_pattern_that_can_not_be_read_fits_nothing(account: Account) -> None:
    make_service(account, pattern="{day}")

    assert codes(check(account, request())) == ["check.name"]


# The XML


def test_what_is_no_xml_is_an_error_where_xml_is_expected(account: Account) -> None:
    account.expects_xml = True

    (finding,) = check(account, "<r>\n<a></r>")

    assert (finding.code, finding.severity) == ("xml.not_well_formed", Severity.ERROR)
    assert finding.lines == (2,)


def test_what_is_no_xml_passes_where_anything_is(account: Account) -> None:
    assert check(account, '"a";"b"\n') == []


def test_a_document_type_is_an_error_where_xml_is_expected(account: Account) -> None:
    account.expects_xml = True

    assert codes(check(account, "<!DOCTYPE r><r/>")) == ["xml.doctype"]


# The schema


def test_a_request_that_departs_from_its_schema_is_an_error_with_lines(account: Account) -> None:
    with_schema(make_service(account))
    content = request_file(question(), question("12"), question("34"), question(rest=""))

    findings = [each for each in check(account, content) if each.severity is Severity.ERROR]

    assert findings == [
        Finding("check.schema_value", Severity.ERROR, (3, 4), 2, "INSZ"),
        Finding("check.schema_missing", Severity.ERROR, (5,), 1, "Vraag"),
    ]


def test_a_request_that_fits_its_schema_has_no_findings(account: Account) -> None:
    with_schema(make_service(account))

    assert check(account, request_file(question())) == []


def test_what_is_no_xml_is_an_error_where_there_is_a_schema(account: Account) -> None:
    with_schema(make_service(account))

    assert codes(check(account, "no xml")) == ["xml.not_well_formed"]


def test_a_check_that_stopped_says_so(account: Account) -> None:
    with_schema(make_service(account))

    findings = check(account, request_file(*[question(rest="")] * 101))

    assert codes(findings) == ["check.schema_missing", "check.schema_more"]
    assert findings[0].count == 100
    assert findings[0].lines == tuple(range(2, 12))


def test_no_finding_repeats_what_is_in_the_file(account: Account) -> None:
    with_schema(make_service(account))
    secret = "85073003399"

    findings = check(account, request_file(question(secret), f"<_{secret}>{secret}</_{secret}>"))

    told = " ".join(f"{each!r} {each.advice} {each.where}" for each in findings)
    assert {"check.insz", "check.schema_unexpected"} <= set(codes(findings))
    assert secret not in told


def test_a_schema_that_can_not_be_used_any_more_is_a_warning(account: Account) -> None:
    service = with_schema(make_service(account))
    service.schema_files.filter(path=ENTRY).delete()

    assert check(account, request_file(question())) == [
        Finding("check.schema_unusable", Severity.WARNING)
    ]


def test_of_several_services_that_fit_the_one_that_the_file_names_counts(account: Account) -> None:
    with_schema(make_service(account, "X.GeefX"))
    make_service(account, "GeefY")

    assert codes(check(account, request())) == ["check.schema_root"]
    assert check(account, request().replace("<Naam>GeefX", "<Naam>GeefY")) == []


def test_a_file_of_a_strange_name_is_checked_by_the_service_that_it_names(
    account: Account,
) -> None:
    with_schema(make_service(account, pattern="x_*.xml"))

    assert codes(check(account, request(), "y.xml")) == ["check.name", "check.schema_root"]


# The reference


@pytest.mark.parametrize("state", [State.QUEUED, State.DONE, State.UNCERTAIN])
def test_a_reference_that_was_used_before_is_a_warning_that_names_the_transfer(
    account: Account, state: State
) -> None:
    make_transfer(account, name="oud.xml", referte="r-1", state=State.DONE)
    latest = make_transfer(account, name="nieuw.xml", referte="r-1", state=state)

    (finding,) = check(account, request("r-1"))

    assert (finding.code, finding.severity) == ("check.referte", Severity.WARNING)
    assert finding.transfer_id == latest.pk
    assert str(latest.pk) in str(finding.advice)


@pytest.mark.parametrize(
    "columns",
    [
        {"state": State.FAILED},
        {"state": State.CANCELLED},
        {"direction": Direction.COLLECTION},
        {"referte": "r-2"},
    ],
)
def test_a_reference_that_magda_never_got_is_free(account: Account, columns: Any) -> None:
    make_transfer(account, **{"referte": "r-1", **columns})

    assert check(account, request("r-1")) == []


def test_a_reference_of_another_account_is_free(world: World, account: Account) -> None:
    elsewhere = make_account(world.elsewhere, common_name="elders")
    make_transfer(elsewhere, referte="r-1", state=State.DONE)

    assert check(account, request("r-1")) == []


def test_requests_without_a_reference_do_not_repeat_each_other(account: Account) -> None:
    make_transfer(account, referte="")

    assert check(account, request("")) == []


# The numbers


def test_numbers_with_wrong_check_digits_are_warnings_with_lines(account: Account) -> None:
    wrong = "\n<INSZ>1</INSZ>\n<Ondernemingsnummer>2</Ondernemingsnummer>"

    assert check(account, request(questions=wrong)) == [
        Finding("check.insz", Severity.WARNING, (2,)),
        Finding("check.kbo", Severity.WARNING, (3,)),
    ]


# In words


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (Finding("check.insz", Severity.WARNING), ""),
        (Finding("check.insz", Severity.WARNING, (4,)), "On line 4."),
        (Finding("check.insz", Severity.WARNING, (4, 5, 9), 3), "On lines 4, 5 and 9."),
        (
            Finding("check.insz", Severity.WARNING, (4, 5), 30),
            "30 places, first on these lines: 4 and 5.",
        ),
    ],
)
def test_the_lines_are_told_in_a_sentence(finding: Finding, words: str) -> None:
    with translation.override("en"):
        assert finding.where == words


def test_an_element_that_is_known_stands_in_the_sentence() -> None:
    named = Finding("check.schema_value", Severity.ERROR, subject="INSZ").advice
    unnamed = Finding("check.schema_value", Severity.ERROR).advice

    with translation.override("en"):
        assert "“INSZ”" in str(named.what)
        assert "“" not in str(unnamed.what)
    assert named.next == unnamed.next


def test_however_many_services_there_are_the_questions_to_the_database_are_few(
    account: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make_service(account, f"Geef{number}")
    with_schema(make_service(account))

    with django_assert_max_num_queries(3):
        check(account, request())


def test_another_message_is_told_with_what_it_begins_with_and_what_was_expected(
    account: Account,
) -> None:
    with_schema(make_service(account))

    (finding,) = check(account, b'<v:GeefX xmlns:v="urn:vorige"/>')
    told = str(finding.advice.what)

    assert finding.code == "check.schema_root"
    assert "begins with “GeefX” of the namespace urn:vorige" in told
    assert "where the schema has “GeefX” of the namespace urn:geefx." in told


def test_another_message_without_a_namespace_says_so(account: Account) -> None:
    with_schema(make_service(account))

    (finding,) = check(account, b"<Envelope/>")

    assert "begins with “Envelope” without a namespace" in str(finding.advice.what)
