"""What may stand in the subject of a certificate."""

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from certificates.pki import COMMON_NAME_LIMIT, ErrorCode, SubjectError, SubjectName, check_subject
from certificates.pki.subjects import build_name
from certificates.tests.builders import COMMON_NAME

FULL = SubjectName(
    common_name=COMMON_NAME,
    country="BE",
    state="Oost-Vlaanderen",
    locality="Liège",
    organisation="Gemeente Voorbeeld, dienst A + B",
    organisational_unit="ICT/Beheer",
    email="ict@voorbeeld.example",
)


def test_a_name_holds_the_fields_from_wide_to_narrow() -> None:
    name = build_name(FULL)

    assert [attribute.value for attribute in name] == [
        "BE",
        "Oost-Vlaanderen",
        "Liège",
        "Gemeente Voorbeeld, dienst A + B",
        "ICT/Beheer",
        COMMON_NAME,
        "ict@voorbeeld.example",
    ]


def test_fields_are_written_as_the_kinds_of_string_that_belong_to_them() -> None:
    der = build_name(FULL).public_bytes()

    assert b"\x13\x02BE" in der
    assert b"\x16\x15ict@voorbeeld.example" in der
    assert b"\x0c" + bytes([len("Liège".encode())]) + "Liège".encode() in der


def test_an_empty_field_is_left_out() -> None:
    name = build_name(SubjectName(common_name="kb"))

    assert name == x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kb")])


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("state", 128),
        ("locality", 128),
        ("organisation", 64),
        ("organisational_unit", 64),
    ],
)
def test_a_field_has_the_length_that_rfc_5280_allows(field: str, limit: int) -> None:
    check_subject(replace(FULL, **{field: "é" * limit}))

    with pytest.raises(SubjectError) as caught:
        check_subject(replace(FULL, **{field: "é" * (limit + 1)}))

    assert caught.value.code == ErrorCode.SUBJECT_TOO_LONG
    assert caught.value.context == {"field": field, "limit": str(limit)}


def test_an_address_may_have_255_characters() -> None:
    check_subject(replace(FULL, email="a" * 253 + "@b"))
    with pytest.raises(SubjectError):
        check_subject(replace(FULL, email="a" * 254 + "@b"))


@pytest.mark.parametrize("longest", ["c" * COMMON_NAME_LIMIT, "é" * (COMMON_NAME_LIMIT // 2)])
def test_a_common_name_that_is_too_long_is_refused_with_the_reason(longest: str) -> None:
    check_subject(SubjectName(common_name=longest))
    build_name(SubjectName(common_name=longest))

    with pytest.raises(SubjectError, match="user name") as caught:
        check_subject(SubjectName(common_name=longest + "x"))

    assert caught.value.code == ErrorCode.SUBJECT_COMMON_NAME_TOO_LONG
    assert caught.value.context["found"] == "65"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("common_name", ""),
        ("common_name", "kb\0x"),
        ("organisation", "a\nb"),
        ("locality", "\ud800"),
        ("email", "ïct@voorbeeld.example"),
        ("email", "ict"),
        ("email", "@voorbeeld.example"),
        ("email", "a b@voorbeeld.example"),
    ],
)
def test_it_refuses_what_no_certificate_should_hold(field: str, value: str) -> None:
    with pytest.raises(SubjectError) as caught:
        check_subject(replace(FULL, **{field: value}))

    assert caught.value.code == ErrorCode.SUBJECT_CHARACTERS
    assert caught.value.context == {"field": field}


def test_it_refuses_an_unknown_country() -> None:
    with pytest.raises(SubjectError) as caught:
        build_name(replace(FULL, country="XK"))

    assert caught.value.code == ErrorCode.SUBJECT_COUNTRY
