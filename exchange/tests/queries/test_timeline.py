"""The history tells attempts that only looked from attempts that sent."""

from datetime import timedelta

from django.utils import timezone

from exchange.models import Account, Transfer
from exchange.queries import timeline_of
from exchange.tests.builders import make_transfer
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record


def happened(transfer: Transfer, action: Action, **details: str) -> None:
    record(action, actor=Actor("An"), subject=Subject.row(transfer), details=details)


def asked(transfer: Transfer) -> None:
    transfer.rename_asked_at = timezone.now()


def words(transfer: Transfer) -> list[str]:
    return [entry.what for entry in timeline_of(transfer)]


def test_an_attempt_after_the_rename_looked_and_did_not_send(account: Account) -> None:
    transfer = make_transfer(account)
    happened(transfer, Action.TRANSFER_SENDING)
    happened(transfer, Action.TRANSFER_POSTPONED, error="data.stalled")
    happened(transfer, Action.TRANSFER_SENDING)
    asked(transfer)
    happened(transfer, Action.TRANSFER_POSTPONED, error="command.unconfirmed")
    happened(transfer, Action.TRANSFER_SENDING)
    happened(transfer, Action.TRANSFER_POSTPONED, error="delivery.not_seen")
    happened(transfer, Action.TRANSFER_RETRIED)
    happened(transfer, Action.TRANSFER_SENDING)
    happened(transfer, Action.TRANSFER_UNCERTAIN, error="delivery.not_seen")

    assert words(transfer) == [
        "sending",
        "will be tried again",
        "sending",
        "will look again whether it arrived",
        "looking whether it arrived",
        "looked whether it arrived",
        "asked by hand to look now",
        "looking whether it arrived",
        "outcome uncertain",
    ]


def test_what_is_tried_again_after_a_decision_is_sent(account: Account) -> None:
    transfer = make_transfer(account)
    asked(transfer)
    happened(transfer, Action.TRANSFER_POSTPONED, error="delivery.not_seen")
    happened(transfer, Action.TRANSFER_SETTLED, outcome="did not arrive", reason="ticket")
    happened(transfer, Action.TRANSFER_RETRIED)
    happened(transfer, Action.TRANSFER_SENDING)
    happened(transfer, Action.TRANSFER_POSTPONED, error="data.stalled")

    assert words(transfer)[2:] == ["tried again by hand", "sending", "will be tried again"]


def test_one_whose_name_is_still_taken_is_sent_once_that_is_free(account: Account) -> None:
    """Its own file was seen not to be there, so what follows stores it anew."""
    transfer = make_transfer(account)
    asked(transfer)
    happened(transfer, Action.TRANSFER_POSTPONED, error="name.still_standing")
    happened(transfer, Action.TRANSFER_SENDING)

    assert words(transfer) == ["will be tried again", "sending"]


def test_a_look_of_before_a_second_rename_stays_a_look(account: Account) -> None:
    transfer = make_transfer(account)
    happened(transfer, Action.TRANSFER_POSTPONED, error="delivery.not_seen")
    happened(transfer, Action.TRANSFER_SENDING)
    transfer.rename_asked_at = timezone.now() + timedelta(minutes=1)

    assert words(transfer) == ["looked whether it arrived", "looking whether it arrived"]


def test_a_decision_stands_until_it_is_tried_again(account: Account) -> None:
    transfer = make_transfer(account)
    happened(transfer, Action.TRANSFER_SETTLED, outcome="did not arrive", reason="ticket")
    before = [entry.is_decision for entry in timeline_of(transfer)]

    happened(transfer, Action.TRANSFER_RETRIED)

    assert before == [True]
    assert not any(entry.is_decision for entry in timeline_of(transfer))
