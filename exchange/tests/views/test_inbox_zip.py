"""Several collected files at once: who may, what counts as opened, and what a broken one is."""

import csv
import io
import os
import random
import tracemalloc
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from certificates.models import Environment
from exchange.advice import advice_for
from exchange.models import Account, Payload, Transfer
from exchange.services.zipping import MOST_FILES, zip_of
from exchange.storage import payload_store
from exchange.tests.builders import make_account, make_collected, make_transfer
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor
from magda_portal.people.models import Membership, Role
from magda_portal.tests.world import Visitor, World

MIB = 1024**2
LIST = "contents.csv"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> None:
    settings.PAYLOAD_DIR = tmp_path


def ask(world: World, *transfers: Transfer, visitor: Visitor = Visitor.CLERK, **fields: Any) -> Any:
    chosen = {"transfer": [str(transfer.pk) for transfer in transfers], **fields}
    return world.browser(visitor).post(reverse("inbox_zip"), chosen)


def contents(response: Any) -> dict[str, bytes]:
    """Return the files of a ZIP, each of which unpacks as it was packed."""
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def listing(files: dict[str, bytes]) -> list[dict[str, str]]:
    text = files[LIST].decode().removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def opened() -> list[str]:
    return list(
        AuditEvent.objects.filter(action="transfer.opened")
        .order_by("id")
        .values_list("subject_id", flat=True)
    )


def test_a_clerk_gets_the_chosen_files_and_a_list_of_them(world: World, account: Account) -> None:
    one = make_collected(account, name="een.xml", content=b"<een/>" * 1000, referte="REF-1")
    two = make_collected(account, name="twee.csv", content=bytes(range(256)))
    make_collected(account, name="drie.xml")

    response = ask(world, one, two)
    files = contents(response)

    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith('attachment; filename="magda-')
    assert set(files) == {"een.xml", "twee.csv", LIST}
    assert files["een.xml"] == b"<een/>" * 1000
    assert files["twee.csv"] == bytes(range(256))
    assert {row["SHA-256"] for row in listing(files)} == {one.sha256, two.sha256}
    assert {row["State"] for row in listing(files)} == {"whole"}


def test_each_file_counts_as_opened_by_whom_and_where_from(world: World, account: Account) -> None:
    one, two = make_collected(account, name="een.xml"), make_collected(account, name="twee.xml")
    ask(world, one, two).getvalue()

    assert sorted(opened()) == sorted([str(one.pk), str(two.pk)])
    assert Payload.objects.filter(first_opened_at=None).count() == 0
    for event in AuditEvent.objects.filter(action="transfer.opened"):
        assert event.actor_id == str(world.clerk.pk)
        assert event.organisation_id == str(world.organisation.pk)
        assert event.request_id
        assert event.ip_address == "127.0.0.1"


def test_what_a_broken_download_never_reached_stays_new(world: World, account: Account) -> None:
    last = make_collected(account, name="laatst.xml", content=b"x")
    first = make_collected(account, name="eerst.xml", content=bytes(3 * MIB))
    pieces = zip_of([first, last], actor=Actor.person(world.clerk), clock=timezone.now)

    received = next(pieces)
    getattr(pieces, "close")()  # noqa: B009  # the server does so when the browser is gone

    assert opened() == [str(first.pk)]
    assert Payload.objects.get(transfer=last).first_opened_at is None
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(received))


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda path: path.unlink(), "payload.missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "payload.corrupt"),
        (lambda path: path.write_bytes(b"?" + path.read_bytes()[1:]), "payload.corrupt"),
        (lambda path: path.write_bytes(path.read_bytes() + b"?"), "payload.corrupt"),
    ],
    ids=["lost", "truncated", "altered", "longer"],
)
def test_a_file_that_is_not_whole_is_left_out_and_the_list_says_so(
    world: World, account: Account, harm: Any, code: str
) -> None:
    good = make_collected(account, name="goed.xml", content=b"goed")
    bad = make_collected(account, name="slecht.xml", content=b"slecht")
    harm(payload_store()._path(bad.payload_id))  # type: ignore[arg-type]  # it has content

    files = contents(ask(world, good, bad))

    assert set(files) == {"goed.xml", LIST}
    states = {row["Name at MAGDA"]: row["State"] for row in listing(files)}
    assert states == {"goed.xml": "whole", "slecht.xml": str(advice_for(code))}
    assert opened() == [str(good.pk)]


def test_a_file_that_fails_under_way_leaves_no_zip_that_looks_whole(
    world: World, account: Account
) -> None:
    transfer = make_collected(account, name="groot.xml", content=bytes(5 * MIB))
    path = payload_store()._path(transfer.payload_id)  # type: ignore[arg-type]  # it has content
    pieces = zip_of([transfer], actor=Actor.person(world.clerk), clock=timezone.now)

    received = [next(pieces)]
    os.truncate(path, 2 * MIB)
    with pytest.raises(OSError, match="changed while it was read"):
        received.extend(pieces)

    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(received)))


def test_erased_content_is_left_out_and_said(world: World, account: Account) -> None:
    gone = make_collected(account, name="weg.xml")
    Payload.objects.update(erased_at=timezone.now())

    files = contents(ask(world, gone))

    assert set(files) == {LIST}
    assert listing(files)[0]["State"] == str(advice_for("payload.erased"))


@pytest.mark.parametrize("visitor", [Visitor.ADMINISTRATOR, Visitor.HELPDESK])
def test_who_opens_no_file_gets_no_zip(world: World, account: Account, visitor: Visitor) -> None:
    answer = make_collected(account)

    assert ask(world, answer, visitor=visitor).status_code == 403
    assert ask(world, visitor=visitor, found="1").status_code == 403
    assert opened() == []


