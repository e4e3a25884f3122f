"""Blocks in PEM files."""

import pytest

from certificates.pki.pem import PEMError, find_blocks

BLOCK = b"-----BEGIN THING-----\nYWJj\n-----END THING-----\n"


def test_it_finds_the_blocks_of_the_labels_asked_for_among_everything_else() -> None:
    other = BLOCK.replace(b"THING", b"OTHER")
    data = b"--- a comment -----\r\n" + BLOCK + other + b"text\n" + BLOCK.replace(b"THING", b"ONE")

    blocks = find_blocks(data, "THING", "ONE")

    assert [block.der() for block in blocks] == [b"abc", b"abc"]
    assert blocks[0].text == BLOCK.strip()
    assert blocks[0].body == b"\nYWJj\n"


def test_a_body_may_hold_headers_with_hyphens() -> None:
    data = BLOCK.replace(b"YWJj", b"DEK-Info: AES-256-CBC,00--\n\nYWJj")

    assert find_blocks(data, "THING")[0].body.startswith(b"\nDEK-Info: AES-256-CBC,00--\n")


@pytest.mark.parametrize(
    "data",
    [
        BLOCK[:-8],
        BLOCK[:30] + BLOCK,
        BLOCK.replace(b"END THING", b"END OTHER"),
        BLOCK + b"-----BEGIN THING-----",
    ],
)
def test_a_block_without_an_end_is_refused(data: bytes) -> None:
    with pytest.raises(PEMError, match="no end"):
        find_blocks(data, "THING")


def test_what_is_not_base64_is_refused() -> None:
    with pytest.raises(PEMError, match="base64"):
        find_blocks(BLOCK.replace(b"YWJj", b"YWJ"), "THING")[0].der()


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "part", [b"-----BEGIN THING-----", BLOCK[:-18], b"-----BEGIN THING-----\n-"]
)
def test_a_file_full_of_beginnings_takes_no_longer_than_another(part: bytes) -> None:
    """Looking for the end of each would take minutes."""
    with pytest.raises(PEMError):
        find_blocks(part * (2**20 // len(part)), "THING")
