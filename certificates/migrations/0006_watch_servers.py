import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0005_keep_revocation_lists'),
    ]

    operations = [
        migrations.CreateModel(
            name='ServerSighting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('chain_pem', models.TextField()),
                ('subject', models.TextField(verbose_name='subject')),
                ('issuer', models.TextField(verbose_name='issuer')),
                ('serial', models.CharField(max_length=64, verbose_name='serial number')),
                ('fingerprint', models.CharField(max_length=64, verbose_name='SHA-256 fingerprint')),
                ('key_fingerprint', models.CharField(max_length=64)),
                ('not_before', models.DateTimeField(verbose_name='valid from')),
                ('not_after', models.DateTimeField(verbose_name='valid until')),
                ('tls_version', models.CharField(max_length=20, verbose_name='TLS version')),
                ('addresses', models.JSONField(blank=True, default=list, verbose_name='addresses')),
                ('severity', models.CharField(choices=[('INFORMATION', 'for information'), ('ALARM', 'alarm')], max_length=12)),
                ('finding', models.CharField(max_length=60)),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                ('alerted_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'sighting',
                'ordering': ['-last_seen_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='WatchedServer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('environment', models.CharField(choices=[('TNI', 'TNI (test and integration)'), ('PRD', 'PRD (production)'), ('SANDBOX', 'practice MAGDA')], max_length=10, verbose_name='environment')),
                ('host', models.CharField(max_length=253, verbose_name='server')),
                ('port', models.PositiveIntegerField(verbose_name='port')),
                ('proxy_host', models.CharField(blank=True, max_length=253, verbose_name='HTTP proxy')),
                ('proxy_port', models.PositiveIntegerField(default=0, verbose_name='proxy port')),
                ('expected_addresses', models.JSONField(blank=True, default=list, verbose_name='expected addresses')),
                ('next_look_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('last_looked_at', models.DateTimeField(blank=True, null=True, verbose_name='last looked at')),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'watched server',
                'ordering': ['host', 'port', 'environment'],
            },
        ),
        migrations.AddField(
            model_name='watchedserver',
            name='organisations',
            field=models.ManyToManyField(related_name='watched_servers', to='people.organisation'),
        ),
        migrations.AddField(
            model_name='serversighting',
            name='server',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sightings', to='certificates.watchedserver'),
        ),
        migrations.AddConstraint(
            model_name='watchedserver',
            constraint=models.UniqueConstraint(fields=('environment', 'host', 'port', 'proxy_host', 'proxy_port'), name='watched_server_unique'),
        ),
    ]