def test_a_file_of_another_organisation_is_not_found_and_nothing_is_opened(
    world: World, account: Account
) -> None:
    mine = make_collected(account)
    foreign = make_collected(make_account(world.elsewhere, common_name="elders"))

    assert ask(world, mine, foreign).status_code == 404
    assert ask(world, mine, foreign, visitor=Visitor.STRANGER).status_code == 404
    assert opened() == []


def test_who_only_sees_an_organisation_opens_nothing_of_it(world: World, account: Account) -> None:
    """Roles add up: a clerk elsewhere may be an administrator here."""
    Membership.objects.create(
        person=world.stranger, organisation=world.organisation, role=Role.ADMINISTRATOR
    )
    mine = make_collected(account, name="hier.xml")
    theirs = make_collected(make_account(world.elsewhere, common_name="elders"), name="daar.xml")

    assert ask(world, mine, visitor=Visitor.STRANGER).status_code == 404
    assert set(contents(ask(world, visitor=Visitor.STRANGER, found="1"))) == {"daar.xml", LIST}
    assert opened() == [str(theirs.pk)]


def test_a_request_is_no_file_of_the_inbox(world: World, account: Account) -> None:
    assert ask(world, make_transfer(account)).status_code == 404


@pytest.mark.parametrize("number", ["x", "-1", "1e3", "9" * 30, "１"])  # noqa: RUF001
def test_a_number_that_makes_no_sense_is_not_found(world: World, number: str) -> None:
    response = world.browser(Visitor.CLERK).post(reverse("inbox_zip"), {"transfer": number})

    assert response.status_code == 404


def test_without_a_choice_the_page_comes_back_with_its_filter(
    world: World, account: Account
) -> None:
    query = urlencode({"name": "ant", "read": "new"})

    response = world.browser(Visitor.CLERK).post(
        reverse("inbox_zip"), {"query": query}, follow=True
    )

    assert response.redirect_chain == [(f"{reverse('inbox')}?{query}", 302)]
    assert "No file was chosen." in unescape(response.text)


def test_the_way_back_leads_nowhere_else(world: World) -> None:
    response = world.browser(Visitor.CLERK).post(
        reverse("inbox_zip"), {"query": "//evil.example/?x=\r\ny"}
    )

    assert response["Location"].startswith(reverse("inbox") + "?")


def test_everything_found_is_what_the_filter_finds(world: World, account: Account) -> None:
    make_collected(account, name="antwoord-1.xml")
    make_collected(account, name="antwoord-2.xml")
    read = make_collected(account, name="antwoord-3.xml")
    Payload.objects.filter(transfer=read).update(first_opened_at=timezone.now())
    make_collected(account, name="ander.xml")
    query = urlencode({"name": "antwoord", "read": "new"})

    files = contents(ask(world, found="1", query=query))

    assert set(files) == {"antwoord-1.xml", "antwoord-2.xml", LIST}


def test_no_more_than_the_limit_is_in_one_zip(world: World, account: Account) -> None:
    answers = [make_collected(account, name=f"{number}.xml") for number in range(MOST_FILES + 1)]

    files = contents(ask(world, found="1"))

    assert len(files) == MOST_FILES + 1
    assert "0.xml" not in files
    assert ask(world, *answers).status_code == 404


def test_equal_names_of_two_accounts_stand_in_folders_that_name_the_environment(
    world: World, account: Account
) -> None:
    real = make_account(world.organisation, environment=Environment.PRD)
    test_file = make_collected(account, name="antwoord.xml", content=b"test")
    real_file = make_collected(real, name="antwoord.xml", content=b"echt")

    files = contents(ask(world, test_file, real_file))

    by_folder = {name.split("/")[0][:3]: content for name, content in files.items()}
    assert by_folder["TNI"] == b"test"
    assert by_folder["PRD"] == b"echt"


@pytest.mark.parametrize("name", ["../../etc/passwd", "<script>.xml", "a\u202efdp.exe", "n" * 200])
def test_a_hostile_name_stays_in_the_folder_where_the_zip_is_unpacked(
    world: World, account: Account, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "unpacked"
    response = ask(world, make_collected(account, name=name, content=b"inhoud"))

    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as archive:
        archive.extractall(target)

    (file,) = (path for path in target.rglob("*") if path.name != LIST)
    assert file.read_bytes() == b"inhoud"
    assert not set('<>:"/\\|?*\u202e') & set(file.name)
    assert str(file.relative_to(target)) == file.name


def test_no_more_than_a_few_pieces_are_held_at_once(world: World, account: Account) -> None:
    large = make_transfer_of(account, pieces(60))
    zipped = zip_of([large, large], actor=Actor.person(world.clerk), clock=timezone.now)

    tracemalloc.start()
    size = sum(len(piece) for piece in zipped)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert size > 100 * MIB
    assert peak < 12 * MIB


def pieces(count: int) -> Iterator[bytes]:
    """Yield pieces of a mebibyte that can't be made smaller."""
    numbers = random.Random(1)
    for _ in range(count):
        yield numbers.randbytes(MIB)


def make_transfer_of(account: Account, content: Iterator[bytes]) -> Transfer:
    stored = payload_store().keep(content)
    payload = Payload.objects.create(id=stored.id, size=stored.size, sha256=stored.sha256)
    return make_collected(
        account, name="groot.bin", payload=payload, size=stored.size, sha256=stored.sha256
    )
