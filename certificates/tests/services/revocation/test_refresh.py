import time
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from pytest_django import Settings

from certificates.models import RevocationList, RevocationSource
from certificates.services.revocation import Refreshed, refresh_all, refresh_due, sync_sources
from certificates.services.revocation.refresh import MOST_IN_A_RUN, _claim
from certificates.tests.builders import make_authority
from certificates.tests.list_server import Answer, ListServer, announced, body, redirect, status
from certificates.tests.lists import DAY, der_of, make_list
from certificates.tests.rows import NOW
from certificates.tests.services.revocation.conftest import ISSUING, Published

HOUR = timedelta(hours=1)


def refreshed(now: datetime = NOW) -> Refreshed:
    sync_sources(now=now)
    return refresh_due(now=now)


def source() -> RevocationSource:
    return RevocationSource.objects.get()


def test_the_list_that_a_certificate_names_is_fetched(published: Published) -> None:
    result = refreshed()

    assert result.errors == {}
    assert RevocationList.objects.get().source == source()
    assert (source().last_fetched_at, source().error_code) == (NOW, "")


def test_a_list_is_fetched_again_within_a_day(published: Published) -> None:
    refreshed()

    assert NOW + 21 * HOUR < source().next_try_at <= NOW + DAY


def test_a_short_lived_list_is_fetched_before_the_next_is_due(published: Published) -> None:
    published.publish(make_list(ISSUING, at=NOW, lasts=2 * HOUR))

    refreshed()

    assert NOW + HOUR < source().next_try_at <= NOW + 2 * HOUR


def test_a_list_about_to_end_is_not_asked_for_all_the_time(published: Published) -> None:
    published.publish(make_list(ISSUING, at=NOW - DAY, lasts=DAY + timedelta(seconds=5)))

    refreshed()

    assert source().next_try_at == NOW + timedelta(minutes=5)


def test_what_is_not_due_is_left_alone(published: Published) -> None:
    refreshed()
    refreshed(NOW + HOUR)

    assert published.server.asked == ["/issuing.crl"]


def test_all_of_them_are_fetched_on_demand(published: Published) -> None:
    refreshed()

    refresh_all(now=NOW + HOUR)

    assert len(published.server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (status(404), "download.status"),
        (redirect("http://127.0.0.1/"), "download.redirect"),
        (announced(50 * 1024**2), "download.too_large"),
        (body(b"garbage"), "revocation.unreadable"),
        (body(der_of(make_list(make_authority("X"), at=NOW))), "revocation.issuer_unknown"),
        (
            body(der_of(make_list(make_authority("Practice Issuing CA"), at=NOW))),
            "revocation.bad_signature",
        ),
        (body(der_of(make_list(ISSUING, at=NOW - 8 * DAY))), "revocation.stale"),
        (body(der_of(make_list(ISSUING, at=NOW - 3 * DAY))), "revocation.older"),
    ],
)
def test_a_failure_keeps_the_list_and_tells_its_reason(
    published: Published, answer: Answer, code: str
) -> None:
    published.publish(make_list(ISSUING, at=NOW - 2 * DAY))
    refreshed(NOW - 2 * DAY)
    kept = RevocationList.objects.get().fingerprint
    published.server.serve("/issuing.crl", answer)

    result = refreshed()

    assert result.errors == {published.url: code}
    assert RevocationList.objects.get().fingerprint == kept
    assert (source().error_code, source().failing_since, source().failures) == (code, NOW, 1)
    assert source().last_fetched_at == NOW - 2 * DAY


def test_after_a_failure_the_pauses_grow_from_an_hour_to_a_day(published: Published) -> None:
    published.server.serve("/issuing.crl", status(503))
    now, pauses = NOW, []

    for _ in range(8):
        refreshed(now)
        pauses.append(source().next_try_at - now)
        now = source().next_try_at

    assert HOUR * 0.9 <= pauses[0] <= HOUR
    assert pauses == sorted(pauses[:5]) + pauses[5:]
    assert all(DAY * 0.9 <= pause <= DAY for pause in pauses[5:])
    assert (source().failures, source().failing_since) == (8, NOW)


