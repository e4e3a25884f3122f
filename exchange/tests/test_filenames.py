import unicodedata
from datetime import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exchange.filenames import (
    ERROR_CODES,
    MAX_SHOWN_LENGTH,
    FileNameError,
    MAGDAName,
    check_final_name,
    parse_name,
    shown,
    shown_path,
)

ANY_NAME = st.text(st.characters(exclude_categories=()), max_size=300)


def refusal(name: str) -> str | None:
    try:
        check_final_name(name)
    except FileNameError as exc:
        return exc.code
    return None


@pytest.mark.parametrize(
    ("name", "prefix", "tail"),
    [
        (
            "persoon.publiceermutatiegezinssamenstelling-0202_20190324155516000.xml",
            "persoon.publiceermutatiegezinssamenstelling-0202",
            "",
        ),
        (
            "Persoon.PubliceerInwonersPerAdres_20220615091525.xml",
            "Persoon.PubliceerInwonersPerAdres",
            "",
        ),
        ("PBWD_20140224155516000.xml", "PBWD", ""),
        ("pub_mut_klanten-functies0200_20240322043924000.csv", "pub_mut_klanten-functies0200", ""),
        (
            "persoon.publiceermutatiepersoon-0202_20251020140253552test.xml",
            "persoon.publiceermutatiepersoon-0202",
            "test",
        ),
    ],
)
def test_it_reads_the_published_examples(name: str, prefix: str, tail: str) -> None:
    parsed = parse_name(name)

    assert parsed is not None
    assert (parsed.prefix, parsed.tail) == (prefix, tail)
    assert parsed.moment is not None
    assert f"{parsed.prefix}_{parsed.timestamp}{parsed.tail}.{parsed.extension}" == name


def test_it_reads_every_part() -> None:
    assert parse_name("pub_mut_20240417031451123Test.XML") == MAGDAName(
        prefix="pub_mut",
        timestamp="20240417031451123",
        moment=datetime(2024, 4, 17, 3, 14, 51, 123_000),  # noqa: DTZ001 - MAGDA states no time zone.
        tail="Test",
        extension="xml",
    )


def test_a_timestamp_that_is_no_date_has_no_moment() -> None:
    parsed = parse_name("PBWD_20249999999999.xml")

    assert parsed is not None
    assert parsed.timestamp == "20249999999999"
    assert parsed.moment is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "verslag.pdf",
        "Pub_PubliceerOndernemingVKBO_20240219.csv",
        "pub_mut-ondernemingVKBO0200_2025100188888888.csv",
        "PBWD_20140224155516000.xml.tmp",
        "PBWD_20140224155516000.xml\n",
        "PBWD_٢٠١٤٠٢٢٤١٥٥٥١٦.xml",
    ],
)
def test_other_names_are_left_unread(name: str) -> None:
    assert parse_name(name) is None


@settings(deadline=None)
@given(ANY_NAME)
def test_any_name_can_be_parsed(name: str) -> None:
    parsed = parse_name(name)

    assert parsed is None or name.startswith(parsed.prefix)


@pytest.mark.parametrize(
    "name",
    [
        "PBWD_20140224155516000.xml",
        "Vraag over José (kopie) 2.xml",
        "één bestand.csv",
        "zonder-extensie",
        "a.tmp.xml",
        "a..b",
        "問い合わせ.xml",
        "x" * 200,
        "é" * 100,
    ],
)
def test_an_ordinary_name_passes(name: str) -> None:
    assert refusal(name) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "name.empty"),
        ("  \t", "name.empty"),
        ("../x.xml", "name.separator"),
        ("map/x.xml", "name.separator"),
        ("C:\\x.xml", "name.separator"),
        ("x\r\nDELE y", "name.control_character"),
        ("x\x00.xml", "name.control_character"),
        ("x\x7f", "name.control_character"),
        ("x\x85", "name.control_character"),
        ("x\u2028y", "name.control_character"),
        ("lmx.\u202exml", "name.control_character"),
        ("x\u200b.xml", "name.control_character"),
        (".", "name.dots"),
        ("..", "name.dots"),
        (".verborgen.xml", "name.dots"),
        ("x.xml.tmp", "name.temporary_suffix"),
        ("x.TMP", "name.temporary_suffix"),
        (" x.xml", "name.outer_space"),
        ("x.xml ", "name.outer_space"),
        ("x.xml\u00a0", "name.outer_space"),
        ("x" * 201, "name.too_long"),
        ("é" * 101, "name.too_long"),
        ("x\udcff.xml", "name.surrogates"),
    ],
)
def test_a_name_that_does_harm_is_refused(name: str, code: str) -> None:
    assert refusal(name) == code


def test_every_code_is_listed() -> None:
    assert {
        "name.empty",
        "name.separator",
        "name.control_character",
        "name.too_long",
        "name.temporary_suffix",
        "name.dots",
        "name.outer_space",
        "name.surrogates",
    } == ERROR_CODES


@settings(deadline=None)
@given(ANY_NAME)
@example("a/b")
@example("a\nb")
@example("\u2029")
def test_no_name_that_passes_can_do_harm(name: str) -> None:
    if refusal(name) is not None:
        return

    assert 0 < len(name.encode()) <= 200
    assert not set(name) & set("/\\\r\n\0")
    assert not {unicodedata.category(each) for each in name} & {"Cc", "Cf", "Zl", "Zp", "Cs"}
    assert len(name.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Vraag over José.xml", "Vraag over José.xml"),
        ("../../etc/passwd", "..\\x2f..\\x2fetc\\x2fpasswd"),
        ("a\\x2fb", "a\\x5cx2fb"),
        ("a\r\nb\x1b[31m", "a\\x0d\\x0ab\\x1b[31m"),
        ("lmx.\u202ecod", "lmx.\\u202ecod"),
        ("a\u00a0b\u3000c", "a\\xa0b\\u3000c"),
        (b"caf\xe9.xml".decode(errors="surrogateescape"), "caf\\xe9.xml"),
        ("\ud800\U000e0001", "\\ud800\\U000e0001"),
    ],
)
def test_a_strange_name_is_shown_escaped(name: str, expected: str) -> None:
    assert shown(name) == expected


@pytest.mark.parametrize("length", [121, 240, 241, 100_000])
def test_a_long_name_keeps_its_beginning_and_its_end(length: int) -> None:
    text = shown("begin" + "x" * (length - 9) + ".xml")

    assert len(text) == MAX_SHOWN_LENGTH
    assert text.startswith("beginx")
    assert "x…x" in text
    assert text.endswith("x.xml")


@settings(deadline=None)
@given(ANY_NAME)
def test_what_is_shown_is_short_and_printable(name: str) -> None:
    text = shown(name)

    assert len(text) <= MAX_SHOWN_LENGTH
    assert text.isprintable()
    assert "/" not in text


@pytest.mark.parametrize(
    ("path", "as_shown"),
    [
        ("cache/from_vip/antwoord.xml", "cache/from_vip/antwoord.xml"),
        ("from_vip/red\x1b[31m.xml", r"from_vip/red\x1b[31m.xml"),
        ("to_vip/a\\b.xml", r"to_vip/a\x5cb.xml"),
        ("", ""),
    ],
)
def test_a_path_is_shown_with_its_folders_as_they_are(path: str, as_shown: str) -> None:
    assert shown_path(path) == as_shown
