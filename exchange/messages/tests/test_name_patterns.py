import time

import pytest

from exchange.messages import PATTERN_ERROR_CODES, NamePattern, PatternError


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("vraag.xml", "vraag.xml"),
        ("GeefPersoon_*.xml", "geefpersoon_.XML"),
        ("GeefPersoon_*.xml", "GeefPersoon_2025_a.xml"),
        ("*", "anything at all.csv"),
        ("*.xml", "a.xml.xml"),
        ("vraag_##.xml", "vraag_07.xml"),
        ("vraag_{date}.xml", "vraag_20240229.xml"),
        (
            "persoon.publiceermutatiepersoon-0202_{timestamp}*.xml",
            "persoon.publiceermutatiepersoon-0202_20251020140253552test.xml",
        ),
        ("Persoon.X_{timestamp}.xml", "Persoon.X_20220615091525.xml"),
        ("{DATE}#", "202401011"),
        ("STRASSE.xml", "straße.xml"),
    ],
)
def test_a_name_of_that_form_fits(pattern: str, name: str) -> None:
    assert NamePattern(pattern).matches(name)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("vraag.xml", "vraagxxml"),
        ("vraag.xml", "vraag.xml.tmp"),
        ("vraag.xml", "een vraag.xml"),
        ("vraag_#.xml", "vraag_x.xml"),
        ("vraag_#.xml", "vraag_12.xml"),
        ("vraag_#.xml", "vraag_٣.xml"),
        ("vraag_{date}.xml", "vraag_20230229.xml"),
        ("vraag_{date}.xml", "vraag_2024010.xml"),
        ("{timestamp}.xml", "202401011200000.xml"),
        ("{timestamp}.xml", "20240101250000.xml"),
        ("*.xml", "xml"),
        ("*", "x" * 1001),
    ],
)
def test_another_name_does_not_fit(pattern: str, name: str) -> None:
    assert not NamePattern(pattern).matches(name)


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("", "pattern.empty"),
        ("  ", "pattern.empty"),
        ("x" * 201, "pattern.too_long"),
        ("map/*.xml", "pattern.character"),
        ("a\\b", "pattern.character"),
        ("a\u202eb", "pattern.character"),
        ("{day}.xml", "pattern.word"),
        ("{date.xml", "pattern.word"),
        ("date}.xml", "pattern.word"),
        ("{}", "pattern.word"),
    ],
)
def test_a_text_that_is_no_pattern_is_refused(pattern: str, code: str) -> None:
    with pytest.raises(PatternError) as caught:
        NamePattern(pattern)

    assert caught.value.code == code
    assert code in PATTERN_ERROR_CODES


@pytest.mark.parametrize("pattern", ["*a" * 100, "*" * 200, "*#" * 100, "*{timestamp}" * 15])
@pytest.mark.parametrize("name", ["a" * 999 + "b", "1" * 999 + "b"])
def test_no_pattern_takes_long(pattern: str, name: str) -> None:
    """An expression of such asterisks would be tried in more ways than a life has seconds."""
    begun = time.process_time()

    NamePattern(pattern).matches(name)

    assert time.process_time() - begun < 5
