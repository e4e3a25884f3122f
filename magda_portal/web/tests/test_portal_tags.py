from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from magda_portal.web.templatetags.portal import (
    SIGNS,
    badge,
    day,
    fingerprint,
    moment,
    short_fingerprint,
)

SUMMER = datetime(2026, 7, 1, 10, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize("tone", SIGNS)
def test_a_badge_has_a_sign_and_a_word_beside_its_colour(tone: str) -> None:
    shown = badge(tone, "sent <b>")

    assert f'aria-hidden="true">{SIGNS[tone]}</span>sent &lt;b&gt;</span>' in shown


def test_no_two_tones_share_a_sign() -> None:
    assert len(set(SIGNS.values())) == len(SIGNS)


def test_a_moment_is_shown_in_local_time_and_in_words() -> None:
    with translation.override("nl"):
        shown = moment(SUMMER)

    assert shown == '<time datetime="2026-07-01T12:30:05+02:00">1 jul 2026 12:30:05</time>'


def test_no_moment_is_a_dash() -> None:
    assert moment(None) == "—"


def test_the_day_of_a_moment_is_the_one_on_which_people_see_it() -> None:
    with translation.override("nl"):
        shown = day(datetime(2026, 11, 21, 23, 30, tzinfo=UTC))

    assert shown == '<time datetime="2026-11-22">22 nov 2026</time>'


def test_a_day_is_shown_in_words() -> None:
    with translation.override("en"):
        shown = day(date(2026, 3, 4))

    assert shown == '<time datetime="2026-03-04">4 March 2026</time>'


def test_a_fingerprint_is_shown_in_pairs() -> None:
    assert fingerprint("00ab1f") == "00:AB:1F"


def test_a_short_fingerprint_tells_that_there_is_more() -> None:
    assert short_fingerprint("ab" * 32) == "AB:AB:AB:AB:AB:AB:AB:AB…"
    assert short_fingerprint("ab" * 8) == "AB:AB:AB:AB:AB:AB:AB:AB"
