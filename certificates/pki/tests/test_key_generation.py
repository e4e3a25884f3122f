"""Keys made here, and the words people type for them."""

import pytest

from certificates.pki import (
    ErrorCode,
    KeyKind,
    ParseError,
    WeakKeyError,
    check_key_strength,
    describe_key,
    generate_key,
    key_kind,
)


@pytest.mark.parametrize("kind", KeyKind)
def test_it_makes_the_kind_of_key_asked_for(kind: KeyKind) -> None:
    public_key = generate_key(kind).public_key()

    assert describe_key(public_key) == kind
    check_key_strength(public_key)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [(kind.value, kind) for kind in KeyKind]
    + [
        ("rsa-3072", KeyKind.RSA_3072),
        ("RSA4096", KeyKind.RSA_4096),
        (" 2048 ", KeyKind.RSA_2048),
        ("p384", KeyKind.EC_P384),
        ("ec_p256", KeyKind.EC_P256),
    ],
)
def test_it_understands_what_people_type(typed: str, kind: KeyKind) -> None:
    assert key_kind(typed) is kind


@pytest.mark.parametrize("typed", ["RSA 1024", "rsa 2047", "512", "RSA-256"])
def test_it_refuses_a_short_key_with_the_reason(typed: str) -> None:
    with pytest.raises(WeakKeyError, match="at least 2048 bits") as caught:
        key_kind(typed)

    assert caught.value.code == ErrorCode.KEY_TOO_WEAK
    assert caught.value.context == {"found": typed}


@pytest.mark.parametrize("typed", ["", "RSA", "RSA 8192", "EC 2048", "Ed25519", "P-521", "x" * 99])
def test_it_says_what_it_makes_instead_of_another_kind(typed: str) -> None:
    with pytest.raises(ParseError, match="RSA 2048, RSA 3072, RSA 4096, EC P-256, EC P-384") as why:
        key_kind(typed)

    assert why.value.code == ErrorCode.KEY_KIND
