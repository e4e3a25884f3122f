"""Read names from certificates and requests: as values, never by cutting a string.

MAGDA's common names may hold slashes, dots and spaces, and each of these means something in one
of the usual ways to write a subject down, so nothing here splits text.
"""

from cryptography import x509
from cryptography.x509.oid import NameOID


def common_name(certificate: x509.Certificate | x509.CertificateSigningRequest) -> str:
    """Return the subject's common name exactly as it stands, or "" when there is none.

    Of several the first counts, as for OpenSSL and thus for the FTP servers built on it.
    """
    attributes = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(attributes[0].value) if attributes else ""


def distinguished_name(name: x509.Name) -> str:
    r"""Write a subject or issuer as RFC 4514 does, on one line and without what deceives the eye.

    A line break, a terminal's escape or a mark that turns the reading direction is written as the
    hexadecimal pairs that RFC 4514, 2.4, allows for any character: ``\0A``.
    """
    return _on_one_line(name.rfc4514_string())


def alternative_names(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the subjectAltName entries as "DNS:host" or "IP:address" (RFC 5280, 4.2.1.6).

    They are for the eye, written as :func:`distinguished_name` writes.
    """
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(_on_one_line(_written(name)) for name in extension.value)


def _written(name: x509.GeneralName) -> str:
    match name:
        case x509.DNSName():
            return f"DNS:{name.value}"
        case x509.IPAddress():
            return f"IP:{name.value}"
        case x509.RFC822Name():
            return f"email:{name.value}"
        case x509.UniformResourceIdentifier():
            return f"URI:{name.value}"
        case x509.DirectoryName():
            return f"DirName:{name.value.rfc4514_string()}"
        case x509.RegisteredID():
            return f"RID:{name.value.dotted_string}"
        case _:
            return "other"


def _on_one_line(text: str) -> str:
    return "".join(one if one.isprintable() else _hex_pairs(one) for one in text)


def _hex_pairs(character: str) -> str:
    return "".join(f"\\{octet:02X}" for octet in character.encode("utf-8", "surrogatepass"))
