import secrets
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magda_portal.sealing.ring import Ring, SealingError


def entry(key_id: str) -> str:
    return f"{key_id}:{urlsafe_b64encode(secrets.token_bytes(32)).decode()}"


RING = Ring.parse(entry("k1"))


@given(st.binary(max_size=5000))
def test_it_opens_what_it_sealed(secret: bytes) -> None:
    blob = RING.seal(secret, place="table:1:field")

    assert RING.unseal(blob, place="table:1:field") == secret
    assert len(secret) < 8 or secret not in blob


def test_it_refuses_a_blob_that_was_moved_to_another_row() -> None:
    blob = RING.seal(b"secret", place="table:1:field")

    with pytest.raises(SealingError, match="changed or moved"):
        RING.unseal(blob, place="table:2:field")


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_it_refuses_a_blob_with_one_changed_byte(position: int, change: int) -> None:
    blob = bytearray(RING.seal(b"secret", place="p"))
    blob[position % len(blob)] ^= change

    with pytest.raises(SealingError):
        RING.unseal(bytes(blob), place="p")


@given(st.binary(max_size=200))
def test_it_refuses_garbage_with_its_own_error(garbage: bytes) -> None:
    with pytest.raises(SealingError):
        RING.unseal(garbage, place="p")


def test_the_first_key_seals_and_older_ones_still_open() -> None:
    old = entry("old")
    blob = Ring.parse(old).seal(b"secret", place="p")
    both = Ring.parse(f"{entry('new')}\n{old}")

    assert both.unseal(blob, place="p") == b"secret"
    assert both.seal(b"x", place="p")[2:5] == b"new"


@pytest.mark.parametrize("text", ["", "k1:", "k1:!!!", "k1:c2hvcnQ=", ":" + "A" * 43 + "="])
def test_it_refuses_a_ring_without_usable_keys(text: str) -> None:
    with pytest.raises(SealingError):
        Ring.parse(text)


def test_the_keys_are_not_in_its_repr() -> None:
    assert "keys" not in repr(RING)
