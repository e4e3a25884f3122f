from datetime import UTC, datetime

import pytest
from django.utils import translation
from django.utils.functional import Promise

from certificates.advice import advice_for, advice_on, has_advice
from certificates.advice.revocation import FEATURES
from certificates.downloads import DownloadCode
from certificates.errors import CertificateCode
from certificates.pki import (
    ERROR_CODES,
    CommonNameError,
    ErrorCode,
    ExpiredError,
    ListFeature,
    ParseError,
    PasswordError,
    RevocationError,
)

CODES = sorted(ERROR_CODES | set(CertificateCode) | set(DownloadCode))


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_two_sentences_of_its_own(code: str) -> None:
    advice = advice_for(code)

    assert has_advice(code)
    assert str(advice.what).endswith(".")
    assert str(advice.next).endswith(".")


def test_a_code_that_is_not_ours_gets_a_general_advice() -> None:
    assert not has_advice("no.such")
    assert str(advice_for("no.such").what)


def test_an_error_fills_in_its_names_even_when_they_hold_braces() -> None:
    error = CommonNameError(
        "x", code=ErrorCode.CERTIFICATE_COMMON_NAME, expected="kb/a {b}", found="kb/c"
    )

    with translation.override("en"):
        assert "“kb/c” and should be for “kb/a {b}”" in str(advice_on(error).what)


def test_an_error_fills_in_a_moment_in_local_time() -> None:
    moment = datetime(2026, 6, 1, 12, tzinfo=UTC).isoformat()
    error = ExpiredError("x", code=ErrorCode.CERTIFICATE_EXPIRED, subject="CN=x", not_after=moment)

    with translation.override("en"):
        what = str(advice_on(error).what)

    assert what.endswith("valid until 1 June 2026 14:00:00.")


@pytest.mark.parametrize("feature", list(ListFeature))
def test_what_a_list_holds_that_is_not_taken_has_a_name(feature: ListFeature) -> None:
    error = RevocationError(
        "x", code=ErrorCode.REVOCATION_UNSUPPORTED, feature=feature, oid="1.2.3.4"
    )

    with translation.override("en"):
        what = str(advice_on(error).what)
        name = str(FEATURES[feature]).format(oid="1.2.3.4")

    assert what.endswith(f"It holds {name}.")
    assert isinstance(FEATURES[feature], Promise)
    assert ("1.2.3.4" in name) is (feature is ListFeature.UNKNOWN_EXTENSION)


@pytest.mark.parametrize(
    "error",
    [
        PasswordError("x", code=ErrorCode.PKCS12_WRONG_PASSWORD),
        ParseError("x", code=ErrorCode.PKCS12_UNSUPPORTED),
    ],
)
def test_an_error_without_words_gets_the_plain_advice(error: ParseError | PasswordError) -> None:
    assert advice_on(error) == advice_for(error.code)