@pytest.mark.parametrize(
    ("lasts", "failures", "longest"),
    [
        (3 * HOUR, 2, 2 * HOUR),
        (HOUR + timedelta(minutes=1), 0, timedelta(minutes=5)),
        (HOUR, 5, HOUR),
        (timedelta(minutes=30), 9, HOUR),
    ],
    ids=["before the end", "at the end", "just past it", "long past it"],
)
def test_after_a_failure_it_waits_no_longer_than_the_list_is_good(
    published: Published, lasts: timedelta, failures: int, longest: timedelta
) -> None:
    """And no more than an hour once it is too old."""
    published.publish(make_list(ISSUING, at=NOW, lasts=lasts))
    refreshed()
    published.server.serve("/issuing.crl", status(503))
    RevocationSource.objects.update(failures=failures, next_try_at=NOW)

    refresh_due(now=NOW + HOUR)

    pause = source().next_try_at - (NOW + HOUR)
    assert min(longest * 0.9, timedelta(minutes=5)) <= pause <= longest


def test_hosts_that_are_not_on_the_list_take_nobodys_turn(
    published: Published,
) -> None:
    """Whoever makes a certificate may write hundreds of addresses into it."""
    sync_sources(now=NOW)
    RevocationSource.objects.bulk_create(
        [
            RevocationSource(url=f"http://h{number}.example/a.crl", next_try_at=NOW - DAY)
            for number in range(MOST_IN_A_RUN + 5)
        ]
    )

    result = refresh_due(now=NOW)

    assert list(result.lists) == [published.url]
    assert set(result.errors.values()) == {"download.host_not_allowed"}


def test_a_success_ends_the_trouble(published: Published) -> None:
    published.server.serve("/issuing.crl", status(503))
    refreshed()
    published.publish(make_list(ISSUING, at=NOW))

    refreshed(NOW + 2 * HOUR)

    assert (source().error_code, source().failures, source().failing_since) == ("", 0, None)


def test_a_host_that_is_not_on_the_list_is_told_and_not_asked(
    published: Published, settings: Settings
) -> None:
    settings.REVOCATION_HOSTS = [".pki.vlaanderen.be"]

    assert refreshed().errors == {published.url: "download.host_not_allowed"}
    assert published.server.asked == []


def test_lists_come_through_the_proxy_that_is_set(published: Published, settings: Settings) -> None:
    settings.REVOCATION_PROXY = published.server.url("")

    assert refreshed().errors == {}
    assert published.server.asked == [published.url]


def test_of_two_runs_that_see_the_same_source_one_claims_it(published: Published) -> None:
    sync_sources(now=NOW)
    seen_by_both = source()

    claims = [_claim(seen_by_both, now=NOW) for _ in range(2)]

    assert claims == [True, False]


def test_a_run_that_died_delays_a_list_by_a_quarter_of_an_hour(published: Published) -> None:
    sync_sources(now=NOW)
    RevocationSource.objects.update(next_try_at=NOW + timedelta(minutes=15))

    assert refresh_due(now=NOW + timedelta(minutes=14)).lists == {}
    assert len(refresh_due(now=NOW + timedelta(minutes=15)).lists) == 1


def test_a_run_takes_up_no_more_than_it_can_do(server: ListServer, anchored: None) -> None:
    urls = [server.url(f"/{number}.crl") for number in range(MOST_IN_A_RUN + 5)]
    RevocationSource.objects.bulk_create(
        [RevocationSource(url=url, next_try_at=NOW - DAY) for url in urls]
    )

    assert len(refresh_due(now=NOW).errors) == MOST_IN_A_RUN
    assert len(refresh_due(now=NOW).errors) == 5


def test_slow_servers_are_waited_for_together(server: ListServer, anchored: None) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.5)
        handler.send_error(503)

    for number in range(8):
        RevocationSource.objects.create(url=server.serve(f"/{number}.crl", slow), next_try_at=NOW)
    begin = time.monotonic()

    assert len(refresh_due(now=NOW).errors) == 8
    assert time.monotonic() - begin < 2
