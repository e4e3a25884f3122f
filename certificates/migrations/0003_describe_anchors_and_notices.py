"""Copy to columns what pages show of trust anchors, and say what each expiry notice is about."""

import re
from ipaddress import ip_address

import django.db.models.deletion
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import NameOID
from django.db import migrations, models

_HOST = re.compile(r'(\*\.)?([A-Za-z0-9_-]+\.)+[A-Za-z][A-Za-z0-9-]*|localhost')


def describe_anchors(apps, schema_editor):
    for anchor in apps.get_model('certificates', 'TrustAnchor').objects.iterator():
        certificate = x509.load_der_x509_certificate(bytes(anchor.der))
        serial = f'{certificate.serial_number:x}'
        anchor.serial = serial.zfill(len(serial) + len(serial) % 2)
        anchor.issuer = certificate.issuer.rfc4514_string()
        anchor.not_before = certificate.not_valid_before_utc
        anchor.is_authority = not _is_servers_own(certificate)
        anchor.save(update_fields=['serial', 'issuer', 'not_before', 'is_authority'])


def describe_notices(apps, schema_editor):
    notices = apps.get_model('certificates', 'ExpiryNotice').objects
    for notice in notices.select_related('certificate__identity').iterator():
        notice.organisation_id = notice.certificate.identity.organisation_id
        notice.environment = notice.certificate.identity.environment
        notice.fingerprint = notice.certificate.fingerprint
        notice.kind = 'CERTIFICATE'
        notice.save(update_fields=['organisation_id', 'environment', 'fingerprint', 'kind'])


# The rule of certificates.pki.is_servers_own as it stood when this was written.


def _is_servers_own(certificate):
    if not _may_issue(certificate):
        return True
    if any(isinstance(name, x509.DNSName | x509.IPAddress) for name in _alternatives(certificate)):
        return True
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    own = str(names[0].value) if names else ''
    return _is_self_signed(certificate) and bool(_HOST.fullmatch(own) or _is_address(own))


def _may_issue(certificate):
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _alternatives(certificate):
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return list(extension.value)


def _is_self_signed(certificate):
    try:
        certificate.verify_directly_issued_by(certificate)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _is_address(text):
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0002_request_renew_and_retire'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.AddField(model_name='trustanchor', name='issuer', field=models.TextField(null=True, verbose_name='issuer')),
        migrations.AddField(model_name='trustanchor', name='serial', field=models.CharField(null=True, max_length=64, verbose_name='serial number')),
        migrations.AddField(model_name='trustanchor', name='not_before', field=models.DateTimeField(null=True, verbose_name='valid from')),
        migrations.AddField(model_name='trustanchor', name='is_authority', field=models.BooleanField(null=True)),
        migrations.AddField(model_name='expirynotice', name='organisation', field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='expiry_notices', to='people.organisation')),
        migrations.AddField(model_name='expirynotice', name='environment', field=models.CharField(choices=[('TNI', 'TNI (test and integration)'), ('PRD', 'PRD (production)'), ('SANDBOX', 'practice MAGDA')], null=True, max_length=10, verbose_name='environment')),
        migrations.AddField(model_name='expirynotice', name='fingerprint', field=models.CharField(null=True, max_length=64)),
        migrations.AddField(model_name='expirynotice', name='kind', field=models.CharField(choices=[('CERTIFICATE', 'client certificate'), ('SERVER', 'server certificate'), ('ANCHOR', 'trust anchor'), ('LIST', 'revocation list')], null=True, max_length=12)),
        migrations.RunPython(describe_anchors, migrations.RunPython.noop),
        migrations.RunPython(describe_notices, migrations.RunPython.noop),
    ]
