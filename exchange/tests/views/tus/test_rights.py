"""Whose an upload is, and who may go on with it."""

import pytest

from exchange.models import Account, Upload
from exchange.tests.builders import make_account
from exchange.tests.views.tus.client import PART, XML, TusClient, address
from magda_portal.tests.world import Visitor, World

HALF = len(XML) // 2


@pytest.mark.parametrize("visitor", [Visitor.STRANGER, Visitor.ADMINISTRATOR, Visitor.HELPDESK])
def test_nobody_else_meets_somebodys_upload(
    tus: TusClient, world: World, account: Account, visitor: Visitor
) -> None:
    upload = tus.begun()
    other = TusClient(world.browser(visitor), account)
    refused = 404 if visitor is Visitor.STRANGER else 403

    assert other.head(upload).status_code == refused
    assert other.patch(upload, XML, offset=0).status_code == refused
    assert other.delete(upload).status_code == refused
    assert other.begin().status_code == refused
    upload.refresh_from_db()
    assert upload.received == 0


def test_a_colleague_of_the_same_organisation_does_not_meet_it_either(
    tus: TusClient, world: World, account: Account
) -> None:
    upload = tus.begun()
    Upload.objects.update(person=world.stranger)

    assert tus.head(upload).status_code == 404
    assert tus.patch(upload, XML, offset=0).status_code == 404


def test_who_is_no_clerk_any_more_sends_nothing_more(tus: TusClient, world: World) -> None:
    upload = tus.begun()
    world.clerk.memberships.update(organisation=world.elsewhere)
    assert tus.patch(upload, XML, offset=0).status_code == 404

    world.clerk.memberships.all().delete()
    assert tus.patch(upload, XML, offset=0).status_code == 403


def test_a_request_without_the_pages_token_changes_nothing(
    tus: TusClient, world: World, account: Account
) -> None:
    upload = tus.begun()
    strict = TusClient(world.strict_browser(Visitor.CLERK), account)

    assert strict.begin().status_code == 403
    assert strict.patch(upload, XML, offset=0).status_code == 403
    assert strict.delete(upload).status_code == 403
    assert tus.head(upload)["Upload-Offset"] == "0"


def test_a_hidden_method_is_obeyed_and_needs_the_token_too(
    tus: TusClient, world: World, account: Account
) -> None:
    """Some networks let nothing pass but GET and POST."""
    upload = tus.begun()
    headers = {
        "tus-resumable": "1.0.0",
        "upload-offset": "0",
        "x-http-method-override": "PATCH",
    }
    strict = world.strict_browser(Visitor.CLERK)

    hidden = {"tus-resumable": "1.0.0", "x-http-method-override": "DELETE"}
    strict.options(address(upload), headers=hidden)
    strict.head(address(upload), headers=hidden)
    assert Upload.objects.filter(pk=upload.pk).exists()

    forged = strict.post(address(upload), XML, content_type=PART, headers=headers)
    obeyed = tus.browser.post(address(upload), XML, content_type=PART, headers=headers)
    unknown = tus.browser.post(address(upload), headers={"tus-resumable": "1.0.0"})

    assert (forged.status_code, obeyed.status_code, unknown.status_code) == (403, 204, 405)
    assert obeyed["Upload-Offset"] == str(len(XML))


def test_an_account_of_others_or_one_that_is_suspended_gets_nothing(
    tus: TusClient, world: World
) -> None:
    suspended = make_account(world.organisation, common_name="s", state=Account.State.SUSPENDED)
    foreign = make_account(world.elsewhere, common_name="elders")

    for other in (suspended, foreign):
        assert TusClient(tus.browser, other).begin().status_code == 404
