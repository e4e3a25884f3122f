import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0004_tell_what_expires_to_whom'),
    ]

    operations = [
        migrations.CreateModel(
            name='RevocationList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.TextField(verbose_name='issuer')),
                ('issuer_fingerprint', models.CharField(db_index=True, max_length=64)),
                ('der', models.BinaryField()),
                ('fingerprint', models.CharField(max_length=64, verbose_name='SHA-256 fingerprint')),
                ('number', models.CharField(blank=True, max_length=64, verbose_name='number')),
                ('entry_count', models.PositiveIntegerField(verbose_name='revoked certificates')),
                ('this_update', models.DateTimeField(verbose_name='issued on')),
                ('next_update', models.DateTimeField(blank=True, null=True, verbose_name='next list by')),
                ('obtained_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'revocation list',
                'ordering': ['issuer'],
            },
        ),
        migrations.CreateModel(
            name='RevocationSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=500, unique=True, verbose_name='address')),
                ('next_try_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('last_tried_at', models.DateTimeField(blank=True, null=True)),
                ('last_fetched_at', models.DateTimeField(blank=True, null=True)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'source of a revocation list',
                'ordering': ['url'],
            },
        ),
        migrations.AddField(
            model_name='revocationlist',
            name='source',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='revocation_list', to='certificates.revocationsource'),
        ),
    ]
