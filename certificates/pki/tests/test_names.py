"""Names of certificates."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from certificates.pki import alternative_names, common_name, distinguished_name
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


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Zoë & Co, nv", r"CN=Zoë & Co\, nv"),
        ("a\nb", r"CN=a\0Ab"),
        ("\x1b[2J", r"CN=\1B[2J"),
        ("\u202egpj", r"CN=\E2\80\AEgpj"),
    ],
)
def test_a_name_is_written_on_one_line_without_what_deceives_the_eye(
    text: str, written: str
) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    assert distinguished_name(name) == written


def test_an_alternative_name_is_written_on_one_line() -> None:
    name = x509.DNSName("a\nb.example")

    assert alternative_names(make_server(name).certificate) == (r"DNS:a\0Ab.example",)
