import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def tell_the_harmless(apps, schema_editor):
    """What was no alarm to anybody is as harmless as it says; of the others it is not known."""
    sightings = apps.get_model('certificates', 'ServerSighting').objects
    sightings.filter(severity='INFORMATION').update(harmless_finding=models.F('finding'))


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0008_note_who_accepts_a_host_in_the_common_name'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExpectedAddresses',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('addresses', models.JSONField(blank=True, default=list, verbose_name='expected addresses')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='expected_addresses', to='people.organisation')),
                ('server', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='expectations', to='certificates.watchedserver')),
            ],
            options={
                'verbose_name': 'expected addresses',
                'constraints': [models.UniqueConstraint(fields=('server', 'organisation'), name='expected_addresses_unique')],
            },
        ),
        # The next look raises anew what still alarms.
        migrations.RemoveField(model_name='serversighting', name='acknowledged_at'),
        migrations.RemoveField(model_name='serversighting', name='alerted_at'),
        migrations.AddField(model_name='serversighting', name='left_out', field=models.PositiveIntegerField(default=0)),
        migrations.AddField(model_name='serversighting', name='harmless_finding', field=models.CharField(default='watch.settled', max_length=60), preserve_default=False),
        migrations.CreateModel(
            name='ServerAlarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('finding', models.CharField(max_length=60)),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('alerted_at', models.DateTimeField(blank=True, null=True)),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='server_alarms', to='people.organisation')),
                ('sighting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alarms', to='certificates.serversighting')),
            ],
            options={
                'verbose_name': 'alarm about a server',
                'ordering': ['-raised_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('sighting', 'organisation', 'finding'), name='server_alarm_unique')],
            },
        ),
        migrations.RunPython(tell_the_harmless, migrations.RunPython.noop),
    ]
