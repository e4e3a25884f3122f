"""Names of certificates."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from certificates.pki import alternative_names, common_name
from certificates.tests.builders import make_client, make_server


@pytest.mark.parametrize(
    "name",
    ["awv.vlaanderen.be/omgevingsvergunning-test", "a, b = c + d", " spaces ", "é/ü", "CN=x/CN=y"],
)
def test_a_common_name_is_read_as_it_stands(name: str) -> None:
    assert common_name(make_client(name).certificate) == name


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (x509.RFC822Name("a@example.be"), "email:a@example.be"),
        (x509.UniformResourceIdentifier("https://example.be"), "URI:https://example.be"),
        (x509.RegisteredID(x509.ObjectIdentifier("1.2.3")), "RID:1.2.3"),
        (
            x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])),
            "DirName:CN=x",
        ),
        (x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"), "other"),
    ],
)
def test_every_kind_of_alternative_name_is_written(name: x509.GeneralName, written: str) -> None:
    assert alternative_names(make_server(name).certificate) == (written,)
