"""What stands in the folders of an account, whose it is, and how long yet; at a real server."""

import os
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from exchange.advice import advice_for
from exchange.ftps import Entry, EntryKind
from exchange.models import Account, RemoteFile, Subscription, TemporaryFile
from exchange.models.transfer import State, Step
from exchange.queries.folder_contents import (
    MOST_SHOWN,
    FolderContents,
    Listing,
    StandingFile,
    describe_folders,
)
from exchange.queries.standing import Standing
from exchange.services.collection import collect
from exchange.services.slots import hold_slot
from exchange.tests.builders import make_account, make_collected, make_delivered, make_transfer
from magda_portal.tests.world import Visitor, World
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA

CONTENT = b"<vraag/>"


@pytest.fixture
def reachable(world: World, connected_account: Account) -> Account:
    """Give an account of the world's organisation at the practice MAGDA."""
    assert connected_account.organisation == world.organisation
    return connected_account


def show(world: World, account: Account, visitor: Visitor = Visitor.CLERK) -> str:
    url = reverse("account_folders", args=[account.pk])
    return unescape(world.browser(visitor).get(url).text)


def look(world: World, account: Account) -> dict[str, FolderContents]:
    url = reverse("account_folders", args=[account.pk])
    contents = world.browser(Visitor.CLERK).get(url).context["contents"]
    return {each.listing.folder: each for each in contents}


def only_file(world: World, account: Account, folder: str) -> StandingFile:
    (found,) = look(world, account)[folder].files
    return found


def age(path: Path, days: float) -> None:
    at = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))


def test_every_folder_of_the_account_is_shown_once(world: World, reachable: Account) -> None:
    folders = ["to_vip", "cache/to_vip", "from_vip", "cache/from_vip", "public"]

    assert list(look(world, reachable)) == folders


