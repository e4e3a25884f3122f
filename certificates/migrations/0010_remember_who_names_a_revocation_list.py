from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0009_alarm_each_organisation'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.AddField(model_name='certificate', name='revoking_list_of', field=models.DateTimeField(blank=True, null=True)),
        # The next refresh says who names an address.
        migrations.AddField(model_name='revocationsource', name='is_shared', field=models.BooleanField(default=False)),
        migrations.AddField(model_name='revocationsource', name='organisations', field=models.ManyToManyField(related_name='revocation_sources', to='people.organisation')),
        migrations.AddField(model_name='revocationsource', name='unnamed_since', field=models.DateTimeField(blank=True, null=True)),
    ]
