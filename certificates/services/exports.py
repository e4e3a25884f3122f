"""Hand out certificates, and private keys under a passphrase that holds."""

from enum import StrEnum

from django.db import transaction

from certificates.models import Certificate
from certificates.pki import check_passphrase, dump_pkcs12, load_certificates, write_certificates
from certificates.services.bundles import explaining_sealing, key_bundle
from certificates.services.key_pairs import lock_kept, require_kept
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record


class FileForm(StrEnum):
    """How a certificate or a request is written: as text, or as octets (X.690)."""

    PEM = "pem"
    DER = "der"


def export_pkcs12(certificate: Certificate, *, passphrase: str, actor: Actor) -> bytes:
    """Return certificate, chain and private key as a PKCS#12 file, and note who took it.

    AES-256 and PBKDF2 with 600,000 rounds guard the key; the format's own MAC is cheap to guess
    against, so the passphrase has to be long. The rounds are counted before the identity is
    locked, so that nobody waits for them. Raises a PKIError for one that is too weak,
    and KeyPairError when the key has been destroyed or can't be opened.
    """
    identity = certificate.identity
    check_passphrase(
        passphrase, names=(identity.common_name, identity.organisation.name, actor.name)
    )
    require_kept(certificate.key_pair)
    with explaining_sealing():
        bundle = key_bundle(certificate)
    file = dump_pkcs12(bundle, password=passphrase, friendly_name=identity.common_name)
    with transaction.atomic():
        lock_kept(certificate.key_pair)
        _record(Action.KEY_PAIR_EXPORTED, certificate, actor, "pkcs12")
    return file


@transaction.atomic
def export_certificate(certificate: Certificate, form: FileForm, *, actor: Actor) -> bytes:
    """Return the certificate without its key: with its chain as PEM, or alone as DER."""
    der = bytes(certificate.der)
    _record(Action.CERTIFICATE_EXPORTED, certificate, actor, form)
    if form is FileForm.DER:
        return der
    return write_certificates(load_certificates(der)) + certificate.chain_pem.encode()


def _record(action: Action, certificate: Certificate, actor: Actor, form: str) -> None:
    identity = certificate.identity
    record(
        action,
        actor=actor,
        organisation_id=identity.organisation_id,
        subject=Subject.row(identity),
        details={
            "fingerprint": certificate.fingerprint,
            "key": str(certificate.key_pair),
            "form": str(form),
        },
    )
