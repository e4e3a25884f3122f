"""No file, however it is damaged, raises anything but a PKIError.

Ten thousand damaged files by default; MUTATIONS and MUTATION_SEED ask for others. What the library
panics at is no Exception, and would end a worker.
"""

import base64
import contextlib
import hashlib
import hmac
import random
from collections.abc import Callable, Iterator

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certificates.pki import (
    PKIError,
    assemble_bundle,
    build_path,
    check_client_certificate,
    check_revocation_list,
    distribution_points,
    inspect_pkcs12,
    list_number,
    list_scope,
    load_certificates,
    load_pkcs12,
    load_private_key,
    load_request,
    load_revocation_list,
    same_key,
    verify_client_path,
    verify_server_path,
    write_private_key,
    write_request,
)
from certificates.pki.ber import read
from certificates.tests.builders import COMMON_NAME, NOON
from certificates.tests.mutations import COUNT, SEED, Node, mutate_elements, mutated
from certificates.tests.originals import (
    CLIENT,
    ISSUER,
    PASSWORD,
    ROOT,
    certificate_files,
    clear_pkcs12_files,
    key_files,
    pkcs12_files,
    request_files,
    revocation_list_files,
)

# The library warns of what is odd; here everything is.
pytestmark = pytest.mark.filterwarnings("ignore")

Reader = Callable[[bytes], object]


def read_certificates(data: bytes) -> None:
    """Read a file, then do with the certificates all that is done with them later."""
    found = load_certificates(data)
    for certificate in found:
        distribution_points(certificate)
        build_path(certificate, pool=found, anchors=[ROOT.certificate], at=NOON)
        for verify in (verify_as_client, verify_as_server, judge):
            with contextlib.suppress(PKIError):
                verify(certificate, found)


def verify_as_client(leaf: x509.Certificate, pool: list[x509.Certificate]) -> None:
    verify_client_path(leaf, intermediates=pool, anchors=[ROOT.certificate], at=NOON)


def verify_as_server(leaf: x509.Certificate, pool: list[x509.Certificate]) -> None:
    verify_server_path(
        leaf, intermediates=pool, anchors=[ROOT.certificate], host="ftps.example", at=NOON
    )


def judge(leaf: x509.Certificate, pool: list[x509.Certificate]) -> None:
    bundle = assemble_bundle(CLIENT.key, [leaf, *pool])
    check_client_certificate(bundle, common_name=COMMON_NAME, at=NOON)


def read_key(data: bytes) -> None:
    key = load_private_key(data, passphrase=PASSWORD.encode())
    same_key(CLIENT.certificate, key)
    write_private_key(key)


def read_pkcs12(data: bytes) -> None:
    inspect_pkcs12(data)
    bundle = load_pkcs12(data, password=PASSWORD)
    with contextlib.suppress(PKIError):
        check_client_certificate(bundle, common_name=COMMON_NAME, at=NOON)


def read_request(data: bytes) -> None:
    load_request(data)
    write_request(data)


def read_list(data: bytes) -> None:
    found = load_revocation_list(data)
    list_number(found), list_scope(found)
    check_revocation_list(found, issuer=ISSUER.certificate, at=NOON)


KINDS: dict[str, tuple[Reader, Callable[[], list[bytes]]]] = {
    "certificates": (read_certificates, certificate_files),
    "keys": (read_key, key_files),
    "pkcs12": (read_pkcs12, pkcs12_files),
    "requests": (read_request, request_files),
    "lists": (read_list, revocation_list_files),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_are_sound_before_they_are_damaged(kind: str) -> None:
    reader, files = KINDS[kind]
    for data in files():
        reader(data)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_raises_nothing_but_a_pki_error(kind: str) -> None:
    reader, files = KINDS[kind]

    for data in mutated(files(), COUNT // (len(KINDS) + 1)):
        attempt(reader, data)


def test_a_damaged_pkcs12_with_a_mac_that_fits_raises_nothing_but_a_pki_error() -> None:
    """The MAC would keep every other damage from what lies behind it."""
    for data in mutated_behind_the_mac(COUNT // (len(KINDS) + 1)):
        attempt(read_pkcs12, data)


def test_the_mac_made_here_fits() -> None:
    for pfx in clear_pkcs12_files():
        read_pkcs12(with_mac(safe_in(pfx)))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=600), st.sampled_from(sorted(KINDS)), st.booleans())
def test_no_bytes_at_all_raise_anything_but_a_pki_error(data: bytes, kind: str, pem: bool) -> None:
    reader, _ = KINDS[kind]
    with contextlib.suppress(PKIError):
        reader(armoured(data, kind) if pem else data)


def attempt(reader: Reader, data: bytes) -> None:
    try:
        reader(data)
    except PKIError as error:
        if not str(error):
            raise AssertionError("an error without words") from error
    except BaseException as error:
        error.add_note(f"seed {SEED}, file {base64.b64encode(data).decode()}")
        raise


def armoured(data: bytes, kind: str) -> bytes:
    labels = {"certificates": "PKCS7", "keys": "ENCRYPTED PRIVATE KEY", "lists": "X509 CRL"}
    label = labels.get(kind, "CERTIFICATE REQUEST").encode()
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label, base64.encodebytes(data), label)


def mutated_behind_the_mac(count: int) -> Iterator[bytes]:
    chance = random.Random(SEED)
    safes = [safe_in(pfx) for pfx in clear_pkcs12_files()]
    for number in range(count):
        yield with_mac(mutate_elements(safes[number % len(safes)], chance))


def safe_in(pfx: bytes) -> bytes:
    """Return the AuthenticatedSafe of a PKCS#12 file (RFC 7292, 4)."""
    return read(pfx).children()[1].children()[1].children()[0].string()


def with_mac(safe: bytes) -> bytes:
    """Wrap an AuthenticatedSafe in a PFX with a MAC of one round (RFC 7292, 4 and appendix B)."""
    data, sha256 = bytes.fromhex("2A864886F70D010701"), bytes.fromhex("608648016503040201")
    salt = bytes(8)
    mac = hmac.digest(mac_key(PASSWORD, salt), safe, hashlib.sha256)
    algorithm = Node(0x30, children=[Node(0x06, sha256), Node(0x05)])
    digest = Node(0x30, children=[algorithm, Node(0x04, mac)])
    contents = [Node(0x06, data), Node(0xA0, children=[Node(0x04, safe)])]
    parts = [
        Node(0x02, b"\x03"),
        Node(0x30, children=contents),
        Node(0x30, children=[digest, Node(0x04, salt), Node(0x02, b"\x01")]),
    ]
    return Node(0x30, children=parts).encoded()


def mac_key(password: str, salt: bytes) -> bytes:
    """Derive a key for one round of SHA-256, which needs one block only (RFC 7292, B.2)."""
    block = 64
    secret = password.encode("utf-16-be") + b"\0\0"

    def filled(octets: bytes) -> bytes:
        return (octets * block)[: -(-len(octets) // block) * block]

    return hashlib.sha256(b"\x03" * block + filled(salt) + filled(secret)).digest()
