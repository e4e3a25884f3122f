"""Fetch the lists that are due, several at once and never in the way of a transfer."""

import logging
import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet

from certificates.downloads import DownloadError, Rules, check_address, fetch
from certificates.errors import CertificateError
from certificates.models import RevocationList, RevocationSource
from certificates.pki import LARGEST_LIST, PKIError
from certificates.services.actors import PORTAL
from certificates.services.revocation.lists import accept_list
from certificates.services.revocation.sources import REMEMBERED

logger = logging.getLogger(__name__)

AT_ONCE = 8
"""Downloads; each may hold a list of 20 MiB in memory."""
MOST_IN_A_RUN = 40
"""At 60 seconds for the slowest of each eight a run ends before the next but one begins."""
CLAIM = timedelta(minutes=15)
"""For so long no other run takes up a source; a run that dies delays it by no more."""
SHORTEST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
FIRST_WAIT_AFTER_FAILURE = timedelta(hours=1)


@dataclass(slots=True)
class Refreshed:
    """What came of a run: the lists that are here now, and the code of each failure."""

    lists: dict[str, RevocationList] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def refresh_due(*, now: datetime) -> Refreshed:
    """Fetch what is due, at most MOST_IN_A_RUN lists; two runs at once share the work.

    What nothing has named for long is not fetched any more: its list may come to its end.
    """
    due = RevocationSource.objects.filter(next_try_at__lte=now)
    return _refresh(due.exclude(unnamed_since__lte=now - REMEMBERED), now=now)


def refresh_all(*, now: datetime) -> Refreshed:
    """Fetch every list, due or not, but those that another run fetches just now."""
    return _refresh(RevocationSource.objects.all(), now=now, most=RevocationSource.objects.count())


def _refresh(
    due: QuerySet[RevocationSource], *, now: datetime, most: int = MOST_IN_A_RUN
) -> Refreshed:
    """Go through the due sources in handfuls, so that few lists are in memory at once."""
    result = Refreshed()
    waiting = _allowed(due.order_by("next_try_at", "pk"), result, now=now)[:most]
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        for start in range(0, len(waiting), AT_ONCE):
            handful = [one for one in waiting[start : start + AT_ONCE] if _claim(one, now=now)]
            fetched = pool.map(_fetch, [source.url for source in handful])
            for source, outcome in zip(handful, fetched, strict=True):
                _take(source, outcome, result, now=now)
    return result


def _allowed(
    due: Iterable[RevocationSource], result: Refreshed, *, now: datetime
) -> list[RevocationSource]:
    """Return those that may be asked; of the others it is noted, and they take nobody's turn.

    Whoever makes a certificate may write hundreds of addresses into it.
    """
    allowed, hosts = [], _hosts()
    for source in due:
        try:
            check_address(source.url, hosts)
        except DownloadError as exc:
            _note_failure(source, exc.code, now=now)
            result.errors[source.url] = exc.code
        else:
            allowed.append(source)
    return allowed


def _hosts() -> list[str]:
    return [host.lower() for host in settings.REVOCATION_HOSTS]


def _claim(source: RevocationSource, *, now: datetime) -> bool:
    """Set the next try to a while from now, in one statement; only one run can do so."""
    seen = RevocationSource.objects.filter(pk=source.pk, next_try_at=source.next_try_at)
    return bool(seen.update(next_try_at=now + CLAIM, last_tried_at=now))


def _fetch(url: str) -> bytes | DownloadError:
    """Download in a thread of the pool: here nothing touches the database."""
    rules = Rules(
        hosts=_hosts(),
        proxy=settings.REVOCATION_PROXY,
        limit=LARGEST_LIST,
    )
    try:
        return fetch(url, rules)
    except DownloadError as exc:
        return exc


def _take(
    source: RevocationSource, outcome: bytes | DownloadError, result: Refreshed, *, now: datetime
) -> None:
    try:
        if isinstance(outcome, DownloadError):
            raise outcome
        revocation_list = accept_list(outcome, source=source, actor=PORTAL, now=now)
    except (DownloadError, PKIError, CertificateError) as exc:
        logger.warning("The revocation list at %s: %s [%s]", source.url, exc, exc.code)
        _note_failure(source, exc.code, now=now)
        result.errors[source.url] = exc.code
    else:
        _note_success(source, revocation_list, now=now)
        result.lists[source.url] = revocation_list


def _note_success(
    source: RevocationSource, revocation_list: RevocationList, *, now: datetime
) -> None:
    RevocationSource.objects.filter(pk=source.pk).update(
        next_try_at=now + _wait(revocation_list, now=now),
        last_fetched_at=now,
        error_code="",
        failures=0,
        failing_since=None,
    )


def _note_failure(source: RevocationSource, code: str, *, now: datetime) -> None:
    """Wait an hour, then twice as long each time, up to a day. What is here stays in use."""
    doubled = FIRST_WAIT_AFTER_FAILURE * 2 ** min(source.failures, 10)
    wait = min(doubled, LONGEST_WAIT, _longest_wait_for_next(source, now=now))
    RevocationSource.objects.filter(pk=source.pk).update(
        next_try_at=now + max(_spread(wait), SHORTEST_WAIT),
        error_code=code,
        failures=F("failures") + 1,
        failing_since=source.failing_since or now,
    )


def _longest_wait_for_next(source: RevocationSource, *, now: datetime) -> timedelta:
    """Return how long a source may be left alone so that its list does not become too old.

    Once it is too old each hour counts.
    """
    lists = RevocationList.objects.filter(source=source).values_list("next_update", flat=True)
    end = lists.first()
    if end is None:
        return LONGEST_WAIT
    return max(end - now, SHORTEST_WAIT) if end > now else FIRST_WAIT_AFTER_FAILURE


def _wait(revocation_list: RevocationList, *, now: datetime) -> timedelta:
    """Return how long to wait: somewhat less than until the next list, and than a day."""
    until_next = (revocation_list.next_update or now) - now
    return max(_spread(min(until_next, LONGEST_WAIT)), SHORTEST_WAIT)


def _spread(wait: timedelta) -> timedelta:
    """Shorten a wait by up to a tenth, so that not all lists are fetched at the same moment."""
    return wait * (1 - random.random() / 10)  # noqa: S311  # spreads load, guards nothing
