from pathlib import Path

import pytest

from exchange.tests.management.commands import Outcome, run_command
from magda_portal.people.models import Membership, Organisation, Person, Role

pytestmark = pytest.mark.django_db

EMAIL = "an@gemeente.example"
STRONG = "vier-rustige-fietsen"


def add(*arguments: object, role: str = "CLERK") -> Outcome:
    return run_command(
        "add_person", EMAIL, "--organisation", "Gemeente", "--role", role, *arguments
    )


def test_a_new_person_gets_a_password_that_is_shown_once() -> None:
    outcome = add()

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.rows[0] == ["added", EMAIL, "CLERK", "Gemeente"]
    label, password = outcome.rows[1]
    assert label == "password"
    assert Person.objects.get().check_password(password)
    membership = Membership.objects.get()
    assert (membership.role, membership.organisation.name) == (Role.CLERK, "Gemeente")


def test_roles_add_up_and_the_password_stays() -> None:
    password = add().rows[1][1]

    outcome = add(role="administrator")

    assert outcome.rows == [["exists", EMAIL, "ADMINISTRATOR", "Gemeente"]]
    assert set(Membership.objects.values_list("role", flat=True)) == {"CLERK", "ADMINISTRATOR"}
    assert Person.objects.get().check_password(password)


def test_the_same_role_twice_is_one_membership() -> None:
    add()

    assert add().code == 0
    assert Membership.objects.count() == 1


def test_a_password_may_come_from_a_file_and_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{STRONG}\n", encoding="utf-8")

    outcome = add("--password-file", file)

    assert outcome.code == 0
    assert STRONG not in outcome.out + outcome.err
    assert Person.objects.get().check_password(STRONG)


def test_a_person_who_exists_keeps_the_password(tmp_path: Path) -> None:
    password = add().rows[1][1]
    file = tmp_path / "password"
    file.write_text(STRONG, encoding="utf-8")

    outcome = add("--password-file", file)

    assert "keeps the password" in outcome.err
    assert Person.objects.get().check_password(password)


@pytest.mark.parametrize(
    "content", [b"", b"short", b"q1w2e3r4t5y6", b"an@gemeente.example", b"\xff\xfe\xfa"]
)
def test_a_password_that_no_page_would_take_adds_nobody(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)

    outcome = add("--password-file", file)

    assert outcome.code == 1
    assert outcome.err
    assert not Person.objects.exists()


def test_the_helpdesk_belongs_to_no_organisation() -> None:
    outcome = run_command("add_person", EMAIL, "--role", "helpdesk")

    assert outcome.code == 0
    assert outcome.rows[0] == ["added", EMAIL, "HELPDESK"]
    assert Person.objects.get().is_helpdesk
    assert not Organisation.objects.exists()


def test_what_is_no_e_mail_address_is_refused() -> None:
    outcome = run_command("add_person", "an", "--role", "helpdesk")

    assert outcome.code == 1
    assert "'an' is not an e-mail address" in outcome.err


@pytest.mark.parametrize(
    "arguments", [(EMAIL,), (EMAIL, "--role", "CLERK"), (EMAIL, "--role", "boss")]
)
def test_a_role_without_its_organisation_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    outcome = run_command("add_person", *arguments)

    assert outcome.code == 2
    assert not Person.objects.exists()
