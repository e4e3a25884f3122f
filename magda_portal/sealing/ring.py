"""Seal secrets with envelope encryption, AES-256-GCM (NIST SP 800-38D).

A sealed blob is ``version | length of key id | key id | wrapped data key | nonce | ciphertext``.
Each secret has a random data key of its own, wrapped by a key-encryption key of the ring; changing
the ring's first key later re-wraps data keys only. The associated data of both layers is the place
the secret belongs to (``table:id:field``), so a blob that was moved to another row does not open.
"""

import secrets
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES


class SealingError(Exception):
    """A secret could not be sealed or opened."""


@dataclass(frozen=True)
class Ring:
    """Key-encryption keys by id; the first one seals, all of them open."""

    keys: dict[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Ring":
        """Read ``id:base64`` entries, one a line or separated by commas.

        Raises SealingError when there is none, or one isn't 32 bytes.
        """
        keys: dict[str, bytes] = {}
        for entry in text.replace(",", "\n").split():
            key_id, _, encoded = entry.partition(":")
            try:
                key = urlsafe_b64decode(encoded)
            except (Base64Error, ValueError) as exc:
                raise SealingError(f"Sealing key {key_id!r} is not base64.") from exc
            if len(key) != KEY_BYTES or not 0 < len(key_id.encode()) < 256:
                raise SealingError(f"Sealing key {key_id!r} is not {KEY_BYTES} bytes long.")
            keys[key_id] = key
        if not keys:
            raise SealingError("There is no sealing key: set SEALING_KEYS or SEALING_KEYS_FILE.")
        return cls(keys)

    def seal(self, secret: bytes, *, place: str) -> bytes:
        """Seal ``secret`` for ``place`` (``table:id:field``) under the ring's first key."""
        key_id, wrapping_key = next(iter(self.keys.items()))
        data_key = secrets.token_bytes(KEY_BYTES)
        wrapped = _encrypt(wrapping_key, data_key, place)
        name = key_id.encode()
        return bytes([VERSION, len(name)]) + name + wrapped + _encrypt(data_key, secret, place)

    def unseal(self, blob: bytes, *, place: str) -> bytes:
        """Open what was sealed for the same ``place``.

        Raises SealingError for an unknown key, another place, or a changed blob; its text holds
        neither the secret nor the blob.
        """
        key_id, body = _split(blob)
        if key_id not in self.keys:
            raise SealingError(f"The sealing key {key_id!r} of {place} is not in the ring.")
        try:
            data_key = _decrypt(self.keys[key_id], body[:WRAPPED_BYTES], place)
            return _decrypt(data_key, body[WRAPPED_BYTES:], place)
        except (InvalidTag, ValueError) as exc:
            raise SealingError(f"The sealed value of {place} was changed or moved.") from exc


def _split(blob: bytes) -> tuple[str, bytes]:
    if len(blob) < 2 or blob[0] != VERSION:
        raise SealingError("This is not a sealed value, or one of an unknown version.")
    start = 2 + blob[1]
    return blob[2:start].decode("utf-8", "replace"), blob[start:]


def _encrypt(key: bytes, plain: bytes, place: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def _decrypt(key: bytes, sealed: bytes, place: str) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())


def ring() -> Ring:
    """Return the ring of the settings. Raises SealingError when it is missing or malformed."""
    return Ring.parse(settings.SEALING_KEYS)
