"""What the details of an event say on a page."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from certificates.advice.watch import Finding
from exchange.advice import ADVICE
from exchange.queries.event_details import told_details


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def told(**details: object) -> dict[str, str]:
    return {each.name: each.value for each in told_details(details)}


def test_an_error_is_told_in_the_sentence_that_goes_with_its_code() -> None:
    sentence = str(ADVICE["account.no_certificate"].what)

    assert told(error="account.no_certificate") == {"Error": sentence}
    assert "." in sentence
    assert told(finding=Finding.FIRST.value)["Finding"] != Finding.FIRST.value


def test_a_moment_is_told_in_local_time() -> None:
    said = told(until="2026-11-22T01:37:03.597922+00:00", removal_day="2026-12-04")

    assert said["Until"].endswith("02:37:03")
    assert "2026-12-04" not in said.values()


def test_a_list_is_told_without_brackets_and_a_role_by_its_name() -> None:
    assert told(recipients=["a@x.example", "b@x.example"]) == {
        "Recipients": "a@x.example, b@x.example"
    }
    assert told(role="CLERK") == {"Role": "clerk"}


def test_a_setting_is_told_by_its_label_before_and_after() -> None:
    assert told(after_collection={"before": "MOVE", "after": "DELETE"}) == {
        "After collection": "move to the cache folder, now delete"
    }
    assert told(expects_xml={"before": False, "after": True}) == {
        "Requests must be XML": "no, now yes"
    }
    assert told(staging_folder={"before": "", "after": "tmp"}) == {
        "Staging folder": "nothing, now tmp"
    }


def test_choices_before_and_after_are_told_by_their_names() -> None:
    said = told(before={"ARRIVED": "OFF"}, after={"ARRIVED": "AT_ONCE"})

    assert said["Before the change"] == "An answer or a publication arrived: no mail"
    assert said["After the change"].endswith(": a mail at once")


def test_of_a_hash_the_beginning_is_told() -> None:
    assert told(sha256="0123456789abcdef" * 4) == {"SHA-256": "0123456789abcdef…"}
    assert told(reason="face cafe") == {"Reason": "face cafe"}


def test_what_is_empty_says_nothing() -> None:
    assert told(reason="", resends=None, schema=False, files=0) == {"Number of files": "0"}


@pytest.mark.parametrize("value", ["x.y", "2026-13-45 or so", "17"])
def test_what_has_no_words_is_shown_as_it_is(value: str) -> None:
    assert told(something_new=value) == {"something_new": value}
    assert told(error=value) == {"Error": value}


@pytest.mark.parametrize(
    "value", ["2026-13-45", "2026-02-30T25:00:00+00:00", ["2026-13-45"], {"a": "2026-13-45"}]
)
def test_what_only_looks_like_a_day_breaks_nothing(value: object) -> None:
    assert "2026-" in next(iter(told(prefix=value).values()))


def test_details_are_told_in_the_language_of_the_reader() -> None:
    with translation.override("nl"):
        said = told(size=2048, error="account.no_certificate")

    assert said["Grootte"].startswith("2")
    assert said["Fout"] == translated("account.no_certificate")


def translated(code: str) -> str:
    with translation.override("nl"):
        return str(ADVICE[code].what)
