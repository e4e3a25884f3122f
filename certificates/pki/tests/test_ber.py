"""The BER reader: values it must read, and bytes it must refuse."""

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from certificates.pki.ber import OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, BERError, Element, read


@pytest.mark.parametrize(
    ("octets", "dotted"),
    [
        ("060B 2A864886F70D010C0A0102", "1.2.840.113549.1.12.10.1.2"),
        ("0609 608648016503040102", "2.16.840.1.101.3.4.1.2"),
        ("0603 883703", "2.999.3"),
    ],
)
def test_it_reads_object_identifiers(octets: str, dotted: str) -> None:
    assert read(bytes.fromhex(octets)).identifier() == dotted


@pytest.mark.parametrize("contents", [b"", b"\x2a\x86", b"\x2a" * 65], ids=len)
def test_it_refuses_an_object_identifier_that_is_empty_cut_or_endless(contents: bytes) -> None:
    with pytest.raises(BERError):
        Element(OBJECT_IDENTIFIER, contents).identifier()


def test_it_reads_a_long_length() -> None:
    assert read(b"\x04\x82\x01\x00" + bytes(256)) == Element(OCTET_STRING, bytes(256))


def test_it_reads_an_indefinite_length_within_another() -> None:
    outer = read(bytes.fromhex("3080 3080 020103 0000 020105 0000"))

    inner, last = outer.children()
    assert (outer.tag, inner.children()[0].integer(), last.integer()) == (SEQUENCE, 3, 5)


def test_it_joins_an_octet_string_in_pieces() -> None:
    assert read(bytes.fromhex("2480 0402AABB 0401CC 0000")).string() == b"\xaa\xbb\xcc"


@pytest.mark.parametrize(
    ("octets", "written"),
    [
        ("3080 020103 0000", "3003 020103"),
        ("3080 2480 0402AABB 0401CC 0000 0500 0000", "3007 0403AABBCC 0500"),
        ("A080 3080 0000 0000", "A002 3000"),
    ],
)
def test_it_writes_as_der_what_came_in_indefinite_lengths(octets: str, written: str) -> None:
    assert read(bytes.fromhex(octets)).encoded() == bytes.fromhex(written)


@pytest.mark.parametrize("length", [0, 127, 128, 255, 256, 70_000])
def test_it_writes_lengths_as_they_are_read(length: int) -> None:
    element = Element(OCTET_STRING, bytes(length))

    assert read(element.encoded()) == element


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "30",
        "3005 0201",
        "3082",
        "3080 020103",
        "0480 0000",
        "1F8101 00",
        "3080" * 40 + "0000" * 40,
    ],
)
def test_it_refuses_what_is_cut_short_or_nested_without_end(octets: str) -> None:
    with pytest.raises(BERError):
        read(bytes.fromhex(octets))


@given(st.binary(max_size=200))
@example(bytes.fromhex("30030401AA"))
def test_it_raises_nothing_else_whatever_the_bytes(octets: bytes) -> None:
    with contextlib.suppress(BERError):
        for child in read(octets).children():
            child.string()
