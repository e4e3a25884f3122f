"""Copy to columns what pages show of trust anchors, and say what each expiry notice is about."""

import django.db.models.deletion
from cryptography import x509
from django.db import migrations, models


def describe_anchors(apps, schema_editor):
    for anchor in apps.get_model('certificates', 'TrustAnchor').objects.iterator():
        certificate = x509.load_der_x509_certificate(bytes(anchor.der))
        serial = f'{certificate.serial_number:x}'
        anchor.serial = serial.zfill(len(serial) + len(serial) % 2)
        anchor.issuer = certificate.issuer.rfc4514_string()
        anchor.not_before = certificate.not_valid_before_utc
        anchor.is_authority = _is_authority(certificate)
        anchor.save(update_fields=['serial', 'issuer', 'not_before', 'is_authority'])


def describe_notices(apps, schema_editor):
    notices = apps.get_model('certificates', 'ExpiryNotice').objects
    for notice in notices.select_related('certificate__identity').iterator():
        notice.organisation_id = notice.certificate.identity.organisation_id
        notice.environment = notice.certificate.identity.environment
        notice.fingerprint = notice.certificate.fingerprint
        notice.kind = 'CERTIFICATE'
        notice.save(update_fields=['organisation_id', 'environment', 'fingerprint', 'kind'])


def _is_authority(certificate):
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


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
