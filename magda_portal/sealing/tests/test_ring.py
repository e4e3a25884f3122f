import secrets
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magda_portal.sealing.ring import (
    HEAD_BYTES,
    WRAPPED_BYTES,
    Ring,
    SealingError,
    key_id_of,
    may_be_key_id,
)


def entry(key_id: str) -> str:
    return f"{key_id}:{urlsafe_b64encode(secrets.token_bytes(32)).decode()}"


OLD, NEW = entry("old"), entry("new")
RING = Ring.parse(entry("k1"))
OLD_RING = Ring.parse(OLD)
BOTH = Ring.parse(f"{NEW}\n{OLD}")


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
    blob = OLD_RING.seal(b"secret", place="p")

    assert BOTH.unseal(blob, place="p") == b"secret"
    assert key_id_of(BOTH.seal(b"x", place="p")) == BOTH.first_id == "new"


@given(st.binary(max_size=5000))
def test_a_re_wrapped_blob_opens_without_the_old_key(secret: bytes) -> None:
    blob = OLD_RING.seal(secret, place="p")

    again = BOTH.rewrap(blob, place="p")

    assert Ring.parse(NEW).unseal(again, place="p") == secret
    assert key_id_of(again) == "new"


def test_re_wrapping_leaves_the_encrypted_secret_byte_for_byte() -> None:
    blob = OLD_RING.seal(b"secret", place="p")

    again = BOTH.rewrap(blob, place="p")

    head = len(b"\1\3old") + WRAPPED_BYTES
    assert again[head:] == blob[head:]
    assert again[:head] != blob[:head]


def test_a_blob_under_the_first_key_is_not_wrapped_again() -> None:
    blob = BOTH.seal(b"secret", place="p")

    assert BOTH.rewrap(blob, place="p") is blob


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_an_altered_wrapping_is_never_wrapped_again(position: int, change: int) -> None:
    blob = bytearray(OLD_RING.seal(b"secret", place="p"))
    blob[position % (len(b"\1\3old") + WRAPPED_BYTES)] ^= change

    with pytest.raises(SealingError):
        BOTH.rewrap(bytes(blob), place="p")


def test_a_blob_of_another_place_is_never_wrapped_again() -> None:
    blob = OLD_RING.seal(b"secret", place="p")

    with pytest.raises(SealingError, match="changed or moved"):
        BOTH.rewrap(blob, place="elsewhere")


@given(st.binary(max_size=200))
def test_garbage_is_never_wrapped_again(garbage: bytes) -> None:
    with pytest.raises(SealingError):
        BOTH.rewrap(garbage, place="p")


@pytest.mark.parametrize("key_id", ["k", "ü" * 127])
def test_the_head_of_a_blob_is_enough_for_its_data_key(key_id: str) -> None:
    ring = Ring.parse(entry(key_id))
    blob = ring.seal(b"secret" * 1000, place="p")

    assert ring.unwrap(blob[:HEAD_BYTES], place="p") == ring.unwrap(blob, place="p")
    assert key_id_of(blob[:HEAD_BYTES]) == key_id


def test_a_key_that_is_lost_opens_nothing_and_is_said_to_be_missing() -> None:
    blob = OLD_RING.seal(b"secret", place="p")
    ring = Ring.parse(f"{NEW}\nold:lost")

    assert ring.lost == {"old"}
    with pytest.raises(SealingError, match="'old' of p is not in the ring"):
        ring.unseal(blob, place="p")


def test_a_ring_of_lost_keys_alone_is_refused() -> None:
    with pytest.raises(SealingError, match="no sealing key"):
        Ring.parse("old:lost")


@pytest.mark.parametrize("second", [entry("old"), "old:lost"])
def test_two_keys_of_one_id_are_refused(second: str) -> None:
    """One would hide the other, and with it what it sealed."""
    with pytest.raises(SealingError, match="Two sealing keys are called 'old'"):
        Ring.parse(f"{OLD}\n{second}")


@pytest.mark.parametrize("text", ["k1", "2026-03", "sleutel-é"])
def test_what_a_ring_can_hold_may_be_a_key_id(text: str) -> None:
    assert may_be_key_id(text)


@pytest.mark.parametrize("text", ["k 1", "k:1", "k,1", "k\n", "\x00", "k\ufffd"])
def test_what_no_ring_can_hold_is_no_key_id(text: str) -> None:
    assert not may_be_key_id(text)


@pytest.mark.parametrize("text", ["", "k1:", "k1:!!!", "k1:c2hvcnQ=", ":" + "A" * 43 + "="])
def test_it_refuses_a_ring_without_usable_keys(text: str) -> None:
    with pytest.raises(SealingError):
        Ring.parse(text)


def test_the_keys_are_not_in_its_repr() -> None:
    assert "keys" not in repr(RING)
