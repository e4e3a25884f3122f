"""Passphrases for the files that a private key leaves the portal in.

A PKCS#12 file's own MAC takes 2048 rounds of hashing only (see pkcs12.py), so whoever holds the
file tries millions of passphrases a second: the length must make up for it. Ours are random. One
that a person brings is estimated with a plain rule instead of a library with word lists: nobody
types these from memory, so refusing a good one now and then costs less than a dependency of which
the word lists know no Dutch.
"""

import math
import re
import secrets
from collections.abc import Iterable, Iterator

from certificates.pki.errors import ErrorCode, WeakPassphraseError

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Lower case and digits without those that look alike: i, l, 1, o and 0."""
_GROUPS, _GROUP_LENGTH = 6, 4

MINIMUM_LENGTH = 16
MINIMUM_BITS = 64
"""With the MAC's 2**11 rounds a search takes 2**75 steps: beyond anyone for years."""

_LETTER_BITS_IN_WORD = 2.5
_MOST_BITS_OF_WORD = 12.9
"""A word drawn by dice from a list of 7776. A run of letters counts as one, as nothing here knows
which are words, so that six such words pass and four do not."""
_WORD_LENGTH = 4
_TAKEN_BITS = 4.0
"""What a name that is known, a repetition or a row on the keyboard adds, however long it is."""
_PART_LENGTH = 4
_LOOKED_AT = 256
"""Characters; what comes after them can only add, and would take long."""

_FORWARD_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
)
_ROWS = (*_FORWARD_ROWS, *(row[::-1] for row in _FORWARD_ROWS))
_COMMON_WORDS = """
    password passphrase passwoord wachtwoord geheim secret welkom welcome letmein login admin
    administrator certificaat certificate magda vlaanderen vlaamse overheid gemeente belgie belgium
    test temp default changeme iloveyou dragon monkey football winter spring summer autumn lente
    zomer herfst januari februari maart april juni juli augustus september oktober november december
    """.split()  # noqa: SIM905, easier to read and to add to
_LOOKALIKES = str.maketrans("01345789@$!", "oleastbgasi")


def make_passphrase() -> str:
    """Make a random passphrase of 118 bits, in six groups of four to be read out: "k7mp-2xqr-…"."""
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def check_passphrase(passphrase: str, *, names: Iterable[str] = ()) -> None:
    """Raise WeakPassphraseError unless a person's own passphrase is hard to guess.

    ``names`` are what an attacker tries first: the common name, the organisation, the person's
    address. Only printable ASCII is taken, as programs differ in how they turn other characters
    into a key.
    """
    if not (passphrase.isascii() and passphrase.isprintable()):
        raise WeakPassphraseError(
            "the passphrase holds characters that programs read differently",
            code=ErrorCode.PASSPHRASE_CHARACTERS,
        )
    if len(passphrase) < MINIMUM_LENGTH:
        raise WeakPassphraseError(
            f"the passphrase has fewer than {MINIMUM_LENGTH} characters",
            code=ErrorCode.PASSPHRASE_TOO_SHORT,
            limit=str(MINIMUM_LENGTH),
        )
    if estimate_bits(passphrase, names=names) < MINIMUM_BITS:
        raise WeakPassphraseError(
            "the passphrase can be guessed", code=ErrorCode.PASSPHRASE_TOO_WEAK
        )


def estimate_bits(passphrase: str, *, names: Iterable[str] = ()) -> float:
    """Estimate, rather too low, in how many bits a guesser would find the passphrase.

    Known words, rows of the keyboard or alphabet, and what the passphrase itself held before
    count little, in whatever case and with digits for letters.
    """
    passphrase = passphrase[:_LOOKED_AT]
    plain = passphrase.lower()
    words = {*_COMMON_WORDS, *_words_of(names)}
    bits, fresh, position = 0.0, "", 0
    while position < len(plain):
        taken = _taken_length(plain, position, words)
        if taken:
            bits += _bits_of(fresh) + _TAKEN_BITS
            fresh = ""
        else:
            fresh += passphrase[position]
        position += taken or 1
    return bits + _bits_of(fresh)


def _words_of(names: Iterable[str]) -> Iterator[str]:
    """Yield each name, and the words of three characters and more in it."""
    for name in names:
        if name:
            yield name.lower()
        yield from re.findall(r"[^\W_]{3,}", name.lower())


def _taken_length(plain: str, position: int, words: set[str]) -> int:
    """Return how many characters from here on are known from elsewhere, or 0."""
    rest = plain[position:]
    similar = rest.translate(_LOOKALIKES)
    known = [len(word) for word in words if rest.startswith(word) or similar.startswith(word)]
    parts = [_run_length(rest), *(_shared(rest, one) for one in (plain[:position], *_ROWS))]
    return max(known + [part for part in parts if part >= _PART_LENGTH], default=0)


def _shared(rest: str, source: str) -> int:
    """Return the length of the longest beginning of the one that occurs in the other."""
    length = 0
    while length < len(rest) and rest[: length + 1] in source:
        length += 1
    return length


def _run_length(rest: str) -> int:
    """Return how often the first character is repeated."""
    return len(rest) - len(rest.lstrip(rest[0]))


def _bits_of(fresh: str) -> float:
    """Count a stretch of which nothing is known, letter runs as words."""
    bits = 0.0
    for match in re.finditer(r"[a-z]+|[A-Z][a-z]*|[0-9]+|[^a-zA-Z0-9]+", fresh):
        part = match[0]
        if part.isalpha() and len(part) >= _WORD_LENGTH:
            bits += min(_LETTER_BITS_IN_WORD * len(part), _MOST_BITS_OF_WORD)
        elif part.isspace():
            bits += 1.0
        elif part.isalnum():
            bits += len(part) * math.log2(10 if part.isdigit() else 26)
        else:
            bits += 3.0 * len(part)
    return bits
