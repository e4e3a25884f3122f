import pytest

from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.tests.builders import make_collected, make_delivered, make_transfer
from exchange.tests.management.commands import run_command
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA

REASON = "MAGDA asked for it"


def test_a_delivered_transfer_is_queued_again(connected_account: Account) -> None:
    first = make_delivered(connected_account)

    outcome = run_command("send_again", first.pk, "--reason", REASON)

    again = Transfer.objects.latest("id")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.rows == [["QUEUED", "vraag.xml", str(again.pk), first.sha256]]
    assert (again.resends, again.resend_reason) == (first, REASON)


def test_a_file_of_the_cache_is_queued_again(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "a.xml", b"<a/>")

    outcome = run_command(
        "send_again", "--from-cache", "a.xml", "--account", DEMO_ACCOUNT, "--reason", REASON
    )

    again = Transfer.objects.get()
    assert (outcome.code, outcome.err) == (0, "")
    assert again.content_from == "cache/to_vip/a.xml"


def test_a_refusal_is_told_with_its_code(connected_account: Account) -> None:
    uncertain = make_transfer(connected_account, state=State.UNCERTAIN)

    outcome = run_command("send_again", uncertain.pk, "--reason", REASON)

    assert outcome.code == 1
    assert "[transfer.undecided]" in outcome.err


def test_a_server_that_is_away_is_told(connected_account: Account) -> None:
    connected_account.port = 1
    connected_account.save()

    outcome = run_command(
        "send_again", "--from-cache", "a.xml", "--account", DEMO_ACCOUNT, "--reason", REASON
    )

    assert outcome.code == 1
    assert "[connect.refused]" in outcome.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["1"],
        ["--reason", REASON],
        ["1", "--from-cache", "a.xml", "--account", "x", "--reason", REASON],
        ["--from-cache", "a.xml", "--reason", REASON],
        ["1", "--account", "x", "--reason", REASON],
    ],
)
def test_options_that_do_not_fit_together_are_wrong_usage(db: None, arguments: list[str]) -> None:
    assert run_command("send_again", *arguments).code == 2


def test_one_that_was_sent_again_is_refused_with_the_number_of_the_newer(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    first = make_delivered(connected_account)
    magda.place(DEMO_ACCOUNT, "cache/to_vip", first.final_name, b"<vraag/>")
    run_command("send_again", first.pk, "--reason", REASON)
    again = Transfer.objects.latest("id")

    by_number = run_command("send_again", first.pk, "--reason", REASON)
    by_name = run_command(
        "send_again", "--from-cache", "vraag.xml", "--account", DEMO_ACCOUNT, "--reason", REASON
    )

    assert by_number.code == by_name.code == 1
    assert by_number.err.startswith(f"#{first.pk}: ")
    assert by_number.err.endswith(f"[transfer.sent_again_already] It is transfer {again.pk}.")
    assert by_name.err.startswith("vraag.xml: ")
    assert by_name.err.endswith(f"It is transfer {again.pk}.")


def test_what_came_from_magda_is_not_sent_again(connected_account: Account) -> None:
    answer = make_collected(connected_account)

    outcome = run_command("send_again", answer.pk, "--reason", REASON)

    assert outcome.code == 1
    assert outcome.err.startswith(f"#{answer.pk}: The transfer came from MAGDA; only requests")