def test_a_request_of_ours_is_told_from_one_of_other_hands(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    ours = make_delivered(reachable, name="ons.xml", content=CONTENT)
    for folder in ("to_vip", "cache/to_vip"):
        magda.place(DEMO_ACCOUNT, folder, "ons.xml", CONTENT)
        magda.place(DEMO_ACCOUNT, folder, "vreemd.xml", CONTENT)

    contents = look(world, reachable)

    found = {
        (folder, file.entry.name): (file.standing, file.transfer)
        for folder in ("to_vip", "cache/to_vip")
        for file in contents[folder].files
    }
    assert found == {
        ("to_vip", "ons.xml"): (Standing.SENT, ours),
        ("to_vip", "vreemd.xml"): (Standing.OTHER_HANDS, None),
        ("cache/to_vip", "ons.xml"): (Standing.PICKED_UP, ours),
        ("cache/to_vip", "vreemd.xml"): (Standing.OTHER_HANDS, None),
    }
    assert "from other hands: neither sent nor known here" in show(world, reachable)


def test_a_file_under_our_name_but_of_another_size_is_not_ours(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    make_delivered(reachable, name="ons.xml", content=CONTENT)
    magda.place(DEMO_ACCOUNT, "to_vip", "ons.xml", CONTENT + b" ")

    assert only_file(world, reachable, "to_vip").standing == Standing.OTHER_HANDS


def test_what_was_picked_up_is_not_what_stands_there_again(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    make_delivered(reachable, name="ons.xml", content=CONTENT, picked_up_at=timezone.now())
    magda.place(DEMO_ACCOUNT, "to_vip", "ons.xml", CONTENT)

    assert only_file(world, reachable, "to_vip").standing == Standing.OTHER_HANDS


@pytest.mark.parametrize(
    ("state", "step", "standing"),
    [
        (State.UNCERTAIN, Step.RENAME_ASKED, Standing.SENT),
        (State.RUNNING, Step.RENAME_ASKED, Standing.SENT),
        (State.RUNNING, Step.STORED, Standing.OTHER_HANDS),
        (State.FAILED, Step.STORED, Standing.OTHER_HANDS),
    ],
)
def test_only_a_delivery_that_may_have_got_its_name_owns_it(
    world: World,
    reachable: Account,
    magda: PracticeMAGDA,
    state: State,
    step: Step,
    standing: Standing,
) -> None:
    make_transfer(reachable, name="ons.xml", content=CONTENT, state=state, step=step)
    magda.place(DEMO_ACCOUNT, "to_vip", "ons.xml", CONTENT)

    assert only_file(world, reachable, "to_vip").standing == standing


def test_a_temporary_file_is_known_by_its_path(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    ours = make_transfer(reachable, state=State.RUNNING)
    TemporaryFile.objects.create(transfer=ours, path="to_vip/vraag.xml.1-1.tmp")
    magda.place(DEMO_ACCOUNT, "to_vip", "vraag.xml.1-1.tmp", b"<vr")

    found = only_file(world, reachable, "to_vip")

    assert (found.standing, found.transfer) == (Standing.BEING_SENT, ours)


def test_another_account_owns_nothing_here(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    other = make_account(world.elsewhere, common_name="elders")
    make_delivered(other, name="ons.xml", content=CONTENT)
    magda.place(DEMO_ACCOUNT, "to_vip", "ons.xml", CONTENT)

    assert only_file(world, reachable, "to_vip").standing == Standing.OTHER_HANDS


def test_an_answer_is_followed_from_new_to_moved(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "antwoord.xml", b"<antwoord/>")
    assert only_file(world, reachable, "from_vip").standing == Standing.EXPECTED

    collect(reachable)

    contents = look(world, reachable)
    moved = contents["cache/from_vip"].files[0]
    assert contents["from_vip"].files == []
    assert moved.standing == Standing.MOVED
    assert moved.transfer is not None


def test_a_file_that_could_not_be_collected_says_why(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "antwoord.xml", b"<antwoord/>")
    RemoteFile.objects.create(
        account=reachable,
        folder="from_vip",
        name="antwoord.xml",
        size=11,
        removal_day=timezone.localdate() + timedelta(days=2),
        error_code="data.stalled",
    )

    page = show(world, reachable)

    assert "the portal could not collect it" in page
    assert str(advice_for("data.stalled").what) in page
    assert "2 days left" in page


def test_a_kept_file_links_to_its_transfer(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    kept = make_collected(reachable, name="antwoord.xml")
    magda.place(DEMO_ACCOUNT, "from_vip", "antwoord.xml", CONTENT)

    page = show(world, reachable)

    assert "kept here" in page
    assert reverse("transfer_show", args=[kept.pk]) in page


def test_a_folder_that_nobody_collects_is_offered_for_collection(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    Account.objects.update(collect_folders=["from_vip/dienst"])
    magda.place(DEMO_ACCOUNT, "from_vip", "antwoord.xml", b"<antwoord/>")
    offer = reverse("account_edit", args=[reachable.pk]) + "#id_collect_folders"

    assert only_file(world, reachable, "from_vip").standing == Standing.NOT_COLLECTED
    assert offer in show(world, reachable, Visitor.ADMINISTRATOR)
    assert offer not in show(world, reachable, Visitor.CLERK)


def test_a_publication_is_offered_for_subscription_with_its_prefix(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "public", "pub_mut-a_20270101120000.xml", b"<p/>")
    offer = reverse("account_subscriptions", args=[reachable.pk]) + "?prefix=pub_mut-a#subscribe"

    page = show(world, reachable, Visitor.ADMINISTRATOR)
    form = world.browser(Visitor.ADMINISTRATOR).get(offer.partition("#")[0]).text

    assert "no subscription asks for it" in page
    assert offer in page
    assert offer not in show(world, reachable, Visitor.CLERK)
    assert 'value="pub_mut-a"' in form

    Subscription.objects.create(account=reachable, prefix="pub_mut-a")
    assert only_file(world, reachable, "public").standing == Standing.EXPECTED


@pytest.mark.parametrize(
    ("days", "left", "urgency"),
    [(0, 14, "neutral"), (6, 8, "neutral"), (7, 7, "attention"), (12, 2, "bad"), (15, -1, "bad")],
)
def test_the_days_left_count_from_the_servers_time(
    account: Account, days: int, left: int, urgency: str
) -> None:
    at = datetime(2027, 1, 15, 12, tzinfo=UTC)
    entry = Entry("antwoord.xml", 4, at, EntryKind.FILE)

    (folder,) = describe_folders(
        account, [Listing("from_vip", [entry])], now=at + timedelta(days=days)
    )

    (found,) = folder.files
    assert (found.days_left, found.urgency.value) == (left, urgency)


def test_nobody_guesses_an_age_that_the_server_does_not_tell(account: Account) -> None:
    entry = Entry("antwoord.xml", None, None, EntryKind.FILE)

    (folder,) = describe_folders(account, [Listing("from_vip", [entry])], now=timezone.now())

    (found,) = folder.files
    assert (found.since, found.days_left, found.urgency.value) == (None, None, "neutral")


def test_what_is_kept_here_has_no_deadline(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    make_collected(reachable, name="antwoord.xml")
    age(magda.place(DEMO_ACCOUNT, "from_vip", "antwoord.xml", CONTENT), 13)

    assert only_file(world, reachable, "from_vip").urgency.value == "neutral"


def test_a_folder_that_is_refused_is_told_and_the_others_are_shown(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    Account.objects.update(folder_public="elders")
    magda.place(DEMO_ACCOUNT, "from_vip", "antwoord.xml", b"<a/>")

    page = show(world, reachable)

    assert str(advice_for("command.refused").what) in page
    assert "antwoord.xml" in page


def test_a_missing_folder_is_not_called_empty(account: Account) -> None:
    """The practice MAGDA answers 501 for it, and real servers 550, which means just that."""
    listing = Listing("publiek", [], is_missing=True)
    (folder,) = describe_folders(account, [listing], now=timezone.now())

    page = render_to_string("exchange/_folder.html", {"account": account, "folder": folder})

    assert "This folder does not exist at MAGDA." in page
    assert "No file stands here." not in page


def test_what_follows_for_a_file_has_a_word_of_its_own(account: Account) -> None:
    """Else it is translated as the next certificate is, which is no column of a table."""
    entry = Entry("antwoord.xml", 4, None, EntryKind.FILE)
    (folder,) = describe_folders(account, [Listing("from_vip", [entry])], now=timezone.now())

    page = render_to_string("exchange/_folder.html", {"account": account, "folder": folder})

    assert '<th scope="col">What follows</th>' in page
    assert 'data-label="What follows"' in page
    assert "Next" not in page


def test_subfolders_that_nobody_looks_into_are_named(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    (magda.home(DEMO_ACCOUNT) / "from_vip" / "vergeten").mkdir()

    assert look(world, reachable)["from_vip"].subfolders == ["vergeten"]


def test_an_odd_name_is_shown_safely_and_offers_nothing(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    name = "\u202e<script>alert(1)</script>\udcff.xml".replace("/", "")
    magda.place(DEMO_ACCOUNT, "public", name, b"<p/>")

    url = reverse("account_folders", args=[reachable.pk])
    page = world.browser(Visitor.ADMINISTRATOR).get(url).text

    assert "<script>alert" not in page
    assert "\\u202e" in page
    assert "?prefix=" not in page


def test_a_server_that_is_away_is_told_in_words(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    magda.stop()

    page = show(world, reachable)

    assert str(advice_for("connect.refused").what) in page
    assert "Look again" in page


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": Account.State.SUSPENDED}, "account.suspended"),
        ({}, "account.no_certificate"),
    ],
)
def test_an_account_that_may_not_connect_says_why(
    world: World, account: Account, changes: dict[str, str], code: str
) -> None:
    Account.objects.update(**changes)

    assert str(advice_for(code).what) in show(world, account)


def test_the_look_takes_a_connection_and_gives_it_back(world: World, reachable: Account) -> None:
    with hold_slot(reachable, for_collection=True), hold_slot(reachable, for_collection=True):
        busy = show(world, reachable)

    assert str(advice_for("account.connections_busy").what) in busy
    assert "No file stands here." in show(world, reachable)


def test_many_files_cost_no_more_queries_and_the_oldest_are_shown(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    browser = world.browser(Visitor.ADMINISTRATOR)
    url = reverse("account_folders", args=[reachable.pk])
    for folder in ("to_vip", "cache/from_vip", "public"):
        magda.place(DEMO_ACCOUNT, folder, "een.xml", b"<v/>")
    browser.get(url)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    for number in range(MOST_SHOWN + 10):
        age(magda.place(DEMO_ACCOUNT, "to_vip", f"nr{number:03}.xml", b"<v/>"), number / 20)
        magda.place(DEMO_ACCOUNT, "public", f"nr{number:03}.xml", b"<v/>")

    with CaptureQueriesContext(connection) as many:
        contents = {each.listing.folder: each for each in browser.get(url).context["contents"]}

    assert len(many) == len(few)
    # Nine for the page, and eight for the slot, the keys and the trust of its connection.
    assert len(many) <= 17
    assert [len(contents["to_vip"].files), contents["to_vip"].total] == [150, 161]
    assert contents["to_vip"].files[0].entry.name == "nr159.xml"
