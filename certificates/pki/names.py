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


def alternative_names(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the subjectAltName entries as "DNS:host" or "IP:address" (RFC 5280, 4.2.1.6)."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(_written(name) for name in extension.value)


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
