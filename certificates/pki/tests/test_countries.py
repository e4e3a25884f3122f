"""Country codes of ISO 3166-1, checked once against Debian's iso-codes 4.15."""

import pytest

from certificates.pki import COUNTRY_CODES, ErrorCode, SubjectError, check_country
from certificates.pki.countries import ASSIGNED_CODES, EXCEPTIONALLY_RESERVED_CODES


def test_there_are_249_assigned_and_13_reserved_codes() -> None:
    assert len(ASSIGNED_CODES) == 249
    assert len(EXCEPTIONALLY_RESERVED_CODES) == 13
    assert len(COUNTRY_CODES) == 262
    assert all(len(code) == 2 and code.isupper() and code.isascii() for code in COUNTRY_CODES)


@pytest.mark.parametrize("code", ["BE", "NL", "AX", "BQ", "CW", "SS", "SX", "TL", "UM", "ZW"])
def test_it_accepts_assigned_codes(code: str) -> None:
    check_country(code)


@pytest.mark.parametrize("code", sorted(EXCEPTIONALLY_RESERVED_CODES))
def test_it_accepts_what_is_exceptionally_reserved(code: str) -> None:
    check_country(code)


@pytest.mark.parametrize(
    "code", ["XK", "ZZ", "AA", "QM", "AN", "YU", "TP", "DD", "be", "B", "BEL", "", "B ", "32"]
)
def test_it_refuses_other_codes(code: str) -> None:
    with pytest.raises(SubjectError) as caught:
        check_country(code)

    assert caught.value.code == ErrorCode.SUBJECT_COUNTRY
    assert caught.value.context == {"field": "country", "found": code}
