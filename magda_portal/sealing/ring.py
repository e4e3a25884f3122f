"""Seal secrets with envelope encryption, AES-256-GCM (NIST SP 800-38D).

A sealed blob is ``version | length of key id | key id | wrapped data key | nonce | ciphertext``.
Each secret has a random data key of its own, wrapped by a key-encryption key of the ring; changing
the ring's first key later re-wraps data keys only. The associated data of both layers is the place
the secret belongs to (``table:id:field``), so a blob that was moved to another row does not open.
The key id is not authenticated: a changed one names a key that is missing or does not open it.
"""

import secrets
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES
LONGEST_KEY_ID = 255
HEAD_BYTES = 2 + LONGEST_KEY_ID + WRAPPED_BYTES
"""So many bytes of a blob hold its key id and its wrapped data key, whatever it seals."""
LOST = "lost"


class SealingError(Exception):
    """A secret could not be sealed or opened."""


@dataclass(frozen=True)
class Ring:
    """Key-encryption keys by id; the first one seals, all of them open.

    ``lost`` names the keys that nobody has any more, as an operator admitted. What they sealed
    doesn't open, but is no reason to refuse to start.
    """

    keys: dict[str, bytes] = field(repr=False)
    lost: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Ring":
        """Read ``id:base64`` or ``id:lost`` entries, one a line or separated by commas.

        Raises SealingError when there is no key, when one isn't 32 bytes, and when two entries
        share an id: the ring would keep one of them, and what the other sealed would not open.
        """
        keys: dict[str, bytes] = {}
        lost: set[str] = set()
        for entry in text.replace(",", "\n").split():
            key_id, _, encoded = entry.partition(":")
            if key_id in keys or key_id in lost:
                raise SealingError(f"Two sealing keys are called {key_id!r}; rename the new one.")
            if encoded == LOST:
                lost.add(key_id)
            else:
                keys[key_id] = _read_key(key_id, encoded)
        if not keys:
            raise SealingError("There is no sealing key: set SEALING_KEYS or SEALING_KEYS_FILE.")
        return cls(keys, frozenset(lost))

    @property
    def first_id(self) -> str:
        """The id of the key that seals."""
        return next(iter(self.keys))

    def seal(self, secret: bytes, *, place: str) -> bytes:
        """Seal ``secret`` for ``place`` (``table:id:field``) under the ring's first key."""
        data_key = secrets.token_bytes(KEY_BYTES)
        return self._wrap(data_key, place) + _encrypt(data_key, secret, place)

    def unseal(self, blob: bytes, *, place: str) -> bytes:
        """Open what was sealed for the same ``place``.

        Raises SealingError for an unknown key, another place, or a changed blob; its text holds
        neither the secret nor the blob.
        """
        data_key = self.unwrap(blob, place=place)
        try:
            return _decrypt(data_key, _split(blob, place).ciphertext, place)
        except (InvalidTag, ValueError) as exc:
            raise _changed(place) from exc

    def unwrap(self, blob: bytes, *, place: str) -> bytes:
        """Return the data key of a blob, of which the first :data:`HEAD_BYTES` are enough.

        Raises SealingError as :meth:`unseal` does. The secret itself is not looked at.
        """
        parts = _split(blob, place)
        if parts.key_id not in self.keys:
            raise SealingError(f"The sealing key {parts.key_id!r} of {place} is not in the ring.")
        try:
            return _decrypt(self.keys[parts.key_id], parts.wrapped, place)
        except (InvalidTag, ValueError) as exc:
            raise _changed(place) from exc

    def rewrap(self, blob: bytes, *, place: str) -> bytes:
        """Return the blob with its data key wrapped by the ring's first key.

        The encrypted secret stays byte for byte, and is not opened. A blob that is under the
        first key already is returned as it is. Raises SealingError as :meth:`unwrap` does.
        """
        if key_id_of(blob) == self.first_id:
            return blob
        return self._wrap(self.unwrap(blob, place=place), place) + _split(blob, place).ciphertext

    def _wrap(self, data_key: bytes, place: str) -> bytes:
        name = self.first_id.encode()
        wrapped = _encrypt(self.keys[self.first_id], data_key, place)
        return bytes([VERSION, len(name)]) + name + wrapped


class _Parts(NamedTuple):
    key_id: str
    wrapped: bytes
    ciphertext: bytes


def key_id_of(blob: bytes) -> str:
    """Return the id of the key that a blob names. Raises SealingError when it is no blob."""
    return _split(blob).key_id


def may_be_key_id(text: str) -> bool:
    """Tell whether a ring could hold a key of this id; else it is what became of another one."""
    return text.isprintable() and not set(" ,:\ufffd").intersection(text)


def _split(blob: bytes, place: str = "a row") -> _Parts:
    if len(blob) < 2 or blob[0] != VERSION:
        raise SealingError(f"What {place} holds is not a sealed value, or of an unknown version.")
    start = 2 + blob[1]
    end = start + WRAPPED_BYTES
    return _Parts(blob[2:start].decode("utf-8", "replace"), blob[start:end], blob[end:])


def _read_key(key_id: str, encoded: str) -> bytes:
    try:
        key = urlsafe_b64decode(encoded)
    except (Base64Error, ValueError) as exc:
        raise SealingError(f"Sealing key {key_id!r} is not base64.") from exc
    if len(key) != KEY_BYTES or not 0 < len(key_id.encode()) <= LONGEST_KEY_ID:
        raise SealingError(f"Sealing key {key_id!r} is not {KEY_BYTES} bytes long.")
    return key


def _changed(place: str) -> SealingError:
    return SealingError(f"The sealed value of {place} was changed or moved.")


def _encrypt(key: bytes, plain: bytes, place: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def _decrypt(key: bytes, sealed: bytes, place: str) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())


def ring() -> Ring:
    """Return the ring of the settings. Raises SealingError when it is missing or malformed."""
    return Ring.parse(settings.SEALING_KEYS)
