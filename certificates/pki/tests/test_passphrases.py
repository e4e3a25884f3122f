"""Passphrases made here, and those that people bring."""

import pytest

from certificates.pki import ErrorCode, WeakPassphraseError, check_passphrase, make_passphrase
from certificates.pki.passphrases import MINIMUM_BITS, estimate_bits
from certificates.tests.builders import COMMON_NAME

NAMES = [COMMON_NAME, "Gemeente Voorbeeld", ""]


def test_a_passphrase_made_here_is_long_random_and_readable() -> None:
    made = [make_passphrase() for _ in range(200)]

    assert len(set(made)) == 200
    assert all(len(one) == 29 and one.count("-") == 5 for one in made)
    characters = set("".join(made)) - {"-"}
    assert characters.isdisjoint("ilo01IOL")
    assert len(characters) == 31


def test_a_passphrase_made_here_is_strong_enough() -> None:
    for _ in range(200):
        check_passphrase(make_passphrase(), names=NAMES)


@pytest.mark.parametrize(
    "passphrase",
    ["xK9$mQ2v!bT7&wLp", "paard lepel kaars tunnel herkauw", "Fk4 Qm8 zT2 pW6 vR9", "Ry7%" * 999],
)
def test_it_accepts_long_and_random_passphrases(passphrase: str) -> None:
    strange = passphrase if len(passphrase) < 99 else make_passphrase() + passphrase

    check_passphrase(strange, names=NAMES)


@pytest.mark.parametrize(
    "passphrase",
    [
        "Wachtwoord12345678",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "a1a1a1a1a1a1a1a1a1a1a1a1",
        "12345678901234567890",
        "qwertyuiopasdfghjkl1",
        "POIUYTREZAMLKJHGFDSQ",
        "P@ssw0rdP@ssw0rd2026",
        "kb.vlaanderen.be/aiv1!",
        "G3m33nt3 V00rb33ld 2026!",
        "Tr0ub4dor&3Tr0ub4dor&3",
        "correct horse battery staple",
        "9481672053948167",
    ],
)
def test_it_refuses_what_can_be_guessed(passphrase: str) -> None:
    with pytest.raises(WeakPassphraseError) as caught:
        check_passphrase(passphrase, names=NAMES)

    assert caught.value.code == ErrorCode.PASSPHRASE_TOO_WEAK
    assert passphrase not in str(caught.value)


def test_a_known_name_counts_little() -> None:
    passphrase = "burgerloket Zq7 kX4 wp"

    assert estimate_bits(passphrase, names=NAMES) < estimate_bits(passphrase)


def test_it_refuses_a_short_one_however_random() -> None:
    with pytest.raises(WeakPassphraseError) as caught:
        check_passphrase("xK9$mQ2v!bT7&wL")

    assert caught.value.code == ErrorCode.PASSPHRASE_TOO_SHORT
    assert caught.value.context == {"limit": "16"}


@pytest.mark.parametrize("passphrase", ["é" * 30, "tab\there " + "x9K2m" * 5, "\0" * 30])
def test_it_refuses_characters_that_programs_read_differently(passphrase: str) -> None:
    with pytest.raises(WeakPassphraseError) as caught:
        check_passphrase(passphrase)

    assert caught.value.code == ErrorCode.PASSPHRASE_CHARACTERS


def test_an_endless_one_is_not_looked_at_for_long() -> None:
    assert estimate_bits("zQ8" * 1_000_000) < MINIMUM_BITS
