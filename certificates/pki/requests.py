"""Certificate requests (PKCS#10, RFC 2986): make them, write them, read them."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.pki.errors import ErrorCode, ParseError
from certificates.pki.keys import (
    PrivateKey,
    check_key_strength,
    check_public_key_kind,
    describe_key,
    spki_fingerprint,
)
from certificates.pki.library import LIBRARY_ERRORS
from certificates.pki.pem import find_blocks
from certificates.pki.subjects import SubjectName, build_name

_LABELS = ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")


def build_request(key: PrivateKey, subject: SubjectName) -> bytes:
    """Make a request for this key and subject, as DER, signed with the key.

    It asks for no extensions, as VO-DCB decides on them by the kind of certificate. Raises
    SubjectError or WeakKeyError.
    """
    check_key_strength(key.public_key())
    builder = x509.CertificateSigningRequestBuilder(build_name(subject))
    return builder.sign(key, signature_hash(key)).public_bytes(Encoding.DER)


def load_request(data: bytes) -> x509.CertificateSigningRequest:
    """Read the one request in a PEM or DER file, and check that it is signed with its own key.

    Raises ParseError.
    """
    try:
        blocks = find_blocks(data, *_LABELS)
        if len(blocks) > 1:
            raise ParseError("the file holds several requests", code=ErrorCode.REQUEST_SEVERAL)
        request = x509.load_der_x509_csr(blocks[0].der() if blocks else data)
        is_signed = _read_whole(request)
    except LIBRARY_ERRORS as exc:
        raise ParseError(
            f"no readable certificate request: {exc}", code=ErrorCode.REQUEST_UNREADABLE
        ) from exc
    if not is_signed:
        raise ParseError(
            "the request is not signed with its own key", code=ErrorCode.REQUEST_SIGNATURE
        )
    return request


def write_request(der: bytes) -> bytes:
    """Write a request, given as DER, as PEM; raises ParseError when it is none."""
    return load_request(der).public_bytes(Encoding.PEM)


def signature_hash(key: PrivateKey) -> SHA256 | SHA384 | SHA512:
    """Return the hash that matches the strength of a key (RFC 5480, section 4, for EC)."""
    if isinstance(key, rsa.RSAPrivateKey) or key.key_size <= 256:
        return SHA256()
    return SHA384() if key.key_size <= 384 else SHA512()


def _read_whole(request: x509.CertificateSigningRequest) -> bool:
    """Read every part now, as cryptography does so on first use; say whether it is signed."""
    request.subject.rfc4514_string()
    list(request.attributes)
    list(request.extensions)
    # The library's stub has forgotten this property.
    check_public_key_kind(request.public_key_algorithm_oid)  # type: ignore[attr-defined]
    public_key = request.public_key()
    describe_key(public_key)
    spki_fingerprint(public_key)
    return request.is_signature_valid
