"""Files for production go once their names and account are confirmed."""

import re
from html import unescape
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from certificates.models import Environment
from exchange.advice import advice_for
from exchange.models import Account, Transfer
from exchange.tests.builders import make_account
from exchange.tests.views.bringing import brought, filled, key, press, see
from magda_portal.tests.world import World


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> Path:
    settings.PAYLOAD_DIR = tmp_path
    return tmp_path


@pytest.fixture
def production(world: World) -> Account:
    return make_account(world.organisation, common_name="p", environment=Environment.PRD)


def test_production_asks_for_a_confirmation_that_names_account_and_file(
    world: World, production: Account
) -> None:
    (upload,) = brought(world, production, "vraag.xml")

    page = see(world, upload).text
    without = press(world, upload, filled(upload))

    confirmation = page[page.index('id="confirm-files"') : page.index("id_confirmed")]
    assert production.name in confirmation
    assert "vraag.xml" in confirmation
    assert "environment-banner-prd" in page
    assert "PRD" in page[: page.index("</title>")]
    assert without.status_code == 422
    assert not Transfer.objects.exists()

    press(world, upload, filled(upload, confirmed="on"))

    assert Transfer.objects.get().account == production


def test_a_confirmation_does_not_count_for_a_name_that_it_did_not_show(
    world: World, production: Account
) -> None:
    (upload,) = brought(world, production, "vraag.xml")
    changed = filled(upload, confirmed="on", **{key("name", upload): "anders.xml"})

    first = press(world, upload, changed)

    assert first.status_code == 422
    assert str(advice_for("review.names_changed").what) in unescape(first.text)
    assert not re.search(r'name="confirmed"[^>]* checked', first.text)
    assert not Transfer.objects.exists()

    press(world, upload, changed)

    assert Transfer.objects.get().final_name == "anders.xml"


def test_no_confirmation_is_asked_outside_production(world: World, account: Account) -> None:
    (upload,) = brought(world, account, "vraag.xml")

    page = see(world, upload).text

    assert 'name="confirmed"' not in page
    assert "environment-banner-tni" in page


def test_a_file_added_in_another_tab_is_not_sent_unseen(world: World, account: Account) -> None:
    uploads = brought(world, account, "a.xml", "b.xml")

    response = press(world, uploads[0], filled(uploads[0]))

    assert response.status_code == 422
    assert str(advice_for("review.files_changed").what) in unescape(response.text)
    assert "b.xml" in response.text
    assert not Transfer.objects.exists()
