"""Page, command line and audit trail tell the same story as the rows."""

import io
import json
from collections import Counter
from collections.abc import Iterator

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from exchange.models import Account, RemoteFile, Transfer
from exchange.models.transfer import Direction, State
from exchange.queries import stage_of
from faults.expectations import Expectations
from magda_portal.audit.actions import Action
from magda_portal.audit.queries import events_for
from magda_portal.people.models import Person
from magda_portal.tests.world import BACKEND

Facts = tuple[str, str, int, str]
"""A state, a name, a size in bytes, and a SHA-256."""


def one_story(expected: Expectations) -> Iterator[str]:
    """Ask each of them about every transfer of the account."""
    browser = _helpdesk_browser()
    told = _told_by_the_command(expected.account)
    for transfer in expected.account.transfers.select_related("account__identity"):
        yield from _events_agree(transfer)
        yield from _page_agrees(browser, transfer)
        line = told.pop(transfer.pk, None)
        facts = (transfer.state, transfer.final_name, transfer.size, transfer.sha256)
        if line != facts:
            yield f"`manage.py transfers` says {line} of transfer {transfer.pk}: {facts}."
    yield from (f"`manage.py transfers` made up transfer {number}." for number in told)
    for row in RemoteFile.objects.filter(account=expected.account, transfer__isnull=False):
        yield from _release_agrees(row)


def _events_agree(transfer: Transfer) -> Iterator[str]:
    actions = _actions(transfer)
    settled = actions[Action.TRANSFER_SETTLED]
    done = transfer.state == State.DONE
    if transfer.direction == Direction.COLLECTION:
        wanted = {Action.TRANSFER_COLLECTED: 1 + actions[Action.PAYLOAD_MISSING]}
    else:
        wanted = {
            Action.TRANSFER_SUBMITTED: 1,
            Action.TRANSFER_DELIVERED: int(done and not settled),
            Action.TRANSFER_UNCERTAIN: settled or int(transfer.state == State.UNCERTAIN),
            Action.TRANSFER_CANCELLED: int(transfer.state == State.CANCELLED),
        }
    for action, times in wanted.items():
        if actions[action] != times:
            yield (
                f"Transfer {transfer.pk} is {transfer.state}, and the trail says {action}"
                f" {actions[action]} times."
            )


def _release_agrees(row: RemoteFile) -> Iterator[str]:
    released = _actions(row.transfer)[Action.TRANSFER_RELEASED] if row.transfer else 0
    if released != int(row.state == RemoteFile.State.RELEASED):
        yield f"Remote file {row} is {row.state}, and the trail says cleared {released} times."


def _page_agrees(browser: Client, transfer: Transfer) -> Iterator[str]:
    page = browser.get(reverse("transfer_show", args=[transfer.pk]))
    if page.status_code != 200 or stage_of(transfer).label not in page.content.decode():
        yield f"The page of transfer {transfer.pk} does not say {stage_of(transfer).label!r}."


def _told_by_the_command(account: Account) -> dict[int, Facts]:
    output = io.StringIO()
    call_command("transfers", account=account.name, json=True, stdout=output)
    return {
        each["id"]: (each["state"], each["name"], each["size"], each["sha256"])
        for each in json.loads(output.getvalue())
    }


def _helpdesk_browser() -> Client:
    person, _ = Person.objects.get_or_create(
        email="helpdesk@bench.example", defaults={"is_helpdesk": True}
    )
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(person, BACKEND)
    return browser


def _actions(transfer: Transfer) -> Counter[str]:
    return Counter(events_for(transfer).values_list("action", flat=True))
