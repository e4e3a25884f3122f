import django.db.models.deletion
import django.utils.timezone
import magda_portal.sealing.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CertificateRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('der', models.BinaryField()),
                ('subject', models.TextField(verbose_name='subject')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'certificate request',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='LoginTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('detail', models.TextField(blank=True)),
                ('tls_version', models.CharField(blank=True, max_length=20)),
            ],
            options={
                'verbose_name': 'login test',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='certificate',
            name='revocation',
            field=models.CharField(choices=[('UNCHECKED', 'not checked'), ('GOOD', 'not revoked'), ('REVOKED', 'revoked'), ('STALE', 'list too old')], default='UNCHECKED', max_length=10, verbose_name='revocation'),
        ),
        migrations.AddField(
            model_name='certificate',
            name='revocation_checked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='revoked_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='revoked on'),
        ),
        migrations.AddField(
            model_name='clientidentity',
            name='activate_next_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='moment of the switch'),
        ),
        migrations.AddField(
            model_name='clientidentity',
            name='previous',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certificates.certificate'),
        ),
        migrations.AddField(
            model_name='clientidentity',
            name='switched_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='keypair',
            name='destroy_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='to be destroyed on'),
        ),
        migrations.AddField(
            model_name='keypair',
            name='destroyed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='destroyed on'),
        ),
        migrations.AlterField(
            model_name='keypair',
            name='sealed_private_key',
            field=magda_portal.sealing.fields.SealedField(blank=True),
        ),
        migrations.AddField(
            model_name='certificaterequest',
            name='identity',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificate_requests', to='certificates.clientidentity'),
        ),
        migrations.AddField(
            model_name='certificaterequest',
            name='key_pair',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificate_requests', to='certificates.keypair'),
        ),
        migrations.AddField(
            model_name='logintest',
            name='certificate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='login_tests', to='certificates.certificate'),
        ),
    ]
