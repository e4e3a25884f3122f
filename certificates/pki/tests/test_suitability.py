"""What keeps one from logging in with a certificate."""

from datetime import datetime, timedelta

import pytest

from certificates.pki import (
    CommonNameError,
    ErrorCode,
    ExpiredError,
    KeyBundle,
    KeyMismatchError,
    NotYetValidError,
    UsageError,
    WeakKeyError,
    check_client_certificate,
)
from certificates.tests.builders import (
    COMMON_NAME,
    NOON,
    SERVER_AUTH,
    Issued,
    make_authority,
    make_client,
    make_key,
    rsa_key,
)

SECOND = timedelta(seconds=1)


def check(issued: Issued, *, at: datetime = NOON) -> None:
    check_client_certificate(issued.bundle(), common_name=COMMON_NAME, at=at)


def test_a_good_certificate_passes() -> None:
    check(make_client(issuer=make_authority()))


@pytest.mark.parametrize("name", [COMMON_NAME.upper(), COMMON_NAME + " ", "kb.vlaanderen.be/aiv"])
def test_another_common_name_is_refused_and_both_are_named(name: str) -> None:
    with pytest.raises(CommonNameError) as caught:
        check(make_client(name))

    assert caught.value.context == {"expected": COMMON_NAME, "found": name}
    assert repr(COMMON_NAME) in str(caught.value)
    assert repr(name) in str(caught.value)


def test_a_key_that_does_not_belong_is_refused() -> None:
    client, other = make_client().bundle(), make_client().bundle()
    mixed = KeyBundle(other.private_key_pem, client.certificate_pem, b"")

    with pytest.raises(KeyMismatchError):
        check_client_certificate(mixed, common_name=COMMON_NAME, at=NOON)


def test_a_weak_key_is_refused() -> None:
    with pytest.raises(WeakKeyError):
        check(make_client(key=rsa_key(1024)))


def test_a_server_certificate_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        check(make_client(purposes=SERVER_AUTH))

    assert caught.value.code == ErrorCode.CERTIFICATE_NOT_FOR_CLIENTS


def test_an_authority_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        check(make_authority(COMMON_NAME, issuer=make_authority()))

    assert caught.value.code == ErrorCode.CERTIFICATE_IS_AUTHORITY


def test_the_period_includes_both_its_ends() -> None:
    client = make_client(not_before=NOON, not_after=NOON + timedelta(days=1), key=make_key())

    check(client, at=NOON)
    check(client, at=NOON + timedelta(days=1))
    with pytest.raises(NotYetValidError) as early:
        check(client, at=NOON - SECOND)
    with pytest.raises(ExpiredError) as late:
        check(client, at=NOON + timedelta(days=1) + SECOND)

    assert early.value.context["not_before"] == "2026-06-01T12:00:00+00:00"
    assert late.value.context["not_after"] == "2026-06-02T12:00:00+00:00"
