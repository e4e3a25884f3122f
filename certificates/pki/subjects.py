"""The subject of a certificate that we ask for or make ourselves.

Values go into the name as they are: nothing is written as text and cut at slashes, commas, plus
signs or spaces again, of which MAGDA's common names are full.
"""

import unicodedata
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

from certificates.pki.countries import check_country
from certificates.pki.errors import ErrorCode, SubjectError

COMMON_NAME_LIMIT = 64
"""Octets. RFC 5280, appendix A (ub-common-name) counts characters; X.509 libraries, that of this
portal among them, count octets of UTF-8, which is never more generous."""


@dataclass(frozen=True, slots=True)
class SubjectName:
    """What a certificate is for; an empty field is left out."""

    common_name: str
    """Exactly as MAGDA set it: the server takes it as the user name."""
    country: str = ""
    """ISO 3166-1 alpha-2, upper case."""
    state: str = ""
    locality: str = ""
    organisation: str = ""
    organisational_unit: str = ""
    email: str = ""


# In the order in which subjects are usually written, the widest first.
_ATTRIBUTES = {
    "country": NameOID.COUNTRY_NAME,
    "state": NameOID.STATE_OR_PROVINCE_NAME,
    "locality": NameOID.LOCALITY_NAME,
    "organisation": NameOID.ORGANIZATION_NAME,
    "organisational_unit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "common_name": NameOID.COMMON_NAME,
    "email": NameOID.EMAIL_ADDRESS,
}
# Characters, RFC 5280, appendix A: ub-state-name, ub-locality-name, ub-organization-name,
# ub-organizational-unit-name, ub-emailaddress-length.
_LIMITS = {
    "state": 128,
    "locality": 128,
    "organisation": 64,
    "organisational_unit": 64,
    "email": 255,
}


def check_subject(subject: SubjectName) -> None:
    """Raise SubjectError for the first field that no authority could put in a certificate."""
    if subject.country:
        check_country(subject.country)
    for field, limit in _LIMITS.items():
        _check_length(field, len(getattr(subject, field)), limit)
    for field in _ATTRIBUTES:
        _check_characters(field, getattr(subject, field))
    _check_common_name(subject.common_name)
    if subject.email:
        _check_email(subject.email)


def build_name(subject: SubjectName) -> x509.Name:
    """Return the distinguished name; raises SubjectError as check_subject does.

    Text becomes UTF8String, the country PrintableString and the address IA5String (RFC 5280,
    4.1.2.4 and 4.1.2.6).
    """
    check_subject(subject)
    values = {field: getattr(subject, field) for field in _ATTRIBUTES}
    return x509.Name(
        [x509.NameAttribute(_ATTRIBUTES[field], value) for field, value in values.items() if value]
    )


def _check_length(field: str, length: int, limit: int) -> None:
    if length > limit:
        raise SubjectError(
            f"{field} has {length} characters, and a certificate holds {limit}",
            code=ErrorCode.SUBJECT_TOO_LONG,
            field=field,
            limit=str(limit),
        )


def _check_characters(field: str, value: str) -> None:
    """Refuse control characters and the like; a NUL once cut names short in many programs."""
    if any(unicodedata.category(character) in {"Cc", "Cs", "Cn", "Co"} for character in value):
        raise _unusable(field, "holds a character that cannot be printed")


def _check_common_name(common_name: str) -> None:
    if not common_name:
        raise _unusable("common_name", "is empty")
    octets = len(common_name.encode())
    if octets > COMMON_NAME_LIMIT:
        raise SubjectError(
            f"the common name has {octets} octets, and a certificate holds {COMMON_NAME_LIMIT}"
            " (RFC 5280, ub-common-name); it cannot be shortened here, since the server takes it"
            " as the user name",
            code=ErrorCode.SUBJECT_COMMON_NAME_TOO_LONG,
            field="common_name",
            limit=str(COMMON_NAME_LIMIT),
            found=str(octets),
        )


def _check_email(email: str) -> None:
    """Only ASCII fits in this attribute (IA5String); further rules are the authority's."""
    name, at, host = email.rpartition("@")
    if not (name and at and host and email.isascii()) or " " in email:
        raise _unusable("email", "is not an e-mail address in ASCII")


def _unusable(field: str, reason: str) -> SubjectError:
    return SubjectError(f"{field} {reason}", code=ErrorCode.SUBJECT_CHARACTERS, field=field)
